"""Qt models over the board."""
