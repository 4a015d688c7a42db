"""When a source's figures are stale: they were true too long ago (domain rule 7)."""

from __future__ import annotations

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.session import TradingDay

# Figures that are not older are live in any cycle.
SURELY_LIVE_S = 180.0
_SLACK_S = 60.0


def last_valid(series: FlowSeries) -> float | None:
    """When the figures were true, UTC epoch seconds: as the source says, else the newest label; None without lines."""
    if not len(series.timestamps):
        return None
    return float(series.timestamps[-1]) if series.last_valid is None else series.last_valid


def is_stale(quiet_s: float | None, cycle_s: float) -> bool:
    """Whether figures are that were true so many trading seconds ago (None: nobody knows).

    cycle_s  the symbol's cycle, in market seconds
    """
    return quiet_s is None or quiet_s > max(SURELY_LIVE_S, 2 * cycle_s + _SLACK_S)


def is_cut_off(series: FlowSeries, day: TradingDay) -> bool:
    """Whether figures end within a trading period. Once the market rests, its last lines are missing."""
    true_at = last_valid(series)
    return true_at is not None and _trades(day, true_at)


def _trades(day: TradingDay, at: float) -> bool:
    return any(begin <= at < end for begin, end in day.periods)


def is_held(series: FlowSeries, at: float, day: TradingDay, cycle_s: float) -> bool:
    """Whether no rule is judged on a reply of a session that came at `at`, UTC epoch seconds: it was stale.

    Outside trading no figures are.
    """
    true_at = last_valid(series)
    if true_at is None or at - true_at <= SURELY_LIVE_S or not _trades(day, at):
        return False
    return is_stale((day.index(at) - day.index(true_at)) * 60, cycle_s)
