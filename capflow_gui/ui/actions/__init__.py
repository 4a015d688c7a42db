"""What the window does, by name and key."""
