"""Capflow: a desktop monitor of intraday capital flow for HK, US and China stocks."""

# Where new versions are published: the one place that says so.
RELEASES_PAGE = "https://github.com/capflow/capflow/releases"
__version__ = "0.1.0"
