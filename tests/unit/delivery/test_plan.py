"""What is done with the messages that wait for a channel, over any path of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.delivery.model import EXPIRES_S, Change, Urgency
from capflow_gui.delivery.plan import (
    FEW,
    LONGEST_S,
    PAUSE_S,
    STORM_ALERTS,
    STORM_S,
    Decision,
    DeliveryState,
    Entry,
    Situation,
    decide,
)
from tests.unit.delivery.outgoing import digest, message

NOW = 10_000.0
FREE = Situation(recent=1, sent=(), quiet_until=lambda _message: None, wait=lambda _count: 0.0)
STORM = replace(FREE, recent=STORM_ALERTS + 1, sent=(NOW - 20.0,))


def entry(
    event: str = "a.1",
    state: DeliveryState = DeliveryState.WAITING,
    *,
    age: float = 1.0,
    attempt: int = 0,
    next_at: float = 0.0,
    urgency: Urgency = Urgency.NORMAL,
    **facts: bool,
) -> Entry:
    return Entry(event, state, attempt, next_at, NOW - age, message(event, NOW - age, urgency), **facts)


def sent(decision: Decision) -> list[str]:
    return [each.event for each in decision.send]


def test_nothing_to_do_waits_until_something_comes() -> None:
    assert decide([], NOW, FREE) == Decision()


def test_the_oldest_goes_first_and_by_itself() -> None:
    entries = [entry("b.1", age=2.0), entry("a.1", age=3.0), entry("c.1", age=1.0)]
    assert sent(decide(entries, NOW, FREE)) == ["a.1"]


def test_what_is_too_old_is_not_sent() -> None:
    just, over = entry("a.1", age=EXPIRES_S - 0.1), entry("b.1", age=EXPIRES_S)
    decision = decide([just, over], NOW, replace(FREE, wait=lambda _count: 50.0))
    assert ([each.event for each in decision.expired], sent(decision)) == (["b.1"], [])
    assert decision.wait == pytest.approx(0.1)  # when the other one is too old


def test_a_claim_of_another_program_is_left_alone_until_its_lease_ends() -> None:
    claimed = entry(state=DeliveryState.SENDING, attempt=1, next_at=NOW + 5.0)
    assert decide([claimed], NOW, FREE) == Decision(wait=5.0)
    assert sent(decide([claimed], NOW + 5.0, FREE)) == ["a.1"]
    # The alert of a program that was killed long ago is shown, and not sent.
    assert decide([claimed], NOW + EXPIRES_S, FREE).expired == (claimed,)


@pytest.mark.parametrize("back", [600.0, 86_400.0])
def test_what_waits_while_the_clock_is_set_back_is_sent_at_once(back: float) -> None:
    """A day later it would have been as good as lost."""
    crowd = replace(FREE, sent=(NOW - 1.0,) * 5)
    for each in (
        entry(),
        entry(attempt=1, next_at=NOW + 7.0),
        entry(state=DeliveryState.SENDING, attempt=1, next_at=NOW + 20.0),
        entry(state=DeliveryState.HELD, next_at=NOW + 3600.0),
    ):
        assert sent(decide([each], NOW - back, crowd)) == ["a.1"]
    claimed = entry(state=DeliveryState.SENDING, attempt=1, next_at=NOW + 20.0)
    assert decide([claimed], NOW - 10.0, FREE) == Decision(wait=30.0)
    just_now = entry("b.1", age=-0.5)
    assert sent(decide([just_now], NOW, crowd)) == []


def test_a_retry_waits_for_its_time() -> None:
    again = entry(attempt=1, next_at=NOW + 7.0)
    assert decide([again], NOW, FREE) == Decision(wait=7.0)
    assert sent(decide([again], NOW + 7.0, FREE)) == ["a.1"]


def test_one_that_fails_again_and_again_holds_up_nobody() -> None:
    tried, new = entry("a.1", attempt=2, age=9.0), entry("b.1")
    assert sent(decide([new, tried], NOW, FREE)) == ["a.1"]
    assert sent(decide([new, replace(tried, attempt=3)], NOW, FREE)) == ["b.1"]


def test_a_budget_that_is_used_up_is_waited_for() -> None:
    assert decide([entry()], NOW, replace(FREE, wait=lambda _count: 4.0)) == Decision(wait=4.0)


def test_beyond_the_budget_one_digest_names_all() -> None:
    entries = [entry(f"{name}.1") for name in "abcd"]
    for each, whole in ((3.0, False), (4.0, True)):
        found = decide(entries, NOW, replace(FREE, wait=lambda count, each=each: each * (count - 1)))
        assert len(found.send) == (4 if whole else 1)


@pytest.mark.parametrize(
    ("ages", "sent_ages", "recent", "wait"),
    [
        ((0.5,), (), 2, 0.0),  # the first of a minute
        ((0.5,), (9.0,), 2, 0.0),  # the one before was sent a while ago
        ((0.5,), (3.4,), 2, 2.5),
        ((3.0,), (4.0,), 2, 0.0),
        ((14.0, 0.5), (20.0,), 3, 1.0),  # others keep coming
        ((15.0, 0.5), (20.0,), 3, 0.0),
        ((15.0, 0.5), (20.0,), STORM_ALERTS + 1, 14.5),  # a storm that goes on
        ((15.0, 0.5, *(5.0 + number / 100 for number in range(8))), (20.0,), STORM_ALERTS + 1, 2.5),  # its first digest
        ((0.5,), (9.0,), STORM_ALERTS + 2, 14.5),  # alone, after a digest of it
        ((59.0, 0.5), (), STORM_ALERTS + 1, 0.0),
        ((3.0,), (40.0, 30.0, 20.0), 4, 20.0),  # until the first of the three is a minute old
        ((59.0,), (20.0, 10.0, 5.0), 4, 1.0),
        ((3.0,), (50.0, 40.0, 30.0, 20.0), 5, 20.0),
    ],
)
def test_what_comes_close_to_another_waits_for_more(
    ages: Sequence[float], sent_ages: Sequence[float], recent: int, wait: float
) -> None:
    entries = [entry(f"{age}.1", age=age) for age in ages]
    decision = decide(entries, NOW, replace(FREE, recent=recent, sent=[NOW - age for age in sent_ages]))
    assert bool(decision.send) is (wait == 0.0)
    if wait:
        assert decision.wait == pytest.approx(wait)


def test_what_is_urgent_is_never_held_back_by_how_many_were_sent() -> None:
    busy = replace(FREE, recent=STORM_ALERTS + 1, sent=[NOW - 30.0, NOW - 20.0, NOW - 10.0])
    normal, urgent = entry("a.1", age=10.0), entry("b.1", age=3.0, urgency=Urgency.URGENT)
    assert sent(decide([normal, urgent], NOW, busy)) == ["b.1"]
    more = [entry(f"{age}.1", age=age, urgency=Urgency.URGENT) for age in (LONGEST_S, 0.5)]
    assert len(sent(decide([normal, *more], NOW, busy))) == 2


@pytest.mark.parametrize("count", range(1, FEW + 2))
def test_a_few_go_one_by_one_and_more_as_one_digest(count: int) -> None:
    entries = [entry(f"{number}.1", age=PAUSE_S) for number in range(count)]
    decision = decide(entries, NOW, replace(FREE, sent=[NOW - 9.0]))
    assert len(decision.send) == (1 if count <= FEW - 1 else count)


def test_at_the_end_of_the_program_a_storm_is_not_waited_for() -> None:
    entries = [entry(f"{name}.1") for name in "abc"]
    assert sent(decide(entries, NOW, replace(STORM, closing=True))) == ["a.1", "b.1", "c.1"]


def test_what_was_tried_is_never_put_into_a_digest() -> None:
    """It may have arrived: only its own key tells a second copy."""
    tried, new = entry("a.1", attempt=1), [entry(f"{name}.1") for name in "bcd"]
    assert sent(decide([tried, *new], NOW, STORM)) == ["a.1"]
    assert sent(decide(new, NOW + LONGEST_S, STORM)) == ["b.1", "c.1", "d.1"]


def test_a_digest_is_sent_by_itself() -> None:
    made = Entry("digest.1", DeliveryState.WAITING, 0, 0.0, NOW - 5.0, digest([], [], "digest.1", NOW))
    assert sent(decide([entry("a.1"), made], NOW, replace(STORM, closing=True))) == ["digest.1"]


def test_who_follows_incidents_gets_each_message() -> None:
    entries = [entry("a.1"), entry("b.1")]
    assert sent(decide(entries, NOW, replace(STORM, bundles=False))) == ["a.1"]


def test_quiet_hours_hold_all_but_what_is_urgent() -> None:
    quiet = replace(FREE, quiet_until=lambda _message: NOW + 3600.0)
    urgent = entry("b.1", urgency=Urgency.URGENT)
    decision = decide([entry("a.1"), urgent], NOW, quiet)
    assert [(each.event, until) for each, until in decision.held] == [("a.1", NOW + 3600.0)]
    assert sent(decision) == ["b.1"]
    held = entry("a.1", DeliveryState.HELD, next_at=NOW + 3600.0)
    assert decide([held], NOW, quiet) == Decision(wait=3600.0)


def test_each_message_is_held_as_long_as_its_own_quiet_hours_say() -> None:
    ends = {"a.1": NOW + 60.0, "b.1": None, "c.1": NOW + 30.0}
    entries = [entry(event) for event in ends]
    decision = decide(entries, NOW, replace(FREE, quiet_until=lambda message: ends[message.key]))
    assert [(each.event, until) for each, until in decision.held] == [("a.1", NOW + 60.0), ("c.1", NOW + 30.0)]
    assert sent(decision) == ["b.1"]


def test_after_quiet_hours_one_digest_says_what_was_held() -> None:
    held = [entry(f"{name}.1", DeliveryState.HELD, age=20_000.0, next_at=NOW) for name in "ab"]
    assert sent(decide([*held, entry("c.1")], NOW, FREE)) == ["a.1", "b.1", "c.1"]
    assert len(decide(held, NOW + EXPIRES_S, FREE).expired) == 2
    # The hours were changed meanwhile.
    early = [replace(each, next_at=NOW + 999.0) for each in held]
    assert sent(decide(early, NOW, FREE)) == ["a.1", "b.1"]


def held(event: str, *, incident: str = "", kind: Change = Change.RAISED, **facts: bool) -> Entry:
    made = entry(event, DeliveryState.HELD, age=20_000.0, next_at=NOW, **facts)
    return replace(made, message=replace(made.message, incident=incident or event, kind=kind))


def test_after_quiet_hours_only_what_stands_is_named_and_the_others_are_counted() -> None:
    entries = [
        held("a.1"),
        held("b.1", over=True),
        held("c.1", seen=True),
        held("d.1", incident="d"),
        held("d.2", incident="d", kind=Change.ESCALATED),
        held("e.1", incident="e", over=True),
        held("e.1-cleared", incident="e", kind=Change.CLEARED, over=True),
        held("f.1-cleared", incident="f", kind=Change.CLEARED, over=True),  # of one that was sent before
    ]
    decision = decide(entries, NOW, FREE)
    assert sent(decision) == ["a.1", "d.2", "f.1-cleared"]
    assert [each.event for each in decision.settled] == ["b.1", "c.1", "d.1", "e.1", "e.1-cleared"]
    assert decision.dropped == ()


def test_where_nothing_stands_after_quiet_hours_that_is_said_unless_all_was_seen() -> None:
    entries = [held("a.1", over=True), held("b.1", seen=True)]
    decision = decide(entries, NOW, FREE)
    assert (sent(decision), len(decision.settled), decision.dropped) == ([], 2, ())
    assert decide(entries, NOW, replace(FREE, wait=lambda _count: 4.0)).settled == ()
    decision = decide(entries[1:], NOW, FREE)
    assert (sent(decision), decision.settled, decision.dropped) == ([], (), (entries[1],))
    # What is sent again goes beside.
    tried = entry("t.1", attempt=3)
    decision = decide([*entries[1:], tried], NOW, FREE)
    assert (sent(decision), decision.dropped) == (["t.1"], (entries[1],))


def test_what_is_acknowledged_while_it_waits_for_others_is_not_told() -> None:
    entries = [entry(f"{name}.1", seen=name in "bd") for name in "abcde"]
    decision = decide(entries, NOW, STORM)
    assert decision.send == decision.settled == ()
    assert [each.event for each in decision.dropped] == ["b.1", "d.1"]
    assert sent(decide(entries, NOW + STORM_S, STORM)) == ["a.1", "c.1", "e.1"]
    assert sent(decide(entries[1:2], NOW, FREE)) == []
    # Its end is told where the channel was told of it, or follows incidents.
    end = replace(entries[1], message=replace(entries[1].message, kind=Change.CLEARED))
    assert sent(decide([end], NOW, FREE)) == ["b.1"]
    assert sent(decide(entries[1:2], NOW, replace(FREE, bundles=False))) == ["b.1"]


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["alert", "urgent", "ack", "clear", "quiet", "loud", "send", "fail", "crash"]),
        st.integers(0, 5),
        st.one_of(st.just(0.0), st.floats(0.0, 5.0), st.floats(0.0, 1200.0)),
    ),
    max_size=30,
)


class Channel:
    """A channel's outbox over time, by the decisions alone."""

    def __init__(self, *, bundles: bool) -> None:
        self.bundles = bundles
        self.open: dict[str, Entry] = {}
        self.made: list[float] = []
        self.sent: list[float] = []
        self.tried: dict[str, int] = {}  # keys
        self.final: dict[str, str] = {}

    def put(self, now: float, urgency: Urgency = Urgency.NORMAL) -> None:
        event = f"{len(self.made)}.1"
        self.open[event] = Entry(event, DeliveryState.WAITING, 0, 0.0, now, message(event, now, urgency))
        self.made.append(now)

    def mark(self, which: int, **facts: bool) -> None:
        for event in [*self.open][which : which + 1]:
            self.open[event] = replace(self.open[event], **facts)

    def decide(self, now: float, quiet_until: float | None, *, closing: bool = False) -> Decision:
        recent = sum(now - each < STORM_S for each in self.made)
        sent = [each for each in self.sent if now - each < STORM_S]
        situation = Situation(recent, sent, lambda _message: quiet_until, lambda _count: 0.0, self.bundles, closing)
        decision = decide(list(self.open.values()), now, situation)
        for each in decision.expired:
            assert now - each.created >= EXPIRES_S
            self.finish(each, "expired")
        for each, until in decision.held:
            assert until == quiet_until
            assert each.message.urgency is Urgency.NORMAL
            self.open[each.event] = replace(each, state=DeliveryState.HELD, next_at=until)
        for each in decision.dropped:
            assert each.seen
            self.finish(each, "settled")
        return decision

    def finish(self, entry: Entry, how: str) -> None:
        assert entry.event not in self.final
        del self.open[entry.event]
        self.final[entry.event] = how

    def send(self, now: float, decision: Decision, what: str) -> None:
        """Send one message, which fails, or while which the program is killed."""
        entries = (*decision.send, *decision.settled)
        (first, *_) = entries
        if len(decision.send) != 1 or decision.settled:
            assert self.bundles
            for each in entries:
                assert each.attempt == 0
                self.finish(each, "bundled")
            event = f"digest.{len(self.sent)}"
            first = Entry(event, DeliveryState.WAITING, 0, 0.0, now, digest([], [], event, now))
            self.open[event] = first
        self.sent.append(now)
        self.tried[first.event] = self.tried.get(first.event, 0) + 1
        assert self.tried[first.event] == first.attempt + 1  # one key, however often
        tried = replace(first, attempt=first.attempt + 1, state=DeliveryState.WAITING, next_at=now + 2.0)
        if what == "fail":
            self.open[first.event] = tried
        elif what == "crash":
            self.open[first.event] = replace(tried, state=DeliveryState.SENDING, next_at=now + 30.0)
        else:
            self.finish(first, "sent")


