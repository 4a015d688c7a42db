"""`capflow archive`: what is recorded, whether it is sound, and how much room it takes."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from capflow_gui.archive import open_archive
from capflow_gui.archive.reader import Archive
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep, first_kept
from capflow_gui.cli.output import say, write_out
from capflow_gui.cli.status import DONE, FAILED
from capflow_gui.credentials import Conceal
from capflow_gui.errors import InvalidInput, StorageError
from capflow_gui.paths import Paths, shown
from capflow_gui.present.language.texts import _
from capflow_gui.present.reasons import reason_in_english, reason_words
from capflow_gui.present.recorded_export import archive_facts, archive_text, kept_text, verified_text
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database

# Removes nothing: no session is as old.
_FOR_EVER = ArchiveSettings(journal_sessions=1_000_000, final_days=36_500)
_PAGES_A_STEP = 50
_TELL_EVERY_S = 2.0
Done = TypeVar("Done")


def run(arguments: argparse.Namespace, settings: Settings, _conceal: Conceal) -> int:
    """Do what is asked; the exit status: 1 where damage was found. Raises InvalidInput, StorageError, OutputFailed."""
    if (arguments.keep_days is not None) != (arguments.action == "prune"):
        example = Reason.of(Code.FOR_EXAMPLE, example="archive prune --keep-days 365")
        raise InvalidInput("--keep-days", Reason.of(Code.ONLY_PRUNE_KEEPS_DAYS), example)
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    as_json = arguments.format == "json"
    with open_archive(paths.data) as archive:
        match arguments.action:
            case "info":
                facts = archive_facts(archive, settings.archive)
                write_out(_row(facts) if as_json else archive_text(facts))
                return DONE
            case "verify":
                return _verify(archive, as_json=as_json)
            case _:
                kept = _FOR_EVER
                if arguments.action == "prune":
                    kept = ArchiveSettings(journal_sessions=_FOR_EVER.journal_sessions, final_days=arguments.keep_days)
                return _make_smaller(archive, kept, as_json=as_json)


def _verify(archive: Archive, *, as_json: bool) -> int:
    say_often = _Progress(_("{done} of {total} checked"))
    found = [(fault, (reason_in_english if as_json else reason_words)(fault)) for fault in archive.verify(say_often)]
    facts = {
        "path": shown(archive.path),
        "days": archive.count(),
        "damaged": [
            {name: fault.get(name) for name in ("symbol", "source", "session")} | {"message": words}
            for fault, words in found
        ],
    }
    write_out(_row(facts) if as_json else verified_text(facts))
    return FAILED if found else DONE


def _make_smaller(archive: Archive, retention: ArchiveSettings, *, as_json: bool) -> int:
    """Compact sessions that are over, remove old ones, and give all free room back, beside whoever records."""
    before, removed, say_often = archive.size(), 0, _Progress(_("{done} of {total} removed"))
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    newest = archive.newest(tomorrow)
    archive.close()  # sqlite tidies up only behind the last one that has the file open
    with closing(
        Database.open(archive.path, SCHEMA, simulated=archive.simulated, checked=True, mend=False)
    ) as database:
        database.keep_log_small(_PAGES_A_STEP)  # whoever wants room has little
        upkeep = Upkeep(database, retention, lambda _keys: None)
        room = _Room(database, upkeep)
        upkeep.plan()
        while upkeep.is_pending:
            news = room.do(upkeep.step)
            if news is not None:
                removed = news.total
                say_often(news.done, news.total)
        while database.free_pages():
            room.do(lambda: database.give_back(_PAGES_A_STEP))
    facts: dict[str, Any] = {
        "path": shown(archive.path),
        "removed": removed,
        "size_before": before,
        "size": archive.size(),
    }
    if retention is not _FOR_EVER and newest is not None:
        facts |= {"keep_days": retention.final_days, "kept_from": first_kept(newest, retention).isoformat()}
    write_out(_row(facts) if as_json else kept_text(facts))
    return DONE


class _Room:
    """Goes on where the log beside the file takes the last room of the disk: it is emptied."""

    def __init__(self, database: Database, work: Upkeep) -> None:
        self._database = database
        self._work = work
        self._failed_at = -1

    def do(self, step: Callable[[], Done]) -> Done | None:
        """Do a step; None where it is to be done again. Raises StorageError, also where nothing got done in between."""
        try:
            return step()
        except StorageError:
            left = self._work.left + self._database.free_pages()
            if left == self._failed_at or not self._database.empty_log():
                raise
            self._failed_at = left
            return None


class _Progress:
    """Says how far something is that takes long, every two seconds."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._told = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._told > _TELL_EVERY_S:
            self._told = time.monotonic()
            say(f"{self._text.format(done=done, total=total)}\n")


def _row(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False) + "\n"
