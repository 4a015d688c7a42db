"""The board of a playback: what a player has come to, as a window reads the live board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.flow import HARMLESS, FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.domain.tape.tape import Tape
from capflow_gui.domain.validation import difference
from capflow_gui.feed.board import BoardView, Budget, HistoryState, Row, Subscription
from capflow_gui.feed.events import AlertEvent, FlowEvent
from capflow_gui.feed.freshness import Freshness, staleness
from capflow_gui.reason import Reason

if TYPE_CHECKING:
    from capflow_gui.archive.news import Pruning
    from capflow_gui.domain.typed.rule_entry import RuleEntry
    from capflow_gui.playback.player import PlayedEvent, Player  # loads the alert engine: when a session is played

_RAISES = (AlertChange.RAISED, AlertChange.ESCALATED)


class PlayedBoard:
    """A BoardView of a player whose recordings are of different symbols.

    Symbols stand in the order of the `live` list, others behind them. Market time is the played one. Quotas and
    troubles are the live ones. `take` must be given everything that is played.
    """

    def __init__(self, player: Player, live: BoardView) -> None:
        self.player = player
        self._live = live
        self._recordings = {each.key.symbol: each for each in player.recordings}
        ordered = dict.fromkeys(symbol for symbol in live.symbols if symbol in self._recordings)
        self._symbols = tuple(ordered | dict.fromkeys(self._recordings))
        sources = dict.fromkeys(each.key.source for each in player.recordings)
        self._links = tuple(LinkState(source, LinkPhase.READY, 0.0) for source in sources)
        self._names: dict[Symbol, str] = {}  # a live row is worked out whole, and takes longer than a played one
        self._changed: set[Symbol] = set(self._symbols)
        self.raised: AlertRecord | None = None
        self.restarted()

    def restarted(self) -> None:
        """The player has gone back to its start."""
        self._seen: dict[Symbol, tuple[FlowSeries, Freshness]] = {}
        self._changed.update(self._symbols)
        self.raised = None
        self._tape = Tape()

    def take(self, events: Iterable[PlayedEvent]) -> None:
        """What was played, in order."""
        for event in events:
            if isinstance(event, AlertEvent):
                self._changed.add(event.record.symbol)
                if event.change in _RAISES:
                    self.raised = event.record
            else:
                self._changed.add(event.symbol)
                self._take_on_tape(event)
                self._seen[event.symbol] = event.series, event.freshness

    def _take_on_tape(self, event: FlowEvent) -> None:
        series, old = event.series, self._seen.get(event.symbol, (None, None))[0]
        if event.replied:
            revised = difference(old if old is not None else series, series).revised
            self._tape.take(series, self._recordings[event.symbol].day, revised, old)
        self._tape.aged(event.symbol, event.at, stale=staleness(event.freshness))

    def changes(self) -> frozenset[Symbol]:
        """The symbols whose rows are to be read again since the last call."""
        changed = frozenset(self._changed)
        self._changed.clear()
        return changed

    # feed.board.BoardView

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What was recorded, in the order of the live list."""
        return self._symbols

    @property
    def groups(self) -> Groups:
        """The user's own groups of the live list."""
        return self._live.groups

    @property
    def links(self) -> tuple[LinkState, ...]:
        """The sources that were recorded: figures are never late for the want of one."""
        return self._links

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The live ones: playing asks nobody."""
        return self._live.budgets

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """Those of this run, newest first."""
        return self.player.book.records()

    def measure(self, record: AlertRecord) -> float:
        """What the rule of an alert measures at the played time."""
        return self.player.book.measure(record)

    @property
    def tape(self) -> tuple[TapeEvent, ...]:
        """That of the played session, up to the played time; newest first."""
        return self._tape.events

    @property
    def rules(self) -> tuple[RuleEntry, ...]:
        """Those it is played under."""
        return self.player.rules.shown

    def covered(self, entry: RuleEntry) -> tuple[Symbol, ...]:
        """The symbols of the list that a rule is in force for."""
        return self.player.rules.covered(entry, self._symbols)

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """The live ones."""
        return self._live.troubles

    @property
    def at_rest(self) -> bool:
        """What is played moves."""
        return False

    @property
    def pruning(self) -> Pruning | None:
        """The live one."""
        return self._live.pruning

    @property
    def simulated(self) -> bool:
        """Whether any source is a simulator."""
        return self._live.simulated

    @property
    def calendar(self) -> Calendar:
        """The calendar with the trading periods of the session as they were recorded."""
        return self.player.calendar

    def market_now(self, source: str | None = None) -> float:  # noqa: ARG002  one time for all
        """The played time, UTC epoch seconds."""
        return self.player.now

    def monotonic_now(self) -> float:
        """Monotonic seconds of this machine."""
        return self._live.monotonic_now()

    def row(self, symbol: Symbol) -> Row:
        """The symbol's row as it was at the played time; KeyError if it was not recorded."""
        recording, now = self._recordings[symbol], self.player.now
        series, freshness = self._seen.get(symbol, (None, Freshness.NEVER_POLLED))
        level, own = self.player.rules.threshold(symbol)
        true_at = None if series is None else series.last_valid
        turnover = self.player.turnover(recording.key)
        return Row(
            symbol=symbol,
            source=recording.key.source,
            name=self._name(symbol),
            currency=recording.currency,
            currency_assumed=recording.assumed,
            threshold=level,
            threshold_own=own,
            alert=self.player.book.standing(symbol),
            series=series,
            day=None if series is None else recording.day,
            freshness=freshness,
            flagged=series is not None and bool(series.flags & ~HARMLESS),
            age_s=None if true_at is None else max(0.0, now - true_at),
            classes=series is None or series.has_classes,
            turnover=None if turnover is None else turnover.amount,
        )

    def _name(self, symbol: Symbol) -> str:
        """The first one that the live list knew; empty where it knows none yet."""
        name = self._names.get(symbol, "")
        if not name and symbol in self._live.symbols:
            name = self._names[symbol] = self._live.row(symbol).name
        return name

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        """The live one: days, weeks and months are not played."""
        return self._live.history(symbol, period) if symbol in self._live.symbols else HistoryState()

    def subscribe(self, name: str, *, events: bool = False) -> Subscription:
        """A subscription to the live board; what is played comes by `changes`."""
        return self._live.subscribe(name, events=events)


