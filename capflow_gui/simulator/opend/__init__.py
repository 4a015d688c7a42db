"""A simulated OpenD."""
