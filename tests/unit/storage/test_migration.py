from __future__ import annotations

import queue
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from capflow_gui.domain.alert import RuleState, StateKey, parse_rule
from capflow_gui.domain.alert_record import AlertRecord, AlertState, Loaded, News
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.alert_log import AlertLog
from tests.unit.storage.older import write_version

INSERT = "INSERT INTO alert_record VALUES"


def opened(path: Path, *, simulated: bool = True) -> Loaded:
    """What the file says once it was brought to this version."""
    told: queue.SimpleQueue[News] = queue.SimpleQueue()
    log = AlertLog(path, simulated=simulated)
    log.start(told.put)
    news = told.get(timeout=10)
    log.close()
    assert isinstance(news, Loaded)
    return news


def newest_first(loaded: Loaded) -> list[AlertRecord]:
    return sorted(loaded.records, key=lambda each: -each.raised_at)


def test_states_and_records_of_the_first_release_are_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(1, path)
    loaded = opened(path)
    rule = parse_rule("700.HK: net >= 20M")
    key = StateKey(rule.id, rule.version, "opend", Symbol(Market.HK, "700"), "2022-06-08")
    assert loaded.states == {
        key: RuleState(1654656360, True, 1654651980, 57157940.0, run=1, run_index=76, fired=1, fired_index=3)
    }
    standing, over = newest_first(loaded)
    assert (standing.state, standing.rule_text, standing.late) == (AlertState.ACTIVE, rule.text, True)
    assert (standing.rule_id, standing.version, standing.simulated) == (rule.id, rule.version, True)
    assert (standing.told, standing.seen, standing.reason) == (1, 0, None)
    assert (over.state, over.told, over.seen, over.escalations) == (AlertState.CLEARED, 3, 3, 2)
    assert (over.rule_id, over.cleared_at) == ("default", 1654570800.0)


def test_what_was_acknowledged_stays_so_and_sentences_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(
        1,
        path,
        f"{INSERT} (42, 'opend', '5.HK', '2022-06-08', '*', 'net <= -50M', 'acknowledged', 1654656060, -6e7, -5e7, "
        "1654656500, 0, 1, NULL, '', 0)",
        f"{INSERT} (-1, 'opend', '388.HK', '2022-06-08', '*', 'main <= -50M', 'blocked', 1654656060, NULL, -5e7, "
        "1654656600, 0, 0, NULL, 'the turnover is not known', 1)",
        f"{INSERT} (44, 'opend', '5.HK', '2022-06-07', '*', 'net <= -50M', 'ended', 1654570000, -6e7, -5e7, "
        "1654570001, 0, 0, 1654571000, 'session ended', 0)",
    )
    unjudged, seen, _, ended, _ = newest_first(opened(path))
    assert (seen.standing, seen.acknowledged, seen.told) == (True, True, 2)
    assert (unjudged.standing, unjudged.waiting, unjudged.cannot_judge) == (True, True, True)
    assert unjudged.reason == Reason.of(Code.VERBATIM, text="the turnover is not known")
    assert (ended.state, ended.waiting) == (AlertState.ENDED, False)


def test_one_line_that_was_raised_twice_stays_two_records(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    twice = [
        f"{INSERT} ({number}, 'opend', '5.HK', '2022-06-08', '*', 'net <= -50M', 'cleared', 1654656060, -6e7, -5e7, "
        f"{1654656500 + number}, 0, 0, NULL, 'the rule was changed', 0)"
        for number in (42, 43)
    ]
    write_version(1, path, *twice)
    records = [each for each in opened(path).records if str(each.symbol) == "5.HK"]
    assert len({each.id for each in records}) == 2
    assert {each.line_time for each in records} == {1654656060}


def test_a_rule_that_cannot_be_read_keeps_its_records(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(1, path, "UPDATE alert_record SET rule = 'net is falling' WHERE id = 41")
    assert newest_first(opened(path))[0].rule_id == "text:700.HK: net is falling"


@pytest.mark.parametrize(
    ("damage", "states", "records"),
    [
        ("UPDATE alert_state SET state = 'half a'", 0, 2),
        ("UPDATE alert_state SET state = '[]'", 0, 2),
        ("""UPDATE alert_state SET state = '{"upto": null}'""", 0, 2),
        ("UPDATE alert_record SET escalations = 'x' WHERE id = 41", 1, 1),
        ("UPDATE alert_record SET symbol = 'X X'", 1, 0),
        ("UPDATE alert_record SET state = 'whatever'", 1, 2),
    ],
)
def test_a_damaged_row_costs_no_other(tmp_path: Path, damage: str, states: int, records: int) -> None:
    path = tmp_path / "capflow.db"
    write_version(1, path, damage)
    loaded = opened(path)
    assert (len(loaded.states), len(loaded.records)) == (states, records)


def test_a_profile_without_a_kind_takes_the_one_it_is_opened_as(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(1, path, "DELETE FROM profile")
    assert len(opened(path, simulated=False).records) == 2


def test_what_version_2_kept_stays_as_it_is_and_nothing_of_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(2, path)
    standing, over = newest_first(opened(path))
    assert (str(standing.symbol), standing.late, standing.told, standing.seen) == ("700.HK", True, 1, 0)
    assert (str(over.symbol), over.told, over.seen) == ("9988.HK", 3, 3)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    with closing(sqlite3.connect(tmp_path / "capflow.db.version-2-1")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (2,)
        assert copy.execute("SELECT count(*) FROM alert_record").fetchone() == (2,)


def test_what_version_3_kept_stays_as_it_is_and_nothing_of_it_is_snoozed(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(3, path)
    standing, over = newest_first(opened(path))
    assert (str(standing.symbol), standing.seen, standing.snoozed, standing.snoozes) == ("700.HK", 1, False, 0)
    assert not over.snoozed
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT state, receipt FROM outbox").fetchall() == [("sent", "4711")]


def test_what_version_4_kept_stays_as_it_is_and_no_desk_shares_it(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(4, path)
    standing, over = newest_first(opened(path))
    assert (standing.snoozed_until, standing.snoozes, over.snoozed) == (1654660000.0, 1, False)
    assert {(each.desk, each.seen_by, each.seen_at) for each in (standing, over)} == {("", "", None)}


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_file_that_was_brought_up_to_date_has_the_tables_of_a_new_one(tmp_path: Path, number: int) -> None:
    def tables(path: Path) -> set[tuple[str, str]]:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return {(name, " ".join(sql.split())) for name, sql in found}

    write_version(number, tmp_path / "old.db")
    opened(tmp_path / "old.db")
    opened(tmp_path / "new.db")
    assert tables(tmp_path / "old.db") == tables(tmp_path / "new.db")
