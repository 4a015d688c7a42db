"""A sheet to read: the keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QWidget

from capflow_gui.ui.theme import Theme


class KeysSheet(QDialog):
    """Every key that does something, in two columns."""

    def __init__(self, keys: Sequence[tuple[str, str]], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        grid = QGridLayout(self)
        grid.setContentsMargins(28, 24, 28, 24)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(9)
        half = (len(keys) + 1) // 2
        for place, (key, what) in enumerate(keys):
            row, side = place % half, place // half
            name = QLabel(key, self)
            name.setFont(theme.sized_font(10, 650))
            meaning = QLabel(what, self)
            meaning.setProperty("role", "dim")
            grid.addWidget(name, row, side * 3)
            grid.addWidget(meaning, row, side * 3 + 1)
        grid.setColumnMinimumWidth(2, 30)
