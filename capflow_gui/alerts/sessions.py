"""In which session rules are judged, and when it is over."""

from __future__ import annotations

from capflow_gui.alerts.evaluation import Stretch
from capflow_gui.alerts.place import Place
from capflow_gui.alerts.watch import Watch
from capflow_gui.domain.session import SESSION_END_S, Calendar, Phase, TradingDay
from capflow_gui.domain.symbol import Market, Symbol


class Sessions:
    """Sessions as the alert book sees them, by market now in UTC epoch seconds.

    calendar         may be replaced at any time
    ignore_calendar  whatever session the source serves is the current one, and none is ended by the clock
    """

    def __init__(self, calendar: Calendar, *, ignore_calendar: bool) -> None:
        self.calendar = calendar
        self.ignore_calendar = ignore_calendar

    def today(self, symbol: Symbol, market_now: float) -> str:
        """The exchange's date, ISO."""
        return self.date(symbol.market, market_now)

    def date(self, market: Market, market_now: float) -> str:
        """The same by its market."""
        return self.calendar.session_date(market, market_now).isoformat()

    def phase(self, symbol: Symbol, market_now: float) -> Phase:
        """What the symbol's market is doing."""
        return Phase.OPEN if self.ignore_calendar else self.calendar.now(symbol.market, market_now).phase

    def stretch(self, market: Market, market_now: float) -> Stretch:
        """What a market goes on with."""
        phase = Phase.OPEN if self.ignore_calendar else self.calendar.now(market, market_now).phase
        return Stretch(self.calendar, phase, self.calendar.session_date(market, market_now))

    def quiet(self, place: Place, market_now: float, *, todays_over: bool) -> Stretch | None:
        """What the market of a place goes on with, where nothing is awaited that time alone brings; else None.

        That is a session's end or its first reply, a connection, the past, or the end of what is in the way.
        """
        market, stretch = place.symbol.market, self.stretch(place.symbol.market, market_now)
        if any(watch.waiting or watch.since is None for watch in place.watches.values()):
            return None
        if stretch.phase is Phase.OPEN:
            today = stretch.today.isoformat()
            judged = all(
                watch.session == today and watch.state is not None and watch.unjudged is None
                for watch in place.watches.values()
            )
            return stretch if place.is_clear and judged and not todays_over else None
        ends = stretch.phase is Phase.CLOSED and stretch.calendar.day(market, stretch.today) is not None
        return None if ends and not todays_over else stretch

    def next_open(self, symbol: Symbol, market_now: float) -> float:
        """When the symbol's next session opens."""
        return self.calendar.now(symbol.market, market_now).next_open

    def goes_on(self, symbol: Symbol, session: str, time: float) -> bool:
        """Whether a session of a symbol (an ISO date) is not over at a market time."""
        then = self.calendar.session_date(symbol.market, time)
        if self.ignore_calendar or session != then.isoformat():
            return self.ignore_calendar or session > then.isoformat()
        day = self.calendar.day(symbol.market, then)
        return day is None or time < day.close + SESSION_END_S

    def is_current(self, day: TradingDay, market_now: float) -> bool:
        """Whether rules may be judged on lines of `day`."""
        return self.ignore_calendar or self.calendar.session_date(day.market, market_now) == day.day

    def is_closed(self, day: TradingDay, market_now: float) -> bool:
        """Whether the trading of `day` has ended."""
        return not self.ignore_calendar and market_now >= day.close

    def is_over(self, watch: Watch, market_now: float, *, todays_over: bool, serving: TradingDay | None = None) -> bool:
        """Whether the session a watch is in has ended.

        `todays_over` is what `is_todays_over` says, `serving` the session the source gives now.
        """
        served = watch.session if serving is None else serving.day.isoformat()
        if watch.session < served or (self.ignore_calendar and watch.session != served):
            return True
        if self.ignore_calendar:
            return False
        today = self.today(watch.symbol, market_now)
        return todays_over if watch.session == today else watch.session < today

    def is_todays_over(self, place: Place, market_now: float) -> bool:
        """Whether today's session has ended and its last line is confirmed, or late."""
        market, reply = place.symbol.market, place.reply
        if self.ignore_calendar or (
            reply is not None
            and reply.day.open <= market_now < reply.day.close
            and reply.day is self.calendar.day(market, reply.day.day)
        ):
            return False
        day = self.calendar.day(market, self.calendar.session_date(market, market_now))
        if day is None or market_now < day.close:
            return False
        session = day.day.isoformat()
        final = reply is not None and reply.day.day == day.day and reply.is_final
        if final or market_now >= day.close + SESSION_END_S:
            place.over = session
        return place.over == session
