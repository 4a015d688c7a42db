"""The wire of OpenD."""
