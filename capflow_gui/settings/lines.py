"""In which line of a TOML file something is: the standard library's reader does not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason

_CARET = "‸"
_AROUND = 24
# More tables and lists inside each other than any file of ours has.
_DEEPEST = 50
# The way to a value: keys, and places in lists from 0.
Path = tuple[str | int, ...]


def document_of(raw: bytes, name: str) -> dict[str, Any]:
    """What a TOML file says. Raises SettingsError with the place of a fault; `name` is how that calls the file."""
    try:
        text = raw.decode("utf-8-sig")
        return parsed(text)
    except UnicodeDecodeError:
        raise SettingsError(name, Reason.of(Code.NOT_UTF8), Reason.of(Code.SAVE_AS_UTF8)) from None
    except tomllib.TOMLDecodeError as error:
        line, column, why = fault_of(error, text)
        told = marked(text.split("\n")[line - 1], column - 1)
        raise SettingsError(name, Reason.of(Code.IN_PLACE, line=line, column=column, text=told, why=why)) from None


def parsed(text: str) -> dict[str, Any]:
    """What a TOML file says. Raises TOMLDecodeError, also for what Python's reader gives up on."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("Nested too deeply") from None
    except ValueError:  # int() reads no more than 4,300 digits
        raise tomllib.TOMLDecodeError("A number is too long") from None
    if _is_deep(document):  # it could not be written again
        raise tomllib.TOMLDecodeError("Nested too deeply")
    return document


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(_DEEPEST):
        tables = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [inner for table in tables for inner in table]
    return bool(level)


def places(text: str) -> dict[Path, int]:
    """The line in which the statement of each value begins, from 1; under () the last statement that has a value.

    The text is TOML as a whole: so is each statement alone.
    """
    lines = [f"{line}\n" for line in text.split("\n")]
    found: dict[Path, int] = {(): 0}
    counts: dict[Path, int] = {}
    table: Path = ()
    start = 0
    for end in range(1, len(lines) + 1):
        statement = "".join(lines[start:end])
        try:
            document = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        if statement.lstrip().startswith("["):
            table = _header(document, counts)
            for size in range(1, len(table) + 1):
                found.setdefault(table[:size], start + 1)
        else:
            for path in _paths(document, table):
                found.setdefault(path, start + 1)
        if document:
            found[()] = start + 1
        start = end
    return found


def _header(document: object, counts: dict[Path, int]) -> Path:
    """The way to the table that a header opens; `counts`: how many tables each list of tables has so far."""
    path: Path = ()
    while isinstance(document, dict) and document:
        ((key, document),) = document.items()
        path = (*path, key)
        if isinstance(document, list):
            counts[path] = counts.get(path, 0) + 1
            return (*path, counts[path] - 1)
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _paths(document: object, before: Path) -> Iterator[Path]:
    """The ways to everything in a value."""
    if isinstance(document, dict | list):
        pairs = document.items() if isinstance(document, dict) else enumerate(document)
        for key, inner in pairs:
            yield (*before, key)
            yield from _paths(inner, (*before, key))


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
