"""The log file, for the window."""
