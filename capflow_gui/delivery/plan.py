"""What is to be done with the messages that wait for a channel. Pure: times are arguments, UTC epoch seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from capflow_gui.delivery.model import ANNOUNCING, EXPIRES_S, Change, Message, Urgency

# More alerts than these within a minute are a storm.
STORM_ALERTS = 10
STORM_S = 60.0
# So many messages a minute are sent one by one.
FEW = 3
# Alerts that come close together wait until none has come for so long, and no longer than this.
PAUSE_S = 3.0
LONGEST_S = 15.0
# Messages that the budget would keep waiting for longer than this become a digest.
_PATIENCE_S = 10.0
# What was stamped so much later than now was stamped before the clock was set back.
AHEAD_S = 5.0
# After so many attempts a message lets all others go first.
_HOLDS_UP = 3


class DeliveryState(StrEnum):
    """Where a message to a channel stands; those from SENT on are final."""

    WAITING = "waiting"
    SENDING = "sending"  # claimed by a program, until its lease ends
    HELD = "held"  # until quiet hours end
    SENT = "sent"
    BUNDLED = "bundled"  # it is in a digest; its receipt is the digest's event
    EXPIRED = "expired"  # too old to be sent: it is shown alone
    SETTLED = "settled"  # acknowledged or snoozed while it waited: nobody needs to be told
    SET_UP_WRONG = "set_up_wrong"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that is not delivered yet.

    attempt  how often it was tried
    next_at  when it may be tried (WAITING), its lease ends (SENDING), or quiet hours end (HELD)
    created  when it was put in the outbox
    over     whether its alert stands no longer
    seen     whether its alert is acknowledged, or snoozed
    """

    event: str
    state: DeliveryState
    attempt: int
    next_at: float
    created: float
    message: Message
    over: bool = False
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What else counts.

    recent       how many messages were put in the channel's outbox within the last STORM_S, the finished ones too
    sent         when messages were sent to the channel within the last STORM_S, digests too, oldest first
    quiet_until  when the quiet hours that hold a message now will end; None where none do
    wait         seconds until so many messages could have been sent, by the channel's budget
    bundles      False: each message is wanted by itself, as by a service that follows incidents
    closing      the program ends: what would wait for others is sent now
    """

    recent: int
    sent: Sequence[float]
    quiet_until: Callable[[Message], float | None]
    wait: Callable[[int], float]
    bundles: bool = True
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now: entries that have expired, those to hold and until when, and those to send as one message.

    settled  held entries that are counted in what is sent, and not named
    dropped  entries that nobody needs to be told of any more
    wait     seconds until there may be more to do; None: until something new comes
    """

    expired: Sequence[Entry] = ()
    held: Sequence[tuple[Entry, float]] = ()
    send: Sequence[Entry] = ()
    settled: Sequence[Entry] = ()
    dropped: Sequence[Entry] = ()
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to send as one message now, what is counted in it or dropped, and when there may be more to send."""

    send: Sequence[Entry] = ()
    settled: Sequence[Entry] = ()
    dropped: Sequence[Entry] = ()
    at: float | None = None


def decide(entries: Sequence[Entry], now: float, situation: Situation) -> Decision:
    """Decide what to do with a channel's open messages.

    An alert that comes alone is sent at once. One that comes within PAUSE_S of another waits until none has come for
    PAUSE_S, for LONGEST_S at most. As few as make FEW messages in the minute go one by one, more of them as one digest.
    Beyond FEW messages a minute, and in a storm, alerts wait for STORM_S at most; urgent ones never for longer than
    LONGEST_S. While a storm goes on after its first digest, the next one waits until none has come for LONGEST_S. What
    the channel's budget or a failure adds comes on top. An alert that is acknowledged or snoozed while it waits is
    dropped, but not where incidents are followed: there its end must meet its beginning.
    """
    situation = replace(situation, sent=[at for at in situation.sent if at <= now + AHEAD_S])
    expired: list[Entry] = []
    held: list[tuple[Entry, float]] = []
    due: list[Entry] = []
    later: list[float] = []
    for each in (_in_the_past(entry, now) for entry in entries):
        expires = EXPIRES_S + (each.next_at if each.state is DeliveryState.HELD else each.created)
        if each.state is DeliveryState.SENDING and each.next_at > now:
            later.append(each.next_at)
        elif now >= expires:
            expired.append(each)
        elif (until := _held_until(each, situation)) is not None:
            later.append(until)
            if each.state is not DeliveryState.HELD or each.next_at != until:
                held.append((each, until))
        else:
            later.append(expires)
            if each.next_at > now and each.state is not DeliveryState.HELD:
                later.append(each.next_at)
            else:
                due.append(each)
    # One that was tried goes on, but one that fails again and again holds up nobody.
    due.sort(key=lambda each: (each.attempt >= _HOLDS_UP, -each.attempt, each.created, each.event))
    choice = _choose(due, now, situation)
    if choice.at is not None:
        later.append(choice.at)
    wait = min(later) - now if later else None
    chosen = tuple(choice.send), tuple(choice.settled), tuple(choice.dropped)
    return Decision(tuple(expired), tuple(held), *chosen, wait)


def _in_the_past(entry: Entry, now: float) -> Entry:
    """The entry; one of a clock that was set back since has waited enough, and may be tried at once."""
    if entry.created <= now + AHEAD_S:
        return entry
    leased = entry.state is DeliveryState.SENDING and entry.next_at <= now + STORM_S
    return replace(entry, created=now - STORM_S, next_at=entry.next_at if leased else now)


def _held_until(entry: Entry, situation: Situation) -> float | None:
    return None if _is_urgent(entry) else situation.quiet_until(entry.message)


def _is_urgent(entry: Entry) -> bool:
    return entry.message.urgency is Urgency.URGENT


def _choose(due: Sequence[Entry], now: float, situation: Situation) -> _Choice:
    # What was tried may have arrived: it is sent again under its own key alone.
    def is_single(each: Entry) -> bool:
        return not situation.bundles or each.attempt > 0 or each.message.kind is Change.DIGEST

    singles, others = [each for each in due if is_single(each)], [each for each in due if not is_single(each)]
    choice = _Choice()
    if others and not is_single(due[0]):
        released = any(each.state is DeliveryState.HELD for each in others)
        choice = _released(others) if released else _waiting(others, now, situation)
    if singles and not (choice.send or choice.settled):
        choice = replace(choice, send=singles[:1])
    if (choice.send or choice.settled) and (wait := situation.wait(1)) > 0.0:
        return _Choice(at=now + wait)
    return choice


def _released(others: Sequence[Entry]) -> _Choice:
    """What quiet hours held, and what came since, as one message: each alert that stands by its last word.

    Those that are over or acknowledged are counted. Where all of them are acknowledged nobody is told.
    """
    announced = {each.message.incident for each in others if each.message.kind in ANNOUNCING}
    latest: dict[str, Entry] = {}
    for each in others:
        incident = each.message.incident
        # The end of an alert that was sent before is named by itself.
        if incident not in announced or (each.message.kind in ANNOUNCING and not (each.over or each.seen)):
            latest[incident] = each
    named = {each.event for each in latest.values()}
    settled = [each for each in others if each.event not in named]
    if not latest and all(each.seen for each in settled):
        return _Choice(dropped=settled)
    return _Choice([*latest.values()], settled)


def _waiting(others: Sequence[Entry], now: float, situation: Situation) -> _Choice:
    """What waits for others, without the alerts that were acknowledged or snoozed meanwhile."""
    unseen, seen = list[Entry](), list[Entry]()
    for each in others:
        (seen if each.seen and each.message.kind in ANNOUNCING else unseen).append(each)
    return replace(_gathered(unseen, now, situation) if unseen else _Choice(), dropped=seen)


def _gathered(others: Sequence[Entry], now: float, situation: Situation) -> _Choice:
    """One message, or several as a digest, once they have waited for others; the urgent ones first."""
    later = []
    for urgent in (True, False):
        group = [each for each in others if _is_urgent(each) is urgent]
        if not group:
            continue
        oldest = min(each.created for each in group)
        at = _ready_at(group, oldest, situation, urgent=urgent)
        if at > now:
            later.append(at)
            continue
        few = len(group) <= FEW - len(situation.sent) or (not situation.sent and now - oldest < PAUSE_S)
        return _Choice(group[:1] if few and situation.wait(len(group)) <= _PATIENCE_S else group)
    return _Choice(at=min(later))


def _ready_at(group: Sequence[Entry], oldest: float, situation: Situation, *, urgent: bool) -> float:
    """Until when a group waits for others."""
    if situation.closing or not situation.sent:
        return oldest
    storm = situation.recent > STORM_ALERTS and not urgent
    # A storm of which much was told is going on: what comes next is no message of its own, but begins the next digest.
    goes_on = storm and situation.recent - len(group) > 1
    newest = max(each.created for each in group)
    at = min(newest + (LONGEST_S if goes_on else PAUSE_S), oldest + (STORM_S if storm else LONGEST_S))
    if oldest == newest >= situation.sent[-1] + PAUSE_S and not goes_on:
        at = oldest
    if not urgent and len(situation.sent) >= FEW:
        at = max(at, situation.sent[-FEW] + STORM_S)
    return min(at, oldest + STORM_S)
