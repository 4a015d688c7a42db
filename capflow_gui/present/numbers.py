"""Figures as text: one way to write them everywhere.

The minus is U+2212, every figure but zero is signed, a figure that rounds to zero is an unsigned zero,
and a missing figure (NaN, infinite, None) is an en dash. Digits never depend on the system's locale.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from capflow_gui.domain.money import MINUS
from capflow_gui.present.language.texts import N_, NN_, _, ngettext

MISSING = "–"
Style = Literal["KMB", "万亿", "萬億"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A column's or an axis' unit: amounts are divided by `factor`; `suffix` is what its header says."""

    suffix: str
    factor: float
    decimals: int = 1  # that it usually has


_ONE = Unit("", 1.0)
# Magnitudes of which digits say nothing any more: written with an exponent, however many they are.
_EXPONENT_FROM, _PERCENT_EXPONENT_FROM = 1e15, 1e5
# Per cent that large say nothing by their decimals.
_PERCENT_WHOLE_FROM = 1e3
# A figure that large in a column's unit stands for itself: it did not choose the unit, nor the column's width.
_MOST_NEAR = 2
_OUT_OF_UNIT = 1e5
_LONGESTDAYS = 999
SMALL_PRICE = 10.0  # prices below have three decimals
_EARLIEST, _LATEST = -62135510400, 253402214400  # datetime's own range, a day short at both ends
# Largest first; the second figure is the magnitude from which a fixed unit serves a whole column.
_UNITS: dict[Style, tuple[tuple[Unit, float], ...]] = {
    "KMB": ((Unit("T", 1e12), 1e13), (Unit("B", 1e9), 1e10), (Unit("M", 1e6), 1e6), (Unit("K", 1e3), 1e3), (_ONE, 0.0)),
    "万亿": ((Unit("万亿", 1e12, 2), 1e13), (Unit("亿", 1e8, 2), 1e8), (Unit("万", 1e4, 0), 1e4), (_ONE, 0.0)),
    "萬億": ((Unit("萬億", 1e12, 2), 1e13), (Unit("億", 1e8, 2), 1e8), (Unit("萬", 1e4, 0), 1e4), (_ONE, 0.0)),
}


class _Used:
    """Holds the units in use."""

    style: Style = "KMB"


def use_units(style: Style) -> None:
    """Write large figures in these units from now on."""
    _Used.style = style


def units() -> Style:
    """The units in use."""
    return _Used.style


_SIZES = ((1e9, "GB"), (1e6, "MB"))
_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)
_COUNTED = {
    "alert": NN_("{count:,} alert", "{count:,} alerts"),
    "attempt": NN_("{count:,} attempt", "{count:,} attempts"),
    "code": NN_("{count:,} code", "{count:,} codes"),
    "day": NN_("{count:,} day", "{count:,} days"),
    "fault": NN_("{count:,} fault", "{count:,} faults"),
    "flow": NN_("{count:,} flow", "{count:,} flows"),
    "gap": NN_("{count:,} gap", "{count:,} gaps"),
    "group": NN_("{count:,} group", "{count:,} groups"),
    "line": NN_("{count:,} line", "{count:,} lines"),
    "minute": NN_("{count:,} minute", "{count:,} minutes"),
    "more alert": NN_("{count:,} more alert", "{count:,} more alerts"),
    "new symbol": NN_("{count:,} new symbol", "{count:,} new symbols"),
    "poll": NN_("{count:,} poll", "{count:,} polls"),
    "reconnect": NN_("{count:,} reconnect", "{count:,} reconnects"),
    "request": NN_("{count:,} request", "{count:,} requests"),
    "revision": NN_("{count:,} revision", "{count:,} revisions"),
    "rule": NN_("{count:,} rule", "{count:,} rules"),
    "session": NN_("{count:,} session", "{count:,} sessions"),
    "symbol": NN_("{count:,} symbol", "{count:,} symbols"),
    "symbol-day": NN_("{count:,} symbol-day", "{count:,} symbol-days"),
    "year": NN_("{count:,} year", "{count:,} years"),
}
_NONE = {
    "alert": N_("no alerts"),
    "day": N_("no days"),
    "fault": N_("no faults"),
    "gap": N_("no gaps"),
    "more alert": N_("no more alerts"),
    "revision": N_("no revisions"),
    "session": N_("no sessions"),
    "symbol": N_("no symbols"),
    "symbol-day": N_("no symbol-days"),
}


def unit_for(max_abs: float, style: Style | None = None) -> Unit:
    """The one unit for figures up to `max_abs`, the largest where that is infinite. `style` None: the units in use.

    B and T start at ten, so that −1,200 M keeps its precision.
    """
    return (
        _ONE
        if math.isnan(max_abs)
        else next(unit for unit, least in _UNITS[style or _Used.style] if abs(max_abs) >= least)
    )


