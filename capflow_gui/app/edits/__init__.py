"""Files of the profile that somebody edits while the window is open."""
