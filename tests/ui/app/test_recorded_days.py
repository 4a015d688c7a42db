"""The window's questions, answered from a real archive file."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.app.recorded_days import ArchivedDays, PastAlerts, save_file
from capflow_gui.archive.model import Gap
from capflow_gui.domain.alert_record import AlertSearch
from capflow_gui.domain.flow import NET
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.storage.alert_log import FILE_NAME, AlertLog
from tests.ui.boards import CALENDAR
from tests.unit.archive.files import (
    DAY_BEFORE,
    MOBILE,
    SESSION,
    TENCENT,
    compact,
    damage,
    forget_states,
    record,
    running,
    whole_day,
)
from tests.unit.storage.test_alert_history import record as alert

SYMBOL = Symbol.parse(TENCENT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("profile")
    record(made / "archive.db", whole_day(TENCENT, DAY_BEFORE), whole_day(TENCENT))
    compact(made / "archive.db")
    key, _ = whole_day(TENCENT)
    day = CALENDAR.day(key.symbol.market, SESSION)
    assert day is not None
    gaps = [Gap("opend", day.open + 600.0, day.open + 900.0), Gap("opend", day.open - 90_000.0, day.open - 80_000.0)]
    record(made / "archive.db", running(), gaps=gaps)
    return made


def asked(folder: Path, *, simulated: bool = False) -> ArchivedDays:
    return ArchivedDays(folder, lambda: simulated, lambda: CALENDAR, lambda: RuleTable(-100e6))


async def test_sessions_lines_states_and_the_gaps_of_the_day_are_read(folder: Path) -> None:
    days = asked(folder)
    found = (await days.sessions(SYMBOL)).summaries
    assert [summary.key.session for summary in found] == [DAY_BEFORE, SESSION]
    session = await days.session(found[1].key)
    assert session is not None
    assert len(session.series) == 331
    assert session.states
    assert [gap.end - gap.start for gap in session.gaps] == [300.0]
    assert await days.session(found[1].key._replace(source="longport")) is None


async def test_last_lines_say_whether_the_session_is_complete(folder: Path) -> None:
    days = asked(folder)
    found, lost = await days.totals(SYMBOL)
    assert lost == []
    assert [total.key.session for total in found if total.complete] == [DAY_BEFORE, SESSION]
    recorded = {summary.key: summary.complete for summary in (await days.sessions(SYMBOL)).summaries}
    assert {total.key: total.complete for total in found} == recorded
    session = await days.session(found[-1].key)
    assert session is not None
    assert found[-1].values[NET] == session.series.values[NET, -1]
    assert [total.complete for total in (await days.totals(Symbol.parse(MOBILE))).lines] == [False]


async def test_sessions_whose_lines_cannot_be_read_are_named_beside_the_last_lines(tmp_path: Path) -> None:
    record(tmp_path / "archive.db", whole_day(TENCENT), whole_day(TENCENT, DAY_BEFORE))
    for table in ("final", "state", "head"):
        damage(tmp_path / "archive.db", f"UPDATE {table} SET body = ? WHERE day = 1", b"x")  # noqa: S608 - names of ours
    found, lost = await asked(tmp_path).totals(SYMBOL)
    assert [total.key.session for total in found] == [DAY_BEFORE]
    assert [key.session for key in lost] == [SESSION]


async def test_a_session_is_played_under_the_thresholds_in_force(folder: Path) -> None:
    days = asked(folder)
    keys = await days.companions((await days.sessions(SYMBOL)).summaries[1].key)
    assert {str(key.symbol) for key in keys} == {TENCENT, MOBILE}
    player = await days.player(await days.recordings(keys))
    assert player.rules.threshold(SYMBOL) == (-100e6, False)
    player.play_to(player.end)
    assert player.is_over
    assert await days.companions(keys[0]._replace(source="longport")) == []


async def test_what_ran_at_the_same_time_is_played_with_a_session_once_a_symbol(tmp_path: Path) -> None:
    mine, other = whole_day(TENCENT), whole_day(TENCENT, source="longport")
    beside = whole_day(MOBILE, source="longport")
    record(tmp_path / "archive.db", mine, other, beside, whole_day("AAPL.US"), whole_day(TENCENT, DAY_BEFORE))
    days = asked(tmp_path)
    for chosen in (mine, other):
        assert set(await days.companions(chosen[0])) == {chosen[0], beside[0]}
    damage(tmp_path / "archive.db", "UPDATE state SET body = x'00'")
    assert await days.recordings([mine[0], beside[0]]) == []


async def test_without_states_there_is_no_player(tmp_path: Path) -> None:
    record(tmp_path / "archive.db", whole_day(TENCENT))
    compact(tmp_path / "archive.db")
    days = asked(tmp_path)
    (summary,) = (await days.sessions(SYMBOL)).summaries
    before = await days.session(summary.key)
    forget_states(tmp_path / "archive.db")
    assert await days.companions(summary.key) == []
    assert await days.recordings([summary.key]) == []
    session = await days.session(summary.key)
    assert session is not None
    assert list(session.states) == []
    # The turnover of which shares are taken stays.
    assert before is not None
    assert before.turnover is not None
    assert session.turnover is not None
    assert session.turnover.amount == pytest.approx(before.turnover.amount, rel=0.01)


async def test_nothing_recorded_and_a_file_of_the_other_kind_are_no_sessions(tmp_path: Path, folder: Path) -> None:
    assert await asked(tmp_path).sessions(SYMBOL) == ([], [])
    assert await asked(tmp_path).totals(SYMBOL) == ([], ())
    assert await asked(folder, simulated=True).sessions(SYMBOL) == ([], [])


async def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    record(tmp_path / "archive.db", whole_day(TENCENT))
    damage(tmp_path / "archive.db", "DROP TABLE day")
    with pytest.raises(StorageError):
        await asked(tmp_path).sessions(SYMBOL)


async def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    record(tmp_path / "archive.db", whole_day(TENCENT), whole_day(TENCENT, DAY_BEFORE))
    damage(tmp_path / "archive.db", "UPDATE day SET periods = 'x' WHERE session = ?", str(SESSION))
    found = await asked(tmp_path).sessions(SYMBOL)
    assert [each.key.session for each in found.summaries] == [DAY_BEFORE]
    assert found.damaged == [("opend", TENCENT, str(SESSION))]
    record(tmp_path / "archive.db", whole_day(MOBILE))
    (beside,) = (await asked(tmp_path).sessions(Symbol.parse(MOBILE))).summaries
    together = await asked(tmp_path).companions(beside.key)
    assert {str(each.symbol) for each in together} == {TENCENT, MOBILE}
    assert [str(each.key.symbol) for each in await asked(tmp_path).recordings(together)] == [MOBILE]


async def test_a_file_is_written_or_its_fault_is_told(tmp_path: Path) -> None:
    await save_file(str(tmp_path / "day.csv"), b"a,b\r\n")
    assert (tmp_path / "day.csv").read_bytes() == b"a,b\r\n"
    with pytest.raises(StorageError):
        await save_file(str(tmp_path / "absent" / "day.csv"), b"")


async def test_what_is_to_be_made_first_is_made_beside_the_window_and_its_fault_is_told(tmp_path: Path) -> None:
    threads = []

    def made() -> bytes:
        threads.append(threading.current_thread())
        return b"picture"

    await save_file(str(tmp_path / "chart.png"), made)
    assert (tmp_path / "chart.png").read_bytes() == b"picture"
    assert threads[0] is not threading.main_thread()

    def spoiled() -> bytes:
        raise OSError("no such format")

    with pytest.raises(StorageError, match="no such format"):
        await save_file(str(tmp_path / "other.png"), spoiled)
    assert not (tmp_path / "other.png").exists()


def kept(folder: Path, *, simulated: bool) -> None:
    """An alert that was sent to a channel."""
    log = AlertLog(folder / FILE_NAME, simulated=simulated)
    log.start(lambda _news: None)
    log.save({}, [], [replace(alert("a"), simulated=simulated)])
    row = ("a-1", "phone", "a", "sent", 1, 70.0, 75.0, "4711")
    insert = "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, NULL, '')"
    log.ask(lambda connection: connection.execute(insert, row)).result(timeout=10)
    log.close()


async def test_deliveries_are_read_from_the_file_of_the_alerts_kind(tmp_path: Path) -> None:
    kept(tmp_path, simulated=True)
    past = PastAlerts(tmp_path / "real", tmp_path, lambda: True)
    assert await past.deliveries(alert("a")) == []
    (found,) = await past.deliveries(replace(alert("a"), simulated=True))
    assert (found.channel, found.receipt) == ("phone", "4711")
    asked = AlertSearch("700", None, date(2022, 6, 1), date(2022, 6, 30))
    assert [each.id for each in await past.search(asked, None)] == ["a"]
