"""The board from the window's first paint on: the watchlist alone, until there is a monitor to ask."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.clock import Clock
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.feed.board import AlertRecord, Budget, HistoryState, Row, Subscription
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.feed.rows import empty_row
from capflow_gui.feed.subscriptions import Subscriptions
from capflow_gui.reason import Reason

if TYPE_CHECKING:
    from capflow_gui.archive.news import Pruning
    from capflow_gui.domain.typed.rule_entry import RuleEntry
    from capflow_gui.feed.poll_budget import PollBudget
    from capflow_gui.monitor import Monitor
    from capflow_gui.ui.window.intents import WindowIntents


class EarlyBoard:
    """A BoardView. What is deferred or asked before `open` waits for it, in order.

    `sources` names the sources to come: their links are shown as connecting. `subscriptions` are handed to the
    monitor when it is made; whoever subscribed here then gets the monitor's changes.
    `unsaved` says why the settings are not in their file, or nothing.
    """

    def __init__(
        self,
        symbols: Sequence[Symbol],
        sources: Sequence[str],
        rules: RuleTable,
        calendar: Calendar,
        clock: Clock,
        *,
        simulated: bool,
        groups: Groups | None = None,
        unsaved: Callable[[], Reason | None] = lambda: None,
    ) -> None:
        self._groups = groups or Groups()
        self._symbols = tuple(dict.fromkeys((*symbols, *self._groups.symbols)))
        self._links = tuple(LinkState(name, LinkPhase.CONNECTING, clock.monotonic()) for name in sources)
        self._rules = rules
        self._calendar = calendar
        self._clock = clock
        self._simulated = simulated
        self._unsaved = unsaved
        self._monitor: Monitor | None = None
        self._deferred: list[Callable[[Monitor], object]] = []
        self.subscriptions = Subscriptions()
        self.questions = FeedQuestions()

    def open(self, monitor: Monitor) -> None:
        """From now on the monitor answers; what was deferred is done now."""
        self._monitor = monitor
        for call in self._deferred:
            call(monitor)
        self._deferred.clear()
        self.subscriptions.all_changed(monitor.symbols)
        self.questions.open(monitor.feeds)

    def defer(self, call: Callable[[Monitor], object]) -> None:
        """Call with the monitor: now, or as soon as there is one."""
        if self._monitor is None:
            self._deferred.append(call)
        else:
            call(self._monitor)

    # feed.board.BoardView

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The watchlist in the user's order."""
        return self._symbols if self._monitor is None else self._monitor.symbols

    @property
    def groups(self) -> Groups:
        """The user's own groups of the watchlist."""
        return self._groups if self._monitor is None else self._monitor.groups

    def note_groups(self, groups: Groups) -> None:
        """Remember groups that were set until there is a monitor: what is changed next builds on them."""
        self._groups = groups

    @property
    def links(self) -> tuple[LinkState, ...]:
        """One a source."""
        return self._links if self._monitor is None else self._monitor.links

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """One a source; none yet."""
        return () if self._monitor is None else self._monitor.budgets

    @property
    def poll_budgets(self) -> tuple[PollBudget, ...]:
        """How the quota of each source stands now; none yet."""
        return () if self._monitor is None else self._monitor.poll_budgets

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing; not before there is a monitor."""
        return self._monitor is not None and self._monitor.at_rest

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """Newest first."""
        return () if self._monitor is None else self._monitor.alerts

    def measure(self, record: AlertRecord) -> float:
        """What the rule of an alert measures now; not known yet."""
        return math.nan if self._monitor is None else self._monitor.measure(record)

    @property
    def tape(self) -> tuple[TapeEvent, ...]:
        """Newest first."""
        return () if self._monitor is None else self._monitor.tape

    @property
    def rules(self) -> tuple[RuleEntry, ...]:
        """The profile's rules, then the thresholds, the default first."""
        return self._rules.shown if self._monitor is None else self._monitor.rules

    def covered(self, entry: RuleEntry) -> tuple[Symbol, ...]:
        """The symbols of the list that a rule is in force for."""
        board = self._monitor
        return self._rules.covered(entry, self._symbols) if board is None else board.covered(entry)

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """What the status bar says in amber."""
        others = () if self._monitor is None else self._monitor.troubles
        return (*filter(None, [self._unsaved()]), *others)

    @property
    def pruning(self) -> Pruning | None:
        """How far the removing of old recorded sessions is; None while none are removed."""
        return None if self._monitor is None else self._monitor.pruning

    @property
    def simulated(self) -> bool:
        """Whether any source is a simulator."""
        return self._simulated if self._monitor is None else self._monitor.simulated

    @property
    def calendar(self) -> Calendar:
        """The trading calendar in force."""
        return self._calendar if self._monitor is None else self._monitor.calendar

    def market_now(self, source: str | None = None) -> float:
        """UTC epoch seconds of the source's own clock; of this computer's before there is a source."""
        return self._clock.wall() if self._monitor is None else self._monitor.market_now(source)

    def monotonic_now(self) -> float:
        """Monotonic seconds of this machine."""
        return self._clock.monotonic()

    def row(self, symbol: Symbol) -> Row:
        """The symbol's row; KeyError if it is not on the watchlist."""
        if self._monitor is not None:
            return self._monitor.row(symbol)
        if symbol not in self._symbols:
            raise KeyError(symbol)
        return empty_row(symbol, self._rules.threshold(symbol))

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        """The DAY, WEEK or MONTH series, if it was requested."""
        return HistoryState() if self._monitor is None else self._monitor.history(symbol, period)

    def subscribe(self, name: str, *, events: bool = False) -> Subscription:
        """A new subscription; the caller closes it. `events`: it collects events too."""
        return self.subscriptions.subscribe(name, events=events)


def connect_monitor(intents: WindowIntents, defer: Callable[[Callable[[Monitor], None]], None]) -> None:
    """Let the monitor that `defer` calls with do what is asked for in a window."""
    intents.symbols_added.connect(lambda symbols: defer(lambda monitor: monitor.add_symbols(symbols)))
    intents.symbols_removed.connect(lambda symbols: defer(lambda monitor: monitor.remove_symbols(symbols)))
    intents.reordered.connect(lambda symbols: defer(lambda monitor: monitor.reorder(symbols)))
    intents.groups_set.connect(lambda groups: defer(lambda monitor: monitor.set_groups(groups)))
    intents.acknowledged.connect(lambda ids: defer(lambda monitor: monitor.acknowledge(ids)))
    intents.snoozed.connect(lambda *which: defer(lambda monitor: monitor.snooze(*which)))
    intents.history_requested.connect(lambda *which: defer(lambda monitor: monitor.request_history(*which)))
    intents.reconnect_requested.connect(lambda source: defer(lambda monitor: monitor.reconnect(source)))
    intents.source_chosen.connect(lambda *which: defer(lambda monitor: monitor.choose_source(*which)))
    intents.rule_set.connect(lambda *rule: defer(lambda monitor: monitor.set_rule(*rule)))
    intents.rule_removed.connect(lambda number: defer(lambda monitor: monitor.remove_rule(number)))
    intents.threshold_chosen.connect(
        lambda symbol, choice: defer(lambda monitor: monitor.set_threshold(symbol, choice))
    )
