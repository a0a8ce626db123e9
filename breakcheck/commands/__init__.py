"""One file a command: `command` is its click definition, loaded only when the command is called."""