class ShownBoard:
    """A BoardView of the played board while there is one, and of the live one else."""

    def __init__(self, live: BoardView) -> None:
        self.live = live
        self.played: PlayedBoard | None = None

    @property
    def _board(self) -> BoardView:
        return self.live if self.played is None else self.played

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The list in its order."""
        return self._board.symbols

    @property
    def groups(self) -> Groups:
        """The user's own groups of the watchlist."""
        return self.live.groups

    @property
    def links(self) -> tuple[LinkState, ...]:
        """One a source."""
        return self._board.links

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """One a source."""
        return self._board.budgets

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """Newest first."""
        return self._board.alerts

    def measure(self, record: AlertRecord) -> float:
        """What the rule of an alert measures now."""
        return self._board.measure(record)

    @property
    def tape(self) -> tuple[TapeEvent, ...]:
        """Newest first."""
        return self._board.tape

    @property
    def rules(self) -> tuple[RuleEntry, ...]:
        """Those in force, and those that could be."""
        return self._board.rules

    def covered(self, entry: RuleEntry) -> tuple[Symbol, ...]:
        """The symbols of the list that a rule is in force for."""
        return self._board.covered(entry)

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """What the status bar says in amber."""
        return self._board.troubles

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing."""
        return self._board.at_rest

    @property
    def pruning(self) -> Pruning | None:
        """How far the removing of old recorded sessions is."""
        return self._board.pruning

    @property
    def simulated(self) -> bool:
        """Whether any source is a simulator."""
        return self._board.simulated

    @property
    def calendar(self) -> Calendar:
        """The trading calendar in force."""
        return self._board.calendar

    def market_now(self, source: str | None = None) -> float:
        """Market time, UTC epoch seconds."""
        return self._board.market_now(source)

    def monotonic_now(self) -> float:
        """Monotonic seconds of this machine."""
        return self._board.monotonic_now()

    def row(self, symbol: Symbol) -> Row:
        """The symbol's row; KeyError if it is not on the list."""
        return self._board.row(symbol)

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        """The DAY, WEEK or MONTH series, if it was requested."""
        return self._board.history(symbol, period)

    def subscribe(self, name: str, *, events: bool = False) -> Subscription:
        """A new subscription; the caller closes it."""
        return self._board.subscribe(name, events=events)
