"""Says that a setting is not as it is at first, and leads back."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, text_label
from capflow_gui.ui.theme import Role, Theme


class ChangedMark(QWidget):
    """Stands below a control. reset_wanted: the control is to have what holds where nothing is chosen.

    Its parts are made when they are first wanted.
    """

    reset_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.hide()

    @cached_property
    def _parts(self) -> tuple[QLabel, QPushButton]:
        mark = text_label("", self, self._theme.font(Role.SENTENCE), "dim")
        reset = push_button("", self, "link", auto_default=False)
        reset.clicked.connect(self.reset_wanted)
        beside(mark, reset, None, of=self, margins=NO_MARGINS, spacing=4)
        return mark, reset

    def follow(self, name: str, default: str, *, differs: bool, held: bool = False, said: str = "") -> None:
        """Whether the setting `name` `differs` from what it is at first, which is `default`.

        `held`: nobody may change it. `said` is said of it instead of that it is changed.
        """
        if differs:
            mark, reset = self._parts
            mark.setText(said or _("Changed."))
            reset.setText(_("Reset to {default}").format(default=default))
            reset.setAccessibleName(f"{name}: {reset.text()}")
            reset.setVisible(not held)
        self.setVisible(differs)
