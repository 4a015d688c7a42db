"""The chart in words."""

from __future__ import annotations

from capflow_gui.domain.typed.level import Share
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.chart.crosshair import Readout, ReadoutLine
from capflow_gui.ui.chart.layers.spoken import freshness_words, minute_words, spoken
from capflow_gui.ui.chart.session_data import Since, session_data
from tests.ui import market_day as md


def test_what_is_seen_is_said() -> None:
    series = md.flow(243, classes=False)
    flow = md.snapshots((10, 5, 3), series=series)
    row, data = md.row(series, threshold=Share(-0.02)), session_data(series, md.hk_day(), flow)
    text = spoken(row, data, Since("10:42", -5e6, float("nan")), "Thu 19 Nov", "live")
    assert text.startswith("Since 10:42: −5.0M HKD. Net inflow since the open")
    for words in ("at 14:32; live", "threshold net/turnover ≤ −2%", "newest 10:05", "beside it Thu 19 Nov"):
        assert words in text
    plain = spoken(md.row(series, threshold=-2e8), session_data(series, md.hk_day()), None, "", "")
    assert plain.endswith("; threshold −200.0M")


def test_how_fresh_the_figures_are_is_said() -> None:
    now = float(md.at(14, 40))
    states = {Freshness.LIVE: "live", Freshness.LUNCH: "lunch", Freshness.STALE: "not live: 7m 32s"}
    for freshness, words in states.items():
        assert freshness_words(md.row(md.flow(243), freshness=freshness), now, link_ready=True) == words
    assert freshness_words(md.row(md.flow(243)), now, link_ready=False) == "not live: 14:32"
    assert freshness_words(md.row(None), now, link_ready=False) == ""


def test_the_minute_under_the_crosshair_is_heard_with_what_its_figures_count() -> None:
    line = ReadoutLine("Net", 0, ("−5.0", "+1.0"), (-5.0, 1.0))
    readout = Readout("14:32", ("since open", "this minute"), (line,), "still moving")
    assert minute_words(readout) == "14:32. Net since open −5.0 this minute +1.0. still moving"
