"""Windows beside the main one that stay open."""
