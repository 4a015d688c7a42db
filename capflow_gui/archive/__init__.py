"""A memory: every state that a source's replies gave of a session's lines, kept for years.

Programs of users read it with `open_archive`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capflow_gui.archive.reader import open_archive

__all__ = ["open_archive"]


def __getattr__(name: str) -> Any:
    """Load the reader when it is asked for: the window starts without it."""
    if name == "open_archive":
        from capflow_gui.archive.reader import open_archive  # noqa: PLC0415

        return open_archive
    raise AttributeError(name)
