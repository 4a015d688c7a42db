"""What a rule measures at each line of a series."""
