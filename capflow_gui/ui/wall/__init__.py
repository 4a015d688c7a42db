"""The wall: every symbol of a group as a tile of one size, coloured by its share of turnover."""
