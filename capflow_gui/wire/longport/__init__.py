"""The wire of Longport."""
