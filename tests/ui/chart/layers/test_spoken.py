"""The chart in words."""

from __future__ import annotations

from capflow_gui.domain.typed.level import Share
from capflow_gui.ui.chart.layers.spoken import spoken
from capflow_gui.ui.chart.session_data import Since, session_data
from tests.ui import market_day as md


def test_what_is_seen_is_said() -> None:
    series = md.flow(243, classes=False)
    flow = md.snapshots((10, 5, 3), series=series)
    row, data = md.row(series, threshold=Share(-0.02)), session_data(series, md.hk_day(), flow)
    text = spoken(row, data, Since("10:42", -5e6, float("nan")), "Thu 19 Nov")
    assert text.startswith("Since 10:42: −5.0M HKD. Net inflow since the open")
    for words in ("at 14:32", "threshold net/turnover ≤ −2%", "newest 10:05", "beside it Thu 19 Nov"):
        assert words in text
    plain = spoken(md.row(series, threshold=-2e8), session_data(series, md.hk_day()), None, "")
    assert plain.endswith("; threshold −200.0M")
