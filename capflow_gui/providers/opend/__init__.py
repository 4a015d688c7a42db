"""Futu/moomoo OpenD."""
