"""What is to be done with the messages that wait for a channel. Pure: times are arguments, UTC epoch seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from capflow_gui.delivery.model import EXPIRES_S, Change, Message, Urgency

# More alerts than these within a minute are a storm.
STORM_ALERTS = 10
STORM_S = 60.0
# A digest is made when a storm has paused for so long, or after a minute.
_PAUSE_S = 3.0
# Messages that the budget would keep waiting for longer than this become a digest.
_PATIENCE_S = 10.0
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
    SET_UP_WRONG = "set_up_wrong"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that is not delivered yet.

    attempt  how often it was tried
    next_at  when it may be tried (WAITING), its lease ends (SENDING), or quiet hours end (HELD)
    created  when it was put in the outbox
    """

    event: str
    state: DeliveryState
    attempt: int
    next_at: float
    created: float
    message: Message


@dataclass(frozen=True, slots=True)
class Situation:
    """What else counts.

    recent       how many messages were put in the channel's outbox within the last STORM_S, the finished ones too
    digest_at    when its last digest within STORM_S was made; None: none was
    quiet_until  when the quiet hours that hold a message now will end; None where none do
    wait         seconds until so many messages could have been sent, by the channel's budget
    bundles      False: each message is wanted by itself, as by a service that follows incidents
    closing      the program ends: what would wait for the end of a storm is sent now
    """

    recent: int
    digest_at: float | None
    quiet_until: Callable[[Message], float | None]
    wait: Callable[[int], float]
    bundles: bool = True
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now: entries that have expired, those to hold and until when, and those to send as one message.

    wait  seconds until there may be more to do; None: until something new comes
    """

    expired: Sequence[Entry] = ()
    held: Sequence[tuple[Entry, float]] = ()
    send: Sequence[Entry] = ()
    wait: float | None = None


def decide(entries: Sequence[Entry], now: float, situation: Situation) -> Decision:
    """Decide what to do with a channel's open messages."""
    expired: list[Entry] = []
    held: list[tuple[Entry, float]] = []
    due: list[Entry] = []
    later: list[float] = []
    for each in entries:
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
    send, at = _choose(due, now, situation)
    if at is not None:
        later.append(at)
    return Decision(
        tuple(expired),
        tuple(held),
        tuple(send),
        min(later) - now if later else None,
    )


def _held_until(entry: Entry, situation: Situation) -> float | None:
    return None if entry.message.urgency is Urgency.URGENT else situation.quiet_until(entry.message)


def _choose(due: Sequence[Entry], now: float, situation: Situation) -> tuple[Sequence[Entry], float | None]:
    """What to send as one message now, and when there may be more to send."""

    # What was tried may have arrived: it is sent again under its own key alone.
    def is_single(each: Entry) -> bool:
        return not situation.bundles or each.attempt > 0 or each.message.kind is Change.DIGEST

    singles, others = [each for each in due if is_single(each)], [each for each in due if not is_single(each)]
    at = _storm_ends(others, situation)
    if at is not None and now < at:
        chosen = singles[:1]
    elif not others or is_single(due[0]):
        chosen, at = singles[:1], None
    else:
        released = any(each.state is DeliveryState.HELD for each in others)
        together = released or at is not None or situation.wait(len(others)) > _PATIENCE_S
        chosen, at = others if together else others[:1], None
    if chosen and (wait := situation.wait(1)) > 0.0:
        return (), now + wait
    return chosen, at


def _storm_ends(others: Sequence[Entry], situation: Situation) -> float | None:
    """When messages become a digest because there are so many; None where there are not."""
    is_held = any(each.state is DeliveryState.HELD for each in others)
    if not others or is_held or situation.recent <= STORM_ALERTS:
        return None
    if situation.closing:
        return 0.0
    created = [each.created for each in others]
    at = min(max(created) + _PAUSE_S, min(created) + STORM_S)
    return at if situation.digest_at is None else max(at, situation.digest_at + STORM_S)
