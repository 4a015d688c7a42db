"""Headers and figures say what they are, and the page opens at the one under the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.present.help.glossary import brief_words, figure, hover_words
from capflow_gui.ui.budget.turns import TurnsTable
from capflow_gui.ui.grid.head import TileHead
from capflow_gui.ui.help import hover
from capflow_gui.ui.help.hover import (
    ALERT_FIGURES,
    LOG_FIGURES,
    QUALITY_FIGURES,
    RULE_FIGURES,
    TAPE_FIGURES,
    TURN_FIGURES,
    figure_under_pointer,
)
from capflow_gui.ui.help.page import FiguresPage
from capflow_gui.ui.history.quality import QualityPage
from capflow_gui.ui.models.columns import COLUMNS, Column
from capflow_gui.ui.models.figures import AgeTone, figures_of
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import open_window, shut


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)))
    yield opened
    QToolTip.hideText()
    shut(opened)


def said(widget: QWidget, point: QPoint) -> str:
    """What is said where the pointer rests."""
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, point, widget.mapToGlobal(point)))
    return QToolTip.text()


def test_every_column_has_a_definition() -> None:
    keys = [column.value for column in COLUMNS]
    tables = ALERT_FIGURES, LOG_FIGURES, QUALITY_FIGURES, RULE_FIGURES, TAPE_FIGURES, TURN_FIGURES
    assert [key for key in (*keys, *chain.from_iterable(tables)) if figure(key) is None] == []


def test_headers_and_figures_say_what_they_are(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    table, head = window.watchlist.table, window.chart.head
    header = table.horizontalHeader()
    section = window.watchlist.model.columns.index(Column.NET)
    over = QPoint(header.sectionViewportPosition(section) + 20, 10)
    assert said(header.viewport(), over) == hover_words("net")
    cell = said(table.viewport(), QPoint(over.x(), table.rowViewportPosition(0) + 10))
    assert cell.startswith("−263.2M HKD\n")
    assert cell.endswith(brief_words("net"))
    alerts = window.detail.alerts.horizontalHeader()
    assert said(alerts.viewport(), QPoint(alerts.sectionViewportPosition(2) + 5, 5)) == hover_words("symbol")
    window.grab()
    left, _right, key = head._places[1]
    point = QPoint(round(left) + 4, round(head._figure_y))
    assert key == "turnover"
    assert said(head, point).endswith(brief_words("turnover"))
    assert said(head, QPoint(round(left) + 4, round(head._title_y) - 8)).startswith("Live")
    for widget, key in ((window.watchlist.footer, "breadth"), (window.toolbar.clock, "clock")):
        assert said(widget, QPoint(5, 5)).endswith(brief_words(key))
    begin, _end, part = window.status._placed[0]
    assert said(window.status, QPoint(round(begin) + 2, 5)).endswith(brief_words("quota"))
    assert part.key == "quota"
    for widget, place, key in ((header.viewport(), over, "net"), (head, point, "turnover"), (window.notice, over, "")):
        window.move(window.pos() - widget.mapToGlobal(QPoint()))  # onto the small screen of the tests
        monkeypatch.setattr(hover, "QCursor", _At(widget.mapToGlobal(place)))
        assert figure_under_pointer() == key
    monkeypatch.setattr(hover, "QCursor", _At(header.viewport().mapToGlobal(over)))
    window.dialogs.open_figures()
    page = window.dialogs.current
    assert isinstance(page, FiguresPage)
    page.close()


def test_tables_that_are_seldom_open_explain_their_headers_too(theme: Theme, qtbot: QtBot) -> None:
    turns, quality = TurnsTable(theme), QualityPage(theme)
    turns.show_rows([("700.HK", "12 s", "now", "on screen")])
    for table, column, key in ((turns, 1, "turn_reply"), (quality.table, 4, "quality_received")):
        qtbot.addWidget(table.window())
        table.window().resize(700, 300)
        header = table.horizontalHeader()
        assert said(header.viewport(), QPoint(header.sectionViewportPosition(column) + 5, 5)) == hover_words(key)


class _At:
    """A pointer that rests at a place of the screen."""

    def __init__(self, place: QPoint) -> None:
        self._place = place

    def pos(self) -> QPoint:
        return self._place


def test_badges_attention_and_tiles_say_what_they_are(window: MainWindow) -> None:
    row = window.board.row(window.board.symbols[0])
    badge = window.toolbar.badge("opend")
    for widget, key in ((badge, "latency"), (window.toolbar.attention, "alert")):
        assert brief_words(key) in said(widget, widget.rect().center())
    head = TileHead(window.theme, window)
    head.resize(420, head.height())
    head.show_figures(figures_of(row, link_ready=True), ("3s", AgeTone.FAINT), "Live")
    head.show()
    head.grab()
    keys = {head.figure_at(QPoint(x, 20)) for x in range(head.width())}
    assert keys == {"", "net", "turnover", "age"}
    right = QPoint(head.width() - 8, 20)
    assert brief_words("age") in said(head, right)
    head.hide()
    window.views.show(0)
    QApplication.processEvents()
    wall = window.views.wall()
    (box,) = wall._places.values()
    assert brief_words("turnover") in said(wall, box.center().toPoint())
    assert brief_words("turnover") not in said(wall, QPoint(1, wall.height() - 1))
