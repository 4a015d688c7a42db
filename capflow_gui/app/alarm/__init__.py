"""The sounds of alerts: made here, and played beside the window."""
