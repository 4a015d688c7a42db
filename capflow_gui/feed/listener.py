"""What a source's feed tells, and to whom: the seam between one source and the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.polling.history import Key
from capflow_gui.feed.store import Put

if TYPE_CHECKING:
    from capflow_gui.feed.source_feed import SourceFeed


class FeedListener(Protocol):
    """Who is told what a source brings."""

    def rows_changed(self, symbols: Iterable[Symbol]) -> None:
        """Something a row shows is new."""
        ...

    def history_changed(self, key: Key) -> None:
        """A DAY, WEEK or MONTH series came, or failed."""
        ...

    def link_changed(self, feed: SourceFeed) -> None:
        """The link's state is new."""
        ...

    def calendar_changed(self, calendar: Calendar) -> None:
        """The source's trading days overruled the table."""
        ...

    def judged(self, feed: SourceFeed, put: Put) -> None:
        """A reply was judged and stored."""
        ...

    def failed(self, feed: SourceFeed, symbol: Symbol, error: CapflowError) -> None:
        """A question about a symbol failed."""
        ...

    def freshness_changed(self, feed: SourceFeed, symbol: Symbol, state: Freshness) -> None:
        """Time, not a reply, changed a symbol's state."""
        ...
