"""Capflow: a desktop monitor of intraday capital flow for HK, US and China stocks."""

__version__ = "0.1.0"
