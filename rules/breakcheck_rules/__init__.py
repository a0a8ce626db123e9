"""The built-in rules: one folder a rule, found by `breakcheck.registry`; nothing to register by hand."""
