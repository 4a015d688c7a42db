"""Pure rules: no I/O, no clock of its own, no Qt."""
