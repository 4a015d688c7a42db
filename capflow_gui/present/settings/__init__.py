"""Settings in words, and what is said of profiles, exports and imports."""
