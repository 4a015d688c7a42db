"""Approved pictures of the chart side.

What a picture must contain is asserted before it is compared, so that nobody approves an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.chart import FlowChart
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


PICTURES = (
    Picture("dark-live", crosshair=206),
    Picture("light-live", scheme="light", crosshair=206),
    Picture("colour-blind-early", palette="colour_blind", lines=60),
    Picture("dark-stale-small", size=(652, 400), freshness=Freshness.STALE),
    Picture("light-closed-narrow", scheme="light", size=(440, 420), lines=331, freshness=Freshness.CLOSED),
    Picture("dark-per-minute", size=(700, 520), keys=(Qt.Key.Key_C,)),
)


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
    side.resize(*picture.size)
    side.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    with qtbot.waitExposed(side):
        side.show()
    chart.setFocus(Qt.FocusReason.OtherFocusReason)
    series = md.flow(picture.lines)
    alert = md.breach(series, THRESHOLD) if (series.net <= THRESHOLD).any() else None
    row = md.row(series, threshold=THRESHOLD, alert=alert, freshness=picture.freshness)
    now = float(series.timestamps[-1]) + 30
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
