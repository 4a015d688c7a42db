"""The settings on screen, made from their declarations; profiles; export and import."""
