"""What a window shows, taken along into the one made in its place: another language makes windows anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capflow_gui.present.language.texts import _
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.settings.dialog import SettingsDialog
from capflow_gui.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from capflow_gui.ui.ports import RecordedSession


@dataclass(frozen=True, slots=True)
class WhatIsShown:
    """How a window looks and what it plays back; `dialog` is the kind of the dialog that is open."""

    window: WindowSettings
    played: RecordedSession | None
    played_to: float
    dialog: type | None

    @classmethod
    def taken_from(cls, window: MainWindow) -> WhatIsShown:
        """What a window shows now; a dialog that is open is closed."""
        playback, dialog = window.playback, window.dialogs.current
        kind = None if dialog is None else type(dialog)
        if dialog is not None:
            dialog.reject()
        return cls(window.kept_state(), playback.session, playback.now, kind)

    def bring_back(self, window: MainWindow) -> None:
        """Show what the settings do not keep: the playback, standing where it was, and the settings if they were open.

        A form that was open is gone, and that is said.
        """
        if self.played is not None:
            window.played.play(self.played, self.played_to)
        if self.dialog is SettingsDialog:
            window.dialogs.open_settings()
        elif self.dialog is not None:
            window.notice.say(_("The language was changed, and what was open was closed: nothing of it was saved."))
