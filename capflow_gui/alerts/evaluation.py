"""What the rules of a symbol are evaluated on: a reply, and what was so when it came.

A rule may have to wait until something is read. What it waits for is kept as it was, and taken up in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import msgspec

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar, Phase, TradingDay
from capflow_gui.reason import Reason


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a rule cannot be judged, and the least seconds it must last before that is said.

    `at_once`: finding it took two cycles already, so it is said at once.
    """

    reason: Reason
    patience_s: float = 0.0
    at_once: bool = False


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A judged reply: what a changed rule is judged on at once, where it is the newest.

    One is made for every reply, and an `Evaluation`: a frozen dataclass takes four times as long to make.
    """

    series: FlowSeries
    day: TradingDay
    turnover: Turnover | None

    @property
    def is_final(self) -> bool:
        """Whether the session's last line is confirmed."""
        stamps, confirmed = self.series.timestamps, self.series.confirmed
        return bool(len(stamps)) and int(stamps[-1]) >= self.day.close and bool(confirmed[-1])


class Evaluation(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One evaluation of the rules of a symbol. Times are market times, UTC epoch seconds.

    replies     how many came since the evaluation before
    goes_on     there was a reply of the same session before, and the session was not over
    is_current  the session is that of market now; of another nothing is judged
    is_closed   trading has ended
    is_over     the session is over: its last line is confirmed, or late
    is_clear    nothing but the replies themselves is in the way of judging
    session     the ISO date
    received    when the reply came
    """

    reply: Reply
    market_now: float
    replies: int
    goes_on: bool
    is_current: bool
    is_closed: bool
    is_over: bool
    is_clear: bool
    session: str
    received: float


@dataclass(frozen=True, slots=True)
class Look:
    """A look at what is in the way of all rules of a symbol (None: nothing). Two of the same are as good as one.

    `clear`: what was said of a rule is over, if the newest reply can be judged.
    """

    why: Obstacle | None
    clear: bool
    market_now: float = field(compare=False)


class Stretch(NamedTuple):
    """A time in which a market goes on with what it does; `today` is the exchange's date."""

    calendar: Calendar
    phase: Phase
    today: date
