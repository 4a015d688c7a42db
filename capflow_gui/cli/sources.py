"""Data sources as the verbs open them; the window shares them, so they live in capflow_gui.sources."""

from capflow_gui.feed.source import Source
from capflow_gui.sources import connected, open_source, parse_source

__all__ = ["Source", "connected", "open_source", "parse_source"]
