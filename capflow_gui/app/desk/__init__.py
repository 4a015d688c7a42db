"""A desk of many windows, for the desktop program."""
