"""`capflow desk`: its options, and what it does."""
