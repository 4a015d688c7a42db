"""Opens where the alerts of each source are kept, as soon as it is known whether the source is a simulator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.records import AlertStore
from capflow_gui.errors import StorageError
from capflow_gui.feed.source_feed import SourceFeed

log = logging.getLogger(__name__)

# (source, simulated) -> where its alerts are kept. Raises StorageError.
OpenAlerts = Callable[[str, bool], AlertStore]


class AlertKeeping:
    """`open_alerts` None: alerts are not kept over restarts. `troubles` are sentences."""

    def __init__(self, book: AlertBook, open_alerts: OpenAlerts | None) -> None:
        self._book = book
        self._open = open_alerts
        self._opened: dict[str, bool] = {}
        self.troubles: list[str] = []

    def take_up(self, feed: SourceFeed, others: Sequence[SourceFeed] = ()) -> bool:
        """Have the alerts of a source that answered; whether any were taken up.

        `others` are those its symbols may have been asked at when the program ran last: one that has not connected
        yet is taken to be of the same kind, real or simulated, so that an alert of then is known now.
        """
        took = self._take_up(feed, feed.simulated)
        for other in others:
            if other is not feed:
                took |= self._take_up(other, other.simulated if other.has_connected else feed.simulated)
        return took

    def _take_up(self, feed: SourceFeed, simulated: bool) -> bool:
        if self._open is None or self._opened.get(feed.name) is simulated:
            return False
        self._opened[feed.name] = simulated
        try:
            store = self._open(feed.name, simulated)
        except StorageError as error:
            log.warning("%s", error)
            self.troubles.append(str(error))
            return False
        self._book.use_store(feed.name, store, feed.market.now())
        return True
