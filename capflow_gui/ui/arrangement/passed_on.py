"""What of a desk is passed on in a file: how it is arranged, and the symbols an arrangement is made for."""

from __future__ import annotations

from collections.abc import Mapping

from capflow_gui.domain.arrangement.layouts import Desk

# The user's own groups, source, and what was looked for; the symbols compared in the main chart.
_OWN = frozenset({"compared", "group", "pinned", "selected", "source", "tab", "text"})


def passed_on(desk: Desk) -> Desk:
    """The desk without what is the user's own. Charts side by side and torn off keep their symbols: they are that."""
    return {name: _inner(value) for name, value in desk.items() if name not in _OWN}


def _inner(value: object) -> object:
    if isinstance(value, Mapping):
        return passed_on(value)
    return [*map(_inner, value)] if isinstance(value, list) else value
