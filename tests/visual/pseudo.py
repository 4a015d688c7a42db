"""A language for tests: each text in brackets, accented and longer by 40 %. What has no brackets was not translated."""

from __future__ import annotations

import functools
import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextBrowser,
    QWidget,
)

from capflow_gui.paths import resource
from capflow_gui.present.language.texts import use
from capflow_gui.present.rules import conditions

BEGIN, END, LONGER = "⟦", "⟧", 0.4
_ACCENTS = str.maketrans("aeiouyAEIOUYncszNCSZ", "àéîöùýÀÉÎÖÙÝñçšžÑÇŠŽ")
_CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")
# What is no word: fields of str.format, tags and entities of rich text.
_KEPT = re.compile(r"\{[^{}]*\}|<[^<>]*>|&\w+;")


@functools.cache
def pseudo(text: str) -> str:
    """`Net inflow` as `⟦Ñét îñflöw··⟧`: fields and tags stay, and so does what has no word of its own."""
    words = _KEPT.sub("", text)
    if not any(map(str.isalpha, words)):
        return text
    accented, at = [], 0
    for kept in _KEPT.finditer(text):
        accented += [text[at : kept.start()].translate(_ACCENTS), kept[0]]
        at = kept.end()
    accented.append(text[at:].translate(_ACCENTS))
    return f"{BEGIN}{''.join(accented)}{'·' * (round(len(words) * LONGER) - len(BEGIN + END))}{END}"


class Pseudo(gettext.NullTranslations):
    """A catalogue of all texts there are."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)


class InEms(gettext.NullTranslations):
    """The texts of a catalogue with a dash, which is an em wide, in the place of each Chinese character."""

    def __init__(self, code: str) -> None:
        super().__init__()
        with resource(f"i18n/{code}/LC_MESSAGES/capflow.mo").open("rb") as file:
            self._real = gettext.GNUTranslations(file)

    def gettext(self, message: str) -> str:
        return _CHINESE.sub("—", self._real.gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _CHINESE.sub("—", self._real.ngettext(msgid1, msgid2, n))

    def pgettext(self, context: str, message: str) -> str:
        return _CHINESE.sub("—", self._real.pgettext(context, message))


@contextmanager
def spoken(catalogue: gettext.NullTranslations, code: str = "en_XA") -> Iterator[None]:
    """Speak it while this is open. What the program keeps of a language's words is of no other catalogue's."""
    conditions._worded.cache_clear()
    use(catalogue, code)
    try:
        yield
    finally:
        use(gettext.NullTranslations())
        conditions._worded.cache_clear()


def outside(text: str) -> str:
    """What of a text stands in no brackets."""
    text = re.sub(r"<[^<>]*>|&\w+;", " ", re.sub(r"<(head|style).*?</\1>", "", text, flags=re.DOTALL))
    found, depth = [], 0
    for letter in text:
        depth += letter == BEGIN
        if not depth:
            found.append(letter)
        depth -= letter == END
    return "".join(found)


def texts(shown: QWidget) -> Iterator[tuple[str, str]]:
    """Every text of a widget and of what is in it, with where it stands; also what a model would say of each cell."""
    for widget in (shown, *shown.findChildren(QWidget)):
        if _of_pyqtgraph(widget):
            continue
        name = type(widget).__name__
        yield f"{name} tooltip", widget.toolTip()
        yield f"{name} name", widget.accessibleName()
        yield f"{name} description", widget.accessibleDescription()
        if widget.isWindow():
            yield f"{name} title", widget.windowTitle()
        if isinstance(widget, QLabel | QAbstractButton):
            yield name, widget.text()
        elif isinstance(widget, QLineEdit | QPlainTextEdit):
            yield f"{name} placeholder", widget.placeholderText()
        elif isinstance(widget, QComboBox):
            yield from ((f"{name} item", widget.itemText(place)) for place in range(widget.count()))
        elif isinstance(widget, QGroupBox | QMenu):
            yield name, widget.title()
        elif isinstance(widget, QTextBrowser):
            yield name, widget.toPlainText()
        if isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView) and widget.model() is not None:
            yield from _cells(f"{name} of {type(widget.parent()).__name__}", widget.model())
        for action in widget.actions():
            yield from _action(name, action)


def _of_pyqtgraph(widget: QWidget) -> bool:
    """Whether it is in a menu of pyqtgraph's that nobody can open."""
    parent: QWidget | None = widget
    while parent is not None and not (isinstance(parent, QMenu) and parent.title() == "Plot Options"):
        parent = parent.parentWidget()
    return parent is not None


def _action(name: str, action: QAction) -> Iterator[tuple[str, str]]:
    yield f"{name} action", action.text()
    yield f"{name} action tooltip", action.toolTip()


ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)


def _cells(name: str, model: QAbstractItemModel) -> Iterator[tuple[str, str]]:
    across = Qt.Orientation.Horizontal
    for role in ROLES:
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())):
            yield f"{name} header {role.name} {column}", model.headerData(column, across, role)
            for row in range(min(model.rowCount(QModelIndex()), 40)):
                index: QModelIndex = model.index(row, column)
                yield f"{name} cell {role.name} {column}", model.data(index, role)
