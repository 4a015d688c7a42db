"""`capflow export`: recorded sessions, without a connection."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from capflow_gui.archive import open_archive, parquet
from capflow_gui.archive.model import DamagedEntry, DaySummary
from capflow_gui.archive.reader import Archive, RecordedDay
from capflow_gui.cli.output import SIMULATED, OutputFailed, say, write_out
from capflow_gui.cli.recorded import check_source, meant_dates
from capflow_gui.cli.status import DONE, FAILED, REJECTED
from capflow_gui.errors import InvalidInput, StorageError
from capflow_gui.paths import Paths, disk_words, is_replaceable, shown, target
from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_export import (
    BYTE_ORDER_MARK,
    day_fault,
    day_object,
    entry_fault,
    nothing_recorded,
    state_rows,
    to_csv,
)
from capflow_gui.reason import Code, Reason

Write = Callable[[str], object]


def run(arguments: argparse.Namespace) -> int:
    """Print or write what was asked for; the exit status. Raises InvalidInput, StorageError and OutputFailed."""
    kind = _kind(arguments)
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    with open_archive(paths.data) as archive:
        return _Export(archive, arguments, kind).run()


def _kind(arguments: argparse.Namespace) -> str:
    """What is written: csv, json, parquet or states."""
    kind: str = arguments.format or "csv"
    if arguments.states:
        if arguments.format is not None:
            leave_out = Reason.of(Code.LEAVE_OUT, option="--format")
            raise InvalidInput(f"--states --format {kind}", Reason.of(Code.STATES_ARE_JSON), leave_out)
        kind = "states"
    if arguments.bom and kind != "csv":
        leave_out = Reason.of(Code.LEAVE_OUT, option="--bom")
        raise InvalidInput("--bom", Reason.of(Code.ONLY_CSV_HAS_MARK), leave_out)
    if kind == "parquet":
        if arguments.out is None:
            raise InvalidInput("--format parquet", Reason.of(Code.WRITES_FILES), Reason.of(Code.NAME_A_FOLDER))
        if not parquet.is_there():
            raise InvalidInput("--format parquet", Reason.of(Code.NO_PYARROW), Reason.of(Code.INSTALL_PYARROW))
    elif arguments.out is not None and arguments.out.is_dir():
        raise InvalidInput(f"--out {shown(arguments.out)}", Reason.of(Code.IS_A_FOLDER), Reason.of(Code.NAME_A_FILE))
    return kind


class _Export:
    """One run: symbol by symbol in the order asked, session by session."""

    def __init__(self, archive: Archive, arguments: argparse.Namespace, kind: str) -> None:
        self._archive = archive
        self._arguments = arguments
        self._kind = kind
        self._written = 0
        self._damaged = 0

    def run(self) -> int:
        """Write everything; the exit status."""
        missing = 0
        check_source(self._archive, self._arguments.source)
        dates = meant_dates(self._archive, self._arguments)
        if self._archive.simulated:
            say(f"{_(SIMULATED)}\n")
        with self._target() as write:
            for symbol in self._arguments.symbols:
                before = self._damaged
                days = self._archive.sessions(symbol, self._arguments.source, *dates, damaged=self._name)
                if not days and self._damaged == before:
                    missing += 1
                    there = self._archive.sessions(symbol) or self._archive.sessions()
                    say(f"{nothing_recorded(symbol, dates, self._arguments.source, there)}\n")
                for summary in days:
                    self._write(summary, write)
            if self._kind == "json":
                write("]\n" if self._written else "[]\n")
        if self._written or not self._damaged + missing:
            return DONE
        return FAILED if self._damaged else REJECTED

    def _name(self, entry: DamagedEntry) -> None:
        self._damaged += 1
        say(f"{entry_fault(entry)}\n")

    def _write(self, summary: DaySummary, write: Write) -> None:
        key = summary.key
        try:
            day = self._archive.day(key.symbol, key.session, key.source)
            if day is not None:
                self._write_day(day, write)
                self._written += 1
        except StorageError as error:
            self._damaged += 1
            say(f"{day_fault(key, error.reason)}\n")

    def _write_day(self, day: RecordedDay, write: Write) -> None:
        match self._kind:
            case "json":
                write((",\n " if self._written else "[") + day_object(day))
            case "csv":
                write(to_csv(day, header=not self._written))
            case "states":
                for row in state_rows(day):
                    write(f"{row}\n")
            case _:
                with _disk(self._arguments.out):
                    parquet.write(day, self._arguments.out)

    @contextlib.contextmanager
    def _target(self) -> Iterator[Write]:
        """Where text goes: stdout, a device or pipe, or a file that is there when it is whole."""
        mark = BYTE_ORDER_MARK if self._arguments.bom else ""
        out: Path | None = self._arguments.out
        if out is None or self._kind == "parquet":
            if mark:
                write_out(mark)
            yield write_out
            return
        with _disk(out):
            if not is_replaceable(out):
                with out.open("w", encoding="utf-8", newline="") as file:
                    file.write(mark)
                    yield file.write
                return
            place = target(out)
            half = place.with_name(f".{place.name}.{os.getpid()}.half")
            try:
                with half.open("w", encoding="utf-8", newline="") as file:
                    file.write(mark)
                    yield file.write
                if self._written:
                    half.replace(place)
            finally:
                half.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise OutputFailed(text.format(file=f"--out {shown(path)}", why=disk_words(error))) from error
