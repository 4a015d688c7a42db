"""What a widget or a table says of its figures on hovering."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QLabel, QTableView, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.present.help.glossary import brief_words, hover_words
from capflow_gui.ui.help.hover import Explained, explain_table


def said(widget: QWidget, point: QPoint) -> str:
    """What is said where the pointer rests."""
    QToolTip.hideText()
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, point, widget.mapToGlobal(point)))
    return QToolTip.text()


def test_a_widget_says_its_own_words_first(qtbot: QtBot) -> None:
    label = QLabel("14:32")
    qtbot.addWidget(label)
    label.setToolTip("HK 14:32:08")
    label.show()
    Explained(label, lambda point: "clock" if point.x() < 20 else "")
    assert said(label, QPoint(5, 5)) == f"HK 14:32:08\n{brief_words('clock')}"
    assert said(label, QPoint(25, 5)) == "HK 14:32:08"
    QToolTip.hideText()


def test_a_header_says_all_a_cell_its_value_and_what_the_column_is(qtbot: QtBot) -> None:
    table, model = QTableView(), QStandardItemModel(1, 2)
    qtbot.addWidget(table)
    for column, text in enumerate(("−263.2M", "plain")):
        item = QStandardItem(text)
        item.setToolTip(text)
        model.setItem(0, column, item)
    table.setModel(model)
    table.show()
    explain_table(table, lambda: ("net", ""))
    header = table.horizontalHeader()
    cells = [QPoint(header.sectionViewportPosition(column) + 5, 5) for column in (0, 1)]
    assert said(header.viewport(), cells[0]) == hover_words("net")
    assert said(table.viewport(), cells[0]) == f"−263.2M\n{brief_words('net')}"
    assert said(table.viewport(), cells[1]) == "plain"
    QToolTip.hideText()
