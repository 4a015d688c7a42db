"""What is there for who sees, hears or moves otherwise."""
