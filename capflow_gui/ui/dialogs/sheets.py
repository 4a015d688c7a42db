"""Two sheets to read: the keys, and what this program is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from capflow_gui import __version__
from capflow_gui.ui.theme import Role, Theme


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


class AboutSheet(QDialog):
    """Name, version, where its files are, and what the numbers are not."""

    def __init__(self, places: Sequence[tuple[str, str]], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Capflow")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(28, 24, 28, 24)
        rows.setSpacing(10)
        title = QLabel(f"Capflow {__version__}", self)
        title.setFont(theme.font(Role.TITLE))
        text = QLabel(
            "Watches the capital flow your broker reports and says when money leaves faster than you allow. "
            "It shows what the broker says; it is no advice, and it places no orders. MIT licence.",
            self,
        )
        text.setWordWrap(True)
        rows.addWidget(title)
        rows.addWidget(text)
        for name, place in places:
            label = QLabel(f"{name}: {place}", self)
            label.setProperty("role", "dim")
            label.setFont(theme.font(Role.SENTENCE))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
            rows.addWidget(label)
        self.setMinimumWidth(480)
