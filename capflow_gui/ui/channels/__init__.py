"""The page of channels: who is told of alerts besides the window."""
