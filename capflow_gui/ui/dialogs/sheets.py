"""What every dialog shares."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_words import window_title
from capflow_gui.ui.fitting import fit, scrolled
from capflow_gui.ui.keyboard import tab
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_MARGIN = 24


class Sheet(QDialog):
    """A dialog that is deleted when it closes. On a small screen its content scrolls; its buttons stay in sight.

    One that `takes_input` holds what somebody types until it is saved.
    """

    takes_input = False

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

    @property
    def title(self) -> str:
        """What it is called, without marks."""
        return self._title

    def has_unsaved(self) -> bool:
        """Whether to close it would lose what somebody typed."""
        return self.takes_input and any(map(is_typed, self.findChildren(QWidget)))

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


def is_typed(field: QWidget) -> bool:
    """Whether somebody typed into a field since a text was put there."""
    if isinstance(field, QLineEdit):
        return field.isModified()
    return isinstance(field, QPlainTextEdit) and field.document().isModified()


class UnsavedQuestion(Sheet):
    """Asks over a sheet that has unsaved input whether the program may close."""

    def __init__(self, sheet: Sheet, theme: Theme, leave: Callable[[], None]) -> None:
        """`leave` closes the program."""
        super().__init__(_("Close Capflow?"), theme, sheet, (420, 0))
        words = _("What was typed in “{title}” is not saved. It is lost when Capflow closes.")
        said = text_label(words.format(title=sheet.title), self, theme.font(Role.SENTENCE), wrap=True)
        self.keep = push_button(_("Keep editing"), self, "primary")
        self.discard = push_button(_("Discard and close"), self, auto_default=False)
        self.fill(stacked(said), beside(None, self.discard, self.keep))
        self.keep.setFocus()
        self.keep.clicked.connect(self.reject)
        self.discard.clicked.connect(self.accept)
        self.accepted.connect(leave)


def leave_or_ask(theme: Theme, leave: Callable[[], None]) -> None:
    """Close the program; where an open sheet has unsaved input, only once somebody has said that it may be lost."""
    opened = [each for each in QApplication.topLevelWidgets() if isinstance(each, Sheet) and each.isVisible()]
    if asked := [each for each in opened if isinstance(each, UnsavedQuestion)]:
        asked[0].raise_()
        asked[0].activateWindow()
    elif unsaved := [each for each in opened if each.has_unsaved()]:
        sheet = next(
            (each for each in unsaved if not any(other.parentWidget() is each for other in unsaved)), unsaved[0]
        )
        UnsavedQuestion(sheet, theme, leave).open()
    else:
        leave()
