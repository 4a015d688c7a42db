"""What a profile's file says of its alerts, and of every message about them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from capflow_gui.domain.alert_record import SOURCE_RULE, AlertKind, AlertRecord, AlertSearch, AlertState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.alert_history import (
    Delivery,
    Sending,
    find_alerts,
    newest_session,
    read_alerts,
    read_sendings,
    search_alerts,
)
from capflow_gui.storage.alert_log import AlertLog
from tests.full_disk import as_nobody
from tests.unit.storage.older import write_version

WHY = Reason.of(Code.VERBATIM, text="no")
FIRST, LAST = date(2022, 6, 1), date(2022, 6, 30)


def record(number: str, session: str = "2022-06-08", raised_at: float = 65.0) -> AlertRecord:
    symbol = Symbol(Market.HK, "700")
    line = int(raised_at)
    return AlertRecord(number, "opend", symbol, "net <= -1M", AlertState.ACTIVE, session, line, -2e6, -1e6, raised_at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with two alerts; the first was sent to `team` in a digest, and refused by `phone`."""
    made = tmp_path / "capflow.db"
    log = AlertLog(made, simulated=False)
    log.start(lambda _news: None)
    log.save({}, [], [record("a"), record("b", "2022-06-09", 66.0)])
    rows = [
        ("a-1", "phone", "a", "failed", 2, 70.0, 75.0, "", WHY.to_json()),
        ("a-1", "team", "a", "bundled", 0, 70.0, 71.0, "digest-1", None),
        ("digest-1", "team", "", "sent", 3, 71.0, 80.0, "id 7", None),
        ("digest-1", "phone", "", "sent", 3, 71.0, 81.0, "another channel's", None),
        ("b-1", "team", "b", "waiting", 0, 70.0, None, None, None),
    ]
    insert = (
        "INSERT INTO outbox (event, channel, record, state, attempt, created, done_at, receipt, reason, next_at, "
        "message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')"
    )
    log.ask(lambda connection: connection.executemany(insert, rows)).result(timeout=10)
    log.close()
    return made


