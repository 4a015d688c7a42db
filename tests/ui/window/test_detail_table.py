"""What the tables of the tabs share: whole rows, words where they are empty, a ring while they have the keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtGui import QBrush, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.layouts import NO_MARGINS, stacked
from capflow_gui.ui.theme import Role, Theme, apply_theme, build_theme
from capflow_gui.ui.window import detail_table
from capflow_gui.ui.window.detail_table import DetailTable, WholeRows


class OneColumn(DetailTable):
    def fit_columns(self, room: int) -> None:
        self.setColumnWidth(0, room)


def opened(theme: Theme, qtbot: QtBot, *rows: str) -> OneColumn:
    model = QStringListModel(rows)
    made = OneColumn(model, "Words", "No word.", theme, None)
    model.setParent(made)
    qtbot.addWidget(made)
    made.set_theme(theme)
    made.resize(400, 200)
    made.show()
    return made


def test_an_empty_table_says_so_in_place_of_its_headers(theme: Theme, qtbot: QtBot) -> None:
    for rows in ((), ("one", "two")):
        table = opened(theme, qtbot, *rows)
        assert table._nothing.isVisible() is table.horizontalHeader().isHidden() is (not rows)
        assert (table.accessibleName(), table._nothing.text()) == ("Words", "No word.")


def test_the_keyboard_begins_at_the_first_row_and_is_seen(theme: Theme, qtbot: QtBot) -> None:
    table = opened(theme, qtbot, "one", "two")
    before = table.grab().toImage()
    with qtbot.waitExposed(table):
        table.activateWindow()
    table.setFocus(Qt.FocusReason.TabFocusReason)
    assert table.currentIndex().row() == 0
    assert table.grab().toImage() != before


def test_headers_are_painted_in_the_font_of_another_theme(theme: Theme, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    table, large = opened(theme, qtbot, "one"), build_theme("dark", "green_up", 2.0)
    apply_theme(app, large)
    table.set_theme(large)
    apply_theme(app, theme, sheet=False)
    header = table.horizontalHeader()
    fonts = {each.font().pointSizeF() for each in (header, header.viewport())}  # the viewport is what is painted
    assert fonts == {large.font(Role.CAPTION).pointSizeF()}


def test_no_row_is_cut_at_any_scale(qtbot: QtBot) -> None:
    for scale in (1.0, 2.0):
        table = opened(build_theme("dark", "green_up", scale), qtbot, "one")
        assert table.whole_rows(table.least_height()) == table.least_height() == table.minimumSizeHint().height()
        assert table.whole_rows(table.least_height() + 5) == table.least_height()
        assert table.whole_rows(3) == 3


def test_scrolled_to_its_end_a_table_shows_its_top_row_whole(theme: Theme, qtbot: QtBot) -> None:
    host, table = QWidget(), opened(theme, qtbot, *map(str, range(50)))
    qtbot.addWidget(host)
    stacked((WholeRows(table), 1), of=host, margins=NO_MARGINS)
    host.show()
    for scale in (1.0, 1.5):
        table.set_theme(build_theme(font_scale=scale))
        for height in (300, 311):
            host.resize(400, height)
            QApplication.processEvents()
            table.scrollToBottom()
            assert table.visualRect(table.model().index(table.rowAt(0), 0)).top() == 0
            assert table.visualRect(table.model().index(49, 0)).bottom() == table.viewport().rect().bottom()


def test_a_column_is_as_wide_as_its_longest_text_within_limits(theme: Theme, qtbot: QtBot) -> None:
    table = opened(theme, qtbot, "one")
    short, long = (table.width_for("Word", [text], (60, 200)) for text in ("one", "one two three four five"))
    assert 60 <= short < long < 200
    assert table.width_for("Word", ["x" * 300], (60, 200)) == 200


TEXTS = (
    "−263.2M",
    "14:26:08",
    "",
    "Tencent Holdings",
    "more words than there is room for",
    "小米 净流入 1.2 亿",
    "3\u202e4",
)
NO_PARENT = QModelIndex()


class Cells(QAbstractTableModel):
    """One row a text; words to the left, figures to the right, and a last column without a colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex = NO_PARENT) -> int:
        return len(TEXTS)

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = NO_PARENT) -> int:
        return 3

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        side = Qt.AlignmentFlag.AlignRight if index.column() == 1 else Qt.AlignmentFlag.AlignLeft
        return {
            Qt.ItemDataRole.DisplayRole: TEXTS[index.row()],
            Qt.ItemDataRole.TextAlignmentRole: side | Qt.AlignmentFlag.AlignVCenter,
            Qt.ItemDataRole.ForegroundRole: None if index.column() == 2 else self.theme.down,
        }.get(Qt.ItemDataRole(role))


