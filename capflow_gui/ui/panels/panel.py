"""A window beside the main one that shows one view and stays open; it reads what it shows once a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_words import window_title
from capflow_gui.ui.bridge import TICK_MS
from capflow_gui.ui.fitting import fit, scrolled
from capflow_gui.ui.keyboard import tab, tab_stops
from capflow_gui.ui.layouts import NO_MARGINS, beside, stacked, text_label
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.toolbar.bar import SimulatedMark
from capflow_gui.ui.window.place import is_place, place, place_of


class PanelView(Protocol):
    """What a panel shows; a QWidget."""

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""

    def refresh(self) -> None:
        """A second passed."""

    def state(self) -> dict[str, Any]:
        """What is chosen in it, as plain values."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose it again; what cannot be understood stays as it is."""


class Panel(QWidget):
    """Holds `view`. Its timer runs while it can be seen; `restore` and `state` bring it back with its size."""

    def __init__(
        self,
        title: str,
        make: Callable[[QWidget], QWidget],
        theme: Theme,
        size: tuple[int, int],
        parent: QWidget,
        *,
        kind: str = "",
    ) -> None:
        """`make` makes the view, dressed in the theme, as a part of what it is given: Qt styles what moves anew.

        `size` is the first width and height at a font size of 100 %, `kind` what settings call it.
        """
        super().__init__(parent, Qt.WindowType.Window)
        self.kind, self._title, self._owner = kind, title, parent
        self._docked, self._geometry = False, ""
        page = QWidget(self)
        self._area = scrolled(page)
        self._view = view = make(page)
        stacked(view, of=page, margins=NO_MARGINS, spacing=0)
        self._head = text_label(title, self)
        self._simulated = SimulatedMark(theme, self)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bar = QWidget(self)
        beside(self._head, None, self._simulated, of=self._bar, margins=(18, 12, 18, 4))
        stacked(self._bar, (self._area, 1), of=self, margins=NO_MARGINS, spacing=0)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._shown.refresh)
        self.first_size = QSize(theme.px(size[0]), theme.px(size[1]))
        self.resize(self.first_size)
        self._head.setFont(theme.font(Role.TITLE))
        self.show_simulated(on=False)

    @property
    def _shown(self) -> PanelView:
        return self._view  # type: ignore[return-value]

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._head.setFont(theme.font(Role.TITLE))
        self._simulated.set_theme(theme)
        self._shown.set_theme(theme)

    def show_simulated(self, *, on: bool) -> None:
        """Whether what it shows is a simulator's: its title and a mark say so."""
        self.setWindowTitle(window_title(*([_("SIMULATED")] if on else []), part=self._title))
        self._simulated.setVisible(on)

    def open(self) -> None:
        """Bring it to the front, wholly on a screen, or where it is docked; at first in the middle of its window."""
        dock = self.parentWidget()
        if self._docked and dock is not None:
            dock.raise_()
        elif not self.isVisible():
            placed = self.testAttribute(Qt.WidgetAttribute.WA_Moved)
            fit(self, None if placed else self._owner.window().frameGeometry().center())
        self.show()
        if not self._docked:
            self.raise_()
            self.activateWindow()
        for first in tab_stops(self)[:1]:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def least_beside(self) -> int:
        """How wide it is at least at a side: as what it shows needs, but no wider than half of its first width."""
        bar = self._area.verticalScrollBar().sizeHint().width()
        return min(self._view.minimumSizeHint().width() + bar, self.first_size.width() // 2)

    def showEvent(self, event: QShowEvent) -> None:
        """On screen: read once a second."""
        super().showEvent(event)
        self._shown.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Off screen: rest."""
        super().hideEvent(event)
        if not self._docked:
            self._geometry = str(place_of(self))
        self._timer.stop()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes as one reads, through all of the window it may lie in."""
        return tab(self.window(), forward=forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape and the system's key for it close the panel; docked, Escape is the window's."""
        dock = self.parentWidget()
        if self._docked and dock is not None and event.matches(QKeySequence.StandardKey.Close):
            dock.close()
        elif not self._docked and (event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Close)):
            self.close()
        else:
            super().keyPressEvent(event)

    def state(self) -> dict[str, Any]:
        """Whether it is open, its place, and what is chosen in it."""
        shown = self.isVisible() and not self._docked
        geometry = str(place_of(self)) if shown else self._geometry
        return {"kind": self.kind, "open": shown, "geometry": geometry, "view": self._shown.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """As it was kept; what cannot be understood stays as it is."""
        geometry, view = state.get("geometry"), state.get("view")
        if isinstance(geometry, str) and is_place(geometry) and not self._docked:
            self._geometry = geometry
            place(self, geometry)
        if isinstance(view, Mapping):
            self._shown.restore(view)
        if state.get("open") is True:
            self.open()
        elif state.get("open") is False and not self._docked:
            self.close()

    # docked

    def heading(self) -> str:
        """What it is called."""
        return self._title

    def set_docked(self, on: bool) -> None:
        """Be a part of the window, without a head of its own; or a window again, hidden, where it was."""
        if on and not self._docked and self.isVisible():
            self._geometry = str(place_of(self))
        if not on:
            self.setParent(self._owner, Qt.WindowType.Window)
            if self._geometry:
                place(self, self._geometry)
            else:
                self.resize(self.first_size)
        self._docked = on
        self._bar.setVisible(not on)

    def set_covered(self, on: bool) -> None:
        """Whether another tab is in front of it."""
        if on or not self.isVisible():
            self._timer.stop()
        else:
            self._shown.refresh()
            self._timer.start()

    @property
    def is_docked(self) -> bool:
        """Whether it is a part of the window."""
        return self._docked
