"""A symbol at a source, as its rules see it: its newest reply, and what keeps all of them from being judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from msgspec import structs

from capflow_gui.alerts.evaluation import Evaluation, Obstacle, Reply, Stretch
from capflow_gui.alerts.watch import OPENING_S, Watch
from capflow_gui.archive.model import Outage
from capflow_gui.domain.alert import Kind, Readings, Rule, RuleState, StateKey, readings
from capflow_gui.domain.alert_grammar import WHOLE_SESSION
from capflow_gui.domain.flow import STRUCTURAL, confirmed_first
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover, Turnovers
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import AlertEvent
from capflow_gui.reason import Code, Reason

_STRUCTURAL_BITS = int(STRUCTURAL)


@dataclass(slots=True, eq=False)
class Place:
    """A symbol at a source.

    note         is given each outage when it is said and when it ends
    watches      one for every rule in force, by id and version
    over         the session that is over, an ISO date
    has_no_line  whether the newest reply has no line of the session that is awaited
    held_at      when the newest reply came if no rule is judged on it: it was stale, or its lines may mean anything
    since        since when no rule can be judged, whatever is replied; monotonic seconds
    outside      why, once that is said; `outage` is what was noted of it then
    then         by label, turnover and price as they were known when a line of the newest reply's session was confirmed
    recorded     the recorded ones that are in `then`
    is_left      whether what waits is to be taken up in a moment
    quiet        the stretch of its market in which another look would find nothing; None where one may
    """

    source: str
    symbol: Symbol
    note: Callable[[Outage], None]
    rules: tuple[Rule, ...] = ()
    watches: dict[tuple[str, str], Watch] = field(default_factory=dict)
    reply: Reply | None = None
    over: str = ""
    has_no_line: bool = False
    held_at: float | None = None
    since: float | None = None
    outside: Obstacle | None = None
    outage: Outage | None = None
    then: Turnovers = field(default_factory=Turnovers)
    recorded: Mapping[int, Turnover | None] | None = None
    is_left: bool = False
    quiet: Stretch | None = None

    @property
    def is_clear(self) -> bool:
        """Whether nothing is in the way that is said, or may be said yet."""
        return self.since is None and self.outside is None

    @property
    def is_held(self) -> bool:
        """Whether no rule is judged on the newest reply."""
        return self.held_at is not None

    def hold(self, at: float, *, held: bool) -> None:
        """Judge a reply that came at `at`, or do not."""
        self.held_at = at if held else None

    def take(self, reply: Reply) -> None:
        """The newest reply."""
        if self.reply is None or self.reply.day.day != reply.day.day:
            self.then, self.recorded = Turnovers(), None
        self.reply = reply
        series = reply.series
        if not int(series.flags) & _STRUCTURAL_BITS:
            then, known = self.then, len(self.then)
            confirmed = confirmed_first(series.confirmed)
            labels = series.timestamps[series.confirmed] if confirmed is None else series.timestamps[:confirmed]
            if len(labels) != known:
                # Lines are confirmed in their order, but for seldom ones: then all are looked at.
                for first in (known, 0):
                    for label in labels[first:].tolist():
                        then.add(label, reply.turnover)
                    if len(labels) == len(then):
                        break

    def take_recorded(self, then: Mapping[int, Turnover | None]) -> None:
        """Keep what was recorded of turnover and price, in the place of what is known of the same labels."""
        if self.recorded is not then:
            self.recorded = then
            for label, known in then.items():
                self.then.put(label, known)

    def take_moved(self, *, simulated: bool) -> Iterator[tuple[StateKey, RuleState]]:
        """The states of simulated, or of real sources that the store was not given yet; it is given them now."""
        for watch in self.watches.values():
            if watch.unwritten and watch.simulated is simulated and watch.state is not None:
                watch.unwritten = False
                yield watch.key, watch.state

    def look_ahead(self, watch: Watch, at: Evaluation, past: UsualChanges) -> list[AlertEvent]:
        """Mark for a rule a minute that is past its level and not over."""
        if watch.state is None:
            return []
        return watch.look_ahead(self._ahead(watch.rule, at.reply, past, watch.state.upto), at.market_now)

    def measure(self, rule: Rule, session: str, past: UsualChanges) -> float:
        """What a rule measures at the newest line, confirmed or not; NaN without one of the session that counts."""
        reply = self.reply
        if reply is None or reply.day.day.isoformat() != session or not len(reply.series):
            return math.nan
        newest = int(reply.series.timestamps[-1])
        found = self._ahead(replace(rule, part=WHOLE_SESSION, until=None), reply, past, newest - 1)
        return float(found.values[-1]) if len(found.labels) and found.labels[-1] == newest else math.nan

    def _ahead(self, rule: Rule, reply: Reply, past: UsualChanges, upto: int) -> Readings:
        """What a rule would measure at the lines after `upto` if all of them were confirmed as they stand."""
        labels, confirmed = reply.series.timestamps, reply.series.confirmed
        ahead = structs.replace(reply.series, confirmed=np.ones(len(labels), np.bool_))
        then: Mapping[int, Turnover | None] = {}
        if rule.kind is Kind.DIVERGENCE:
            then = {**self.then, **dict.fromkeys(labels[~confirmed].tolist(), reply.turnover)}
        return readings(rule, ahead, reply.day, reply.turnover, upto, then=then, past=past)

    def wait(self, obstacle: Obstacle | None, mono_now: float, market_now: float, *, patience_s: float) -> None:
        """Note what is in the way while the market is open; it is said once it has lasted for `patience_s`."""
        if obstacle is None and self.has_no_line:
            obstacle = Obstacle(Reason.of(Code.NO_LINES), OPENING_S)
        if obstacle is None:
            self.end_outage(market_now)
            return
        if self.since is None:
            self.since = mono_now
        waited = mono_now - self.since > max(patience_s, obstacle.patience_s)
        if not (waited or obstacle.at_once or self.outside):
            return
        self.outside = obstacle
        if self.outage is None:
            # A dry run knows by it which replies were not judged: the one before it was, if it was not stale yet.
            start = self.held_at if obstacle.at_once and self.held_at is not None else market_now
            self.outage = Outage(self.source, self.symbol, start, None, obstacle.reason)
            self.note(self.outage)

    def end_outage(self, market_now: float) -> None:
        """Nothing is in the way any more, or the session is over."""
        self.since = self.outside = None
        if self.outage is not None:
            self.note(replace(self.outage, end=market_now))
            self.outage = None