@given(_STEPS, st.booleans())
def test_over_any_path_no_alert_is_lost_sent_twice_or_sent_late(
    steps: list[tuple[str, int, float]], bundles: bool
) -> None:
    """A message is sent, has expired, was settled, or is in one digest; what is in a digest is never sent alone."""
    channel, now, quiet_until = Channel(bundles=bundles), NOW, 0.0
    for what, which, seconds in steps:
        now += seconds
        match what:
            case "alert" | "urgent":
                channel.put(now, Urgency.URGENT if what == "urgent" else Urgency.NORMAL)
            case "ack" | "clear":
                channel.mark(which, seen=what == "ack", over=what == "clear")
            case "quiet":
                quiet_until = now + 600.0 * (1 + which)
            case "loud":
                quiet_until = now
        quiet = quiet_until if now < quiet_until else None
        decision = channel.decide(now, quiet)
        if decision.send or decision.settled:
            assert all(each.message.urgency is Urgency.URGENT for each in decision.send) or quiet is None
            assert all(each.state is DeliveryState.HELD or now - each.created < EXPIRES_S for each in decision.send)
            assert all(each.over or each.seen for each in decision.settled)
            channel.send(now, decision, what)
        elif channel.open:
            assert decision.wait is not None
            assert decision.wait > 0.0
            untried = (each for each in channel.open.values() if not each.attempt)
            assert all(each.state is DeliveryState.HELD or now - each.created < STORM_S for each in untried)
    # Nothing waits for ever: what is left is too old after a while.
    channel.decide(max(now, quiet_until) + 2 * EXPIRES_S, None)
    assert channel.open == {}
    assert {f"{number}.1" for number in range(len(channel.made))} <= channel.final.keys()


