"""What is done with the messages that wait for a channel, over any path of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.delivery.model import EXPIRES_S, Urgency
from capflow_gui.delivery.plan import STORM_ALERTS, STORM_S, Decision, DeliveryState, Entry, Situation, decide
from tests.unit.delivery.outgoing import digest, message

NOW = 10_000.0
FREE = Situation(recent=1, digest_at=None, quiet_until=lambda _message: None, wait=lambda _count: 0.0)
STORM = replace(FREE, recent=STORM_ALERTS + 1)


def entry(
    event: str = "a.1",
    state: DeliveryState = DeliveryState.WAITING,
    *,
    age: float = 1.0,
    attempt: int = 0,
    next_at: float = 0.0,
    urgency: Urgency = Urgency.NORMAL,
) -> Entry:
    return Entry(event, state, attempt, next_at, NOW - age, message(event, NOW - age, urgency))


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


@pytest.mark.parametrize(("age", "digest_age", "wait"), [(0.5, None, 2.5), (3.0, None, 0.0), (3.0, 20.0, 40.0)])
def test_a_storm_becomes_a_digest_when_it_pauses(age: float, digest_age: float | None, wait: float) -> None:
    entries = [entry("a.1", age=20.0), entry("b.1", age=age)]
    made = None if digest_age is None else NOW - digest_age
    decision = decide(entries, NOW, replace(STORM, digest_at=made))
    if wait:
        assert (sent(decision), decision.wait) == ([], pytest.approx(wait))
    else:
        assert sent(decision) == ["a.1", "b.1"]


def test_a_storm_that_does_not_pause_becomes_a_digest_after_a_minute() -> None:
    entries = [entry("a.1", age=STORM_S), entry("b.1", age=0.1)]
    assert sent(decide(entries, NOW, STORM)) == ["a.1", "b.1"]


def test_at_the_end_of_the_program_a_storm_is_not_waited_for() -> None:
    assert sent(decide([entry("a.1"), entry("b.1")], NOW, replace(STORM, closing=True))) == ["a.1", "b.1"]


def test_what_was_tried_is_never_put_into_a_digest() -> None:
    """It may have arrived: only its own key tells a second copy."""
    tried, new = entry("a.1", attempt=1), [entry("b.1"), entry("c.1")]
    assert sent(decide([tried, *new], NOW, STORM)) == ["a.1"]
    assert sent(decide(new, NOW + 3.0, STORM)) == ["b.1", "c.1"]


def test_a_digest_is_sent_by_itself() -> None:
    made = Entry("digest.1", DeliveryState.WAITING, 0, 0.0, NOW - 5.0, digest([], "digest.1", NOW))
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


_STEPS = st.lists(
    st.tuples(st.sampled_from(["alert", "urgent", "quiet", "send", "fail", "crash"]), st.floats(0.0, 400.0)),
    max_size=60,
)


class Channel:
    """A channel's outbox over time, by the decisions alone."""

    def __init__(self, *, bundles: bool) -> None:
        self.bundles = bundles
        self.open: dict[str, Entry] = {}
        self.made: list[float] = []
        self.digests: list[float] = []
        self.final: dict[str, str] = {}

    def put(self, now: float, urgency: Urgency) -> None:
        event = f"{len(self.made)}.1"
        self.open[event] = Entry(event, DeliveryState.WAITING, 0, 0.0, now, message(event, now, urgency))
        self.made.append(now)

    def decide(self, now: float, quiet_until: float | None) -> Decision:
        recent = sum(now - each < STORM_S for each in self.made)
        digest_at = max((each for each in self.digests if now - each < STORM_S), default=None)
        situation = Situation(recent, digest_at, lambda _message: quiet_until, lambda _count: 0.0, self.bundles)
        decision = decide(list(self.open.values()), now, situation)
        for each in decision.expired:
            assert now - each.created >= EXPIRES_S
            self.finish(each, "expired")
        for each, until in decision.held:
            assert until == quiet_until
            assert each.message.urgency is Urgency.NORMAL
            self.open[each.event] = replace(each, state=DeliveryState.HELD, next_at=until)
        return decision

    def finish(self, entry: Entry, how: str) -> None:
        assert entry.event not in self.final
        del self.open[entry.event]
        self.final[entry.event] = how

    def send(self, now: float, entries: Sequence[Entry], what: str) -> None:
        """Send one message, which fails, or while which the program is killed."""
        (first, *others) = entries
        if others:
            assert self.bundles
            for each in entries:
                assert each.attempt == 0
                self.finish(each, "bundled")
            event = f"digest.{len(self.digests)}"
            first = Entry(event, DeliveryState.WAITING, 0, 0.0, now, digest([], event, now))
            self.digests.append(now)
            self.open[event] = first
        tried = replace(first, attempt=first.attempt + 1, state=DeliveryState.WAITING, next_at=now + 2.0)
        if what == "fail":
            self.open[first.event] = tried
        elif what == "crash":
            self.open[first.event] = replace(tried, state=DeliveryState.SENDING, next_at=now + 30.0)
        else:
            self.finish(first, "sent")


@given(_STEPS, st.booleans())
def test_over_any_path_no_alert_is_lost_sent_twice_or_sent_late(steps: list[tuple[str, float]], bundles: bool) -> None:
    """A message is sent, has expired, or is in one digest; what is in a digest is never sent by itself."""
    channel, now, quiet_until = Channel(bundles=bundles), NOW, 0.0
    for what, seconds in steps:
        now += seconds
        if what in ("alert", "urgent"):
            channel.put(now, Urgency.URGENT if what == "urgent" else Urgency.NORMAL)
        elif what == "quiet":
            quiet_until = now + seconds
        quiet = quiet_until if now < quiet_until else None
        decision = channel.decide(now, quiet)
        if decision.send:
            assert all(each.message.urgency is Urgency.URGENT for each in decision.send) or quiet is None
            assert all(each.state is DeliveryState.HELD or now - each.created < EXPIRES_S for each in decision.send)
            channel.send(now, decision.send, what)
        elif channel.open:
            assert decision.wait is not None
            assert decision.wait > 0.0
    # Nothing waits for ever: what is left is too old after a while.
    channel.decide(max(now, quiet_until) + 2 * EXPIRES_S, None)
    assert channel.open == {}
    assert {f"{number}.1" for number in range(len(channel.made))} <= channel.final.keys()
