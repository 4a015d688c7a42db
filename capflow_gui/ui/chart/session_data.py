"""An intraday series laid on the session's axis: what the panes draw."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, MEDIUM, NET, SMALL, Bools, Flag, Floats, FlowSeries, Ints
from capflow_gui.domain.measures.derived import minute_flow, on_axis
from capflow_gui.domain.session import TradingDay
from capflow_gui.ui.chart.geometry import Span

CLASS_COLUMNS = (SMALL, MEDIUM, LARGE, EXTRA_LARGE)
# The rows that hold a source's own three classes where they are derived from its snapshots.
DERIVED_COLUMNS = (LARGE, MEDIUM, SMALL)


def _none() -> Ints:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Since:
    """What flowed from a minute on: its clock time, net and main in the listing's currency, NaN = missing."""

    clock: str
    net: float
    main: float


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """One step over more than a minute: from index `anchor` to `end`, `minutes` trading minutes apart."""

    anchor: int
    end: int
    minutes: int
    delta: tuple[float, ...]  # rows as COLUMNS


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Another session's net on this one's axis: (day.minutes + 1,) `values` by trading minute, NaN = missing.

    `compared`: it is looked at as much as the session shown, whose order sizes then make room.
    """

    name: str
    values: Floats
    compared: bool = False

    def since(self, anchor: int) -> Beside | None:
        """The same net counted from a minute on; None where nothing is known of that minute."""
        if not np.isfinite(self.values[anchor]):
            return None
        return replace(self, values=_counted_from(self.values, anchor))

    def extent(self, first: int, last: int) -> Span | None:
        """The range of the minutes `first` to `last`; None where none of them is known."""
        known = self.values[first : last + 1]
        known = known[np.isfinite(known)]
        return Span(float(known.min()), float(known.max())) if len(known) else None


@dataclass(frozen=True, slots=True, eq=False)
class SessionData:
    """values and deltas are (6, day.minutes + 1), rows as COLUMNS, NaN = missing.

    `deltas` holds per-minute figures alone, none from or to a line with impossible figures; wider steps are in `gaps`.
    `last` is the newest line's index, -1 without.

    sound      (day.minutes + 1,) False for lines with impossible figures: they set no scale, and those BEYOND any
               market are drawn as missing; None where there is no such line
    snapshots  (m,) ascending indexes of the minutes in which the classes are known, from snapshots and nowhere else;
               empty where the source gives class lines, or no snapshot
    anchor     the minute that values are counted from, and before which there are none; None for the open
    """

    day: TradingDay
    values: Floats
    deltas: Floats
    gaps: tuple[Gap, ...]
    last: int
    provisional: bool
    classes: bool
    sound: Bools | None = None
    snapshots: Ints = field(default_factory=_none)
    anchor: int | None = None

    def since(self, minute: int) -> SessionData | None:
        """The same lines counted from the newest net at or before a minute; None where there is none.

        Classes that are known at snapshots alone have no figure there, and are left out.
        """
        net = np.isfinite(self.values[NET, : minute + 1])
        if self.sound is not None:
            net &= self.sound[: minute + 1]
        known = np.flatnonzero(net)
        if not len(known):
            return None
        anchor = int(known[-1])
        gaps = tuple(gap for gap in self.gaps if gap.anchor >= anchor)
        values = _counted_from(self.values, anchor)
        if self.derived:
            values[list(DERIVED_COLUMNS)] = np.nan
        return replace(self, values=values, gaps=gaps, snapshots=_none(), anchor=anchor)

    def setting_scale(self, first: int, last: int) -> Floats:
        """(6, k) the values of the minutes `first` to `last` that set the scale: all of them where none is sound."""
        values = self.values[:, first : last + 1]
        if self.sound is None or not self.sound[: self.last + 1].any():
            return values
        return values[:, self.sound[first : last + 1]]

    def columns(self, *, compact: bool) -> tuple[int, ...]:
        """The curves there are, in drawing order: net is last and on top."""
        if not self.classes:
            return (NET,) if compact else (*self.derived[::-1], NET)
        return (MAIN, NET) if compact else (*CLASS_COLUMNS, NET)

    @property
    def derived(self) -> tuple[int, ...]:
        """The curves that are known at snapshots alone."""
        return DERIVED_COLUMNS if len(self.snapshots) else ()

    def newest(self, column: int, upto: int | None = None) -> int:
        """The newest index of a curve, at most `upto`; -1 where it has not begun."""
        if column not in self.derived:
            return self.last if upto is None else upto
        at, _ = self.snapshots_at(int(self.snapshots[-1]) if upto is None else upto)
        return -1 if at is None else at

    def snapshots_at(self, index: int) -> tuple[int | None, int | None]:
        """The newest snapshot at or before `index`, and the one before that."""
        place = int(np.searchsorted(self.snapshots, index, side="right"))
        newest, before = ([*self.snapshots[max(place - 2, 0) : place].tolist()[::-1], None, None])[:2]
        return newest, before

    def gap_at(self, index: int) -> Gap | None:
        """The gap that ends at `index`."""
        return next((gap for gap in self.gaps if gap.end == index), None)


def _counted_from(values: Floats, anchor: int) -> Floats:
    """Running totals less what they were at an index; those before it are missing."""
    counted: Floats = values - values[..., anchor : anchor + 1]
    counted[..., :anchor] = np.nan
    return counted


def beside(series: FlowSeries, its_day: TradingDay, day: TradingDay, name: str, *, compared: bool = False) -> Beside:
    """Lay the net of a session `its_day` on the axis of `day`: minute by minute since the open of each."""
    series = without_beyond(series)
    axis, places = on_axis(series, its_day)
    values = np.full(max(day.minutes, its_day.minutes) + 1, np.nan)
    values[axis] = series.net[places]
    values[axis[series.impossible[places]]] = np.nan
    return Beside(name, values[: day.minutes + 1], compared)


def without_beyond(series: FlowSeries) -> FlowSeries:
    """The series with lines beyond any market missing: no screen can show them beside others."""
    beyond = (series.line_flags & np.uint16(Flag.BEYOND.value)) != 0
    if not beyond.any():
        return series
    return msgspec.structs.replace(series, values=np.where(beyond, np.nan, series.values))


def minute_of(day: TradingDay | None, last: int, label: object) -> int | None:
    """The index of a label, UTC epoch seconds, in a session known up to its index `last`; None for another one."""
    if day is None or not isinstance(label, int | float) or not day.open <= label <= day.label(last):
        return None
    return round(day.index(label))


def session_data(series: FlowSeries, day: TradingDay, class_flow: ClassFlow | None = None) -> SessionData:
    """Lay an intraday series on its day's axis, and with it the snapshots of a source that gives no class lines."""
    series = without_beyond(series)
    axis, places = on_axis(series, day)
    values = np.full((6, day.minutes + 1), np.nan)
    impossible = series.impossible[places]
    sound = np.ones(day.minutes + 1, np.bool_) if impossible.any() else None
    if sound is not None:
        sound[axis] = ~impossible
    deltas = np.full((6, day.minutes + 1), np.nan)
    values[:, axis] = series.values[:, places]
    steps = minute_flow(series, day)
    single = steps.single
    gaps: tuple[Gap, ...] = ()
    if single.all():
        deltas[:, steps.index] = steps.delta
    else:
        deltas[:, steps.index[single]] = steps.delta[:, single]
        gaps = tuple(
            Gap(int(end - minutes), int(end), int(minutes), tuple(float(v) for v in steps.delta[:, i]))
            for i, (end, minutes) in enumerate(zip(steps.index, steps.minutes, strict=True))
            if minutes != 1 and (sound is None or (sound[end] and sound[end - minutes]))
        )
    if sound is not None:
        deltas[:, ~sound] = np.nan
        deltas[:, 1:][:, ~sound[:-1]] = np.nan
    return SessionData(
        day=day,
        values=values,
        deltas=deltas,
        gaps=gaps,
        last=int(axis[-1]) if len(axis) else -1,
        provisional=bool(len(places)) and not bool(series.confirmed[places[-1]]),
        classes=series.has_classes,
        sound=sound,
        snapshots=_lay_snapshots(values, class_flow, day, int(axis[-1]) if len(axis) else -1),
    )


def _lay_snapshots(values: Floats, class_flow: ClassFlow | None, day: TradingDay, last: int) -> Ints:
    """Put the classes where snapshots know them, up to the newest line; the indexes there."""
    if class_flow is None:
        return _none()
    axis, places = class_flow.on_axis(day)
    axis, places = axis[axis <= last], places[axis <= last]
    for column, amounts in zip(DERIVED_COLUMNS, class_flow.net, strict=True):
        values[column, axis] = amounts[places]
    return axis