@pytest.mark.parametrize(
    ("count", "apart", "urgent", "messages", "longest"),
    [
        (40, 0.0, False, 2, 3.0),  # in one reply
        (40, 0.25, False, 2, 12.5),  # in one cycle of the symbols on screen
        (40, 0.75, False, 2, 32.0),  # in one cycle of all others
        (40, 1.5, False, 2, 60.0),  # in one minute
        (40, 2.0, False, 4, 60.0),  # in eighty seconds
        (40, 3.5, False, 6, 56.0),  # a storm that goes on begins no digest with a message of its own
        (40, 5.0, False, 7, 53.0),
        (200, 2.0, False, 9, 60.0),  # each of 40 symbols every eighty seconds, for as long as it goes on: one a minute
        (12, 5.0, False, 4, 50.0),  # a trickle
        (4, 20.0, False, 4, 0.0),
        (3, 0.1, False, 3, 3.2),
        (5, 61.0, False, 5, 0.0),
        (40, 0.25, True, 2, 12.5),
        (40, 1.5, True, 5, 15.0),
        (12, 5.0, True, 12, 0.0),
    ],
)
def test_how_many_messages_a_channel_gets_and_how_long_an_alert_waits(
    count: int, apart: float, urgent: bool, messages: int, longest: float
) -> None:
    """The first alert is sent at once. Steps of a quarter of a second."""
    channel, waited, now = Channel(bundles=True), [], NOW
    while len(channel.made) < count or channel.open:
        while len(channel.made) < count and now >= NOW + len(channel.made) * apart:
            channel.put(now, Urgency.URGENT if urgent else Urgency.NORMAL)
        while (decision := channel.decide(now, None)).send:
            waited += [now - each.created for each in decision.send]
            channel.send(now, decision, "send")
        now += 0.25
    assert (len(channel.sent), len(waited), waited[0]) == (messages, count, 0.0)
    assert max(waited) <= longest + 0.25
