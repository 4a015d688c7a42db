"""Settings: what can be chosen of the look, the alerts, the log and updates. Changes hold at once."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QFrame, QPushButton, QWidget

from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.numbers import counted
from capflow_gui.settings import AlertSettings, ArchiveSettings, Settings
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.dialogs.first_run import PaletteChoices
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.locked import GREYED, hold
from capflow_gui.ui.theme import Role, Theme

_SCHEMES = (("dark", N_("Dark")), ("light", N_("Light")), ("system", N_("Like the system")))
_SCALES = (0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
_LEVELS = (
    ("debug", N_("Everything, for finding a fault")),
    ("info", N_("What happens")),
    ("warning", N_("Warnings and errors")),
    ("error", N_("Errors")),
    ("critical", N_("Crashes")),
)
_SOUNDS = (("own", N_("Capflow's own sounds")), ("system", N_("The system's bell")))
_VOLUMES = (25, 50, 70, 100)
_SESSIONS = (20, 60, 120, 250)
_YEARS = (1, 2, 5, 10)
_RESET = N_("Reset these to defaults")
_UNDO = N_("Undo the reset")
# What this dialog edits, and therefore resets; connections, thresholds and lists have dialogs of their own.
_PARTS = ("appearance", "alerts", "archive", "log_level", "updates")


class SettingsDialog(Sheet):
    """Emits `chosen(name, value)` with every choice: a field of Settings, its new value; and asks for other pages."""

    chosen = Signal(str, object)
    connection_requested = Signal()
    threshold_requested = Signal()
    channels_requested = Signal()
    updates_requested = Signal()

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        *,
        defaults: Settings | None = None,
        locks: Collection[str] = (),
        note: str = "",
        updates: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`defaults` is what *Reset* brings back; `locks` are the dotted names of what a policy has locked.

        `note` says whose settings these are. Without `updates` there is no page of new versions, and nothing to be
        reminded of.
        """
        super().__init__(_("Settings"), theme, parent)
        self._settings = settings
        self._defaults = defaults or Settings()
        self._before_reset: Settings | None = None
        self._theme = theme
        self.scheme = Choice(self)
        self.scale = Choice(self)
        self.level = Choice(self)
        self.sound = QCheckBox(_("Sound when one is raised"), self)
        self.desktop = QCheckBox(_("Notifications of the desktop"), self)
        self.sounds = Choice(self)
        self.volume = Choice(self)
        self.record = QCheckBox(_("Record every reply"), self)
        self.sessions = Choice(self)
        self.years = Choice(self)
        self.room = text_label("", self, theme.font(Role.SENTENCE), "faint", wrap=True)
        self.remind = QCheckBox(_("Remind me to look for updates every 30 days"), self)
        self.palettes = PaletteChoices(settings.appearance.palette, theme, self)
        self.threshold = self._button(_("Threshold for all symbols…"))
        self.channels = self._button(_("Channels…"))
        self.reset = self._button(_(_RESET))
        for value, name in _SCHEMES:
            self.scheme.addItem(_(name), value)
        for scale in _SCALES:
            self.scale.addItem(f"{scale * 100:.0f} %", scale)
        for value, name in _LEVELS:
            self.level.addItem(_(name), value)
        for value, name in _SOUNDS:
            self.sounds.addItem(_(name), value)
        for volume in sorted({*_VOLUMES, *(each.alerts.volume for each in (settings, self._defaults))}):
            self.volume.addItem(_("Volume {volume} %").format(volume=volume), volume)
        for sessions in sorted({*_SESSIONS, *(each.archive.journal_sessions for each in (settings, self._defaults))}):
            self.sessions.addItem(counted(sessions, "session"), sessions)
        for days in sorted({*(365 * years for years in _YEARS), settings.archive.final_days}):
            self.years.addItem(_lines_of(days), days)
        self._build(note=note, updates=updates)
        self._hold(locks)
        self._show()
        self._connect()

    def _button(self, text: str, look: str = "") -> QPushButton:
        return push_button(text, self, look, auto_default=False)

    def _build(self, *, note: str, updates: bool) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(22)
        form.setVerticalSpacing(14)
        form.addRow(_("Appearance"), self.scheme)
        form.addRow(_("Inflow is"), self.palettes)
        form.addRow(_("Font size"), self.scale)
        form.addRow(_line(self))
        form.addRow(
            _("Alerts"),
            stacked(
                beside(self.threshold, None),
                beside(self.channels, None),
                self.sound,
                self.sounds,
                self.volume,
                self.desktop,
                spacing=9,
            ),
        )
        connection = self._button(_("Connections…"))
        connection.clicked.connect(self.connection_requested)
        form.addRow(_("Source"), beside(connection, None))
        self.show_room("")
        form.addRow(_("Archive"), self.record)
        form.addRow(_("Keep states of"), self.sessions)
        form.addRow(_("Keep lines of"), stacked(self.years, self.room, spacing=6))
        self.remind.setVisible(updates)
        if updates:
            page = self._button(_("Look now…"), "link")
            page.clicked.connect(self.updates_requested)
            form.addRow(_("Updates"), beside(self.remind, None, page))
        form.addRow(_("Log keeps"), self.level)
        for control, name in (
            (self.scheme, _("Appearance")),
            (self.scale, _("Font size")),
            (self.sounds, _("Sounds of alerts")),
            (self.volume, _("Volume of alerts")),
            (self.sessions, _("Keep states of")),
            (self.years, _("Keep lines of")),
            (self.level, _("Log keeps")),
        ):
            control.setAccessibleName(name)
        self._note = text_label(note, self, self._theme.font(Role.SENTENCE), "faint", wrap=True)
        done = self._button(_("Close"))
        done.clicked.connect(self.accept)
        self.fill(stacked(form, self._note, spacing=18), beside(self.reset, None, done))

    def show_room(self, text: str) -> None:
        """How much room the archive takes, in front of when its settings hold."""
        self.room.setText(_("{text} Changes hold from the next start.").format(text=text).strip())

    def _hold(self, locks: Collection[str]) -> None:
        held = [
            hold(locks, name, control)
            for name, control in (
                ("appearance.scheme", self.scheme),
                ("appearance.palette", self.palettes),
                ("appearance.font_scale", self.scale),
                ("alerts.sound", self.sound),
                ("alerts.sounds", self.sounds),
                ("alerts.volume", self.volume),
                ("alerts.desktop", self.desktop),
                ("thresholds.default", self.threshold),
                ("archive.record", self.record),
                ("archive.journal_sessions", self.sessions),
                ("archive.final_days", self.years),
                ("updates.remind", self.remind),
                ("log_level", self.level),
            )
        ]
        if any(held):
            self._note.setText(f"{self._note.text()} {_(GREYED)}".strip())
        self._note.setVisible(bool(self._note.text()))

    def _connect(self) -> None:
        self.threshold.clicked.connect(self.threshold_requested)
        self.channels.clicked.connect(self.channels_requested)
        self.reset.clicked.connect(self._reset_or_undo)
        for choice in (self.scheme, self.scale, self.sounds, self.volume, self.sessions, self.years, self.level):
            choice.activated.connect(lambda _index: self._change())
        for box in (self.sound, self.desktop, self.record, self.remind):
            box.clicked.connect(lambda _checked: self._change())
        self.palettes.chosen.connect(lambda _name: self._change())

    def _show(self) -> None:
        settings = self._settings
        scale = settings.appearance.font_scale
        nearest = min(range(len(_SCALES)), key=lambda place: abs(_SCALES[place] - scale))
        self.scheme.setCurrentIndex(self.scheme.findData(settings.appearance.scheme))
        self.scale.setCurrentIndex(nearest)
        self.level.setCurrentIndex(self.level.findData(settings.log_level))
        self.sound.setChecked(settings.alerts.sound)
        self.sounds.setCurrentIndex(self.sounds.findData(settings.alerts.sounds))
        self.volume.setCurrentIndex(self.volume.findData(settings.alerts.volume))
        self.desktop.setChecked(settings.alerts.desktop)
        self.record.setChecked(settings.archive.record)
        self.sessions.setCurrentIndex(self.sessions.findData(settings.archive.journal_sessions))
        self.years.setCurrentIndex(self.years.findData(settings.archive.final_days))
        self.remind.setChecked(settings.updates.remind)
        self.palettes.choose(settings.appearance.palette)

    def set_theme(self, theme: Theme) -> None:
        """The choices of palette follow light and dark."""
        self._theme = theme
        self.palettes.set_scheme(theme)
        for label in (self._note, self.room):
            label.setFont(theme.font(Role.SENTENCE))

    def _change(self) -> None:
        """One of the controls was used."""
        self._before_reset = None
        self.reset.setText(_(_RESET))
        settings = self._settings
        replace = msgspec.structs.replace
        look = replace(
            settings.appearance,
            scheme=self.scheme.currentData(),
            palette=self.palettes.palette_name(),
            font_scale=self.scale.currentData(),
        )
        self._take(
            replace(
                settings,
                appearance=look,
                alerts=AlertSettings(
                    self.sound.isChecked(),
                    self.sounds.currentData(),
                    self.volume.currentData(),
                    self.desktop.isChecked(),
                ),
                archive=ArchiveSettings(self.record.isChecked(), self.sessions.currentData(), self.years.currentData()),
                log_level=self.level.currentData(),
                updates=replace(settings.updates, remind=self.remind.isChecked()),
            )
        )

    def _reset_or_undo(self) -> None:
        before = self._before_reset
        self._before_reset = self._settings if before is None else None
        self.reset.setText(_(_UNDO) if before is None else _(_RESET))
        wanted = before or self._defaults
        parts = {name: getattr(wanted, name) for name in _PARTS}
        parts["updates"] = msgspec.structs.replace(self._settings.updates, remind=wanted.updates.remind)
        self._take(msgspec.structs.replace(self._settings, **parts))
        self._show()

    def _take(self, settings: Settings) -> None:
        changed = [name for name in _PARTS if getattr(settings, name) != getattr(self._settings, name)]
        self._settings = settings
        for name in changed:
            self.chosen.emit(name, getattr(settings, name))


def _lines_of(days: int) -> str:
    years, rest = divmod(days, 365)
    return counted(days, "day") if rest else counted(years, "year")


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setProperty("look", "hairline")
    return line
