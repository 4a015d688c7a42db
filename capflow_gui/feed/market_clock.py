"""Market now: the source's own time, projected between answers (domain rule 0).

A source gives its time in whole seconds, at connect and once a minute. Between answers it is projected at its
measured rate, so that a simulator at 60× works. A rate other than one is believed when two measurements in a row
agree on it; anything else that does not fit is a step, after which the old rate goes on. A step of hours, which would
end a session, is believed when the next answer does not fit either.
"""

from __future__ import annotations

from collections.abc import Iterable

from capflow_gui.clock import Clock
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market
from capflow_gui.reason import Code, Reason

ASK_EVERY_S = 60.0
SKEW_SAID_S = 90.0
_SETTLING_S = (1.0, 2.0, 4.0)
_LARGE_S = 3600.0
_GRAIN_S = 1.0  # a source's answer is in whole seconds
_TOLERANCE = 0.02
_MONDAY = 0
_PLAUSIBLE = 946_684_800.0, 4_102_444_800.0  # from 2000 to 2100


class MarketClock:
    """The clock of one source. Before its first answer it shows this computer's own time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor: tuple[float, float] | None = None  # (monotonic, source time) the projection starts from
        self._last: tuple[float, float] | None = None
        self._rate = 1.0
        self._doubt = 0.0  # of the rate
        self._suspected: tuple[float, float] | None = None  # (rate, its uncertainty) seen once
        self._doubted = False  # whether the last answer was hours off
        self._unsettled = 0
        self.steps = 0

    @property
    def known(self) -> bool:
        """Whether the source has answered at least once."""
        return self._anchor is not None

    @property
    def rate(self) -> float:
        """Market seconds a monotonic second."""
        return self._rate

    @property
    def ask_after_s(self) -> float:
        """Seconds until the source should be asked again: soon while its rate is unsettled, then every minute."""
        return _SETTLING_S[self._unsettled] if self._unsettled < len(_SETTLING_S) else ASK_EVERY_S

    def now(self) -> float:
        """UTC epoch seconds."""
        return self.at(self._clock.monotonic())

    def at(self, monotonic: float) -> float:
        """Market now at a monotonic second, UTC epoch seconds; of this century, however fast the source's clock ran."""
        if self._anchor is None:
            return self._clock.wall() + (monotonic - self._clock.monotonic())
        since, time = self._anchor
        return min(max(time + self._rate * (monotonic - since), _PLAUSIBLE[0]), _PLAUSIBLE[1])

    @property
    def skew(self) -> float:
        """Seconds by which the source's clock is ahead of this computer's; 0 before its first answer."""
        return self.now() - self._clock.wall() if self.known else 0.0

    @property
    def skewed(self) -> bool:
        """Whether the two clocks differ by more than the 90 s that are worth saying."""
        return abs(self.skew) > SKEW_SAID_S

    def resettle(self) -> None:
        """Something happened to time (sleep, reconnect): ask often again."""
        self._unsettled = 0

    def answered(self, sent: float, seen: float, time: float) -> bool:
        """Take the source's time, asked at monotonic `sent` and answered at `seen`; whether the clock stepped.

        A time outside this century is none.
        """
        if not is_plausible(time):
            return False
        middle = (sent + seen) / 2
        grain = _GRAIN_S + (seen - sent) * max(self._rate, 1.0)
        off_s = 0.0 if self._anchor is None else abs(self.at(middle) - time)
        self._doubted = off_s > _LARGE_S and not self._doubted
        if self._doubted:
            self._unsettled = 0
            return False
        last, self._last = self._last, (middle, time)
        self._unsettled += 1
        if last is None or self._anchor is None:
            self._anchor = (middle, time)
            return False
        if off_s <= grain + 0.5 + self._doubt * (middle - self._anchor[0]):
            self._suspected = None
            self._refine(middle, time, grain)
            return False
        measured, doubt = (time - last[1]) / (middle - last[0]), grain / (middle - last[0])
        suspected, self._suspected = self._suspected, (measured, doubt)
        if suspected is not None and abs(suspected[0] - measured) <= suspected[1] + doubt + _TOLERANCE * abs(measured):
            is_real = abs(measured - 1.0) <= doubt + _TOLERANCE
            self._rate, self._doubt = (1.0, 0.0) if is_real else (max(measured, 0.0), doubt)
            self._suspected = None
        self._anchor = (middle, time)
        self._unsettled = min(self._unsettled, 1)
        self.steps += 1
        return True

    def _refine(self, middle: float, time: float, grain: float) -> None:
        """Sharpen a simulator's rate over the growing baseline; a real clock runs at one by definition."""
        if self._rate == 1.0 or self._anchor is None:
            return
        baseline = middle - self._anchor[0]
        if baseline > 0 and grain / baseline < self._doubt:
            self._rate, self._doubt = max((time - self._anchor[1]) / baseline, 0.0), grain / baseline


def is_plausible(time: float) -> bool:
    """Whether UTC epoch seconds can be a source's clock: they are of this century."""
    return _PLAUSIBLE[0] <= time < _PLAUSIBLE[1]


def ending_calendars(table: Calendar, markets: Iterable[Market], now: float) -> list[Reason]:
    """On Mondays, those of some markets whose trading days the table will soon know no more."""
    ending = []
    for market in dict.fromkeys(markets):
        today = table.session_date(market, now)
        if today.weekday() == _MONDAY and table.ends_soon(market, today):
            day = table.known_to(market).isoformat()
            ending.append(Reason.of(Code.CALENDAR_ENDS, market=market, day=day))
    return ending
