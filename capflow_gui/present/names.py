"""What things are called: sources, and what a check found."""

from __future__ import annotations

from capflow_gui.domain.flag import Flag

_TITLES = {"opend": "OpenD", "demo": "the simulator", "longport": "Longport"}

# As JSON, CSV, `watch` and alert records have them.
_FLAG_NAMES = {
    Flag.ORDER: "order",
    Flag.GRID: "grid",
    Flag.SESSION: "session",
    Flag.SUM: "sum",
    Flag.TURNOVER: "turnover",
    Flag.SCALE: "scale",
    Flag.SIGN: "sign",
    Flag.PADDED: "padded",
    Flag.GAP: "gap",
    Flag.PER_MINUTE: "per_minute",
    Flag.BEYOND: "beyond",
}


def source_title(source: str) -> str:
    """How a source is called in a sentence."""
    return _TITLES.get(source, source)


def flag_list(flags: int) -> list[str]:
    """The names of the flags that are set."""
    return [name for flag, name in _FLAG_NAMES.items() if flag & flags] if flags else []
