"""What the axis of time says and where. Arithmetic and words, no Qt."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import day_and_month, day_of_year, full_day, month_alone, month_name
from capflow_gui.ui.chart.geometry import Span

# A number of a day between the names of months is read where there are some in each month.
_MOST_DAYS_BETWEEN = 10
_BAR_STEPS = (1, 2, 3, 4, 5, 10, 20, 50, 100)
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240)
_HOUR = 60
_WHOLE_DAY_STEP = _HOUR // 2
_GAP_PX = 14.0
_SEAM_GAP_PX = 4.0
_SEAM_PX = 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at session index `x`. `side`: 0 centred, -1 ends left of x (before a break), +1 begins right of it."""

    x: float
    text: str
    side: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A label that got its place: pixels from the axis' left end."""

    left: float
    text: str


def clock(epoch: int, zone: ZoneInfo) -> str:
    """`09:30`."""
    at = datetime.fromtimestamp(epoch, zone)
    return f"{at.hour:02}:{at.minute:02}"


@lru_cache(maxsize=64)
def session_marks(day: TradingDay, step: int) -> tuple[Mark, ...]:
    """Every label of a session at clock multiples of `step` minutes; the ends of its periods come first."""
    zone = ZoneInfo(day.zone)
    ends = [Mark(0, clock(day.open, zone)), Mark(day.minutes, clock(day.close, zone))]
    for seam, (before, after) in zip(day.seams, zip(day.periods, day.periods[1:], strict=False), strict=True):
        ends += [Mark(seam, clock(before[1], zone), -1), Mark(seam, clock(after[0], zone), 1)]
    inner = []
    for begin, end in day.periods:
        first = datetime.fromtimestamp(begin, zone)
        minute = first.hour * 60 + first.minute
        start = begin + (-minute % step) * 60
        inner += [Mark(day.index(at), clock(at, zone)) for at in range(start, end, step * 60) if at > begin]
    return (*ends, *inner)


def session_step(span: Span, width: float, widest: float, minutes: int) -> int:
    """Minutes between labels: 30 for a whole session where there is room, 60 when narrow, finer when zoomed in."""
    pixels_a_minute = width / span.size
    least = _WHOLE_DAY_STEP if span.size > minutes * 0.8 else 1
    return next((step for step in _STEPS if step >= least and step * pixels_a_minute >= widest + _GAP_PX), _STEPS[-1])


def session_labels(day: TradingDay, span: Span, width: float, measure: Callable[[str], float]) -> Sequence[Mark]:
    """Every label of a session that an axis `width` pixels wide asks for.

    Half hours are asked for where every full hour finds room beside them.
    """
    step = session_step(span, width, measure("00:00"), day.minutes)
    marks = session_marks(day, step)
    if step == _HOUR // 2:
        hours, placed = session_marks(day, _HOUR), {each.text for each in place(marks, span, width, measure)}
        if any(span.holds(each.x) and each.text not in placed for each in hours):
            return hours
    return marks


def place(marks: Sequence[Mark], span: Span, width: float, measure: Callable[[str], float]) -> list[Placed]:
    """Give each mark its place in an axis `width` pixels wide, first come first served; a label is whole or absent."""
    placed: list[Placed] = []
    taken: list[tuple[float, float, float]] = []  # left, right, room wanted beside it; ascending
    for mark in marks:
        if not span.holds(mark.x):
            continue
        x = (mark.x - span.low) / span.size * width
        size = measure(mark.text)
        left = x - size / 2 if mark.side == 0 else (x - size - _SEAM_PX if mark.side < 0 else x + _SEAM_PX)
        if mark.side == 0:
            left = min(max(left, 1.0), width - size - 1.0)
        if left < 0 or left + size > width:
            continue
        at = bisect(taken, (left,))
        if any(left < end + room and begin < left + size + room for begin, end, room in taken[max(at - 1, 0) : at + 1]):
            continue
        placed.append(Placed(left, mark.text))
        taken.insert(at, (left, left + size, _SEAM_GAP_PX if mark.side else _GAP_PX))
    return placed


def history_marks(
    days: Sequence[date], period: Period, span: Span, width: float, measure: Callable[[str], float]
) -> list[Mark]:
    """Labels of a DAY, WEEK or MONTH chart, those that win the room first: years, months of days, then every bar.

    Where there is no room for every bar it is every second, fifth and so on, counted from the newest; none where that
    leaves a month without a day.
    """
    named, others = [], []
    for index, day in enumerate(days):
        before = days[index - 1] if index else None
        if before is None or _opening(day, period)[-4:] != _opening(before, period)[-4:]:
            named.append(Mark(index, _opening(day, period)))
        elif period is Period.DAY and day.month != before.month:
            others.append(Mark(index, month_alone(day)))
    texts = [_short_name(day, period) for day in days]
    needed = (max(map(measure, texts), default=0.0) + _GAP_PX) * span.size / width
    step = next((step for step in _BAR_STEPS if step >= needed), max(len(days), 1))
    if period is not Period.DAY or step <= _MOST_DAYS_BETWEEN:
        others += [Mark(index, texts[index]) for index in range(len(days) - 1, -1, -step)]
    return named + others


def _opening(day: date, period: Period) -> str:
    """The label that names a year."""
    text = day_and_month(day) if period is Period.DAY else _short_name(day, period)
    return f"{text} {(_monday(day) if period is Period.WEEK else day).year}"


def _short_name(day: date, period: Period) -> str:
    if period is Period.MONTH:
        return month_alone(day)
    if period is Period.DAY:
        return str(day.day)
    return day_and_month(_monday(day))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def period_name(day: date, period: Period) -> str:
    """How a readout names one line: `Fri 20 Nov 2026`, `Week of 16 Nov 2026`, `Nov 2026`."""
    if period is Period.MONTH:
        return month_name(day)
    if period is Period.WEEK:
        monday = _monday(day)
        return _("Week of {day}").format(day=day_of_year(monday))
    return full_day(day)
