"""What moved since somebody last looked: gathered as it happens, drained a few times a second."""

from __future__ import annotations

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Changes
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.polling.history import Key

_RAISED = frozenset({"raised", "escalated", "blocked"})


class Moved:
    """At first everything has moved."""

    def __init__(self) -> None:
        self.symbols: set[Symbol] = set()
        self.histories: set[Key] = set()
        self.raised: list[AlertRecord] = []
        self.watchlist = self.links = self.alerts = True

    def alert(self, event: AlertEvent) -> None:
        """An alert was raised, ended, or changed."""
        self.alerts = True
        self.symbols.add(event.record.symbol)
        if event.change in _RAISED:
            self.raised.append(event.record)

    def drain(self) -> Changes:
        """What moved since the last call; clears it."""
        changes = Changes(
            symbols=frozenset(self.symbols),
            histories=frozenset(self.histories),
            watchlist=self.watchlist,
            links=self.links,
            alerts=self.alerts,
            raised=tuple(self.raised),
        )
        self.symbols.clear()
        self.histories.clear()
        self.raised.clear()
        self.watchlist = self.links = self.alerts = False
        return changes
