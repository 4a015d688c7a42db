"""What is wrong with a window for who hears it or has no mouse."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QApplication, QDateEdit, QWidget

Role = QAccessible.Role
_STANDING = (Role.ColumnHeader, Role.Cell, Role.Grip, Role.Button, Role.ComboBox, Role.CheckBox, Role.RadioButton)
_VALUED = (Role.Slider, Role.SpinBox, Role.ProgressBar, Role.Dial)
_MOST = 150


def walk(parent: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Everything below an element that can be seen."""
    for place in range(parent.childCount()):
        child = parent.child(place)
        if child is not None and child.isValid() and not child.state().invisible:
            yield child
            yield from walk(child)


def elements(widget: QWidget) -> list[QAccessibleInterface]:
    """Everything in a window that can be seen."""
    return list(walk(QAccessible.queryAccessibleInterface(widget)))


def name_of(element: QAccessibleInterface) -> str:
    """What it is called."""
    return element.text(QAccessible.Text.Name)


def _what(element: QAccessibleInterface) -> str:
    return (
        f"{element.role().name} {name_of(element)!r} of {type(element.object() or element.parent().object()).__name__}"
    )


def unheard(widget: QWidget) -> list[str]:
    """What says nothing, a sign, the same as what is beside it, or not its value."""
    found, groups = [], Counter[tuple[int, Role, str]]()
    for each in elements(widget):
        name, state, role = name_of(each), each.state(), each.role()
        focusable = state.focusable and not state.disabled
        if not name and (focusable or role in _STANDING):
            found.append(f"no name: {_what(each)}")
        elif role not in (Role.Cell, Role.ListItem) and (focusable or role in _STANDING):
            if not any(letter.isalnum() for letter in name):
                found.append(f"named by a sign: {_what(each)}")
            if isinstance(each.object(), QWidget):
                groups[id(each.object().parentWidget()), role, name] += 1
                if groups[id(each.object().parentWidget()), role, name] == 2:
                    found.append(f"two of a name: {_what(each)}")
        if focusable and role == Role.NoRole:
            found.append(f"no role: {_what(each)}")
        if role in _VALUED and not each.text(QAccessible.Text.Value):
            found.append(f"no value: {_what(each)}")
    return found


def stops(window: QWidget) -> list[QWidget]:
    """What Tab is to reach."""
    return [
        each
        for each in window.findChildren(QWidget)
        if each.window() is window
        and each.isVisible()
        and each.isEnabled()
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.focusProxy() is None
    ]


def _tab(back: bool = False) -> QWidget | None:
    here = QApplication.focusWidget()
    for _section in range(4 if isinstance(here, QDateEdit) else 1):  # from year to month to day first
        if here is not None and QApplication.focusWidget() is here:
            QTest.keyClick(here, Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab)
    return QApplication.focusWidget()


def called(widget: QWidget | None) -> str:
    """A widget in a fault."""
    if widget is None:
        return "nothing"
    text = widget.accessibleName() or getattr(widget, "text", str)()
    return f"{type(widget).__name__} {str(text)[:40]!r}"


def untabbed(window: QWidget) -> list[str]:
    """Where Tab goes wrong: a stop that is not reached, a trap, another way back, an order in which nobody reads."""
    first = QApplication.focusWidget()
    if first is None or first.window() is not window:
        return [f"the keyboard is at {called(first)}"]
    way, found = [first], []
    while (here := _tab()) is not None and here is not first and len(way) < _MOST:
        if here in way:
            found.append(f"trapped at {called(here)}")
            break
        way.append(here)
    back = [first]
    while not found and (here := _tab(back=True)) is not first and here is not None and len(back) < _MOST:
        back.append(here)
    if not found and [first, *back[:0:-1]] != way:
        found.append(f"the way back is another: {[called(each) for each in back]}")
    found += [f"not reached: {called(each)}" for each in stops(window) if each not in way]
    top = min(way, key=lambda each: (_box(each)[1] // 12, _box(each)[0]))  # what one reads first
    ordered = way[way.index(top) :] + way[: way.index(top)]
    pairs = itertools.pairwise(each for each in ordered if not each.visibleRegion().isEmpty())  # some is scrolled away
    found += [f"{called(after)} comes after {called(before)}" for before, after in pairs if _before(after, before)]
    return found


def _box(widget: QWidget) -> tuple[int, int, int, int]:
    corner = widget.mapTo(widget.window(), QPoint(0, 0))
    return corner.x(), corner.y(), corner.x() + widget.width(), corner.y() + widget.height()


def _before(one: QWidget, other: QWidget) -> bool:
    """Whether one stands wholly before another as one reads: above it in its columns, or left of it in its line."""
    left, top, right, bottom = _box(one)
    other_left, other_top, other_right, other_bottom = _box(other)
    above = bottom <= other_top and left < other_right and other_left < right
    beside = right <= other_left and top < other_bottom and other_top < bottom
    return above or beside


def unringed(window: QWidget) -> list[str]:
    """What looks no different when it has the keyboard."""
    found = []
    for each in stops(window):
        part = each.viewport() if isinstance(each, QAbstractScrollArea) else each
        if part.visibleRegion().isEmpty():
            continue
        if isinstance(each, QAbstractItemView):
            each.clearSelection()
        each.clearFocus()
        QApplication.processEvents()
        without = each.grab().toImage()
        each.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        if each.hasFocus() and each.grab().toImage() == without:
            found.append(f"no ring: {called(each)}")
    return found
