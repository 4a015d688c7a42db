"""Every test runs the log's own thread; what it tells is waited for, never slept for."""

from __future__ import annotations

import math
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from capflow_gui.domain.alert import RuleState, StateKey
from capflow_gui.domain.alert_record import (
    AlertChange,
    AlertEvent,
    AlertRecord,
    AlertState,
    Changed,
    Loaded,
    News,
    Trouble,
    record_id,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.storage import alert_log
from capflow_gui.storage.alert_log import AlertLog, Letter, Post
from capflow_gui.storage.database import Database

TENCENT = Symbol(Market.HK, "700")
KEY = StateKey("default", "1a2b", "opend", TENCENT, "2022-06-08")
STATE = RuleState(upto=1654651860, active=True, time=1654651860, value=-2.1e8, steps=2, run=3, run_index=1, fired=1)


def record(line_time: int = 1654651860, symbol: Symbol = TENCENT, **facts: object) -> AlertRecord:
    key = KEY._replace(symbol=symbol)
    made = AlertRecord(
        record_id(key, line_time, cannot_judge=False, simulated=False),
        "opend",
        symbol,
        "net <= -200M",
        AlertState.ACTIVE,
        "2022-06-08",
        line_time,
        -2.1e8,
        -2e8,
        line_time + 65.5,
        late=True,
        rule_id=KEY.rule_id,
        version=KEY.version,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


class Listener:
    """A log, and what it told."""

    def __init__(self, path: Path, *, simulated: bool = False, post: Post | None = None) -> None:
        self.log = AlertLog(path, simulated=simulated, post=post, wall=lambda: 1_654_652_000.0)
        self._told: queue.SimpleQueue[News] = queue.SimpleQueue()
        self.log.start(self._told.put)

    def next(self) -> News:
        return self._told.get(timeout=10)

    def loaded(self) -> Loaded:
        news = self.next()
        assert isinstance(news, Loaded)
        return news

    def trouble(self) -> Reason | None:
        news = self.next()
        assert isinstance(news, Trouble)
        return news.reason


Opened = Callable[..., Listener]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    listeners: list[Listener] = []

    def start(path: Path | None = None, **kind: Any) -> Listener:
        listeners.append(Listener(path or tmp_path / "capflow.db", **kind))
        return listeners[-1]

    yield start
    for each in listeners:
        each.log.close()


def kept(opened: Opened, path: Path | None = None) -> Loaded:
    """What a program that starts now is told."""
    listener = opened(path)
    try:
        return listener.loaded()
    finally:
        listener.log.close()


def test_states_and_records_come_back_as_they_were(opened: Opened) -> None:
    writer = opened()
    assert writer.loaded() == Loaded({}, [], ())
    reason = Reason.of(Code.NO_METRIC, source="longport", metric="large", symbol="700.HK")
    unjudged = record(1654652000, value=math.nan, cannot_judge=True, reason=reason, seen=1)
    writer.log.save({KEY: STATE}, [], [record(), unjudged])
    writer.log.close()
    loaded = kept(opened)
    assert loaded.states == {KEY: STATE}
    found = {each.id: each for each in loaded.records}
    assert found[record().id] == record()
    assert math.isnan(found[unjudged.id].value)
    assert replace(found[unjudged.id], value=0.0) == replace(unjudged, value=0.0)


def test_a_later_version_replaces_and_what_is_forgotten_goes(opened: Opened) -> None:
    writer = opened()
    other = KEY._replace(session="2022-06-07")
    writer.log.save({KEY: STATE, other: STATE}, [], [record(), record(1)])
    cleared = record(state=AlertState.CLEARED, cleared_at=1654655000.0)
    later = structs.replace(STATE, upto=STATE.upto + 60, active=False)
    writer.log.save({KEY: later}, [other], [cleared], [record(1).id])
    writer.log.close()
    assert kept(opened) == Loaded({KEY: later}, [cleared], ())


def test_an_early_mark_is_amended_by_what_its_minute_ended_at(opened: Opened) -> None:
    for told, seen, value in ((0, 0, -1.0), (1, 0, -2.0), (1, 1, -3.0)):
        writer = opened()
        writer.loaded()
        writer.log.save({}, [], [record(told=told, seen=seen, value=value)])
        writer.log.close()
    (found,) = kept(opened).records
    assert (found.told, found.seen, found.value) == (1, 1, -2.0)


def test_of_two_programs_the_one_that_got_further_is_believed_and_an_acknowledgement_stays(opened: Opened) -> None:
    window, watch = opened(), opened()
    window.loaded()
    watch.loaded()
    further = structs.replace(STATE, upto=STATE.upto + 120)
    window.log.save({KEY: further}, [], [record(told=2, escalations=1, seen=2)])
    window.log.close()
    watch.log.save({KEY: STATE}, [], [record(late=False, state=AlertState.CLEARED)])
    watch.log.close()
    loaded = kept(opened)
    assert loaded.states == {KEY: further}
    (found,) = loaded.records
    assert (found.told, found.seen, found.escalations, found.state, found.late) == (2, 2, 1, AlertState.ACTIVE, True)


def test_what_one_program_snoozes_is_snoozed_in_both_until_one_of_them_ends_it(opened: Opened) -> None:
    window, watch = opened(), opened()
    window.loaded()
    watch.loaded()
    window.log.save({}, [], [record(snoozed_until=900.0, snoozes=1)])
    window.log.close()
    watch.log.save({}, [], [record(told=2, escalations=1)])  # it does not know of it yet
    watch.log.close()
    (found,) = kept(opened).records
    assert (found.snoozed_until, found.told) == (900.0, 2)
    third = opened()
    third.loaded()
    third.log.save({}, [], [record(snoozes=2)])
    third.log.close()
    assert [each.snoozed for each in kept(opened).records] == [False]


def test_who_of_a_desk_acknowledged_is_kept_and_not_taken_back_by_who_does_not_know(opened: Opened) -> None:
    window, watch = opened(), opened()
    window.loaded()
    watch.loaded()
    window.log.save({}, [], [record(desk="desk", told=2, seen=1, seen_by="ws02", seen_at=900.0)])
    window.log.close()
    watch.log.save({}, [], [record(desk="desk", told=2, seen=1)])
    watch.log.close()
    (found,) = kept(opened).records
    assert (found.desk, found.seen, found.seen_by, found.seen_at) == ("desk", 1, "ws02", 900.0)
    third = opened()
    third.loaded()
    third.log.save({}, [], [record(desk="desk", told=2, seen=2)])
    third.log.close()
    (found,) = kept(opened).records
    assert (found.seen, found.seen_by, found.seen_at) == (2, "", None)  # acknowledged here, and on its way


def test_what_another_program_writes_is_told_at_the_next_look(opened: Opened) -> None:
    window, watch = opened(), opened()
    window.loaded()
    watch.loaded()
    window.log.save({}, [], [record()])
    window.log.close()
    watch.log.look()
    assert watch.next() == Changed([record()])
    # Its own writing tells it nothing.
    watch.log.save({}, [], [record(1)])
    watch.log.look()
    watch.log.close()
    assert watch._told.empty()


@pytest.mark.parametrize("what", ["locked", "in the way"])
def test_a_file_that_cannot_be_used_is_tried_again_and_gets_all_of_it_then(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("capflow_gui.storage.database._BUSY_MS", 20)
    path = tmp_path / "folder" / "capflow.db"
    if what == "locked":
        path.parent.mkdir()
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN EXCLUSIVE")
    else:
        path.parent.write_text("a file where the folder should be")
    program = opened(path)
    reason = program.trouble()
    assert reason is not None
    assert reason.code in (Code.FILE_UNREADABLE, Code.FILE_UNWRITABLE)
    program.log.save({KEY: STATE}, [], [record()])
    program.log.save({}, [], [record(seen=1)])
    if what == "locked":
        holder.execute("ROLLBACK")
        holder.close()
    else:
        path.parent.unlink()
    program.log.look()
    assert program.loaded() == Loaded({}, [], ())
    assert program.trouble() is None
    program.log.close()
    assert kept(opened, path) == Loaded({KEY: STATE}, [record(seen=1)], ())


def test_a_disk_that_fills_up_loses_nothing_and_mixes_nothing(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`max_page_count` makes SQLite itself find the disk full, for every user."""
    room = {"pages": 20}
    real = Database.transaction

    def in_little_room(database: Database) -> AbstractContextManager[sqlite3.Connection]:
        database._connection.execute(f"PRAGMA max_page_count = {room['pages']}")
        return real(database)

    monkeypatch.setattr(Database, "transaction", in_little_room)
    program = opened()
    program.loaded()
    mobile = Symbol(Market.HK, "941")
    many = [record(number, TENCENT if number % 2 else mobile) for number in range(1, 400)]
    program.log.save({KEY: STATE}, [], many)
    reason = program.trouble()
    assert reason is not None
    assert "full" in str(dict(reason.args)["why"])
    program.log.save({}, [], [replace(many[0], seen=1)])
    room["pages"] = 100_000
    program.log.look()
    assert program.trouble() is None
    program.log.close()
    monkeypatch.setattr(alert_log, "_SHOWN_RECORDS", 1000)
    loaded = kept(opened)
    assert loaded.states == {KEY: STATE}
    assert {each.id: each for each in loaded.records} == {
        each.id: each for each in [replace(many[0], seen=1), *many[1:]]
    }


def test_a_full_disk_is_over_when_something_was_written_and_not_when_something_could_be_read(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, real = ["ON"], Database.transaction

    def unless_full(database: Database) -> AbstractContextManager[sqlite3.Connection]:
        database._connection.execute(f"PRAGMA query_only = {full[0]}")
        return real(database)

    program = opened()
    program.loaded()
    monkeypatch.setattr(Database, "transaction", unless_full)
    with pytest.raises(StorageError):
        program.log.ask(lambda connection: connection.execute("DELETE FROM outbox")).result(10)
    assert program.trouble() is not None
    with pytest.raises(StorageError):
        program.log.ask(lambda connection: connection.execute("SELECT 1 FROM outbox").fetchone()).result(10)
    full[0] = "OFF"
    program.log.look()
    assert program.trouble() is None


def test_what_could_not_be_queued_on_a_full_disk_is_queued_later_as_of_its_own_time(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what is older than a quarter of an hour by then expires in the outbox, as all that waited too long."""
    full, real = ["ON"], Database.transaction

    def unless_full(database: Database) -> AbstractContextManager[sqlite3.Connection]:
        database._connection.execute(f"PRAGMA query_only = {full[0]}")
        return real(database)

    program = opened(post=HandPost("phone"))
    program.loaded()
    monkeypatch.setattr(Database, "transaction", unless_full)
    program.log.save({}, [], [record()], [], [raised(record())])
    assert program.trouble() is not None
    program.log._wall = lambda: 1654652600.0
    full[0] = "OFF"
    program.log.save({}, [], [record(60)], [], [raised(record(60))])
    assert program.trouble() is None
    program.log.close()
    assert [(row[1], row[2], row[4]) for row in outbox(tmp_path / "capflow.db")] == [
        (record().id, "waiting", 1654652000.0),
        (record(60).id, "waiting", 1654652600.0),
    ]


def test_states_of_long_ago_are_dropped_at_opening(opened: Opened) -> None:
    writer = opened()
    old, edge = KEY._replace(session="2022-05-24"), KEY._replace(session="2022-05-25")
    writer.log.save({KEY: STATE, old: STATE, edge: STATE}, [], [])
    writer.log.close()
    assert set(kept(opened).states) == {KEY, edge}


def test_records_are_dropped_by_age_and_number_and_never_one_that_stands(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_log, "_KEPT_RECORDS", 3)
    over = {"state": AlertState.CLEARED, "seen": 1}
    now, day = 1654651860, 86400
    standing = record(now - 500 * day)
    old, edge = record(now - 401 * day, **over), record(now - 399 * day, **over)
    writer = opened()
    writer.log.save({}, [], [standing, old, edge, record(now, **over)])
    writer.log.close()
    assert {each.id for each in kept(opened).records} == {standing.id, edge.id, record(now).id}
    writer = opened()
    writer.loaded()
    writer.log.save({}, [], [record(now + 60, **over), record(now + 120, **over)])
    writer.log.close()
    newest = {record(now + later).id for later in (0, 60, 120)}
    assert {each.id for each in kept(opened).records} == {standing.id} | newest


def test_a_file_that_is_deleted_under_the_program_is_begun_anew(opened: Opened, tmp_path: Path) -> None:
    writer = opened()
    writer.loaded()
    for file in tmp_path.iterdir():
        file.unlink()
    writer.log.look()
    assert writer.loaded() == Loaded({}, [], ())
    writer.log.save({}, [], [record(60)])
    writer.log.close()
    assert [each.line_time for each in kept(opened).records] == [60]


def test_a_wrong_clock_of_a_source_makes_nothing_old(opened: Opened) -> None:
    over = {"state": AlertState.CLEARED, "seen": 1}
    writer = opened()
    today = datetime.now(UTC)
    key = KEY._replace(session=today.date().isoformat())
    writer.log.save(
        {key: STATE, KEY._replace(session="2099-01-01"): STATE},
        [],
        [record(int(today.timestamp()) - 86400, **over), record(4070908800, **over)],
    )
    writer.log.close()
    loaded = kept(opened)
    assert key in loaded.states
    assert len(loaded.records) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_log_that_ends_of_a_fault_of_ours_says_that_nothing_is_saved(opened: Opened) -> None:
    writer = opened()
    writer.loaded()
    writer.log.save({}, [], [record(scope="@\udcff")])
    trouble = writer.trouble()
    assert trouble is not None
    assert trouble.code is Code.FILE_UNWRITABLE


def test_the_newest_records_are_shown_and_all_that_stand(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_log, "_SHOWN_RECORDS", 2)
    writer = opened()
    over = [record(60 * number, state=AlertState.ENDED) for number in range(2, 6)]
    writer.log.save({}, [], [record(60), *over])
    writer.log.close()
    assert {each.line_time for each in kept(opened).records} == {60, 240, 300}


def test_what_waits_for_a_disk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_log, "_MOST_WAITING", 10)
    log = AlertLog(tmp_path / "capflow.db", simulated=False)
    for number in range(100):
        log.save({KEY: STATE}, [], [record(number)])
    assert [each.line_time for each in log._waiting.records.values() if each is not None] == list(range(90, 100))
    log.close()


def test_a_row_that_cannot_be_read_costs_only_itself(opened: Opened, tmp_path: Path) -> None:
    writer = opened()
    broken = KEY._replace(rule_id="rule:1")
    writer.log.save({KEY: STATE, broken: STATE}, [], [record(), record(1), record(2)])
    writer.log.close()
    connection = sqlite3.connect(tmp_path / "capflow.db")
    connection.execute("UPDATE alert_state SET state = '{\"new\": 2}' WHERE rule_id = 'rule:1'")
    connection.execute("UPDATE alert_record SET state = 'snoozed' WHERE line_time = 1")
    connection.execute("UPDATE alert_record SET reason = '[]' WHERE line_time = 2")
    connection.commit()
    connection.close()
    assert kept(opened) == Loaded({KEY: STATE}, [record()], ())


def test_a_file_of_the_other_kind_is_left_alone(opened: Opened) -> None:
    opened(simulated=True).loaded()
    real = opened()
    reason = real.trouble()
    assert reason is not None
    assert reason.code is Code.FILE_OF_SIMULATED


def test_a_damaged_file_is_told_of(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "capflow.db").write_bytes(b"this is no database at all" * 50)
    loaded = opened().loaded()
    assert [notice.code for notice in loaded.notices] == [Code.FILE_DAMAGED]


def test_nothing_is_left_running_and_closing_twice_is_no_fault(opened: Opened) -> None:
    listener = opened()
    listener.log.close()
    listener.log.close()
    assert listener.log._thread is not None
    assert not listener.log._thread.is_alive()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("symbol", 7),
        ("state", b"\x00"),
        ("line_time", "noon"),
        ("value", "much"),
        ("threshold", b"\xff"),
        ("raised_at", "yesterday"),
        ("reason", '{"code": '),
        ("reason", b"\xff\xfe"),
    ],
)
def test_a_cell_of_another_type_costs_its_record_alone(column: str, value: object) -> None:
    row = alert_log._row(record())
    assert (
        alert_log.read_record(tuple(row[name] for name in alert_log.COLUMNS.split(", ")), simulated=False) == record()
    )
    row[column] = value
    assert alert_log.read_record(tuple(row[name] for name in alert_log.COLUMNS.split(", ")), simulated=False) is None


class HandPost:
    """Sends each event to channels, in words that say what it was given."""

    def __init__(self, *channels: str) -> None:
        self.channels = channels
        self.rung = threading.Semaphore(0)

    def announced(self, event: AlertEvent, at: float) -> list[Letter]:
        return self._letters(f"{event.change} {event.value} {at}", event.record)

    def acknowledged(self, record: AlertRecord, at: float) -> list[Letter]:
        return self._letters(f"acknowledged {at}", record)

    def _letters(self, text: str, record: AlertRecord) -> list[Letter]:
        return [Letter(f"{record.id}.{record.told}.{text}", name, record.id, text) for name in self.channels]

    def posted(self) -> None:
        self.rung.release()


def raised(of: AlertRecord) -> AlertEvent:
    return AlertEvent(of.raised_at, AlertChange.RAISED, of, of.line_time, of.value, of.threshold)


def outbox(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT channel, record, state, attempt, created, message FROM outbox ORDER BY created, channel, message"
        ).fetchall()


def test_what_is_to_be_sent_is_written_with_its_record(opened: Opened, tmp_path: Path) -> None:
    post = HandPost("phone", "team")
    program = opened(post=post)
    program.loaded()
    program.log.save({}, [], [record()], [], [raised(record())])
    program.log.close()
    text = "raised -210000000.0 1654652000.0"
    facts = (record().id, "waiting", 0, 1654652000.0, text)
    assert outbox(tmp_path / "capflow.db") == [("phone", *facts), ("team", *facts)]
    assert post.rung.acquire(timeout=10)


def test_of_two_programs_that_see_one_event_each_channel_is_told_once(opened: Opened, tmp_path: Path) -> None:
    """Each program sends to its own channels; to one that both have, once."""
    window, watch = opened(post=HandPost("phone", "team")), opened(post=HandPost("phone", "mail"))
    for program in (window, watch):
        program.loaded()
        program.log.save({}, [], [record()], [], [raised(record())])
    for program in (window, watch):
        program.log.close()
    assert [row[0] for row in outbox(tmp_path / "capflow.db")] == ["mail", "phone", "team"]


def test_what_another_program_puts_in_the_outbox_is_told(opened: Opened) -> None:
    post = HandPost("phone")
    window, watch = opened(post=post), opened(post=HandPost("phone"))
    window.loaded()
    watch.loaded()
    watch.log.save({}, [], [record()], [], [raised(record())])
    watch.log.close()
    window.log.look()
    assert window.next() == Changed([record()])
    assert post.rung.acquire(timeout=10)


def test_an_acknowledgement_is_sent_once_and_only_while_the_alert_stands(opened: Opened, tmp_path: Path) -> None:
    program = opened(post=HandPost("duty"))
    program.loaded()
    program.log.save({}, [], [record(), record(60, state=AlertState.CLEARED)])
    program.log.ask(lambda _connection: None).result(timeout=10)
    seen = [record(seen=1), record(60, state=AlertState.CLEARED, seen=1)]
    for _ in range(2):
        program.log.save({}, [], seen)
        program.log.ask(lambda _connection: None).result(timeout=10)
    program.log.close()
    assert outbox(tmp_path / "capflow.db") == [
        ("duty", record().id, "waiting", 0, 1654652000.0, "acknowledged 1654652000.0")
    ]


def test_the_end_of_an_alert_is_sent_to_whom_it_was_announced(opened: Opened, tmp_path: Path) -> None:
    """In the same batch or before; one that was snoozed when it was raised, or a channel that is new, gets neither."""
    program, over = opened(post=HandPost("duty")), record(60, state=AlertState.CLEARED)
    program.loaded()

    def cleared(of: AlertRecord) -> AlertEvent:
        return replace(raised(of), change=AlertChange.CLEARED)

    program.log.save({}, [], [record()], [], [raised(record())])
    program.log.ask(lambda _connection: None).result(timeout=10)
    third = record(120)
    events = [cleared(record()), cleared(over), raised(third), cleared(third)]
    program.log.save({}, [], [record(), over, third], [], events)
    program.log.close()
    found = [(row[1], str(row[5]).split()[0]) for row in outbox(tmp_path / "capflow.db")]
    assert sorted(found) == sorted(
        [(record().id, "raised"), (record().id, "cleared"), (third.id, "raised"), (third.id, "cleared")]
    )


def test_without_a_post_nothing_is_sent(opened: Opened, tmp_path: Path) -> None:
    program = opened()
    program.loaded()
    program.log.save({}, [], [record()], [], [raised(record())])
    program.log.save({}, [], [record(seen=1)])
    program.log.close()
    assert outbox(tmp_path / "capflow.db") == []


def test_messages_of_long_ago_are_dropped_at_opening(opened: Opened, tmp_path: Path) -> None:
    program = opened(post=HandPost("phone"))
    program.loaded()
    program.log.save({}, [], [], [], [raised(record()), raised(record(60))])
    program.log.ask(
        lambda connection: connection.execute("UPDATE outbox SET created = 0 WHERE record = ?", (record(60).id,))
    ).result(timeout=10)
    program.log.close()
    kept(opened)
    assert [row[1] for row in outbox(tmp_path / "capflow.db")] == [record().id]


def test_what_no_channel_takes_any_more_has_expired_a_day_later(opened: Opened, tmp_path: Path) -> None:
    program = opened(post=HandPost("gone"))
    program.loaded()
    program.log.save({}, [], [], [], [raised(record()), raised(record(60))])
    day = 1654652000.0 - 86401.0
    program.log.ask(
        lambda connection: connection.execute("UPDATE outbox SET created = ? WHERE record = ?", (day, record().id))
    ).result(timeout=10)
    program.log.close()
    opened(post=HandPost("gone")).loaded()
    assert [(row[1], row[2]) for row in outbox(tmp_path / "capflow.db")] == [
        (record().id, "expired"),
        (record(60).id, "waiting"),
    ]


def test_a_job_is_done_in_the_thread_in_a_transaction_of_its_own(opened: Opened) -> None:
    program = opened()
    program.loaded()
    program.log.save({}, [], [record()])

    def count(connection: sqlite3.Connection) -> tuple[int, str]:
        (found,) = connection.execute("SELECT count(*) FROM alert_record").fetchone()
        return found, threading.current_thread().name

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM alert_record")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        program.log.ask(spoil).result(timeout=10)
    assert program.log.ask(count).result(timeout=10) == (1, "alert log")
    cancelled = program.log.ask(count)
    cancelled.cancel()
    assert program.log.ask(count).result(timeout=10)[0] == 1
    program.log.close()
    with pytest.raises(StorageError):
        program.log.ask(count).result(timeout=10)


def test_a_job_finds_what_was_saved_before_it_was_asked_for(opened: Opened) -> None:
    program = opened()
    program.loaded()
    begun, going = threading.Event(), threading.Event()

    def wait(_connection: sqlite3.Connection) -> None:
        begun.set()
        assert going.wait(timeout=10)

    first = program.log.ask(wait)
    assert begun.wait(timeout=10)
    program.log.save({}, [], [record()])
    count = program.log.ask(lambda connection: connection.execute("SELECT count(*) FROM alert_record").fetchone()[0])
    going.set()
    assert count.result(timeout=10) == 1
    assert first.result(timeout=10) is None


def test_a_job_that_cannot_be_done_says_why(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "capflow.db"
    path.parent.write_text("a file where the folder should be")
    program = opened(path)
    with pytest.raises(StorageError) as caught:
        program.log.ask(lambda _connection: 7).result(timeout=10)
    assert caught.value.reason.code is Code.FILE_UNREADABLE
    path.parent.unlink()
    assert program.log.ask(lambda _connection: 7).result(timeout=10) == 7

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("SELECT * FROM nothing")

    with pytest.raises(StorageError) as caught:
        program.log.ask(fail).result(timeout=10)
    assert caught.value.reason.code is Code.FILE_UNWRITABLE
    assert program.log.ask(lambda _connection: 7).result(timeout=10) == 7


def test_a_job_asked_for_after_another_failed_is_done_by_the_next_attempt(opened: Opened) -> None:
    program = opened()
    going, later = threading.Event(), queue.SimpleQueue[Future[int]]()

    def fail(connection: sqlite3.Connection) -> None:
        assert going.wait(timeout=10)
        connection.execute("SELECT * FROM nothing")

    program.log.ask(fail).add_done_callback(lambda _failed: later.put(program.log.ask(lambda _connection: 7)))
    going.set()
    assert later.get(timeout=10).result(timeout=10) == 7
