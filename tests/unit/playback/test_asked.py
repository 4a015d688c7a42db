from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from capflow_gui.archive import open_archive
from capflow_gui.archive.heads import Heads
from capflow_gui.archive.model import Outage
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.playback.asked import check_scopes, dry_runs, meant_symbols, recorded_dates
from capflow_gui.playback.dry_run import Outcome
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.database import Database
from tests.unit.archive.files import compact, record, whole_day

TENCENT, HSBC, MOUTAI = map(Symbol.parse, ("700.HK", "5.HK", "600519.SH"))
CORE = Group("core", (TENCENT,), None)
DAY = date(2026, 6, 10)
WHY = Reason.of(Code.NO_ANSWER)
EARLIER = datetime(2026, 6, 3, tzinfo=UTC).timestamp()
LATER = datetime(2026, 6, 18, 8, tzinfo=UTC).timestamp()


def filled(folder: Path, *, simulated: bool = False) -> Path:
    file = folder / "archive.db"
    record(file, whole_day("700.HK"), whole_day("600519.SH"), simulated=simulated)
    compact(file, simulated=simulated)
    return folder


def test_dates_count_from_today_or_from_the_newest_session(tmp_path: Path, calendar: Calendar) -> None:
    for simulated in (False, True):
        with open_archive(filled(tmp_path / str(simulated), simulated=simulated)) as archive:
            assert recorded_dates(archive, None, None, calendar, EARLIER) == (date(2025, 6, 10), DAY)
            newest = DAY if simulated else date(2026, 6, 18)
            assert recorded_dates(archive, None, None, calendar, LATER)[1] == newest
            assert recorded_dates(archive, DAY, DAY, calendar, LATER) == (DAY, DAY)
            with pytest.raises(InvalidInput):
                recorded_dates(archive, DAY, date(2026, 6, 9), calendar, LATER)


def test_a_rule_that_no_symbol_named_can_meet_is_refused() -> None:
    own = Groups((CORE,))
    check_scopes([parse_rule(f"{scope}: net <= -1M") for scope in ("*", "700.HK", "@core")], [], own)
    check_scopes([parse_rule("@theirs: net <= -1M")], [HSBC], own)
    for text, symbols in (("700.HK: net <= -1M", [HSBC]), ("@theirs: net <= -1M", []), ("@core: net <= -1M", [HSBC])):
        with pytest.raises(InvalidInput):
            check_scopes([parse_rule(text)], symbols, own)


def test_the_symbols_that_are_meant() -> None:
    every, one, group = (parse_rule(f"{scope}: net <= -1M") for scope in ("*", "700.HK", "@core"))
    assert meant_symbols(every, [], None) == []
    assert meant_symbols(every, [HSBC], None) == [HSBC]
    assert meant_symbols(one, [], None) == [TENCENT]
    assert meant_symbols(group, [HSBC, TENCENT], CORE) == [TENCENT]


@pytest.mark.parametrize("rule", ["*: net <= -1M", "*: net change 5m unusual 3 floor 5M"])
def test_what_a_rule_would_have_done_session_by_session(tmp_path: Path, rule: str) -> None:
    with open_archive(filled(tmp_path)) as archive:
        found = dict(dry_runs(archive, parse_rule(rule), [], None, (DAY, DAY)))
        assert {summary.key.symbol for summary in found} == {TENCENT, MOUTAI}
        if "unusual" not in rule:
            assert any(each.outcome is Outcome.RAISED for said in found.values() for each in said)
        assert [*dry_runs(archive, parse_rule(rule), [HSBC], None, (DAY, DAY))] == []


def test_an_outage_counts_for_its_own_session_and_symbol(tmp_path: Path) -> None:
    day = whole_day("700.HK")[1][0].day
    outages = [Outage("opend", TENCENT, at, at + 600.0, WHY) for at in (day.open + 60.0, day.open - 86_400.0)]
    filled(tmp_path)
    with closing(Database.open(tmp_path / "archive.db", SCHEMA, simulated=False)) as database:
        assert Heads().store(database, {}, [], outages) == []
    with open_archive(tmp_path) as archive:
        rule = parse_rule("*: net <= -900B")
        found = {summary.key.symbol: said for summary, said in dry_runs(archive, rule, [], None, (DAY, DAY))}
    unjudged = [each.reason for each in found[TENCENT] if each.outcome is Outcome.UNJUDGED]
    assert unjudged == [WHY]
    assert found[MOUTAI] == []
