"""What a threshold would have done, out of a real archive file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import capflow_gui.playback.trial as trial_module
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.app.recorded_days import ArchivedDays
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.reader import Archive
from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.domain.alert import level_rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.playback.trial import Trial
from capflow_gui.ui.ports import DryRuns
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import CALENDAR, TENCENT, simulated_polls

RULE = level_rule(-20e6)


def trials(data: Path, *, simulated: bool = False) -> DryRuns:
    return ArchivedDays(data, lambda: simulated, lambda: CALENDAR, RuleTable).tried


async def test_a_threshold_is_tried_on_the_symbols_own_sessions(tmp_path: Path) -> None:
    keep(
        tmp_path,
        simulated_polls(every_s=120.0),
        simulated_polls(session=date(2022, 6, 9), every_s=120.0),
        simulated_polls(Symbol.parse("941.HK"), every_s=120.0),
    )
    trial = await trials(tmp_path)([TENCENT], RULE)
    assert [tried.day.day for tried in trial.days] == [date(2022, 6, 8), date(2022, 6, 9)]
    assert sum(tried.raised for tried in trial.days) > 0
    assert not (await trials(tmp_path)([Symbol.parse("9988.HK")], RULE)).days


async def test_nothing_is_recorded_yet_or_only_of_the_other_kind(tmp_path: Path) -> None:
    assert not (await trials(tmp_path)([TENCENT], RULE)).days
    keep(tmp_path, simulated_polls(every_s=600.0))
    assert not (await trials(tmp_path, simulated=True)([TENCENT], RULE)).days


async def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 500)
    with pytest.raises(StorageError):
        await trials(tmp_path)([TENCENT], RULE)


async def test_a_question_nobody_waits_for_any_more_reads_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, simulated_polls(every_s=600.0))
    reading, cancelled, ended = threading.Event(), threading.Event(), threading.Event()
    goes_on: list[bool] = []

    def read_slowly(archive: Archive, symbols: object, rule: object, going: Callable[[], bool]) -> Trial:
        goes_on.append(going())
        reading.set()
        cancelled.wait(10)
        goes_on.append(going())
        ended.set()
        return Trial()

    monkeypatch.setattr(trial_module, "try_rule", read_slowly)
    asking = asyncio.create_task(trials(tmp_path)([TENCENT], RULE))
    await asyncio.to_thread(reading.wait, 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    cancelled.set()
    await asyncio.to_thread(ended.wait, 10)
    assert goes_on == [True, False]


async def test_a_recorded_session_has_the_prices_its_replies_were_checked_with(tmp_path: Path) -> None:
    day, polls = simulated_polls(every_s=1200.0)
    keep(tmp_path, (day, polls))
    found = await ArchivedDays(tmp_path, lambda: False, lambda: CALENDAR, RuleTable).session(
        DayKey("opend", TENCENT, day.day)
    )
    assert found is not None
    assert found.prices is not None
    known = {turnover.at: turnover.price for turnover in (poll.turnover for poll in polls) if turnover is not None}
    assert len(found.prices) > 10
    assert all(known[at] == price for at, price in zip(found.prices.times, found.prices.prices, strict=True))
