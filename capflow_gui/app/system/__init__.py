"""What the system is asked, and what it lacks."""
