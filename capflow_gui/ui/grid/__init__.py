"""Several charts side by side."""
