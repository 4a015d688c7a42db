"""The view of the program's log."""
