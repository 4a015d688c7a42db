"""Reasons for tests that do not care which."""

from __future__ import annotations

from capflow_gui.reason import Code, Reason


def said(text: str = "reset") -> Reason:
    """A reason in somebody else's words."""
    return Reason.of(Code.VERBATIM, text=text)
