"""The window explained inside itself: its keys, what its figures mean, and a tour."""
