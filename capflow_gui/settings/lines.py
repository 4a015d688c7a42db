"""In which line of a TOML file something is: the standard library's reader does not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

from capflow_gui.reason import Code, Reason

_CARET = "‸"
_AROUND = 24
# The way to a value: keys, and places in lists from 0.
Path = tuple[str | int, ...]


def line_of(lines: Sequence[str], path: Path) -> int:
    """Where the statement of a value begins: read on line by line, until the value is there. From 1.

    `lines` keep their ends. Where there is no such value, the last line that ends a statement.
    """
    whole = 0
    for count in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        if _holds(document, path):
            return whole + 1
        whole = count
    return whole


def _holds(document: object, path: Path) -> bool:
    for key in path:
        is_there = (
            key < len(document)
            if isinstance(document, list) and isinstance(key, int)
            else isinstance(document, dict) and key in document
        )
        if not is_there:
            return False
        document = document[key]  # type: ignore[index]
    return True


def fault_of(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, int, Reason]:
    """The line and the column of a syntax error, from 1, and what is wrong there."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    lines = text.split("\n")
    line, column = (int(found[1]), int(found[2])) if found else (len(lines), len(lines[-1]) + 1)
    said = re.sub(r" \(at .*\)$", "", str(error))
    return line, column, Reason.of(Code.NOT_TOML, error=said[:1].lower() + said[1:])


def marked(text: str, at: int) -> str:
    """A line with a caret before the character at fault, at most a few words on either side: `text = ‸`."""
    start, end = max(at - _AROUND, 0), at + _AROUND
    before = ("…" if start else "") + text[start:at].lstrip()
    return f"{before}{_CARET}{text[at:end].rstrip()}{'…' if text[end:].strip() else ''}"
