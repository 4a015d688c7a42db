"""What is delivered, and what came of it.

A message is finished when it gets here: `present` words it. A channel sends it and says one of four results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from capflow_gui.reason import Reason

TITLE_CHARACTERS = 120
# A message that is older is shown, and not sent.
EXPIRES_S = 900.0


class Urgency(StrEnum):
    """Whether a message waits for the end of quiet hours (NORMAL), or does not (URGENT)."""

    NORMAL = "normal"
    URGENT = "urgent"


class Change(StrEnum):
    """What a message says: what happened to an alert, as domain.alert_record.AlertChange has it, or none of these."""

    RAISED = "raised"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    CANNOT_JUDGE = "blocked"
    JUDGED_AGAIN = "judged_again"
    DIGEST = "digest"  # several alerts in one message
    TEST = "test"


# What says that an alert stands; all others say that it does no longer, or nothing of an alert.
ANNOUNCING = frozenset({Change.RAISED, Change.ESCALATED, Change.CANNOT_JUDGE})


@dataclass(frozen=True, slots=True)
class Message:
    """A finished message.

    key       the same at every retry, so that a receiver can tell a second copy; without a full stop
    title     one line of plain text, of TITLE_CHARACTERS at most
    text      plain text of one or more lines, without the title
    at        when it happened, UTC epoch seconds of this computer's clock
    fields    the facts, for a receiver that is a program: symbol, source, session, rule, state, value, threshold,
              currency, time, freshness, simulated, test; None where one is not known
    incident  one key an alert, from when it is raised until it is cleared
    link      an address to open; "" for none
    quiet     hours in which its rule wants it held, besides the channel's own; "" for none
    """

    key: str
    title: str
    text: str
    at: float
    fields: Mapping[str, str | int | float | bool | None]
    incident: str
    kind: Change
    urgency: Urgency = Urgency.NORMAL
    link: str = ""
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The service has it. `receipt`: the id it gave, "" where it gives none."""

    receipt: str = ""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Not sent, and worth another try after `seconds` (0.0: the service did not say when)."""

    seconds: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class SetUpWrong:
    """Refused, and refused again until the user changes the channel's settings."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Failed:
    """This message cannot be sent; others may be."""

    reason: Reason


Result = Sent | RetryAt | SetUpWrong | Failed


@dataclass(frozen=True, slots=True)
class Limits:
    """What a service takes.

    rate        messages a second, in the long run
    burst       messages at once, after a rest
    per_minute  messages in any 60 s; None: no such limit
    largest     size of a message's text, in what the service counts: characters or bytes
    """

    rate: float
    burst: int
    per_minute: int | None
    largest: int


class Channel(Protocol):
    """A way to somebody."""

    @property
    def limits(self) -> Limits:
        """What the service takes."""

    async def send(self, message: Message) -> Result:
        """Send a message; what the network or the service does is a result, and never raised."""

    async def close(self) -> None:
        """Let go of what it holds."""
