"""The user's symbols in their order, and the named groups they stand in."""
