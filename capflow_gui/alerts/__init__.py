"""Rules, and their evaluation as lines are confirmed."""
