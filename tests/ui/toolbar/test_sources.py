"""The badges of the sources."""

from __future__ import annotations

from dataclasses import replace

from capflow_gui.domain.link import LinkPhase
from tests.ui.two_brokers import Two


def test_two_badges_and_rows_that_say_their_source(two: Two) -> None:
    window = two.window
    assert [window.toolbar.badge(name).text_shown() for name in ("opend", "longport")] == [
        "OpenD 10 ms",
        "Longport 20 ms",
    ]
    words = [window.watchlist.model.index(place, 0).data() for place in range(2)]
    assert sorted(words) == ["3690.HK Meituan, Longport", "700.HK Tencent, OpenD"]


def test_another_latency_lays_nothing_out_anew(two: Two) -> None:
    badge = two.window.toolbar.badge("opend")
    asked: list[None] = []
    badge.updateGeometry = lambda: asked.append(None)  # type: ignore[method-assign]
    link = two.board.links[0]
    badge.show_link(replace(link, latency_s=0.021), 0.0)
    assert (badge.text_shown(), asked) == ("OpenD 21 ms", [])
    badge.show_link(replace(link, phase=LinkPhase.WAITING, retry_at=100.0), 0.0)
    assert len(asked) == 1
