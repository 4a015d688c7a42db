"""The window. Qt lives here and in app; no network, no disk."""
