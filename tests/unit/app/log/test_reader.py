"""Today's entries of the log, and then what is added; whatever became of the file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from capflow_gui.app.log import reader as module
from capflow_gui.app.log.reader import LogReader, log_file
from capflow_gui.diagnostics import Diagnostics, configure_logging
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code
from capflow_gui.ui.ports import LogPart, LogPlace

NOW = datetime(2026, 11, 20, 14, 32, 8).astimezone()
log = logging.getLogger("capflow_gui.feed")


@pytest.fixture
def diagnostics(tmp_path: Path) -> Iterator[Diagnostics]:
    made = configure_logging(tmp_path, "debug", None)
    yield made
    made.close()


@pytest.fixture
def reader(diagnostics: Diagnostics) -> LogReader:
    made = log_file(diagnostics, NOW.timestamp)
    assert made is not None
    return made


def entry(text: str, hour: int = 12, level: str = "INFO", day: int = 20) -> str:
    at = datetime(2026, 11, day, hour).astimezone().astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.250Z {level} capflow_gui.feed: {text}\n"


def write(diagnostics: Diagnostics, *entries: str, suffix: str = "") -> None:
    with diagnostics.file.with_name(diagnostics.file.name + suffix).open("a", encoding="utf-8") as file:
        file.writelines(entries)


def texts(part: LogPart) -> list[str]:
    return [line.text for line in part.lines]


async def test_todays_entries_are_read_and_then_what_is_added(diagnostics: Diagnostics, reader: LogReader) -> None:
    write(diagnostics, entry("of yesterday", day=19), entry("first"), entry("second", level="WARNING"))
    part = await reader.read(None)
    assert [(line.level, line.name, line.text) for line in part.lines] == [
        ("INFO", "capflow_gui.feed", "first"),
        ("WARNING", "capflow_gui.feed", "second"),
    ]
    assert part.lines[0].at == datetime(2026, 11, 20, 12, 0, 0, 250_000).astimezone().timestamp()
    assert not part.cut
    write(diagnostics, entry("third"), entry("half").removesuffix("\n"))
    part = await reader.read(part.place)
    assert texts(part) == ["third"]
    write(diagnostics, "\n")
    assert texts(await reader.read(part.place)) == ["half"]


async def test_a_traceback_belongs_to_its_entry_and_secrets_are_cleaned_once_more(
    diagnostics: Diagnostics, reader: LogReader
) -> None:
    diagnostics.register_secret("sesame-open")
    write(diagnostics, "no entry\n", entry("failed\nTraceback:\n  told sesame-open"), entry("next"))
    assert texts(await reader.read(None)) == ["failed\nTraceback:\n  told ‹hidden›", "next"]


async def test_it_goes_on_behind_a_rotation(diagnostics: Diagnostics, reader: LogReader) -> None:
    write(diagnostics, entry("first"))
    part = await reader.read(None)
    write(diagnostics, entry("at the end"))
    diagnostics.file.rename(diagnostics.file.with_name("capflow.log.1"))
    write(diagnostics, entry("in the new one"))
    part = await reader.read(part.place)
    assert (texts(part), part.cut) == (["at the end", "in the new one"], False)
    assert texts(await reader.read(None)) == ["first", "at the end", "in the new one"]
    part = await reader.read(LogPlace(1, 5))
    assert (texts(part), part.cut) == (["in the new one"], True)


async def test_a_large_file_is_read_from_its_end_and_that_is_said(
    diagnostics: Diagnostics, reader: LogReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BYTES", 300)
    write(diagnostics, *(entry(f"number {place}") for place in range(20)))
    part = await reader.read(None)
    assert (texts(part)[-1], part.cut) == ("number 19", True)
    assert 1 < len(part.lines) < 8
    write(diagnostics, *(entry("of yesterday", day=19) for _ in range(20)), entry("of today"))
    part = await reader.read(None)
    assert (texts(part), part.cut) == (["of today"], False)


async def test_a_file_that_shrank_is_read_anew(diagnostics: Diagnostics, reader: LogReader) -> None:
    write(diagnostics, entry("first"), entry("second"))
    part = await reader.read(None)
    diagnostics.file.write_text(entry("anew"), encoding="utf-8")
    assert texts(await reader.read(part.place)) == ["anew"]


async def test_a_missing_and_an_unreadable_file_are_said(diagnostics: Diagnostics, reader: LogReader) -> None:
    diagnostics.file.unlink()
    with pytest.raises(StorageError) as missing:
        await reader.read(None)
    assert missing.value.reason.code is Code.LOG_MISSING
    diagnostics.file.mkdir()
    with pytest.raises(StorageError) as unreadable:
        await reader.read(None)
    assert unreadable.value.reason.code is Code.LOG_UNREADABLE


def test_its_folder_is_an_address_and_without_a_file_there_is_no_reader(
    diagnostics: Diagnostics, reader: LogReader, tmp_path: Path
) -> None:
    assert reader.folder == tmp_path.absolute().as_uri()
    diagnostics.problem = "There is no log file."
    assert log_file(diagnostics, NOW.timestamp) is None
