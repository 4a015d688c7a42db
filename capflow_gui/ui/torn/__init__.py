"""Parts of the main window in windows of their own."""
