"""What the system is asked."""