def test_the_last_messages_of_a_channel_come_newest_first_a_digest_as_one(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE outbox SET message = json_object('title', event)")
        connection.execute(
            "INSERT INTO outbox SELECT 'odd', channel, record, state, attempt, next_at, 99, done_at, "
            "receipt, reason, 'no JSON' FROM outbox WHERE event = 'b-1'"
        )
    found = read_sendings(path, ["team", "phone", "desk"], 2)
    assert found["team"] == [Sending("sent", 3, 71.0, 80.0, "id 7", None, "digest-1")]
    assert [each.title for each in found["phone"]] == ["digest-1", "a-1"]
    assert found["phone"][1].reason == WHY
    assert found["desk"] == []
    assert read_sendings(path.with_name("none.db"), ["team"], 2) == {"team": []}


def test_alerts_come_with_what_became_of_their_messages(path: Path) -> None:
    first, second = read_alerts(path, FIRST, LAST)
    assert first.record == record("a")
    assert first.deliveries == (
        Delivery("phone", "failed", 2, 70.0, 75.0, "", WHY, False),
        Delivery("team", "sent", 3, 70.0, 80.0, "id 7", None, True),
    )
    assert second.deliveries == (Delivery("team", "waiting", 0, 70.0, None, "", None, False),)


def test_sessions_and_ids_choose(path: Path) -> None:
    assert [each.record.id for each in read_alerts(path, date(2022, 6, 9), LAST)] == ["b"]
    assert [each.record.id for each in find_alerts(path, ["b", "z"])] == ["b"]
    assert newest_session(path) == date(2022, 6, 9)


def test_without_a_file_there_is_nothing_and_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    assert (read_alerts(path, FIRST, LAST), find_alerts(path, ["a"]), newest_session(path)) == ([], [], None)
    assert not path.exists()


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    write_version(2, tmp_path / "capflow.db")
    assert len(read_alerts(tmp_path / "capflow.db", FIRST, LAST)) == 2


def test_what_is_damaged_is_left_out(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alert_record SET value = 'much' WHERE id = 'b'")
        connection.execute("UPDATE outbox SET created = 'noon' WHERE channel = 'phone'")
        connection.execute("UPDATE alert_record SET session = 'someday' WHERE id = 'a'")
        connection.commit()
    (found,) = find_alerts(path, ["a", "b"])
    assert [each.channel for each in found.deliveries] == ["team"]
    assert newest_session(path) is None


def test_a_file_of_a_newer_version_is_refused_by_name(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError) as caught:
        read_alerts(path, FIRST, LAST)
    assert caught.value.reason.code is Code.FILE_NEWER


def test_alerts_are_searched_by_words_kind_and_dates_newest_first(tmp_path: Path) -> None:
    made = tmp_path / "capflow.db"
    log = AlertLog(made, simulated=False)
    log.start(lambda _news: None)
    rules = {
        AlertKind.LEVEL: "net <= -1M for 2m",
        AlertKind.SHARE: "net/turnover <= -3%",
        AlertKind.CHANGE: "net change 5m <= -1M",
        AlertKind.DRAWDOWN: "net drawdown >= 1M",
        AlertKind.CROSSES: "net crosses 0",
        AlertKind.UNUSUAL: "net change 5m unusual 3 floor 5M",
        AlertKind.DIVERGENCE: "net divergence 30m price 0.5% flow 0.3%",
    }
    records = [
        replace(record(kind.value, raised_at=100.0 + at), rule=rule) for at, (kind, rule) in enumerate(rules.items())
    ]
    records.append(replace(record("cannot_judge", "2022-06-09", 200.0), rule="main <= -1M", cannot_judge=True))
    lost = replace(record("lost", "2022-06-09", 300.0), rule="source_lost", scope="opend", rule_id=SOURCE_RULE)
    records.append(replace(lost, cannot_judge=True))
    shared = replace(record("shared", "2022-06-09", 150.0), rule="large <= -1M", desk="desk", seen=1, seen_by="ws02")
    records.insert(-2, shared)
    log.save({}, [], records)
    log.close()

    def found(text: str = "", kind: AlertKind | None = None, first: date = FIRST, last: date = LAST) -> list[str]:
        return [each.id for each in search_alerts(made, AlertSearch(text, kind, first, last))]

    assert found() == [each.id for each in reversed(records)]
    for kind in rules:
        expected = ["cannot_judge", "shared", kind.value] if kind is AlertKind.LEVEL else [kind.value]
        assert found(kind=kind) == expected
    assert found(kind=AlertKind.CANNOT_JUDGE) == ["cannot_judge"]
    assert found(kind=AlertKind.SOURCE) == found("OpenD lost") == ["lost"]
    assert "lost" not in found("700.HK")
    assert found("700.hk CROSSES") == ["crosses"]
    assert found("net <= -1M for") == ["level"]
    assert found("%") == ["divergence", "share"]
    assert found(first=date(2022, 6, 9)) == ["lost", "cannot_judge", "shared"]
    assert found(kind=AlertKind.SHARED) == found("WS02 large") == ["shared"]
    assert found(last=date(2022, 6, 7)) == []
    asked = AlertSearch("", None, FIRST, LAST)
    after = search_alerts(made, asked)[1]
    assert [each.id for each in search_alerts(made, asked, after)] == [each.id for each in records[-3::-1]]
    assert search_alerts(tmp_path / "none.db", asked) == []


def test_alerts_are_searched_by_their_rules_as_they_are_worded_too(tmp_path: Path) -> None:
    made = tmp_path / "capflow.db"
    log = AlertLog(made, simulated=False)
    log.start(lambda _news: None)
    log.save({}, [], [record("1"), replace(record("2", raised_at=66.0), rule="main <= -1M")])
    log.close()
    words = {"net <= -1M": "净流入 <= -100万", "main <= -1M": "主力 <= -100万"}

    def found(text: str) -> set[str]:
        asked = AlertSearch(text, None, FIRST, LAST, worded=lambda rule: words.get(rule, ""))
        return {each.id for each in search_alerts(made, asked)}

    assert found("净流入") == {"1"}
    assert found("主力 -100万") == {"2"}
    assert found("700 -100万") == {"1", "2"}
    assert found("大单") == set()


_STRANGER = """
import os, pathlib, sys
from datetime import date
from capflow_gui.storage.alert_history import read_alerts

os.setuid(65534)
path = pathlib.Path(sys.argv[1])
print(*[alert.record.id for alert in read_alerts(path, date(2022, 6, 1), date(2022, 6, 30))])
"""


@pytest.mark.skipif(not as_nobody(), reason="root reads and writes every file")
def test_alerts_are_read_by_a_user_who_may_not_write(path: Path) -> None:
    path.chmod(0o644)
    for each in path.parents:
        if each == Path(tempfile.gettempdir()):
            break
        each.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", _STRANGER, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "a b\n"


def test_an_older_file_that_cannot_be_brought_up_to_date_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "capflow.db"
    write_version(2, older)
    cannot = StorageError(Reason.of(Code.FILE_UNREADABLE, path=str(older), why="it is write-protected"))

    def refused(*_args: object, **_kwargs: object) -> None:
        raise cannot

    monkeypatch.setattr("capflow_gui.storage.database.Database.open", refused)
    with pytest.raises(StorageError) as caught:
        read_alerts(older, FIRST, LAST)
    assert caught.value is cannot
