"""The line over a tile's chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.feed.board import Freshness
from capflow_gui.ui.chart.crosshair import Readout, ReadoutLine
from capflow_gui.ui.grid.head import TileHead
from capflow_gui.ui.models.figures import AgeTone, figures_of
from capflow_gui.ui.theme import Theme
from tests.ui.boards import alert_of, row_of
from tests.visual.measured_texts import faults

ROW = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)


@pytest.fixture
def head(theme: Theme, qtbot: QtBot) -> Iterator[TileHead]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = TileHead(theme, parent)
    made.resize(420, made.height())
    yield made
    parent.hide()


def colors(head: TileHead) -> set[str]:
    image = head.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_a_stale_tile_is_grey_and_says_since_when_in_amber(head: TileHead, theme: Theme) -> None:
    head.show_figures(figures_of(ROW, link_ready=True), ("3s", AgeTone.FAINT), "Live")
    assert theme.down.name() in colors(head)
    stale = figures_of(replace(ROW, freshness=Freshness.STALE), link_ready=True)
    head.show_figures(stale, ("2m 14s", AgeTone.AMBER), "Stale 2m 14s · source time not moving")
    assert theme.down.name() not in colors(head)
    assert theme.alert_text.name() in colors(head)
    assert head.toolTip().startswith("Stale 2m 14s")


@pytest.mark.parametrize("width", [180, 240, 300, 420, 900])
def test_what_has_no_room_gives_way_and_nothing_overlaps(head: TileHead, width: int) -> None:
    head.resize(width, head.height())
    row = replace(ROW, alert=alert_of(ROW))
    head.show_figures(figures_of(row, link_ready=True), ("12s", AgeTone.TEXT), "Live")
    head.mark(active=True, pinned=True, target=False)
    assert [fault for fault in faults(head) if "elided" not in fault] == []


def test_the_crosshairs_minute_stands_in_place_of_the_figures(head: TileHead) -> None:
    head.show_figures(figures_of(ROW, link_ready=True), ("3s", AgeTone.FAINT), "Live")
    before = head.grab().toImage()
    line = ReadoutLine("Net", 0, ("−59.9", "−2.4"), (-59.9e6, -2.4e6))
    head.show_readout(Readout("13:55", ("since open", "this minute"), (line,), ""))
    assert head.grab().toImage() != before
    head.show_readout(None)
    assert head.grab().toImage() == before


@pytest.mark.parametrize("width", [180, 190, 210])
def test_the_net_is_the_last_to_go(head: TileHead, theme: Theme, width: int) -> None:
    head.resize(width, head.height())
    head.show_figures(figures_of(ROW, link_ready=True), ("3s", AgeTone.FAINT), "Live")
    assert theme.down.name() in colors(head)
    assert [fault for fault in faults(head) if "elided" not in fault] == []
