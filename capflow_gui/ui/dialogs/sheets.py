"""What every dialog shares."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QLayout, QPushButton, QVBoxLayout, QWidget

from capflow_gui.present.recorded_words import window_title
from capflow_gui.ui.fitting import fit, scrolled
from capflow_gui.ui.keyboard import tab
from capflow_gui.ui.layouts import NO_MARGINS, stacked
from capflow_gui.ui.theme import Theme

_MARGIN = 24


class Sheet(QDialog):
    """A dialog that is deleted when it closes. On a small screen its content scrolls; its buttons stay in sight."""

    def __init__(self, title: str, theme: Theme, parent: QWidget | None = None, size: tuple[int, int] = (0, 0)) -> None:
        """`size` is the least width and height at a font size of 100 %, where the screen has them."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._title = title
        self.mark()
        self._least = QSize(theme.px(size[0]), theme.px(size[1]))
        self._page = QWidget(self)
        self._area = scrolled(self._page)  # while it is empty: Qt styles what moves into another widget anew
        self._buttons: QLayout = QVBoxLayout()
        self._head: QLayout = QVBoxLayout()

    def mark(self, *marks: str) -> None:
        """Say in the title, too, what is not the real, running market."""
        self.setWindowTitle(window_title(*marks, part=self._title))

    def set_least(self, theme: Theme, size: tuple[int, int]) -> None:
        """Another font size: the least width and height grow with it."""
        self._least = QSize(theme.px(size[0]), theme.px(size[1]))

    def fill(self, content: QLayout, buttons: QLayout | None = None, head: QLayout | None = None) -> None:
        """Put the content and the row of buttons in their places; `head` stays in sight above. Called once.

        Many widgets of the content are made in less time as children of `_page`.
        """
        self._page.setLayout(content)
        content.setContentsMargins(_MARGIN, 20, _MARGIN, 0 if buttons is not None else 20)
        rows = stacked((self._area, 1), of=self, margins=NO_MARGINS, spacing=0)
        if head is not None:
            head.setContentsMargins(_MARGIN, 20, _MARGIN, 0)
            rows.insertLayout(0, head)
            self._head = head
        if buttons is not None:
            buttons.setContentsMargins(_MARGIN, 14, _MARGIN, 20)
            buttons.setSpacing(9)
            rows.addLayout(buttons)
            self._buttons = buttons

    def sizeHint(self) -> QSize:
        """What the content would take, unscrolled."""
        content, buttons, head = self._page.sizeHint(), self._buttons.sizeHint(), self._head.sizeHint()
        width = max(content.width(), buttons.width(), head.width(), self._least.width())
        needed = self._page.heightForWidth(width) if self._page.hasHeightForWidth() else content.height()
        return QSize(width, max(needed + buttons.height() + head.height(), self._least.height()))

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes as one reads."""
        return tab(self, forward=forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard; from anywhere else the default one."""
        button = self.focusWidget()
        if isinstance(button, QPushButton) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button.click()
        else:
            super().keyPressEvent(event)

    def grow(self) -> None:
        """The content needs more than before: take it, as far as the screen has it. Nothing becomes smaller."""
        self.resize(self.size().expandedTo(self.sizeHint()))
        fit(self)

    def widen(self) -> None:
        """The content needs more width than before: take it, as far as the screen has it. It is as high as it was."""
        missing = self._page.minimumSizeHint().width() - self._area.viewport().width()
        if missing > 0:
            self.resize(self.width() + missing, self.height())
            fit(self)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the size of the content, as far as the screen has it, in the middle of the window it belongs to."""
        if not event.spontaneous():
            wanted, owner = self.sizeHint(), self.parentWidget()
            self.resize(wanted)
            # Qt centres no dialog that was moved, as fitting does.
            fit(self, None if owner is None else owner.window().frameGeometry().center())
            if self.height() < wanted.height():  # the scroll bar takes its width from the content
                self.resize(self.width() + self._area.verticalScrollBar().sizeHint().width(), self.height())
                fit(self)
        super().showEvent(event)
