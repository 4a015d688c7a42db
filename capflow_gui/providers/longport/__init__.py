"""Longport / Longbridge OpenAPI."""
