"""Words for a desk of many windows."""
