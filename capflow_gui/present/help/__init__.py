"""What the window says of itself."""
