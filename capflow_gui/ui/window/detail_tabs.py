"""Under the chart: tabs, and at the right end of their bar what can be done with the selected row."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from capflow_gui.feed.board import BoardView
from capflow_gui.ui.alerts.table import AlertsTable
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked
from capflow_gui.ui.tab_strip import TabStrip
from capflow_gui.ui.theme import Role, Theme

_ALERTS = "alerts"


class DetailTabs(QWidget):
    """Emits `acknowledge_requested(list of alert ids, or None for those of the current symbol)`."""

    acknowledge_requested = Signal(object)
    threshold_requested = Signal()
    symbol_chosen = Signal(object)

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = TabStrip(theme, self)
        self.tabs.set_tabs([(_ALERTS, "Alerts")])
        self.alerts = AlertsTable(board, theme, self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.alerts)
        self._acknowledge = push_button("Acknowledge", self, "link")
        self._threshold = push_button("Threshold", self, "link")
        self._keys = [QLabel("A", self), QLabel("E", self)]
        for label in self._keys:
            label.setAccessibleName(f"Key {label.text()}")
        acknowledge, threshold = ((key, Qt.AlignmentFlag.AlignVCenter) for key in self._keys)
        actions = (self._acknowledge, acknowledge, 10, self._threshold, threshold, 10)
        bar = beside(self.tabs, None, *actions, margins=(18, 0, 16, 0), spacing=4)
        stacked(bar, (self._pages, 1), of=self, margins=NO_MARGINS, spacing=0)
        self.alerts.symbol_chosen.connect(self.symbol_chosen)
        self._acknowledge.clicked.connect(lambda: self.acknowledge_requested.emit(self.alerts.selected_ids() or None))
        self._threshold.clicked.connect(self.threshold_requested)
        self.set_theme(theme)
        self.reload()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.tabs.set_theme(theme)
        self.alerts.set_theme(theme)
        for label in self._keys:
            label.setFont(theme.font(Role.CAPTION))
            label.setStyleSheet(
                f"color: {theme.dim.name()}; border: 1px solid {theme.line2.name()};"
                " border-radius: 4px; padding: 1px 5px;"
            )
        self._leave_rest()

    def reload(self) -> None:
        """The alerts changed."""
        self.alerts.reload()
        waiting = self.alerts.alerts.waiting()
        total = self.alerts.alerts.rowCount()
        self.tabs.tab(_ALERTS).set_count(waiting or total or None, alarm=waiting > 0)
        for widget in (self._acknowledge, self._keys[0]):
            widget.setVisible(waiting > 0)

    def minimumSizeHint(self) -> QSize:
        """The tabs, and one row under its headers."""
        return QSize(super().minimumSizeHint().width(), self.tabs.sizeHint().height() + self.alerts.least_height())

    def focus_alerts(self) -> None:
        """Give the alerts the keyboard."""
        self.tabs.choose(_ALERTS)
        self.alerts.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def whole_rows(self, height: int) -> int:
        """The most pixels up to `height` in which no row of a table is cut."""
        bar = self.tabs.sizeHint().height()
        return bar + self.alerts.whole_rows(height - bar)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is left under the last whole row stays empty: half a row cannot be read."""
        super().resizeEvent(event)
        self._leave_rest()

    def _leave_rest(self) -> None:
        layout = self.layout()
        assert layout is not None  # noqa: S101  set while this was built
        layout.setContentsMargins(0, 0, 0, max(self.height() - self.whole_rows(self.height()), 0))

    def tick(self) -> None:
        """A second passed."""
        self.alerts.tick()
