"""Views at the sides of the main window."""
