"""The outbox: one program at a time has a message, and nothing is lost or sent under another key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.delivery.model import EXPIRES_S, Change, Message, Urgency
from capflow_gui.delivery.outbox import LEASE_S, Outbox, _set, _take
from capflow_gui.delivery.plan import Decision, DeliveryState, Entry, Situation, decide
from capflow_gui.errors import StorageError
from tests.unit.delivery.outgoing import WHY, TableInMemory, digest

NOW = 10_000.0


class Deciding:
    """Decides as told, and keeps what it was asked."""

    def __init__(self, **decision: object) -> None:
        self.decision = decision
        self.asked: list[tuple[list[str], int, list[float]]] = []

    def __call__(self, entries: Sequence[Entry], recent: int, sent: Sequence[float]) -> Decision:
        self.asked.append(([each.event for each in entries], recent, [*sent]))
        chosen = {name: entries if found == "all" else found for name, found in self.decision.items()}
        if "held" in chosen:
            chosen["held"] = [(each, NOW + 60.0) for each in entries]
        return Decision(**chosen)  # type: ignore[arg-type]


def first(entries: Sequence[Entry], _recent: int, _sent: Sequence[float]) -> Decision:
    return Decision(send=entries[:1])


@pytest.fixture
def table() -> TableInMemory:
    return TableInMemory()


@pytest.fixture
def outbox(table: TableInMemory) -> Outbox:
    return Outbox(table.ask)


async def test_what_is_sent_is_claimed_with_a_lease(table: TableInMemory, outbox: Outbox) -> None:
    table.put("a.1", "phone", NOW - 5.0, Urgency.URGENT)
    table.put("a.1", "team", NOW - 5.0)
    taken = await outbox.take("phone", NOW, first, digest)
    assert taken.entry is not None
    assert (taken.entry.state, taken.entry.attempt, taken.entry.next_at) == (DeliveryState.SENDING, 1, NOW + LEASE_S)
    assert (taken.entry.message.key, taken.entry.message.urgency) == ("a.1", Urgency.URGENT)
    assert table.row("a.1", "phone", "state, attempt, next_at") == ("sending", 1, NOW + LEASE_S)
    assert table.states("team") == {"a.1": "waiting"}


async def test_what_came_of_it_is_kept(table: TableInMemory, outbox: Outbox) -> None:
    for event, state, receipt, reason in (
        ("a.1", DeliveryState.SENT, "id 7", None),
        ("b.1", DeliveryState.FAILED, "", WHY),
    ):
        table.put(event, "phone", NOW - 5.0)
        entry = (await outbox.take("phone", NOW, first, digest)).entry
        assert entry is not None
        await outbox.finish("phone", entry, state, NOW + 1.0, receipt=receipt, reason=reason)
        kept = None if reason is None else reason.to_json()
        assert table.row(event, "phone", "state, done_at, receipt, reason") == (state.value, NOW + 1.0, receipt, kept)


async def test_a_message_is_given_back_to_be_tried_again(table: TableInMemory, outbox: Outbox) -> None:
    table.put("a.1", "phone", NOW - 5.0)
    entry = (await outbox.take("phone", NOW, first, digest)).entry
    assert entry is not None
    await outbox.retry("phone", entry, NOW + 9.0, WHY)
    assert table.row("a.1", "phone", "state, attempt, next_at, done_at") == ("waiting", 1, NOW + 9.0, None)


async def test_who_claimed_it_before_says_nothing_any_more(table: TableInMemory, outbox: Outbox) -> None:
    """Its lease ended, and another program has it now, or has sent it."""
    table.put("a.1", "phone", NOW - 5.0)
    old = (await outbox.take("phone", NOW, first, digest)).entry
    new = (await outbox.take("phone", NOW + LEASE_S, first, digest)).entry
    assert old is not None
    assert new is not None
    assert (old.message.key, new.message.key, new.attempt) == ("a.1", "a.1", 2)
    await outbox.finish("phone", old, DeliveryState.FAILED, NOW, reason=WHY)
    assert table.states("phone") == {"a.1": "sending"}
    await outbox.finish("phone", new, DeliveryState.SENT, NOW, reason=None)
    await outbox.retry("phone", old, NOW, WHY)
    assert table.states("phone") == {"a.1": "sent"}


async def test_a_digest_takes_the_place_of_its_messages(table: TableInMemory, outbox: Outbox) -> None:
    for event in ("b.1", "a.1"):
        table.put(event, "phone", NOW - 5.0)
    taken = await outbox.take("phone", NOW, Deciding(send="all"), digest)
    assert taken.entry is not None
    event, message = taken.entry.event, taken.entry.message
    assert (message.key, message.kind, set(message.text.split())) == (event, Change.DIGEST, {"a.1", "b.1"})
    assert table.states("phone") == {"a.1": "bundled", "b.1": "bundled", event: "sending"}
    assert table.row("a.1", "phone", "done_at, receipt") == (NOW, event)
    assert table.row(event, "phone", "record, created, attempt") == ("", NOW - 5.0, 1)
    # Whoever takes it up after a crash sends the same key.
    again = (await outbox.take("phone", NOW + LEASE_S, first, digest)).entry
    assert again is not None
    assert again.message == message


async def test_a_digest_expires_with_the_oldest_of_its_alerts_and_counts_them_all(
    table: TableInMemory, outbox: Outbox
) -> None:
    for event, age in (("a.1", EXPIRES_S - 10.0), ("b.1", 5.0), ("c.1", 4.0)):
        table.put(event, "phone", NOW - age)

    def counted(messages: Sequence[Message], settled: Sequence[Message], key: str, at: float) -> Message:
        return replace(digest(messages, settled, key, at), fields={"count": len(messages)})

    def decided(now: float) -> Callable[[Sequence[Entry], int, Sequence[float]], Decision]:
        situation = Situation(0, (), lambda _message: None, lambda _count: 0.0)
        return lambda entries, _recent, _sent: decide(entries, now, situation)

    entry = (await outbox.take("phone", NOW, Deciding(send="all"), counted)).entry
    assert entry is not None
    await outbox.retry("phone", entry, NOW + 8.0, WHY)
    again = (await outbox.take("phone", NOW + 8.0, decided(NOW + 8.0), counted)).entry
    assert again is not None
    await outbox.retry("phone", again, NOW + 10.0, WHY)
    taken = await outbox.take("phone", NOW + 10.0, decided(NOW + 10.0), counted)
    assert (taken.entry, taken.expired) == (None, 3)


async def test_what_quiet_hours_held_is_as_old_as_their_end(table: TableInMemory, outbox: Outbox) -> None:
    for event in ("a.1", "b.1"):
        table.put(event, "phone", NOW - 9 * 3600.0)
    await outbox.take("phone", NOW - 9 * 3600.0, Deciding(held="all"), digest)
    taken = await outbox.take("phone", NOW + 61.0, Deciding(send="all"), digest)
    assert taken.entry is not None
    assert taken.entry.created == NOW + 60.0


async def test_the_key_of_a_digest_is_that_of_its_messages(table: TableInMemory, outbox: Outbox) -> None:
    keys = set()
    for channel, events in (("phone", "ab"), ("team", "ab"), ("mail", "bc")):
        for event in events:
            table.put(f"{event}.1", channel, NOW)
        entry = (await outbox.take(channel, NOW, Deciding(send="all"), digest)).entry
        assert entry is not None
        keys.add(entry.message.key)
    assert len(keys) == 3


async def test_what_has_expired_and_what_is_held_is_noted(table: TableInMemory, outbox: Outbox) -> None:
    table.put("a.1", "phone", NOW - 5.0)
    taken = await outbox.take("phone", NOW, Deciding(held="all", wait=60.0), digest)
    assert (taken.entry, taken.expired, taken.wait) == (None, 0, 60.0)
    assert table.row("a.1", "phone", "state, next_at, done_at") == ("held", NOW + 60.0, None)
    taken = await outbox.take("phone", NOW, Deciding(expired="all"), digest)
    assert (taken.entry, taken.expired, taken.wait) == (None, 1, None)
    assert table.row("a.1", "phone", "state, done_at") == ("expired", NOW)


async def test_what_is_decided_by(table: TableInMemory, outbox: Outbox) -> None:
    """Only what is open in this channel, oldest first; what was put in or sent of late counts when it is finished."""
    for event, age, done in (("a.1", 100.0, 60.0), ("b.1", 90.0, 50.0), ("c.1", 59.0, 40.0)):
        table.put(event, "phone", NOW - age)
        entry = (await outbox.take("phone", NOW - done, first, digest)).entry
        assert entry is not None
        await outbox.finish("phone", entry, DeliveryState.SENT, NOW - done, reason=None)
    table.put("d.1", "team", NOW)
    for event in ("e.1", "f.1"):
        table.put(event, "phone", NOW - 50.0)
    await outbox.take("phone", NOW - 30.0, Deciding(send="all"), digest)
    asked = Deciding()
    table.put("g.1", "phone", NOW - 1.0)
    await outbox.take("phone", NOW, asked, digest)
    (found,) = asked.asked
    (made,) = (event for event in table.states("phone") if event.startswith("digest"))
    # The digest is being sent.
    assert found == ([made, "g.1"], 4, [NOW - 50.0, NOW - 40.0, NOW])


async def test_what_was_put_in_before_the_clock_was_set_back_makes_no_storm(
    table: TableInMemory, outbox: Outbox
) -> None:
    for number in range(20):
        table.put(f"a.{number}", "phone", NOW + 3600.0 - number)
    table.put("b.1", "phone", NOW)
    asked = Deciding()
    await outbox.take("phone", NOW, asked, digest)
    assert asked.asked[0][1] == 1


async def test_what_quiet_hours_hold_is_not_in_the_way_of_what_is_urgent(
    table: TableInMemory, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.delivery.outbox._MOST_OPEN", 3)
    for number in range(5):
        table.put(f"a.{number}", "phone", NOW - 60.0 + number)
    for _ in range(2):
        await outbox.take("phone", NOW, Deciding(held="all"), digest)
    table.put("z.1", "phone", NOW, Urgency.URGENT)
    asked = Deciding()
    await outbox.take("phone", NOW, asked, digest)
    assert asked.asked[0][0][0] == "z.1"
    # When they are over, the oldest go first.
    await outbox.take("phone", NOW + 61.0, asked, digest)
    assert asked.asked[1][0] == ["a.0", "a.1", "a.2"]


async def test_how_its_alert_stands_is_read_with_a_message(table: TableInMemory, outbox: Outbox) -> None:
    for number, facts in enumerate(({}, {"state": "cleared"}, {"seen": 1}, {"snoozed_until": 60.0})):
        table.put(f"{number}.1", "phone", NOW)
        table.record(str(number), **facts)
    table.put("4.1", "phone", NOW)  # its record is no more
    seen: list[tuple[bool, bool]] = []

    def look(entries: Sequence[Entry], _recent: int, _sent: Sequence[float]) -> Decision:
        seen.extend((each.over, each.seen) for each in entries)
        return Decision()

    await outbox.take("phone", NOW, look, digest)
    assert seen == [(False, False), (True, False), (False, True), (False, True), (False, False)]


async def test_what_is_settled_is_counted_in_a_digest_or_dropped(table: TableInMemory, outbox: Outbox) -> None:
    for event in ("a.1", "b.1"):
        table.put(event, "phone", NOW)
    taken = await outbox.take("phone", NOW, lambda all_, *_: Decision(send=all_[:1], settled=all_[1:]), digest)
    assert taken.entry is not None
    assert (taken.entry.message.text, taken.entry.message.fields["settled"]) == ("a.1", 1)
    assert table.states("phone") == {"a.1": "bundled", "b.1": "bundled", taken.entry.event: "sending"}
    table.put("c.1", "team", NOW)
    taken = await outbox.take("team", NOW, lambda all_, *_: Decision(dropped=all_), digest)
    assert (taken.entry, table.row("c.1", "team", "state, done_at")) == (None, ("settled", NOW))


@pytest.mark.parametrize("text", ["half a", "{}", "[]", '{"key": 1}'])
async def test_a_damaged_row_costs_no_other(table: TableInMemory, outbox: Outbox, text: str) -> None:
    table.put("a.1", "phone", NOW, text=text)
    table.put("b.1", "phone", NOW)
    taken = await outbox.take("phone", NOW, first, digest)
    assert taken.entry is not None
    assert table.states("phone") == {"a.1": "failed", "b.1": "sending"}


async def test_a_database_that_fails_is_said(table: TableInMemory, outbox: Outbox) -> None:
    await outbox.written()
    table.broken = True
    for asked in (outbox.written(), outbox.take("phone", NOW, first, digest)):
        with pytest.raises(StorageError):
            await asked


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["raise", "raise", "urgent", "seen", "cleared", "quiet", "loud", "fail", "crash", "send"]),
        st.integers(0, 9),
        st.sampled_from([0.0, 0.2, 4.0, 31.0, 400.0]),
    ),
    max_size=40,
)


class Program:
    """A channel's outbox in a file, a service that remembers what it got, and programs that are killed."""

    def __init__(self) -> None:
        self.table = TableInMemory()
        self.now = NOW
        self.quiet_until = 0.0
        self.raised: dict[str, float] = {}
        self.got: list[Message] = []

    def raise_alert(self, urgency: Urgency) -> None:
        number = str(len(self.raised))
        self.table.record(number)
        self.table.put(f"{number}.1", "phone", self.now, urgency)
        self.raised[f"{number}.1"] = self.now

    def mark(self, number: int, how: str) -> None:
        change = "seen = told" if how == "seen" else "state = 'cleared'"
        self.table.connection.execute(f"UPDATE alert_record SET {change} WHERE id = ?", (str(number),))  # noqa: S608

    def plan(self, entries: Sequence[Entry], recent: int, sent: Sequence[float]) -> Decision:
        until = self.quiet_until if self.now < self.quiet_until else None
        return decide(entries, self.now, Situation(recent, sent, lambda _message: until, lambda _count: 0.0))

    def work(self, what: str) -> None:
        """Send what can be sent now; `fail` and `crash` hit the first message."""
        while (entry := _take(self.table.connection, "phone", self.now, self.plan, digest).entry) is not None:
            self.got.append(entry.message)
            if what == "crash":
                return
            if what == "fail":
                _set(self.table.connection, "phone", entry.event, DeliveryState.WAITING, next_at=self.now + 2.0)
            else:
                _set(self.table.connection, "phone", entry.event, DeliveryState.SENT, done_at=self.now)
            self.check(entry)
            what = "send"

    def check(self, entry: Entry) -> None:
        message = entry.message
        if message.kind is not Change.DIGEST and entry.attempt == 1:
            held = self.quiet_until > self.raised[message.key]
            assert self.now - self.raised[message.key] < EXPIRES_S or held
            assert message.urgency is Urgency.URGENT or self.now >= self.quiet_until


