"""Charts as tables."""
