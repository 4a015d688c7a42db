"""Thin I/O shells over wire."""