def _signed(value: float, digits: str, *, signed: bool) -> str:
    """`digits` is the formatted magnitude: the sign is decided by what is shown, never by what was rounded away."""
    if not any(digit in "123456789" for digit in digits):
        return digits
    if value < 0:
        return MINUS + digits
    return "+" + digits if signed else digits


def scaled(value: float | None, unit: Unit, decimals: int | None = None, *, signed: bool = True) -> str:
    """The figure in a fixed unit, without its suffix: `−263.2`, `+1,200.0`, `0.0`, `–`.

    `signed=False` drops the plus; the minus always stays. A figure far too large for its unit has one of its own.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    decimals = unit.decimals if decimals is None else decimals
    shown = abs(value) / unit.factor
    if shown >= _OUT_OF_UNIT and (unit.suffix or shown >= _EXPONENT_FROM):
        return compact(value, decimals, signed=signed)
    return _signed(value, f"{shown:,.{decimals}f}", signed=signed)


def in_unit(value: float | None, unit: Unit) -> str:
    """The figure in a fixed unit, without its suffix; one that only rounding would make zero has a unit of its own."""
    if value and math.isfinite(value) and round(value / unit.factor, unit.decimals) == 0.0:
        return compact(value)
    return scaled(value, unit)


def near(value: float, unit: Unit, decimals: int) -> str:
    """The figure in a fixed unit, without its suffix, within a twentieth of what it is: `−263`, `−1.5`.

    It has `decimals`, and up to two where fewer would say another amount; else a unit of its own: `−150万`.
    """
    for places in range(decimals, max(decimals, _MOST_NEAR) + 1):
        if abs(round(value / unit.factor, places) * unit.factor - value) <= abs(value) / 20:
            return scaled(value, unit, places)
    return compact(value)


def _with_exponent(magnitude: float) -> str:
    """`1.7e308`, `9.7e5`."""
    return f"{magnitude:.1e}".replace("e+0", "e").replace("e+", "e")


def compact(
    value: float | None, decimals: int | None = None, style: Style | None = None, *, signed: bool = True
) -> str:
    """The figure in the unit that suits it alone: `−263.2M`, `+1.2B`, `−512`, `0`."""
    if value is None or not math.isfinite(value):
        return MISSING
    if abs(value) >= _EXPONENT_FROM:
        return _signed(value, _with_exponent(abs(value)), signed=signed)
    units = [unit for unit, __ in reversed(_UNITS[style or _Used.style])]
    for unit, larger in pairwise(units):
        places = (unit.decimals if decimals is None else decimals) if unit.suffix else 0
        # 999,960 would round to 1000.0K: the larger unit takes over where the digits do.
        if float(f"{abs(value) / unit.factor:.{places}f}") < larger.factor / unit.factor:
            return scaled(value, unit, places, signed=signed) + unit.suffix
    return scaled(value, units[-1], decimals, signed=signed) + units[-1].suffix


def exact(value: float) -> str:
    """Every digit of an amount, grouped, without a plus: `−200,000,000`, `0.0001`."""
    return f"{Decimal(repr(value)).normalize():,f}".replace("-", MINUS)


def exact_in_unit(value: float) -> str:
    """Every digit of an amount as rules are shown, without separators and plus: `−150M`, `−1.5亿`, `−1500万`, `0.5`."""
    size = abs(Decimal(repr(value)))
    unit = next((unit for unit, __ in _UNITS[_Used.style] if size >= Decimal(unit.factor)), _ONE)
    return f"{MINUS if value < 0 else ''}{(size / Decimal(unit.factor)).normalize():f}{unit.suffix}"


def percent(fraction: float | None, decimals: int = 1, *, signed: bool = True) -> str:
    """A fraction as per cent: −0.037 is `−3.7%`."""
    if fraction is None or not math.isfinite(fraction):
        return MISSING
    shown = min(abs(fraction), sys.float_info.max / 100) * 100
    places = 0 if shown >= _PERCENT_WHOLE_FROM else decimals
    digits = _with_exponent(shown) if shown >= _PERCENT_EXPONENT_FROM else f"{shown:,.{places}f}"
    return _signed(fraction, digits, signed=signed) + "%"


def price(value: float | None, decimals: int | None = None) -> str:
    """A price, unsigned: `412.60`, `3.215`; below ten with three decimals, unless `decimals` says how many."""
    small = value is not None and value < SMALL_PRICE
    return scaled(value, _ONE, (3 if small else 2) if decimals is None else decimals, signed=False)


def signed_price(change: float, price: float) -> str:
    """By how much a price moved, in the places that `price` has: `+0.40`, `−0.015`, `0.00`."""
    return _signed(change, f"{abs(change):,.{3 if price < SMALL_PRICE else 2}f}", signed=True)


def as_shown(value: float, text: str) -> float:
    """A figure as its text says it: one that rounds to zero there has no direction either."""
    return value if any(digit in text for digit in "123456789") else 0.0


def tick_labels(ticks: Sequence[float], unit: Unit) -> list[str]:
    """An axis' labels: as many decimals as its smallest step needs, signed, one precision for all."""
    steps = [abs(b - a) / unit.factor for a, b in pairwise(ticks) if b != a]
    decimals = 0
    if steps and math.isfinite(step := min(steps)):
        while decimals < 6 and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6 * step * 10**decimals:
            decimals += 1
    return [scaled(tick, unit, decimals) for tick in ticks]


