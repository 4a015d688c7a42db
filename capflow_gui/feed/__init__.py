"""When symbols are asked and at which source, what replies say, and what consumers read of it."""
