"""What somebody who watched a player has seen last of its one symbol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.freshness import Freshness

if TYPE_CHECKING:
    from capflow_gui.playback.player import PlayedEvent  # loads the alert engine: when the first session is played

_RAISES = (AlertChange.RAISED, AlertChange.ESCALATED)


class Seen:
    """`series` and `freshness` are the newest, `raised` the alert raised or escalated last; None before the first."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin again."""
        self.series: FlowSeries | None = None
        self.freshness = Freshness.NEVER_POLLED
        self.raised: AlertRecord | None = None

    def take(self, events: Iterable[PlayedEvent]) -> None:
        """What happened, in order."""
        for event in events:
            if not isinstance(event, AlertEvent):
                self.series, self.freshness = event.series, event.freshness
            elif event.change in _RAISES:
                self.raised = event.record
