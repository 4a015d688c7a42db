"""A simulated Longport."""
