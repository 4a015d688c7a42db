"""Recorded sessions in the window: which there are, which is shown, how good it is."""
