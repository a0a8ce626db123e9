"""What a user did or lacks, said in one line; the command line turns it into exit code 2."""

from __future__ import annotations


class BreakcheckError(Exception):
    """The tool cannot do its work: the message says what, where and what to do."""


class ConfigError(BreakcheckError):
    """A key or value in the configuration (file and key named) is wrong."""


class TargetError(BreakcheckError):
    """A TARGET of `check` cannot be resolved or built."""
