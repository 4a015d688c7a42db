"""Dialogs, always opened, never exec()ed."""
