"""The connection of the running profile."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from capflow_gui.settings import OpendSettings
from capflow_gui.ui.dialogs.connection_form import ConnectionForm
from capflow_gui.ui.ports import ConnectionTest, Start
from capflow_gui.ui.theme import Role, Theme


class ConnectionDialog(QDialog):
    """Emits `connect_requested` with the new settings, and closes."""

    connect_requested = Signal(object)

    def __init__(
        self, opend: OpendSettings, test: ConnectionTest, start: Start, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("OpenD connection")
        self.form = ConnectionForm(opend, test, start, theme, self)
        hint = QLabel("OpenD must be running and logged in.", self)
        hint.setProperty("role", "dim")
        hint.setFont(theme.font(Role.SENTENCE))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(26, 22, 26, 22)
        rows.setSpacing(16)
        rows.addWidget(hint)
        rows.addWidget(self.form)
        self.form.connect_requested.connect(self._connect)
        self.finished.connect(lambda _result: self.form.rest())
        self.resize(520, 400)

    def _connect(self, values: OpendSettings) -> None:
        self.connect_requested.emit(values)
        self.accept()
