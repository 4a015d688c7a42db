"""What the clocks say: each market's session, exchange and local time, and how far a source's clock is off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from capflow_gui.domain.link import LinkFact, LinkState
from capflow_gui.domain.session import Calendar, MarketNow, Phase
from capflow_gui.domain.symbol import Market
from capflow_gui.feed.market_clock import SKEW_SAID_S
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.names import market_name, source_title
from capflow_gui.present.numbers import clock_time, duration, long_day

_PHASES = {
    Phase.PRE_OPEN: N_("opens today"),
    Phase.OPEN: N_("open"),
    Phase.LUNCH: N_("lunch"),
    Phase.CLOSED: N_("closed"),
}
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
# A source gives whole seconds, and its answer takes a while.
_AGREES_S = 2.0
_QUIETLY_SAID_S = 5.0


@dataclass(frozen=True, slots=True)
class MarketLine:
    """One market: its name, state, what comes next and when (there and here), the time there and here, and notes."""

    name: str
    state: str
    comes: str
    at: str
    at_here: str
    time: str
    time_here: str
    notes: tuple[str, ...]


def next_words(state: MarketNow, now: float) -> str:
    """`closes in 1 h 27 m`, `resumes in 40 m`, `opens in 18 m`; with `?` where the session is only assumed."""
    if state.phase is Phase.OPEN:
        text = _("closes in {duration}")
    elif state.phase is Phase.LUNCH:
        text = _("resumes in {duration}")
    else:
        text = _("opens in {duration}")
    return text.format(duration=duration(_next_bell(state) - now)) + ("?" if state.assumed else "")


def _next_bell(state: MarketNow) -> float:
    if state.phase is Phase.OPEN and state.day is not None:
        return state.day.close
    if state.phase is Phase.LUNCH and state.resumes is not None:
        return state.resumes
    return state.next_open


def market_lines(
    calendar: Calendar, markets: Iterable[Market], now_of: Callable[[Market], float], here: tzinfo | None = None
) -> list[MarketLine]:
    """One line a market, mainland China's exchanges as one. `now_of` gives market now, `here` is the local zone."""
    named: dict[str, Market] = {}
    for market in markets:
        named.setdefault(market_name(market), market)
    return [_line(name, calendar, market, now_of(market), here) for name, market in named.items()]


def _line(name: str, calendar: Calendar, market: Market, now: float, here: tzinfo | None) -> MarketLine:
    state, zone = calendar.now(market, now), calendar.zone(market)
    here = here or datetime.fromtimestamp(now).astimezone().tzinfo or zone
    today, bell = calendar.session_date(market, now), _next_bell(state)
    holiday = state.day is None and today.weekday() < _SATURDAY
    return MarketLine(
        name,
        _("holiday") if holiday else _(_PHASES[state.phase]),
        next_words(state, now),
        _moment(bell, zone, today),
        _moment(bell, here, datetime.fromtimestamp(now, here).date()),
        clock_time(now, zone),
        clock_time(now, here),
        tuple(_notes(calendar, market, state, today)),
    )


def _moment(at: float, zone: tzinfo, today: date) -> str:
    day = datetime.fromtimestamp(at, zone).date()
    clock = clock_time(at, zone, seconds=False)
    return clock if day == today else f"{long_day(day)} {clock}"


def _notes(calendar: Calendar, market: Market, state: MarketNow, today: date) -> Iterator[str]:
    zone = calendar.zone(market)
    if state.day is not None and state.day.half:
        yield _("Half day: closes {time}").format(time=clock_time(state.day.close, zone, seconds=False))
    day = today + _ONE_DAY
    while day.weekday() >= _SATURDAY:
        day += _ONE_DAY
    session = calendar.day(market, day)
    if session is None:
        yield _("Holiday on {day}").format(day=long_day(day))
    elif session.half:
        closes = clock_time(session.close, zone, seconds=False)
        yield _("Half day on {day}: closes {time}").format(day=long_day(day), time=closes)
    if state.assumed or (session is not None and session.assumed):
        yield _("Trading days are known to {day}: later ones are assumed").format(day=calendar.known_to(market))


def line_words(line: MarketLine) -> str:
    """A market in one line, for a tooltip and for screen readers."""
    return " · ".join((f"{line.name} {line.time}", line.state, line.comes, *line.notes))


def clock_lines(links: Sequence[LinkState], *, simulated: bool) -> list[str]:
    """How each source's clock stands to this computer's, a sentence each."""
    return [_clock_line(link, simulated=simulated) for link in links]


def _clock_line(link: LinkState, *, simulated: bool) -> str:
    name = source_title(link.source)
    name = name[:1].upper() + name[1:]
    if link.skew_s is None:
        if simulated or link.fact(LinkFact.SIMULATED) is not None:
            return _("{source}: simulated time").format(source=name)
        return _("{source} has not said its time yet").format(source=name)
    if abs(link.skew_s) < _AGREES_S:
        return _("{source}'s clock and this computer's agree").format(source=name)
    text = (
        _("{source}'s clock is {time} ahead of this computer's")
        if link.skew_s > 0
        else _("{source}'s clock is {time} behind this computer's")
    )
    return text.format(source=name, time=duration(abs(link.skew_s)))


def skew_words(links: Sequence[LinkState]) -> str:
    """The largest difference that is worth a quiet word; larger ones are troubles, and said as such."""
    skews = [link for link in links if link.skew_s is not None and _QUIETLY_SAID_S <= abs(link.skew_s) <= SKEW_SAID_S]
    if not skews:
        return ""
    return _clock_line(max(skews, key=lambda link: abs(link.skew_s or 0.0)), simulated=False)


def clock_note(*, longport: bool) -> str:
    """Which clock is used for what."""
    used = _(
        "Sessions, ages and charts go by the source's clock: it is asked at the start, once a minute and after sleep. "
        "Quotas and time-outs go by this computer's running time; log lines by its clock."
    )
    if not longport:
        return used
    signed = _(
        "Requests to Longport are signed with this computer's clock: where it is too far off, Longport refuses them "
        "(403201). How far, it does not say: let the network set the clock."
    )
    return f"{used} {signed}"
