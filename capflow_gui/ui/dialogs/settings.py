"""Settings: what of the look can be chosen. Changes show at once."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from capflow_gui.settings import Appearance
from capflow_gui.ui.dialogs.first_run import PaletteChoices
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.widgets.choice import Choice

_SCHEMES = (("dark", "Dark"), ("light", "Light"), ("system", "Like the system"))
_SCALES = (0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


class SettingsDialog(QDialog):
    """Emits `changed(Appearance)` with every choice, and the two doors to other dialogs."""

    changed = Signal(object)
    connection_requested = Signal()
    threshold_requested = Signal()

    def __init__(self, appearance: Appearance, theme: Theme, *, simulated: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings")
        self._appearance = appearance
        self.scheme = Choice(self)
        self.scale = Choice(self)
        self.palettes = PaletteChoices(appearance.palette, theme, self)
        for value, name in _SCHEMES:
            self.scheme.addItem(name, value)
        for scale in _SCALES:
            self.scale.addItem(f"{scale * 100:.0f} %", scale)
        self.scheme.setCurrentIndex(self.scheme.findData(appearance.scheme))
        nearest = min(range(len(_SCALES)), key=lambda place: abs(_SCALES[place] - appearance.font_scale))
        self.scale.setCurrentIndex(nearest)
        self._build(theme, simulated=simulated)

    def _build(self, theme: Theme, *, simulated: bool) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(22)
        form.setVerticalSpacing(14)
        form.addRow("Appearance", self.scheme)
        form.addRow("Inflow is", self.palettes)
        form.addRow("Font size", self.scale)
        threshold = QPushButton("Threshold for all symbols…", self)
        threshold.clicked.connect(self.threshold_requested)
        form.addRow("Alerts", threshold)
        connection = QPushButton("Connections…", self)
        connection.clicked.connect(self.connection_requested)
        form.addRow("Source", connection)
        for button in (threshold, connection):
            button.setAutoDefault(False)
        done = QPushButton("Close", self)
        done.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        if simulated:
            note = QLabel("The demo keeps settings of its own.", self)
            note.setProperty("role", "faint")
            note.setFont(theme.font(Role.SENTENCE))
            buttons.addWidget(note)
        buttons.addStretch(1)
        buttons.addWidget(done)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(26, 22, 26, 20)
        rows.setSpacing(20)
        rows.addLayout(form)
        rows.addLayout(buttons)
        self.scheme.activated.connect(lambda _index: self._change())
        self.scale.activated.connect(lambda _index: self._change())
        self.palettes.chosen.connect(lambda _name: self._change())

    def set_theme(self, theme: Theme) -> None:
        """The choices of palette follow light and dark."""
        self.palettes.set_scheme(theme)

    def _change(self) -> None:
        self._appearance = msgspec.structs.replace(
            self._appearance,
            scheme=self.scheme.currentData(),
            palette=self.palettes.palette_name(),
            font_scale=self.scale.currentData(),
        )
        self.changed.emit(self._appearance)
