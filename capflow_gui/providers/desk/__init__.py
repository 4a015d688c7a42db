"""The desk as a source: what a collector polled, over the bus."""
