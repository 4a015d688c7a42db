"""The bar at the top: menu, search, what needs you, where the data comes from, what time it is there."""
