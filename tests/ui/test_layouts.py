"""Rows and columns hold what is written, in its order and shares."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label


def test_items_stand_in_order_with_their_shares_and_places(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    first, second = text_label("<b>", page, role="dim"), text_label("second", page, wrap=True)
    inner = beside(second, None, spacing=3)
    rows = stacked((first, Qt.AlignmentFlag.AlignHCenter), 7, (inner, 2), (None, 3), of=page, margins=NO_MARGINS)
    assert page.layout() is rows
    assert [rows.stretch(place) for place in range(rows.count())] == [0, 0, 2, 3]
    assert rows.itemAt(0).widget() is first  # type: ignore[union-attr]
    assert rows.itemAt(0).alignment() == Qt.AlignmentFlag.AlignHCenter  # type: ignore[union-attr]
    assert rows.itemAt(1).sizeHint().height() == 7  # type: ignore[union-attr]
    assert rows.itemAt(2).layout() is inner  # type: ignore[union-attr]
    assert (inner.spacing(), inner.stretch(1)) == (3, 1)
    assert rows.getContentsMargins() == NO_MARGINS


def test_a_label_is_never_markup_and_the_primary_button_is_the_default(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    said = text_label("a <b> c", page, role="dim")
    assert (said.textFormat(), said.property("role")) == (Qt.TextFormat.PlainText, "dim")
    primary, other = push_button("Set", page, "primary"), push_button("Close", page, auto_default=False)
    assert (primary.isDefault(), primary.property("look")) == (True, "primary")
    assert (other.isDefault(), other.autoDefault()) == (False, False)


class _Sized(QWidget):
    """Writes down the heights that it is given."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.heights: list[int] = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.heights.append(self.height())


def test_parts_that_a_size_decides_about_are_shown_before_all_are_laid_out_and_that_once(qtbot: QtBot) -> None:
    page = QWidget()
    body, line = _Sized(page), QLabel("line", page)
    line.setFixedHeight(50)
    line.hide()
    stacked(
        (body, 1),
        stacked(line, spacing=0),
        of=page,
        margins=NO_MARGINS,
        spacing=0,
        choose=lambda: line.setVisible(page.height() >= 300),
    )
    page.resize(400, 200)
    page.show()
    QApplication.processEvents()
    for height, left in ((400, 350), (200, 200), (290, 290), (300, 250)):
        body.heights.clear()
        page.resize(400, height)
        QApplication.processEvents()
        assert body.heights == [left]
    page.close()
    page.deleteLater()
