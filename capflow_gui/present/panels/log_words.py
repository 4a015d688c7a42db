"""What the view of the program's log says."""

from __future__ import annotations

from datetime import UTC, datetime

from capflow_gui.present.language.texts import _

# From which one on the view shows entries; the words of each are `level_name`'s.
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_RANKS = {"DEBUG": 0, "INFO": 1, "WARNING": 2, "ERROR": 3, "CRITICAL": 4}


def level_name(level: str) -> str:
    """A choice of what is shown."""
    names = {
        "DEBUG": _("Everything"),
        "INFO": _("Without details"),
        "WARNING": _("Warnings and errors"),
        "ERROR": _("Errors alone"),
    }
    return names[level]


def rank(level: str) -> int:
    """How grave a level is; what is unknown is shown always."""
    return _RANKS.get(level, len(_RANKS))


def is_grave(level: str) -> bool:
    """Whether an entry is a warning, or worse."""
    return rank(level) >= _RANKS["WARNING"]


def headers() -> tuple[str, ...]:
    """Those of `cells`."""
    return _("Time"), _("Level"), _("Part"), _("What")


def cells(at: float, level: str, name: str, text: str) -> tuple[str, ...]:
    """An entry in one row: local time, level, part of the program, first line."""
    first, more = text.partition("\n")[::2]
    count = more.count("\n") + 1 if more else 0
    what = _("{text} (+{count} lines)").format(text=first, count=count) if count else first
    return local_time(at), level.lower(), name.removeprefix("capflow_gui."), what


def local_time(at: float) -> str:
    """The time of day on this computer, to the millisecond."""
    return _here(at).strftime("%H:%M:%S.%f")[:-3]


def _here(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone()


def line_of(at: float, level: str, name: str, text: str) -> str:
    """An entry as it is copied: with its date, and all of its lines."""
    day = _here(at).strftime("%Y-%m-%d")
    return f"{day} {local_time(at)} {level} {name}: {text}"


def summary(shown: int, known: int, *, cut: bool) -> str:
    """How much is shown."""
    said = _("{shown} of {known} entries of today").format(shown=f"{shown:,}", known=f"{known:,}")
    return said + (" · " + _("older ones are left out: they are in the folder") if cut else "")


def nothing_found() -> str:
    """Where no entry is shown."""
    return _("No entry of today is like that.")


def no_log() -> str:
    """Where no log is written."""
    return _("No log file is written: its folder cannot be used.")
