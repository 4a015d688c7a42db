"""The tabs above the list: all of it, the user's own groups, then one market each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLayout, QLineEdit, QToolButton, QWidget

from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.present.language.texts import _, pgettext
from capflow_gui.present.names import market_name
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.tab_strip import HEIGHT, PAD, Tab, TabStrip
from capflow_gui.ui.theme import Theme

ALL_KEY = ""
_GROUP = "@"
_DRAG_PX = 10


def key_of_group(name: str) -> str:
    """The key of a group's tab."""
    return _GROUP + name


def group_of(key: object) -> str | None:
    """The name of the group whose tab has a key; None for the whole list and markets."""
    return key[1:] if isinstance(key, str) and key.startswith(_GROUP) else None


def members_of(groups: Groups, symbols: Sequence[Symbol]) -> dict[str, Sequence[Symbol]]:
    """What stands in each tab, by its key: all symbols, each group's, and each market's where there are several."""
    markets: dict[str, list[Symbol]] = {market_name(market): [] for market in Market}
    for symbol in symbols:
        markets[market_name(symbol.market)].append(symbol)
    traded = {name: found for name, found in markets.items() if found}
    own = {key_of_group(group.name): group.symbols for group in groups}
    return {ALL_KEY: symbols, **own, **(traded if len(traded) > 1 else {})}


