"""The connections of the running profile: one broker, or both."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QTabWidget, QVBoxLayout, QWidget

from capflow_gui.settings import LongportSettings, OpendSettings
from capflow_gui.ui.dialogs.connection_form import ConnectionForm
from capflow_gui.ui.dialogs.held_forms import hold_longport, hold_opend
from capflow_gui.ui.dialogs.longport_form import LongportForm
from capflow_gui.ui.ports import Doors
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.widgets.locked import BY_ADMINISTRATOR


class ConnectionDialog(QDialog):
    """Emits `connect_requested` with the new OpendSettings or LongportSettings, and closes."""

    connect_requested = Signal(object)

    def __init__(
        self,
        opend: OpendSettings,
        longport: LongportSettings,
        doors: Doors,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        source: str = "opend",
        locks: Collection[str] = (),
        closed: Collection[str] = (),
    ) -> None:
        """`source` is the one whose form is in front.

        `locks` are the dotted names of what a policy has locked; `closed` the brokers it leaves no place for.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Connections")
        self.form = ConnectionForm(opend, doors.test, doors.start, theme, self)
        self.longport = LongportForm(longport, doors.longport, doors.start, theme, self)
        hold_opend(self.form, locks)
        hold_longport(self.longport, locks)
        self.tabs = QTabWidget(self)
        hints = (("OpenD", "OpenD must be running and logged in.", self.form), ("Longport", "", self.longport))
        for name, hint, form in hints:
            self.tabs.addTab(_page(hint, form, theme, self), name)
        self.tabs.setCurrentIndex(1 if source == "longport" else 0)
        for place, broker in enumerate(("opend", "longport")):
            if broker in closed:
                self.tabs.setTabEnabled(place, False)
                self.tabs.setTabToolTip(place, BY_ADMINISTRATOR)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(14, 12, 14, 12)
        rows.addWidget(self.tabs)
        self.form.connect_requested.connect(self._connect)
        self.longport.connect_requested.connect(self._connect)
        for form in (self.form, self.longport):
            self.finished.connect(lambda _result, form=form: form.rest())
        self.resize(540, 520)

    def _connect(self, values: OpendSettings | LongportSettings) -> None:
        self.connect_requested.emit(values)
        self.accept()


def _page(hint: str, form: QWidget, theme: Theme, parent: QWidget) -> QWidget:
    page = QWidget(parent)
    rows = QVBoxLayout(page)
    rows.setContentsMargins(14, 14, 14, 14)
    rows.setSpacing(14)
    if hint:
        label = QLabel(hint, page)
        label.setProperty("role", "dim")
        label.setFont(theme.font(Role.SENTENCE))
        rows.addWidget(label)
    rows.addWidget(form)
    return page
