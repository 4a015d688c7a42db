"""Reads today's lines of the log file in a thread, and then what is added to it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from capflow_gui.diagnostics import Diagnostics
from capflow_gui.errors import StorageError
from capflow_gui.paths import disk_words, shown
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.ports import LogLine, LogPart, LogPlace

# What is read at once: so many bytes from the end, newest lines first of all.
BYTES = 600_000
_HEAD = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z ([A-Z]+) (\S+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Whole lines of a file: where they end in it, and whether older ones were left out."""

    raw: bytes
    end: int
    cut: bool


class LogReader:
    """An implementation of ui.ports.LogFile. `wall` is this computer's clock, UTC epoch seconds."""

    def __init__(self, diagnostics: Diagnostics, wall: Callable[[], float]) -> None:
        self._file = diagnostics.file
        self._clean = diagnostics.redaction.clean
        self._wall = wall

    @property
    def folder(self) -> str:
        """The folder of the log, as an address."""
        return self._file.parent.absolute().as_uri()

    async def read(self, place: LogPlace | None) -> LogPart:
        """Today's lines, or those behind `place`. Raises StorageError."""
        now = datetime.fromtimestamp(self._wall()).astimezone()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        return await asyncio.to_thread(self._read, place, midnight)

    def _read(self, place: LogPlace | None, midnight: float) -> LogPart:
        try:
            with self._file.open("rb") as file:
                return self._read_from(file, place, midnight)
        except FileNotFoundError:
            raise StorageError(Reason.of(Code.LOG_MISSING, file=shown(self._file))) from None
        except OSError as error:
            why = disk_words(error)
            raise StorageError(Reason.of(Code.LOG_UNREADABLE, file=shown(self._file), why=why)) from error

    def _read_from(self, file: BinaryIO, place: LogPlace | None, midnight: float) -> LogPart:
        number = os.fstat(file.fileno()).st_ino
        older = _Piece(b"", 0, cut=False)
        if place is None or place.number != number or place.offset > os.fstat(file.fileno()).st_size:
            older = self._older(place)
            newer = _piece(file, 0)
        else:
            newer = _piece(file, place.offset)
        entries = [_entry(*found) for found in _heads(older.raw + newer.raw)]
        today = [
            LogLine(entry.at, entry.level, entry.name, self._clean(entry.text))
            for entry in entries
            if entry.at >= midnight
        ]
        cut = (older.cut or newer.cut) and (place is not None or len(today) == len(entries))
        return LogPart(tuple(today), LogPlace(number, newer.end), cut=cut)

    def _older(self, place: LogPlace | None) -> _Piece:
        """What the file before this one still has: all of it at first, else what came behind `place`."""
        try:
            with self._file.with_name(f"{self._file.name}.1").open("rb") as file:
                if place is None:
                    return _piece(file, 0)
                same = place.number == os.fstat(file.fileno()).st_ino
                return _piece(file, place.offset) if same else _Piece(b"", 0, cut=True)
        except FileNotFoundError:
            return _Piece(b"", 0, cut=False)


def _piece(file: BinaryIO, begin: int) -> _Piece:
    """Whole lines from `begin` on, the last `BYTES` of them."""
    size = file.seek(0, os.SEEK_END)
    start = max(begin, size - BYTES)
    file.seek(start)
    raw = file.read(size - start)
    if start > begin:
        raw = raw[raw.find(b"\n") + 1 :]
    whole = raw[: raw.rfind(b"\n") + 1]
    return _Piece(whole, size - (len(raw) - len(whole)), cut=start > begin)


def _heads(raw: bytes) -> Iterator[tuple[str, str, str, str]]:
    """Time, level, name and text of each entry; what belongs to none is left out."""
    entry = ""
    for line in [*raw.decode("utf-8", "replace").splitlines(), None]:
        found = None if line is None else _HEAD.match(line)
        if found is None and line is not None:
            entry += f"\n{line}" if entry else ""
            continue
        if entry and (whole := _HEAD.match(entry)) is not None:
            yield whole[1], whole[2], whole[3], whole[4]
        entry = line or ""


def _entry(stamp: str, level: str, name: str, text: str) -> LogLine:
    return LogLine(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp(), level, name, text)


def log_file(diagnostics: Diagnostics, wall: Callable[[], float]) -> LogReader | None:
    """The reader of the log; None where nothing is written to a file."""
    return None if diagnostics.problem else LogReader(diagnostics, wall)