def age(seconds: float | None) -> str:
    """How old a figure is: `8s`, `2m 14s`, `3h 05m`, `2d 04h`; a negative age (clocks differ) is `0s`."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    whole = max(0, math.floor(seconds))
    if whole < 60:
        return _("{seconds}s").format(seconds=whole)
    if whole < 3600:
        return _("{minutes}m {seconds:02d}s").format(minutes=whole // 60, seconds=whole % 60)
    if whole < 86400:
        return _("{hours}h {minutes:02d}m").format(hours=whole // 3600, minutes=whole % 3600 // 60)
    if whole > _LONGESTDAYS * 86400:
        return _(">{days}d").format(days=_LONGESTDAYS)
    return _("{days}d {hours:02d}h").format(days=whole // 86400, hours=whole % 86400 // 3600)


def counted(count: int, noun: str) -> str:
    """`1 symbol`, `3 symbols`; `noun` is one of _COUNTED."""
    return ngettext(*_COUNTED[noun], count).format(count=count)


def count_of(count: int, noun: str) -> str:
    """`no gaps`, `1 gap`, `3 gaps`; `noun` is one of _NONE."""
    return counted(count, noun) if count else _(_NONE[noun])


def byte_size(size: float) -> str:
    """`812 kB`, `3.4 MB`."""
    unit, name = next((each for each in _SIZES if size >= each[0]), (1e3, "kB"))
    return f"{size / unit:.{0 if size >= 100 * unit or name == 'kB' else 1}f} {name}"


def duration(seconds: float) -> str:
    """A stretch of time to come or gone by, in words: `8 s`, `18 m`, `1 h 27 m`, `2 d 4 h`."""
    if not math.isfinite(seconds):
        return MISSING
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    minutes = whole // 60
    if minutes < 60:
        return _("{minutes} m").format(minutes=minutes)
    hours = minutes // 60
    if hours > _LONGESTDAYS * 24:
        return _("more than {days} d").format(days=_LONGESTDAYS)
    if hours < 24:
        return _("{hours} h {minutes} m").format(hours=hours, minutes=minutes % 60)
    return _("{days} d {hours} h").format(days=hours // 24, hours=hours % 24)


def _zone(zone: str | tzinfo) -> tzinfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def date_time(epoch: float, zone: str | tzinfo) -> datetime | None:
    """The date and time of `zone` at a UTC epoch second, whole seconds; None for a time no calendar has."""
    if not _EARLIEST < epoch < _LATEST:
        return None
    return datetime.fromtimestamp(math.floor(epoch), _zone(zone))


def clock_time(epoch: float, zone: str | tzinfo, seconds: bool = True) -> str:
    """The wall clock of `zone` at a UTC epoch second: `14:31:58`, or `14:31`."""
    moment = date_time(epoch, zone)
    return MISSING if moment is None else moment.strftime("%H:%M:%S" if seconds else "%H:%M")


def weekday_name(place: int) -> str:
    """`Mon` for 0, as `date.weekday` counts."""
    return _(_DAYS[place])


def month_alone(day: date) -> str:
    """`Nov`."""
    return _(_MONTHS[day.month - 1])


def _dated(text: str, day: date) -> str:
    return text.format(weekday=weekday_name(day.weekday()), day=day.day, month=month_alone(day), year=day.year)


def short_day(day: date) -> str:
    """`Fri 20`."""
    return _dated(_("{weekday} {day}"), day)


def day_and_month(day: date) -> str:
    """`20 Nov`."""
    return _dated(_("{day} {month}"), day)


def day_of_year(day: date) -> str:
    """`20 Nov 2026`."""
    return _dated(_("{day} {month} {year}"), day)


def month_name(day: date) -> str:
    """`Nov 2026`."""
    return _dated(_("{month} {year}"), day)


def long_day(day: date) -> str:
    """`Fri 20 Nov`."""
    return _dated(_("{weekday} {day} {month}"), day)


def full_day(day: date) -> str:
    """`Fri 20 Nov 2026`."""
    return _dated(_("{weekday} {day} {month} {year}"), day)
