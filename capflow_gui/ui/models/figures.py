"""The numbers of one watchlist row, worked out once a reply: what is drawn, sorted and summed.

Amounts are unscaled, in the row's currency; shares are fractions. NaN is a figure that does not exist.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.flow import EXTRA_LARGE, MAIN, NET, Flag, Floats
from capflow_gui.domain.measures.derived import change_over, latest, on_axis
from capflow_gui.errors import UnknownSymbol
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.row_sentence import is_whole
from capflow_gui.ui.models.columns import DELTA_MINUTES

Points = tuple[Floats, Floats, int]

NAN = float("nan")
NEAR = 0.8
OLD_SNAPSHOT_S = 600.0


class Look(Enum):
    """How a row's figures are shown: true now or final, true once, or not there at all."""

    TRUE = auto()
    GREY = auto()
    SENTENCE = auto()


class AgeTone(Enum):
    """How loud the age cell is."""

    FAINT = auto()
    DIM = auto()
    TEXT = auto()
    AMBER = auto()


_TRUE = frozenset({Freshness.LIVE, Freshness.LUNCH, Freshness.CLOSED})
_AGE_WORDS = {
    Freshness.LUNCH: N_("lunch"),
    Freshness.CLOSED: N_("closed"),
    Freshness.HALTED: N_("halted"),
    Freshness.NO_PERMISSION: N_("no right"),
}


# From this share of turnover on a change over five minutes has colour.
_LOUD = 0.0015


@dataclass(frozen=True, slots=True)
class Figures:
    """One row. `classes` are the four order sizes as shares of turnover, extra-large first.

    `snapshot` are a source's own three, large first, as its newest snapshot has them; None where it gives class lines,
    or no snapshot. They are none of the four: nothing is sorted by them, summed, or called main.
    `delta` is the change of the net over the last `minutes`.
    `toward` is how much of the way to the threshold the net has gone (1 = there); NaN without a threshold
    or while its turnover is unknown.
    `lost` is whether the link to its source is down while lines are missing: the market is open, or its figures
    end before the bell.
    `possible` is whether there is a newest line and its figures are possible.
    """

    row: Row
    look: Look
    net: float
    of_turnover: float
    delta: float
    main: float
    classes: tuple[float, float, float, float]
    change: float
    toward: float
    lost: bool
    possible: bool
    snapshot: tuple[float, float, float] | None = None
    minutes: int = DELTA_MINUTES

    @property
    def per_minute(self) -> bool:
        """Whether the lines were found to be no running totals."""
        series = self.row.series
        return series is not None and bool(series.flags & Flag.PER_MINUTE)

    @property
    def snapshot_is_old(self) -> bool:
        """Whether the snapshot is so much older than the newest line that it says little about now."""
        series, flow = self.row.series, self.row.class_flow
        if series is None or flow is None:
            return False
        return float(series.timestamps[-1]) - float(flow.times[-1]) > OLD_SNAPSHOT_S

    @property
    def delta_matters(self) -> bool:
        """Whether the net moved by at least 0.15 % of turnover in five minutes; in others by √(minutes ÷ 5) of that.

        A sum of minutes that come and go as they like grows with the root of their number.
        """
        turnover = self.row.turnover
        return turnover is not None and abs(self.delta) >= _LOUD * math.sqrt(self.minutes / DELTA_MINUTES) * turnover

    @property
    def change_contradicts(self) -> bool:
        """Whether the price goes one way and the money, visibly, the other."""
        return (
            abs(self.change) >= 0.003 and abs(self.of_turnover) >= 0.008 and (self.change > 0) != (self.of_turnover > 0)
        )

    @property
    def to_level(self) -> float:
        """The share of the way to the threshold that is left: 0 or less where it is reached; NaN without one."""
        return 1 - self.toward

    @property
    def price(self) -> float:
        """The last price; NaN where it is not known."""
        quote = self.row.quote
        return quote.price if quote is not None and quote.price > 0 else NAN

    def newest(self, column: int) -> float:
        """The newest amount of one row of flow.COLUMNS; NaN where there is none."""
        series = self.row.series
        return NAN if series is None or self.look is Look.SENTENCE else float(series.values[column, -1])

    @property
    def without_classes(self) -> bool:
        """Whether the source gives no order-size classes of this symbol, so that their figures are blank."""
        return not self.row.classes and math.isnan(self.main)

    @property
    def alerting(self) -> bool:
        """Whether the row holds an alert nobody has acknowledged yet."""
        return self.row.alert is not None and self.row.alert.waiting


