"""Widgets, drawn by hand where speed asks for it."""
