"""The badges of the sources."""

from __future__ import annotations

from tests.ui.two_brokers import Two


def test_two_badges_and_rows_that_say_their_source(two: Two) -> None:
    window = two.window
    assert [window.toolbar.badge(name).text_shown() for name in ("opend", "longport")] == [
        "OpenD 10 ms",
        "Longport 20 ms",
    ]
    words = [window.watchlist.model.index(place, 0).data() for place in range(2)]
    assert sorted(words) == ["3690.HK Meituan, Longport", "700.HK Tencent, OpenD"]
