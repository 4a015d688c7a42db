"""Approved pictures of the chart side.

What a picture must contain is asserted before it is compared, so that nobody approves an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import Distribution, PriceTrack, Turnover
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.flow_views.in_out import InOutPanel
from capflow_gui.ui.theme import apply_theme, build_theme
from capflow_gui.ui.window.chart_head import ChartHead
from tests.ui import market_day as md
from tests.visual.approved import channels, compare

THRESHOLD = -2e8


@dataclass(frozen=True)
class Picture:
    """One state of the chart side."""

    name: str
    scheme: str = "dark"
    palette: str = "green_up"
    size: tuple[int, int] = (812, 724)
    lines: int = 243
    freshness: Freshness = Freshness.LIVE
    crosshair: int | None = None
    keys: tuple[Qt.Key, ...] = ()
    stacked: bool = False  # and with prices, and the money in and out below


PICTURES = (
    Picture("dark-live", crosshair=206),
    Picture("light-live", scheme="light", crosshair=206),
    Picture("colour-blind-early", palette="colour_blind", lines=60),
    Picture("dark-stale-small", size=(652, 400), freshness=Freshness.STALE),
    Picture("light-closed-narrow", scheme="light", size=(440, 420), lines=331, freshness=Freshness.CLOSED),
    Picture("dark-per-minute", size=(700, 520), keys=(Qt.Key.Key_C,)),
    Picture("light-stacked-priced", scheme="light", crosshair=206, stacked=True),
    Picture("dark-since", size=(700, 520), crosshair=206, keys=(Qt.Key.Key_O, Qt.Key.Key_End)),
)


IN, OUT = (1.2e9, 9.1e8, 7.7e8, 6.4e8), (1.18e9, 1.04e9, 8.7e8, 7.0e8)
SIZES = ("extra_large", "large", "medium", "small")
MONEY = Distribution(
    md.TENCENT, float(md.at(14, 32, 20)), dict(zip(SIZES, IN, strict=True)), dict(zip(SIZES, OUT, strict=True))
)


def prices(lines: int) -> PriceTrack:
    """A price a minute, but for twenty-five minutes that nobody watched."""
    day, walk = md.hk_day(), 420 + np.cumsum(np.random.default_rng(3).normal(-0.03, 0.12, lines))
    watched = [minute for minute in range(lines) if not 100 <= minute < 125]
    return PriceTrack.of([Turnover(1e9, day.label(minute) - 20.0, float(walk[minute])) for minute in watched])


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def render(qtbot: QtBot, picture: Picture) -> tuple[FlowChart, QImage]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = build_theme(picture.scheme, picture.palette)
    apply_theme(app, theme)
    side = QWidget()
    qtbot.addWidget(side)
    rows = QVBoxLayout(side)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(0)
    head, chart = ChartHead(theme), FlowChart(theme)
    rows.addWidget(head)
    rows.addWidget(chart, 1)
    chart.readout_changed.connect(head.show_readout)
    chart.since_changed.connect(head.show_since)
    side.resize(*picture.size)
    side.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    with qtbot.waitExposed(side):
        side.show()
    chart.setFocus(Qt.FocusReason.OtherFocusReason)
    series = md.flow(picture.lines)
    alert = md.breach(series, THRESHOLD) if (series.net <= THRESHOLD).any() else None
    row = md.row(series, threshold=THRESHOLD, alert=alert, freshness=picture.freshness)
    now = float(series.timestamps[-1]) + 30
    if picture.stacked:
        row = replace(row, prices=prices(len(series)), distribution=MONEY)
        panel = InOutPanel(theme)
        panel.show_row(row, MONEY.time + 20, link_ready=True)
        rows.addWidget(panel)
        chart.plot.set_stacked(True)
        chart.plot.set_priced(True)
    head.show_row(row, LinkState("opend", LinkPhase.READY, 0.0), now, 101.0)
    chart.show_row(row, now)
    settle()
    if picture.crosshair is not None:
        chart.pointer.stand(picture.crosshair)
    for key in picture.keys:
        QTest.keyClick(chart, key)
    settle()
    chart.host = side  # keeps it alive
    return chart, side.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_picture(qtbot: QtBot, picture: Picture, tmp_path: Path) -> None:
    if QApplication.platformName() != "offscreen":
        pytest.skip("pictures are compared offscreen")
    chart, image = render(qtbot, picture)
    QApplication.instance().setStyleSheet("")

    assert {"09:30", "16:00"} <= set(chart.plot.time.texts)
    assert "0" in chart.plot.money.texts
    assert chart.plot.marks.box("caption lines") is not None
    assert chart.plot.marks.box("name 0") is not None
    assert chart.plot.look.true is (picture.freshness is not Freshness.STALE)
    assert len(np.unique(channels(image).reshape(-1, 3), axis=0)) > 60

    compare(image, picture.name, tmp_path)


def test_picture_of_a_comparison(qtbot: QtBot, tmp_path: Path) -> None:
    if QApplication.platformName() != "offscreen":
        pytest.skip("pictures are compared offscreen")
    app, theme = QApplication.instance(), build_theme("dark", "green_up")
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    chart = FlowChart(theme)
    qtbot.addWidget(chart)
    chart.resize(700, 520)
    with qtbot.waitExposed(chart):
        chart.show()
    listed = (("700.HK", 7e9, Freshness.LIVE), ("388.HK", 9e9, Freshness.LIVE), ("981.HK", 8e9, Freshness.STALE))
    rows = [
        replace(md.row(md.flow(243, seed=7 + place)), symbol=Symbol.parse(code), turnover=turnover, freshness=freshness)
        for place, (code, turnover, freshness) in enumerate((*listed, ("5.HK", None, Freshness.LIVE)))
    ]
    chart.show_compared([(row, True) for row in rows])
    chart.compare.stand(180)
    settle()
    app.setStyleSheet("")
    assert {"name 0", "name 1", "name 2"} == set(chart.compare.marks.boxes("name "))
    compare(chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32), "dark-compared", tmp_path)
