"""The table of alerts."""
