"""The numbers of one row, and what they are worth."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from capflow_gui.domain.flow import Flag
from capflow_gui.errors import UnknownSymbol
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.ui.models.figures import AgeTone, Look, age_cell, figures_of, is_number, spark_points
from tests.ui.boards import HONG_KONG, NOW, alert_of, flagged_row, row_of

ROW = row_of("700.HK", "Tencent", -200e6, 8e9, change=0.01)
assert ROW.day is not None
DAY = ROW.day


def series_with(row: Row, **facts: object) -> Row:
    assert row.series is not None
    return replace(row, series=msgspec.structs.replace(row.series, **facts))


def until(valid: float, freshness: Freshness) -> Row:
    """A row of a market that rests, whose figures were true at `valid`."""
    return replace(series_with(ROW, last_valid=valid), freshness=freshness)


def test_shares_are_of_the_turnover_of_the_session() -> None:
    found = figures_of(replace(ROW, threshold=-400e6), link_ready=True)
    assert found.net == pytest.approx(-200e6)
    assert found.of_turnover == pytest.approx(-0.025)
    assert sum(found.classes) == pytest.approx(-0.025)
    assert found.main == pytest.approx((found.classes[0] + found.classes[1]) * 8e9)
    assert found.change == pytest.approx(0.01)
    assert found.toward == pytest.approx(0.5)


def test_without_a_turnover_or_a_threshold_there_are_no_shares() -> None:
    found = figures_of(replace(ROW, turnover=None), link_ready=True)
    assert not any(map(is_number, (found.of_turnover, found.toward, *found.classes)))
    assert is_number(found.net)
    bare = figures_of(replace(ROW, quote=None, turnover=None), link_ready=True)
    assert math.isnan(bare.change)
    assert not bare.delta_matters


@pytest.mark.parametrize(("minutes", "share"), [(1, 0.0007), (5, 0.0015), (30, 0.0037), (60, 0.0052)])
def test_a_change_has_colour_from_a_share_of_turnover_that_grows_with_its_window(minutes: int, share: float) -> None:
    found = replace(figures_of(ROW, link_ready=True, minutes=minutes), delta=share * 8e9)
    assert found.minutes == minutes
    assert found.delta_matters
    assert not replace(found, delta=-share * 0.9 * 8e9).delta_matters


@pytest.mark.parametrize(
    ("row", "ready", "look", "lost"),
    [
        (ROW, True, Look.TRUE, False),
        (ROW, False, Look.GREY, True),
        (replace(ROW, freshness=Freshness.STALE), True, Look.GREY, False),
        (replace(ROW, flagged=True), True, Look.GREY, False),
        (until(DAY.close, Freshness.CLOSED), False, Look.TRUE, False),  # nothing is missed after the close
        (until(DAY.periods[0][1], Freshness.LUNCH), False, Look.TRUE, False),
        (until(DAY.close - 71, Freshness.CLOSED), False, Look.GREY, True),  # its last lines never came
        (until(DAY.close - 71, Freshness.CLOSED), True, Look.TRUE, False),
        (until(DAY.open + 600, Freshness.LUNCH), False, Look.GREY, True),
        (replace(ROW, freshness=Freshness.NO_PERMISSION), True, Look.SENTENCE, False),
        (replace(ROW, series=None, freshness=Freshness.NEVER_POLLED), False, Look.SENTENCE, True),
    ],
)
def test_figures_are_true_now_true_once_or_a_sentence(row: Row, ready: bool, look: Look, lost: bool) -> None:
    found = figures_of(row, link_ready=ready)
    assert (found.look, found.lost) == (look, lost)


def test_lines_that_are_no_totals_have_no_step_and_no_sparkline() -> None:
    found = figures_of(series_with(ROW, flags=Flag.PER_MINUTE), link_ready=True)
    assert found.per_minute
    assert math.isnan(found.delta)
    assert spark_points(found)[2] == 0


def test_a_figure_that_cannot_be_is_not_drawn() -> None:
    assert ROW.series is not None
    flags = ROW.series.line_flags.copy()
    flags[-1] = Flag.BEYOND.value
    found = figures_of(series_with(ROW, line_flags=flags), link_ready=True)
    assert not found.possible
    whole = figures_of(ROW, link_ready=True)
    assert whole.possible
    assert len(spark_points(found)[0]) == len(spark_points(whole)[0]) - 1
    assert spark_points(whole)[2] == 330
    assert np.isfinite(spark_points(whole)[1]).all()


def test_price_and_money_contradict_each_other_only_where_both_can_be_seen() -> None:
    assert figures_of(ROW, link_ready=True).change_contradicts
    assert not figures_of(row_of("700.HK", "", -200e6, 8e9, change=-0.01), link_ready=True).change_contradicts
    assert not figures_of(row_of("700.HK", "", -200e6, 8e9, change=0.001), link_ready=True).change_contradicts
    assert not figures_of(row_of("700.HK", "", -20e6, 8e9, change=0.01), link_ready=True).change_contradicts


def test_a_row_alerts_until_somebody_has_seen_it() -> None:
    alert = alert_of(ROW)
    assert figures_of(replace(ROW, alert=alert), link_ready=True).alerting
    assert not figures_of(replace(ROW, alert=replace(alert, seen=alert.told)), link_ready=True).alerting
    assert not figures_of(flagged_row("941.HK"), link_ready=True).alerting


LIVE = series_with(ROW, last_valid=NOW - 12)


@pytest.mark.parametrize(
    ("row", "ready", "cell"),
    [
        (LIVE, True, ("12s", AgeTone.FAINT)),
        (replace(LIVE, cycle_s=5.0), True, ("12s", AgeTone.TEXT)),
        (replace(LIVE, freshness=Freshness.STALE), True, ("12s", AgeTone.AMBER)),
        (series_with(replace(ROW, freshness=Freshness.STALE), last_valid=NOW - 725), True, ("12m", AgeTone.AMBER)),
        (LIVE, False, ("14:31", AgeTone.DIM)),
        (replace(LIVE, freshness=Freshness.LUNCH), True, ("lunch", AgeTone.DIM)),
        (replace(LIVE, freshness=Freshness.HALTED), True, ("halted", AgeTone.DIM)),
        (replace(LIVE, freshness=Freshness.NO_PERMISSION), True, ("no right", AgeTone.DIM)),
        (replace(LIVE, series=None), True, ("…", AgeTone.DIM)),
        (replace(LIVE, error=UnknownSymbol("opend", -1, "x")), True, ("unknown", AgeTone.DIM)),
        (series_with(ROW, last_valid=None, received=None), True, ("–", AgeTone.DIM)),
    ],
)
def test_the_age_cell_says_how_old_or_why_not(row: Row, ready: bool, cell: tuple[str, AgeTone]) -> None:
    assert age_cell(figures_of(row, link_ready=ready), NOW, HONG_KONG) == cell


def test_figures_that_a_lost_source_cut_off_say_when_they_were_true() -> None:
    whole, cut = until(DAY.close, Freshness.CLOSED), until(DAY.close - 71, Freshness.CLOSED)
    assert age_cell(figures_of(whole, link_ready=False), NOW, HONG_KONG) == ("closed", AgeTone.DIM)
    assert age_cell(figures_of(cut, link_ready=True), NOW, HONG_KONG) == ("closed", AgeTone.DIM)
    assert age_cell(figures_of(cut, link_ready=False), NOW, HONG_KONG) == ("15:58", AgeTone.DIM)