class GroupTab(Tab):
    """A tab that can be dragged to another place; `drop` draws that what is carried may be let go here."""

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, name: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(name, theme, parent)
        self.drop = False
        self._pressed: QPoint | None = None
        self._dragging = False
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag may begin."""
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """With the button down the tab is carried."""
        super().mouseMoveEvent(event)
        point = event.position().toPoint()
        if self._pressed is not None and (point - self._pressed).manhattanLength() >= _DRAG_PX:
            self._dragging = True
        if self._dragging:
            self.dragged.emit(self.mapToParent(point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let a carried tab go."""
        dragging, self._dragging, self._pressed = self._dragging, False, None
        super().mouseReleaseEvent(event)
        if dragging:
            self.dropped.emit(self.mapToParent(event.position().toPoint()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """As any tab; with a frame while something is carried over it."""
        super().paintEvent(event)
        if self.drop:
            painter = QPainter(self)
            painter.setPen(QPen(self._theme.accent, 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 6, -1, -5), 4, 4)


class _NameBox(QLineEdit):
    """A group's name while it is typed: Enter keeps it, Esc and the keyboard going elsewhere do not."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if key_of(event) is Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class GroupTabs(TabStrip):
    """Groups are renamed in place and moved by drag; what does not fit is in a menu at the end.

    named(key, text): a name was typed for the group of a tab; key None for a new one
    moved(key, place): a group's tab was let go at another place among the groups
    menu_requested(key, QPoint on the screen)
    """

    named = Signal(object, str)
    moved = Signal(object, int)
    menu_requested = Signal(object, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._names: list[tuple[str, str]] = []
        self._over: GroupTab | None = None
        self._line: int | None = None
        self._renaming: object = None
        self._row.setSpacing(18 - 2 * PAD)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.more = GroupTab("⋯", theme, self)
        self.more.setCheckable(False)
        self.more.setAccessibleName(_("More groups"))
        self.more.clicked.connect(self._open_more)
        self.add_button = QToolButton(self)
        self.add_button.setText("+")
        self.add_button.setAccessibleName(_("New group"))
        self.add_button.setToolTip(_("New group"))
        self.add_button.setAutoRaise(True)
        self.add_button.clicked.connect(self.begin_new)
        self.box = _NameBox(self)
        self.box.hide()
        self.box.returnPressed.connect(lambda: self.named.emit(self._renaming, self.box.text()))
        self.box.left.connect(self.end_naming)
        self._row.addWidget(self.more)
        self._row.addSpacing(PAD)
        self._row.addWidget(self.add_button)
        self._row.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        super().set_theme(theme)
        self.more.set_theme(theme)
        self._fit()

    def show_lists(self, members: Mapping[str, Sequence[Symbol]], groups: Groups, waiting: Sequence[Symbol]) -> None:
        """The tabs of `members_of`; `waiting` has the symbol of each alert that waits."""
        before, keys = self.all_keys(), [*members]
        chosen = self.current()
        names = [(key, (group_of(key) or key) if key else pgettext("the whole list", "All")) for key in keys]
        if names != self._names:
            self._names = names
            self.end_naming()
            self._over = self._line = None
            self.set_tabs([*names])
            # A group that has another name now stays the one that is shown.
            if chosen not in members and group_of(chosen) is not None and len(before) == len(keys):
                self.choose(keys[before.index(chosen)])
        for key, symbols in members.items():
            group = groups.get(group_of(key))
            tab = self.tab(key)
            tab.set_count(len(symbols))
            tab.set_marks(sum(symbol in symbols for symbol in waiting), "" if group is None else group.color)
        self._fit()

    def choose(self, key: object) -> None:
        """Choose a tab, and show it where it was in the menu."""
        super().choose(key)
        self._fit()

    def _make_tab(self, key: object, name: str) -> Tab:
        tab = GroupTab(name, self._theme, self)
        tab.customContextMenuRequested.connect(lambda at: self.menu_requested.emit(key, tab.mapToGlobal(at)))
        tab.clicked.connect(lambda _checked=False: self._fit())
        if group_of(key) is not None:
            tab.dragged.connect(lambda at: self._carry(key, at))
            tab.dropped.connect(lambda at: self._let_go(key, at))
        return tab

    # room

    def minimumSizeHint(self) -> QSize:
        """One tab and the menu of the others."""
        return QSize(self._theme.px(120), self._theme.px(HEIGHT))

    def sizeHint(self) -> QSize:
        """As wide as all tabs."""
        return QSize(max(self._wanted(self.all_keys()), self._theme.px(120)), self._theme.px(HEIGHT))

    def _wanted(self, keys: Sequence[object]) -> int:
        tabs = sum(self.tab(key).sizeHint().width() + self._row.spacing() for key in keys)
        return tabs + PAD + self.add_button.sizeHint().width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tabs that do not fit go into the menu."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """The width is known now."""
        super().showEvent(event)
        self._fit()

    def hidden_keys(self) -> list[object]:
        """The tabs that are in the menu."""
        return [key for key in self.all_keys() if self.tab(key).isHidden()]

    def _fit(self) -> None:
        keys, current = self.all_keys(), self.current()
        fitting = list(keys)
        if self._wanted(keys) > self.width():
            more = self.more.sizeHint().width() + self._row.spacing()
            others = [key for key in keys if key != current]
            while others and self._wanted([current, *others]) + more > self.width():
                others.pop()
            fitting = [current, *others]
        for key in keys:
            self.tab(key).setVisible(key in fitting)
        self.more.setVisible(len(fitting) < len(keys))
        self.more.set_marks(sum(self.tab(key).waiting for key in keys if key not in fitting), "")

    def _open_more(self) -> None:
        menu = passing_menu(self)
        for key in self.hidden_keys():
            menu.addAction(self.tab(key).accessibleName(), partial(self.choose, key))
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    # names

    def begin_rename(self, key: object) -> None:
        """Type another name in the place of a group's tab."""
        name = group_of(key)
        if name is not None and key in self.all_keys():
            self.choose(key)
            tab = self.tab(key)
            self._begin(key, name, tab.x() + PAD, tab.width() - 2 * PAD)

    def begin_new(self) -> None:
        """Type the name of a new group, behind the last tab."""
        wide = self._theme.px(140)
        self._begin(None, "", min(self.add_button.x(), self.width() - wide), wide)

    def _begin(self, key: object, name: str, left: int, width: int) -> None:
        self._renaming = key
        self.box.setText(name)
        self.box.setPlaceholderText(_("Name of the group"))
        self.box.setAccessibleName(_("Name of the group"))
        high = self._theme.px(28)
        wide = min(max(width + 16, self._theme.px(140)), self.width())
        left = max(0, min(left - 8, self.width() - wide))
        self.box.setGeometry(left, (self.height() - high) // 2, wide, high)
        self.box.show()
        self.box.raise_()
        self.box.selectAll()
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def end_naming(self) -> None:
        """Put the box for a name away; the keyboard goes to the chosen tab if it was there."""
        if not self.box.isHidden():
            focused = self.box.hasFocus()
            self.box.hide()
            current = self.current()
            if focused and current is not None:
                self.tab(current).setFocus(Qt.FocusReason.OtherFocusReason)

    # hands

    def hover(self, point: QPoint | None) -> object:
        """Something is carried over the strip, at a point of the screen (None: no longer): the group's key below it."""
        key = None if point is None else self._group_at(self.mapFromGlobal(point))
        tab = None if key is None else self.tab(key)
        over = tab if isinstance(tab, GroupTab) else None
        for each in (self._over, over) if over is not self._over else ():
            if each is not None:
                each.drop = each is over
                each.update()
        self._over = over
        return key

    def _shown_groups(self) -> list[object]:
        return [key for key in self.all_keys() if group_of(key) is not None and not self.tab(key).isHidden()]

    def _group_at(self, point: QPoint) -> object:
        around = self._row.spacing() // 2
        keys = self._shown_groups()
        return next(
            (key for key in keys if self.tab(key).geometry().adjusted(-around, 0, around, 0).contains(point)), None
        )

    def _target(self, key: object, point: QPoint) -> tuple[int, int]:
        """The place among the other groups where a carried tab would go, and where that is in the strip."""
        others = [each for each in self.all_keys() if group_of(each) is not None and each != key]
        shown = [each for each in self._shown_groups() if each != key]
        before = [each for each in shown if self.tab(each).geometry().center().x() < point.x()]
        around = self._row.spacing() // 2
        if before:
            return others.index(before[-1]) + 1, self.tab(before[-1]).geometry().right() + around
        first = shown[0] if shown else key
        return (others.index(first) if shown else 0), self.tab(first).x() - around

    def _carry(self, key: object, point: QPoint) -> None:
        self._line = self._target(key, point)[1]
        self.update()

    def _let_go(self, key: object, point: QPoint) -> None:
        self._line = None
        self.update()
        if self.rect().contains(point):
            self.moved.emit(key, self._target(key, point)[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line where a carried tab would go."""
        super().paintEvent(event)
        if self._line is not None:
            painter = QPainter(self)
            painter.setPen(QPen(self._theme.accent, 2))
            painter.drawLine(self._line, 8, self._line, self.height() - 8)
