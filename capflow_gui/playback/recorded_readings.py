"""What a rule measured in a recorded session, out of its final day: at once where that can be, else reply by reply."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from msgspec import structs

from capflow_gui.archive.model import DaySummary, FinalDay
from capflow_gui.domain.alert import TURNOVER_AGE_S, Kind, Readings, Rule, readings
from capflow_gui.domain.alert_grammar import WHOLE_SESSION
from capflow_gui.domain.flow import COLUMNS, HARMLESS, Bools, Flags16, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.measures.readings import in_part
from capflow_gui.domain.measures.usual import LEAST_SESSIONS, UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.reason import Code, Reason


@dataclass(frozen=True, slots=True, eq=False)
class RecordedReadings:
    """What a rule measured in a recorded session; `past` is what an UNUSUAL rule is judged by."""

    rule: Rule
    summary: DaySummary
    final: FinalDay
    past: UsualChanges = field(default_factory=UsualChanges)
    _then: dict[int, Turnover | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_then", known_then(self.final) if self.rule.kind is Kind.DIVERGENCE else {})

    @property
    def day(self) -> TradingDay:
        """The session's trading periods."""
        return self.summary.day

    def _read(
        self, labels: Ints, values: Floats, flags: Flags16, turnover: Turnover | None, rule: Rule | None = None
    ) -> Readings:
        """The readings of confirmed lines, by this rule or by another."""
        lines = FlowSeries(
            self.summary.key.symbol,
            self.summary.key.source,
            Period.INTRADAY,
            labels,
            values,
            session=self.day.day,
            line_flags=flags,
            confirmed=np.ones(len(labels), np.bool_),
        )
        return readings(rule or self.rule, lines, self.day, turnover, then=self._then, past=self.past)

    def as_confirmed(self) -> Readings:
        """The readings of every line as it was when it was confirmed, in label order; not for SHARE."""
        order = np.argsort(self.final.labels, kind="stable")
        return self._read(self.final.labels[order], self.final.values[:, order], self.final.flags[order], None)

    def may_fire(self) -> bool:
        """Whether any figure the rule ever saw could have passed its level; often wrong about yes, never about no."""
        rule, final = self.rule, self.final
        row = COLUMNS.index(rule.metric)
        seen = np.concatenate([final.values[row], final.revised_values[row]])
        seen = seen[np.isfinite(seen)]
        if not len(seen):
            return False
        low, high = float(seen.min()), float(seen.max())
        if rule.kind is Kind.CROSSES:
            return high > rule.level + rule.band and low < rule.level - rule.band
        extremes = [low, high]
        match rule.kind:
            case Kind.SHARE:
                traded = final.moments.turnover[final.moments.turnover > 0].tolist()
                extremes = [each / of for each in extremes for of in (min(traded), max(traded))] if traded else [0.0]
            case Kind.CHANGE:
                extremes = [low - high, high - low]
            case Kind.DRAWDOWN:
                extremes = [high - low]
            case Kind.UNUSUAL:
                return high - low >= rule.floor
            case Kind.DIVERGENCE:
                return bool((final.moments.price > 0).any())
        return any(map(rule.past, extremes))

    def is_sound(self) -> bool:
        """Whether the figures alone say that the rule could be judged on every reply; often wrong about no."""
        rule, day, final = self.rule, self.day, self.final
        column = COLUMNS.index(rule.metric)
        plain = (
            not final.moments.flags.any()
            and bool(np.isfinite(final.values[column]).all() and np.isfinite(final.revised_values[column]).all())
            and not (_bad(final.flags).any() or _bad(final.revised_flags).any())
        )
        if not plain:
            return False
        indexes = day.indexes(final.labels)
        if (indexes < 0).any():
            return False
        if rule.kind in (Kind.CHANGE, Kind.UNUSUAL, Kind.DIVERGENCE) and (np.diff(indexes, prepend=-1) > 1).any():
            return False
        match rule.kind:
            case Kind.SHARE:
                return len(np.unique(final.confirmed_in)) == len(final.moments.flags) and self.at_once() is not None
            case Kind.UNUSUAL | Kind.DIVERGENCE:
                together = self.at_once()
                enough = rule.kind is Kind.DIVERGENCE or len(self.past) >= LEAST_SESSIONS
                return enough and together is not None and len(together[1]) == int((indexes >= rule.minutes).sum())
        return True

    def at_once(self) -> tuple[Readings, Ints] | None:
        """The readings of the whole day, and the moment of each; None where they depend on more than when they came."""
        rule, day, final = self.rule, self.day, self.final
        labels, moments = final.labels, final.moments
        if (labels[1:] <= labels[:-1]).any() or self._changes_matter():
            return None
        if rule.kind is not Kind.SHARE:
            found = self._read(labels, final.values, final.flags, None)
            return found, final.confirmed_in[np.searchsorted(labels, found.labels)]
        level = replace(rule, kind=Kind.LEVEL, part=WHOLE_SESSION)
        found = self._read(labels, final.values, final.flags, None, level)
        places = final.confirmed_in[np.searchsorted(labels, found.labels)]
        traded = moments.turnover[places]
        moved = np.maximum.accumulate(np.where(np.diff(found.values, prepend=0.0) != 0, found.labels, 0))
        if not (traded > 0).all() or (moved > moments.turnover_at[places] + TURNOVER_AGE_S).any():
            return None
        return in_part(rule, structs.replace(found, values=found.values / traded), day), places

    def _changes_matter(self) -> bool:
        """Whether what lines said after they were confirmed may matter to the rule."""
        rule, final = self.rule, self.final
        rows = final.revised
        if not len(rows):
            return False
        column = COLUMNS.index(rule.metric)
        before, after = final.values[column, rows], final.revised_values[column]
        usable = np.isfinite(before) & ~_bad(final.flags[rows])
        if not usable.all() or rule.kind in (Kind.LEVEL, Kind.SHARE, Kind.CROSSES):
            return not usable.all()
        return bool((before != after).any() or _bad(final.revised_flags).any())

    def one_by_one(self) -> Iterator[tuple[int, Readings]]:
        """The readings of each reply, as they were then."""
        final = self.final
        order = np.argsort(final.labels, kind="stable")
        place_of = np.empty_like(order)
        place_of[order] = np.arange(len(order))
        labels, values, flags = final.labels[order], final.values[:, order], final.flags[order]
        came = final.confirmed_in[order]
        moments = final.moments
        columns = (moments.turnover, moments.turnover_at, moments.flags)
        for moment, (amount, at, structural) in enumerate(zip(*(each.tolist() for each in columns), strict=True)):
            if structural:
                why = Reason.of(Code.REPLY_FLAGGED, flags=structural)
                yield moment, Readings(labels[:0], order[:0], values[0, :0], why)
                continue
            newly = final.revised_in == moment
            places = place_of[final.revised[newly]]
            values[:, places], flags[places] = final.revised_values[:, newly], final.revised_flags[newly]
            there = came <= moment
            turnover = Turnover(amount, at) if amount > 0 else None
            yield moment, self._read(labels[there], values[:, there], flags[there], turnover)


def known_then(final: FinalDay) -> dict[int, Turnover | None]:
    """By label, what was known of turnover and price when a line was confirmed."""
    moments = final.moments
    known = [
        None if math.isnan(amount) else Turnover(amount, at, None if math.isnan(price) else price)
        for amount, at, price in zip(
            moments.turnover.tolist(), moments.turnover_at.tolist(), moments.price.tolist(), strict=True
        )
    ]
    then: dict[int, Turnover | None] = {}
    for label, moment in zip(final.labels.tolist(), final.confirmed_in.tolist(), strict=True):
        then.setdefault(label, known[moment])
    return then


def _bad(flags: Flags16) -> Bools:
    bad: Bools = (flags & np.uint16(0xFFFF & ~int(HARMLESS))) != 0
    return bad
