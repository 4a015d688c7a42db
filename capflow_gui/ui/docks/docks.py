"""The views docked to the main window: opened, moved by menu and hand, let go, and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QHoverEvent, QMouseEvent
from PySide6.QtWidgets import QMainWindow, QTabBar, QWidget
from shiboken6 import isValid

from capflow_gui.domain.arrangement.places import GEOMETRY
from capflow_gui.present.language.texts import _
from capflow_gui.ui.docks.dock import SIDES, Dock, DockView
from capflow_gui.ui.docks.drag import Drags, Target
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.panels.panel import Panel
from capflow_gui.ui.panels.panels import Panels
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.torn.home import Home
from capflow_gui.ui.torn.window import TornWindow
from capflow_gui.ui.torn.windows import TornWindows
from capflow_gui.ui.window.keys import Choice
from capflow_gui.ui.window.place import decoded, encoded, is_place, place_of
from capflow_gui.ui.window.place import place as stand

# At a font size of 100 %, in pixels.
_WIDE, _HIGH = 440, 240
_DIVIDER = 4  # pixels between a side and the centre
_BELOW = ("alerts", "tape", "log")


class Docks(QObject):
    """Those that are open, in the order they were opened, in `area`."""

    moved = Signal()  # one came, went, or is at another side

    def __init__(self, area: QMainWindow, home: Home, torn: TornWindows, panels: Panels) -> None:
        super().__init__(area)
        self._area, self._home, self._torn, self._panels = area, home, torn, panels
        self.open_ones: list[Dock] = []
        self._drags = Drags(area, self.open_ones, lambda: home.theme.accent, self.stand)
        # The docks and their places before some went below; `_fresh`: brought back just now, in whatever room.
        self._roomy: tuple[list[str], QByteArray] = [], QByteArray()
        self._fresh = False
        self._new: Dock | None = None  # moved just now, while the centre takes the room that it had before
        area.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        area.setDocumentMode(True)

    # opened and closed

    def open(self, state: Mapping[str, Any], side: str = "", name: str = "") -> Dock | None:
        """Dock a view made from its state, or its panel; None where that is of no kind there is."""
        kind = str(state.get("kind"))
        view: DockView | None = self._panels.find(kind, state) or self._torn.make(state)
        if view is None:
            return None
        return self.add(view, side if side in SIDES else "below" if kind in _BELOW else "right", name)

    def add(self, view: DockView, side: str, name: str = "") -> Dock:
        """Dock a view; one that is docked stays, and is shown."""
        dock = next((each for each in self.open_ones if each.view is view), None)
        if dock is None:
            if isinstance(view, TornWindow):
                self._torn.let_go(view)
            taken = {each.objectName() for each in self.open_ones}
            if not name or name in taken:
                name = next(each for each in (f"{view.kind} {n}" for n in count(1)) if each not in taken)
            dock = Dock(name, view, self._home.theme, self._area, self._home.main.marks)
            dock.closed.connect(partial(self._drop, dock))
            dock.title.menu.clicked.connect(partial(self._open_menu, dock))
            dock.title.flipped.connect(partial(self._flip, dock))
            for signal in (dock.dockLocationChanged, dock.topLevelChanged):
                signal.connect(self.moved, Qt.ConnectionType.QueuedConnection)  # once it is there
            self._drags.follow(dock)
            self.open_ones.append(dock)
        self.move(dock, side)
        return dock

    def _drop(self, dock: Dock) -> None:
        if dock in self.open_ones:
            self._take_out(dock).close()

    def _take_out(self, dock: Dock) -> QWidget:
        """The view of a dock, a hidden window again; the dock is gone."""
        self._drags.end()
        self._leave_dividers()
        self.open_ones.remove(dock)
        self._new = None
        view = dock.take_out()
        self._area.removeDockWidget(dock)
        dock.setParent(None)  # or its name is still known to what restores the places
        dock.deleteLater()
        self.moved.emit()
        return view

    def close(self) -> None:
        """Close all of them."""
        for dock in [*self.open_ones]:
            self._drop(dock)

    # where they stand

    def move(self, dock: Dock, side: str) -> None:
        """Stand at a side, below in it where there is another, with the first size of a dock there."""
        self._leave_dividers()
        dock.setFloating(False)
        dock.beside = ""
        self._area.addDockWidget(SIDES[side], dock)
        dock.show()
        dock.raise_()
        self._new = dock
        self._give_room()
        self._dress()

    def let_float(self, dock: Dock) -> None:
        """Stand over the window."""
        self._leave_dividers()
        dock.setFloating(True)

    def stand(self, dock: Dock, target: Target | None, corner: QPoint) -> None:
        """Where it was dragged: over the window with its corner at a global pixel where there is no target."""
        if target is None:
            self.let_float(dock)
            dock.move(corner)
        elif target.by is None:
            self.move(dock, target.side)
        else:
            self._stand_by(dock, target.by, target.side)

    def _stand_by(self, dock: Dock, by: Dock, side: str) -> None:
        """Beside another dock, or behind a tab with it."""
        self._leave_dividers()
        dock.setFloating(False)
        dock.beside = by.beside
        if side:
            along = Qt.Orientation.Horizontal if side in ("left", "right") else Qt.Orientation.Vertical
            self._area.splitDockWidget(by, dock, along)
            if side in ("left", "above"):
                self._area.splitDockWidget(dock, by, along)
        else:
            self._area.tabifyDockWidget(by, dock)
        dock.show()
        dock.raise_()
        self._dress()
        self.moved.emit()

    def _flip(self, dock: Dock) -> None:
        self._leave_dividers()
        dock.setFloating(not dock.isFloating())

    def _leave_dividers(self) -> None:
        """Let go of the divider between docks that the mouse drags or is over: to be called before docks are moved.

        Qt keeps where among the docks it is, and looks there at the next move of the mouse: it ends with a
        segmentation fault where there are other docks then.
        """
        corner, left, none = QPointF(), Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        held = Qt.KeyboardModifier.NoModifier
        self._area.event(QMouseEvent(QEvent.Type.MouseButtonRelease, corner, corner, left, none, held))
        self._area.event(QHoverEvent(QEvent.Type.HoverMove, corner, corner, corner))  # Qt takes that for a leave

    def _give_room(self) -> None:
        """Give the dock that was moved last the first size of one at its side, as far as there is room."""
        dock, theme, high = self._new, self._home.theme, self._new is not None and self._new.side == "below"
        if dock is not None:
            along = Qt.Orientation.Vertical if high else Qt.Orientation.Horizontal
            self._area.resizeDocks([dock], [theme.px(_HIGH if high else _WIDE)], along)

    def settle(self) -> None:
        """The centre has arranged itself beside a dock that came: now that has its room."""
        self._give_room()
        self._new = None
        self._dress()

    def fit_width(self, width: int, centre: int) -> int:
        """Stand below where the sides leave the centre less than `centre` of `width` pixels; beside it again with room.

        They are no longer at the sides then, but belong there: that is what is kept. What they need at the sides.
        """
        shown = [each for each in self.open_ones if not each.isFloating()]
        sides = {side: [each for each in shown if each.side == side] for side in ("left", "right")}
        needed = sum(max(map(_least_width, docks)) + _DIVIDER for docks in sides.values() if docks)
        if centre + needed > width:
            if any(not each.beside for docks in sides.values() for each in docks):
                self._leave_dividers()
            if not self._fresh and not any(each.beside for each in shown):
                self._roomy = self._names(), self._area.saveState()
            for side, docks in sides.items():
                for dock in [each for each in docks if not each.beside]:
                    self._area.addDockWidget(SIDES["below"], dock)
                    dock.beside = side
        elif back := [each for each in shown if each.beside]:
            self._leave_dividers()
            names, places = self._roomy
            for dock in back:
                side, dock.beside = dock.beside, ""
                self._area.addDockWidget(SIDES[side], dock)
            if names == self._names():
                self._area.restoreState(places)
                self._dress()
        self._fresh = False
        return 0 if centre + needed > width else needed

    def _names(self) -> list[str]:
        return [each.objectName() for each in self.open_ones]

    def release(self, dock: Dock) -> None:
        """Let a view be a window of its own."""
        view = self._take_out(dock)
        if isinstance(view, TornWindow):
            self._torn.adopt(view)
        elif isinstance(view, Panel):
            view.open()

    def places(self, dock: Dock) -> list[Choice]:
        """Where it can be, and what it is now."""
        held = "" if dock.isFloating() else dock.side
        names = {"left": _("At the left"), "right": _("At the right"), "below": _("At the bottom")}
        return [
            *((name, side == held, partial(self.move, dock, side)) for side, name in names.items()),
            (_("Floating"), dock.isFloating(), partial(self.let_float, dock)),
            (_("In a window of its own"), False, partial(self.release, dock)),
            (_("Close"), False, dock.close),
        ]

    def _open_menu(self, dock: Dock) -> None:
        menu = passing_menu(dock)
        for name, held, run in self.places(dock):
            entry = menu.addAction(name, run)
            entry.setCheckable(True)
            entry.setChecked(held)
        menu.popup(dock.title.below_menu())

    # what they show

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        for dock in self.open_ones:
            dock.title.set_theme(theme)
            dock.view.set_theme(theme)
        self._dress()

    def _dress(self) -> None:
        for bar in self._area.findChildren(QTabBar):
            if bar.property("look") is None:
                bar.setProperty("look", "docks")
                bar.setStyleSheet("")  # look at it again
            bar.setFont(self._home.theme.sized_font(10, 500))
            bar.setMovable(False)  # Qt was seen to end with a segmentation fault where one was moved

    def follow_visibility(self) -> None:
        """The main window was minimised, or is there again."""
        for dock in self.open_ones:
            dock.view.set_covered(dock.visibleRegion().isEmpty())

    # state

    def state(self) -> dict[str, Any]:
        """What to bring back: each view with its side, and where exactly all of them stand; nothing without docks."""
        views = [{**dock.view.state(), "name": dock.objectName(), "side": dock.side} for dock in self.open_ones]
        below = any(each.beside for each in self.open_ones)
        names, roomy = self._roomy
        places = self._area.saveState() if not below else roomy if names == self._names() else QByteArray()
        floating = {each.objectName(): {GEOMETRY: str(place_of(each))} for each in self.open_ones if each.isFloating()}
        return {"views": views, "place": encoded(places), "floating": floating} if views else {}

    def restore(self, state: Mapping[str, Any]) -> Iterator[None]:
        """Have those docked that were, and no others, one in each step; the window is painted again after the last.

        Where the exact places cannot be used each is at its side. One that floats stands where it did, or where its
        screen is now.
        """
        if state == self.state():
            return
        self._area.setUpdatesEnabled(False)
        try:
            for dock in [*self.open_ones]:
                self._drop(dock)
                yield
            views = state.get("views")
            for view in views if isinstance(views, list) else ():
                if isinstance(view, Mapping):
                    self.open(view, str(view.get("side")), str(view.get("name") or ""))
                    yield
            self._place(state)
        finally:
            if isValid(self._area):
                self._area.setUpdatesEnabled(True)

    def _place(self, state: Mapping[str, Any]) -> None:
        self._leave_dividers()
        place = decoded(str(state.get("place", "")))
        if self.open_ones and place is not None:
            for dock in self.open_ones:
                dock.beside = ""
            self._area.restoreState(place)
            self._roomy, self._fresh = (self._names(), place), True
            self._dress()
        floating = state.get("floating")
        kept = floating if isinstance(floating, Mapping) else {}
        for dock in self.open_ones:
            found = kept.get(dock.objectName())
            if isinstance(found, Mapping) and is_place(found.get(GEOMETRY)):
                self.let_float(dock)
                stand(dock, str(found[GEOMETRY]))


def _least_width(dock: Dock) -> int:
    """What a dock takes at a side, so that a panel can be read there."""
    least, view = dock.minimumSizeHint().width(), dock.widget()
    return max(least, view.least_beside()) if isinstance(view, Panel) else least
