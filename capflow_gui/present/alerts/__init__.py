"""Alerts outside the window: messages to channels, and the list that the command line prints."""