def figures_of(row: Row, *, link_ready: bool, minutes: int | None = DELTA_MINUTES) -> Figures:
    """Work out a row.

    `link_ready` says whether its source can be asked now, `minutes` is the window of `delta`; None: it is not wanted.
    """
    series = row.series
    lost = not link_ready and not is_whole(row)
    if series is None or not len(series) or row.freshness is Freshness.NO_PERMISSION:
        possible = series is not None and len(series) > 0 and not series.impossible_at(-1)
        return Figures(row, Look.SENTENCE, NAN, NAN, NAN, NAN, (NAN, NAN, NAN, NAN), _change(row), NAN, lost, possible)
    true_now = row.freshness in _TRUE and not row.flagged and not lost
    newest: list[float] = latest(series).tolist()
    net = newest[NET]
    turnover = row.turnover or NAN
    totals = series.flags is Flag.NONE or not series.flags & Flag.PER_MINUTE
    extra_large, large, medium, small = newest[EXTRA_LARGE:]
    level = row.level
    return Figures(
        row=row,
        look=Look.TRUE if true_now else Look.GREY,
        net=net,
        of_turnover=net / turnover,
        delta=change_over(series, row.day, minutes) if minutes and row.day is not None and totals else NAN,
        main=newest[MAIN],
        classes=(extra_large / turnover, large / turnover, medium / turnover, small / turnover),
        change=_change(row),
        toward=net / level if level else NAN,
        lost=lost,
        possible=not series.impossible_at(-1),
        snapshot=_snapshot(row, turnover),
        minutes=minutes or DELTA_MINUTES,
    )


def _snapshot(row: Row, turnover: float) -> tuple[float, float, float] | None:
    """The newest snapshot's classes as shares of turnover."""
    if row.class_flow is None or not len(row.class_flow):
        return None
    large, medium, small = (row.class_flow.net[:, -1] / turnover).tolist()
    return large, medium, small


def age_cell(  # noqa: PLR0911  one return a state
    figures: Figures, market_now: float, zone: ZoneInfo
) -> tuple[str, AgeTone]:
    """The age column: seconds while live, otherwise the word or the time that says why there are none."""
    row = figures.row
    series = row.series
    if isinstance(row.error, UnknownSymbol):
        return _("unknown"), AgeTone.DIM
    if age_stands(figures):
        return _(_AGE_WORDS[row.freshness]), AgeTone.DIM
    if series is None or (not len(series) and row.freshness is Freshness.NEVER_POLLED):
        return "…", AgeTone.DIM
    if series.session is not None and _is_of_another_day(row, market_now, zone):
        return numbers.short_day(series.session), AgeTone.DIM
    true_at = series.last_valid if series.last_valid is not None else series.received
    if true_at is None:
        return "–", AgeTone.DIM
    if figures.lost or row.freshness in (Freshness.ERROR, Freshness.NEVER_POLLED):
        return numbers.clock_time(true_at, zone, seconds=False), AgeTone.DIM
    age = max(0.0, market_now - true_at)
    if row.freshness is Freshness.STALE:
        return _short(age), AgeTone.AMBER
    return _short(age), AgeTone.FAINT if age <= row.cycle_s else AgeTone.TEXT


def age_stands(figures: Figures) -> bool:
    """Whether the age column says a word that time alone does not change."""
    freshness = figures.row.freshness
    cut_off = figures.lost and freshness in (Freshness.LUNCH, Freshness.CLOSED)
    return freshness in _AGE_WORDS and not cut_off


def _is_of_another_day(row: Row, market_now: float, zone: ZoneInfo) -> bool:
    """Whether the figures are of a session before the one a reader takes them for; recorded ones may be, too."""
    if row.freshness is not Freshness.NEVER_POLLED or row.series is None:
        return row.freshness is Freshness.PREVIOUS_SESSION
    today = numbers.date_time(market_now, zone)
    return today is not None and row.series.session != today.date()


def _short(age: float) -> str:
    """An age that fits its column: past ten minutes the seconds say nothing."""
    text = numbers.age(age)
    return text.partition(" ")[0] if 600 <= age < 3600 else text


def counted(figures: Figures) -> tuple[float, float | None, bool, str, bool] | None:
    """What the sums over rows need of one: net, main, whether they are true now, currency, whether it is assumed.

    None where there is no possible figure.
    """
    if not is_number(figures.net) or not figures.possible:
        return None
    main, row = figures.main if is_number(figures.main) else None, figures.row
    return figures.net, main, figures.look is Look.TRUE, row.currency, row.currency_assumed


def spark_points(figures: Figures) -> Points:
    """(x, y, minutes): session minute index and cumulative net of the finite lines, and the session's length."""
    row = figures.row
    empty = np.zeros(0)
    if row.series is None or row.day is None or figures.per_minute:
        return empty, empty, 0
    axis, places = on_axis(row.series, row.day)
    net = row.series.net[places]
    keep = np.isfinite(net) & ~row.series.impossible[places]
    return axis[keep].astype(float), net[keep], row.day.minutes


def _change(row: Row) -> float:
    change = row.quote.change if row.quote is not None else None
    return NAN if change is None else change


def is_number(value: float) -> bool:
    """Whether a figure exists."""
    return math.isfinite(value)
