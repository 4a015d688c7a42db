"""Rows and columns written as what is in them, and labels, buttons and menus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from capflow_gui.present.language.texts import _

Part = QWidget | QLayout | int | None
Item = Part | tuple[Part, int | Qt.AlignmentFlag]
Margins = tuple[int, int, int, int]
B = TypeVar("B", bound=QBoxLayout)
NO_MARGINS = (0, 0, 0, 0)


class ChosenColumn(QVBoxLayout):
    """A layout of a widget whose size decides which parts are shown: `choose` does that before they are laid out.

    In the widget's resizeEvent they are laid out already, and would be laid out a second time.
    """

    def __init__(self, of: QWidget, choose: Callable[[], object]) -> None:
        super().__init__(of)
        self._choose = choose
        self._chosen = QSize()

    def setGeometry(self, rect: QRect) -> None:
        """The widget has this size."""
        if rect.size() != self._chosen:
            self._chosen = rect.size()
            self.setEnabled(False)  # a part that is shown would have all of them laid out at once
            try:
                self._choose()
            finally:
                self.setEnabled(True)
            self.activate()  # layouts inside this one do not know yet what is shown now
        super().setGeometry(rect)


def stacked(
    *items: Item,
    of: QWidget | None = None,
    margins: Margins | None = None,
    spacing: int | None = None,
    choose: Callable[[], object] | None = None,
) -> QVBoxLayout:
    """A layout from top to bottom, that of the widget `of` where it is given. Lengths are in pixels.

    An item is a widget, a layout, a number of pixels left free, or None for all the room there is; in a pair with how
    much of the room it takes, or with where in its room it is. `choose` shows and hides items of `of` at each size.
    """
    if of is not None and choose is not None:
        return _filled(ChosenColumn(of, choose), items, margins, spacing)
    return _filled(QVBoxLayout() if of is None else QVBoxLayout(of), items, margins, spacing)


def beside(
    *items: Item, of: QWidget | None = None, margins: Margins | None = None, spacing: int | None = None
) -> QHBoxLayout:
    """A layout from left to right; see `stacked`."""
    return _filled(QHBoxLayout() if of is None else QHBoxLayout(of), items, margins, spacing)


def _filled(layout: B, items: tuple[Item, ...], margins: Margins | None, spacing: int | None) -> B:
    if margins is not None:
        layout.setContentsMargins(*margins)
    if spacing is not None:
        layout.setSpacing(spacing)
    for item in items:
        what, how = item if isinstance(item, tuple) else (item, 0)
        share, place = (0, how) if isinstance(how, Qt.AlignmentFlag) else (how, Qt.AlignmentFlag(0))
        if what is None:
            layout.addStretch(share or 1)
        elif isinstance(what, int):
            layout.addSpacing(what)
        elif isinstance(what, QLayout):
            layout.addLayout(what, share)
        else:
            layout.addWidget(what, share, place)
    return layout


def divided(*parts: QWidget, of: QWidget, vertical: bool = False) -> QSplitter:
    """Parts of a window beside (or below) each other with hairlines between them, that can be moved."""
    made = QSplitter(Qt.Orientation.Vertical if vertical else Qt.Orientation.Horizontal, of)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for part in parts:
        made.addWidget(part)
    name_dividers(made)
    return made


def name_dividers(splitter: QSplitter) -> None:
    """Name the lines that can be moved, for who hears the window."""
    for place in range(splitter.count()):
        splitter.handle(place).setAccessibleName(_("Divider"))


def text_label(text: str, parent: QWidget, font: QFont | None = None, role: str = "", *, wrap: bool = False) -> QLabel:
    """A text that is never read as markup; `role` is its colour in the style sheet."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if font is not None:
        made.setFont(font)
    if role:
        made.setProperty("role", role)
    return made


def push_button(text: str, parent: QWidget, look: str = "", *, auto_default: bool = True) -> QPushButton:
    """A button; the `primary` one is what Enter presses. Without `auto_default` it never becomes that by focus."""
    made = QPushButton(text, parent)
    made.setAutoDefault(auto_default)
    made.setDefault(look == "primary")
    if look:
        made.setProperty("look", look)
    return made


def set_header_font(header: QHeaderView, font: QFont) -> None:
    """Write a table's headers in `font`; to be called after the style sheet of the table is set.

    Under a style sheet the viewport, which is painted with its own font, keeps the one it was given first.
    """
    header.setFont(font)
    header.viewport().setFont(font)


def passing_menu(parent: QWidget) -> QMenu:
    """An empty menu that is gone when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
