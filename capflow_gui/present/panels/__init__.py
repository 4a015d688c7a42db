"""What panels and the clocks say."""
