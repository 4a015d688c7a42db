"""Rules, and what becomes of them as lines are confirmed."""
