"""The watchlist: table, header, footer, and the panel that holds them."""
