"""Messages of the bus that could not be read: said once an hour for each sender, however many come."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from capflow_gui.clock import Clock
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.reason import Reason

QUIET_S = 3600.0
MOST_SENDERS = 1000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Heard:
    said_at: float
    count: int
    reason: Reason


class Unread:
    """Counts by sender; a window that goes wrong fills neither the log nor the memory of who hears it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._senders: dict[str, _Heard] = {}

    def note(self, sender: str, subject: str, error: RemoteProtocolError) -> None:
        """A message could not be read, or not all of it. `sender` is a user, or what else is said once an hour."""
        now = self._clock.monotonic()
        heard = self._senders.pop(sender, None)
        if heard is None or now - heard.said_at >= QUIET_S:
            more = f" ({heard.count - 1} more in the hour before)" if heard is not None and heard.count > 1 else ""
            _log.warning("%s: %s%s", subject, error.reason, more)
            heard = _Heard(now, 0, error.reason)
        heard.count += 1
        heard.reason = error.reason
        self._senders[sender] = heard  # at the end: who was heard longest ago is forgotten first
        if len(self._senders) > MOST_SENDERS:
            del self._senders[next(iter(self._senders))]

    def recent(self) -> dict[str, tuple[int, Reason]]:
        """How many there were of each sender in the hour that began with the first, and why the last was one."""
        now = self._clock.monotonic()
        return {
            sender: (heard.count, heard.reason)
            for sender, heard in self._senders.items()
            if now - heard.said_at < QUIET_S
        }