class StyledCells(QStyledItemDelegate):
    """Cells as the style sheet paints them, but for the colour of a selected row's text."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        if option.state & QStyle.StateFlag.State_Selected:
            table = self.parent()
            assert isinstance(table, DetailTable)
            option.state &= ~QStyle.StateFlag.State_Selected
            option.backgroundBrush = QBrush(table.selection_color)


class ThreeColumns(DetailTable):
    def fit_columns(self, room: int) -> None:
        for column in range(3):
            self.setColumnWidth(column, room // 3)


@pytest.mark.parametrize("scale", [1.0, 1.15, 1.5])
@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("marked", [True, False])
def test_rows_look_as_the_style_paints_their_cells(scale: float, enabled: bool, marked: bool, qtbot: QtBot) -> None:
    look = build_theme("dark", "green_up", scale)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, look)
    cells = Cells(look)
    table = ThreeColumns(cells, "Words", "No word.", look, None)
    qtbot.addWidget(table)
    table.set_theme(look)
    table.resize(520, 420)
    table.setEnabled(enabled)
    table.selectRow(1)
    table.has_marks = marked

    def picture() -> QImage:
        return table.viewport().grab().toImage()

    ours = picture()
    blitted = picture()
    table.has_marks = True  # cell by cell, by its delegate
    table.setItemDelegate(StyledCells(table))
    assert ours == blitted == picture()
    app.setStyleSheet("")


class Drawings:
    """Counts the rows that are painted, and not only blitted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = 0
        draw = detail_table._draw
        monkeypatch.setattr(detail_table, "_draw", lambda *row: (self.note(), draw(*row)))

    def note(self) -> None:
        self.rows += 1

    def of(self, table: DetailTable) -> int:
        """How many a paint of all of a table takes."""
        self.rows = 0
        table.viewport().grab()
        return self.rows


def test_a_row_is_painted_once(theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    drawings, table = Drawings(monkeypatch), opened(theme, qtbot, "one", "two", "three")
    assert (drawings.of(table), drawings.of(table)) == (3, 0)
    table.resize(500, 200)
    assert drawings.of(table) == 0, "the last column alone is wider"
    table.selectRow(1)
    assert drawings.of(table) == 1
    table.model().setData(table.model().index(2, 0), "four")
    assert drawings.of(table) == 1
    table.setColumnWidth(0, 40)
    assert drawings.of(table) == 3, "no text has room now"
    table.set_theme(build_theme("light"))
    assert drawings.of(table) == 3


def test_rows_scrolled_into_sight_are_painted_alone(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings, table = Drawings(monkeypatch), opened(theme, qtbot, *map(str, range(500)))
    shown = drawings.of(table)
    table.verticalScrollBar().setValue(2)
    assert drawings.of(table) <= 2
    for place in range(0, 490, 5):
        table.verticalScrollBar().setValue(place)
        table.viewport().grab()
    assert len(table._rows._pictures) <= shown + detail_table._MORE


def test_between_pixels_of_the_screen_rows_are_painted_each_time(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings, table = Drawings(monkeypatch), opened(theme, qtbot, "one", "two")
    for ratio, painted in ((2.0, [2, 0]), (1.5, [2, 2])):
        seen = []
        for __ in range(2):
            drawings.rows, screen = 0, QImage(round(400 * ratio), round(200 * ratio), QImage.Format.Format_RGB32)
            screen.setDevicePixelRatio(ratio)
            with QPainter(screen) as painter:
                table._rows.paint(table, painter, table.viewport().rect())
            seen.append(drawings.rows)
        assert seen == painted


def test_the_same_theme_is_put_on_once(theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    table = ThreeColumns(Cells(theme), "Words", "No word.", theme, None)
    qtbot.addWidget(table)
    given = list[str]()
    monkeypatch.setattr(table, "setStyleSheet", given.append)
    table.set_theme(theme)
    table.set_theme(theme)
    light = build_theme("light")
    table.set_theme(light)
    assert [light.line.name() in sheet for sheet in given] == [False, True]
    assert table.theme is light