@settings(max_examples=50)
@given(_STEPS)
def test_over_any_path_through_the_file_nothing_is_lost_and_nothing_comes_twice_but_under_its_key(
    steps: list[tuple[str, int, float]],
) -> None:
    program = Program()
    for what, number, seconds in steps:
        program.now += seconds
        match what:
            case "raise" | "urgent":
                program.raise_alert(Urgency.URGENT if what == "urgent" else Urgency.NORMAL)
            case "seen" | "cleared":
                program.mark(number, what)
            case "quiet" | "loud":
                program.quiet_until = program.now + (600.0 if what == "quiet" else 0.0)
        program.work(what)
    for _ in range(40):
        program.now += 60.0
        program.work("send")
    states = program.table.states("phone")
    assert set(states.values()) <= {"sent", "bundled", "settled", "expired"}
    by_key: dict[str, set[Message]] = {}
    named: list[str] = []
    for message in program.got:
        if message.key not in by_key:
            named += message.text.split() if message.kind is Change.DIGEST else [message.key]
        by_key.setdefault(message.key, set()).add(replace(message, fields=()))  # type: ignore[arg-type]
    assert all(len(copies) == 1 for copies in by_key.values())
    assert len(set(named)) == len(named)
    for event in program.raised:
        told = event in named or states[event] == "bundled"
        assert told or states[event] in ("settled", "expired")
