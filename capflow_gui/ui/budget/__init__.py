"""The view of the poll budget."""
