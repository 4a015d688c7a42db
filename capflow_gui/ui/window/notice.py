"""One line that says what just happened, with the way back beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QToolButton, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.access.read_aloud import announce
from capflow_gui.ui.layouts import beside, push_button, text_label

SHOWN_MS = 10_000


class Notice(QWidget):
    """Hidden until `say` is called; goes by itself, unless it reports a fault the user has to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "raised")
        self._text = text_label("", self, wrap=True)
        self._action = push_button("", self, "link")
        close = QToolButton(self)
        close.setText("✕")
        close.setAccessibleName(_("Dismiss"))
        close.clicked.connect(self.dismiss)
        beside((self._text, 1), self._action, close, of=self, margins=(16, 6, 10, 6))
        self._run: Callable[[], None] | None = None
        self._action.clicked.connect(self._act)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def text(self) -> str:
        """What it says now; empty when hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str, action: str = "", run: Callable[[], None] | None = None, *, stay: bool = False) -> None:
        """Show a sentence; `run` is what the button named `action` does."""
        self._text.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._run = run
        self.setAccessibleName(text)
        self.show()
        announce(self, text)
        if stay:
            self._timer.stop()
        else:
            self._timer.start(SHOWN_MS)

    def dismiss(self) -> None:
        """Hide."""
        self._timer.stop()
        self._run = None
        self.hide()

    def _act(self) -> None:
        run = self._run
        self.dismiss()
        if run is not None:
            run()
