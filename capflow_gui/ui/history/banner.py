"""The line over the chart while it does not show the running session: which one it is, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.history.elided import LEAST_LETTERS, ElidedLabel
from capflow_gui.ui.layouts import beside, push_button, text_label
from capflow_gui.ui.theme import Role, Theme

HEIGHT = 34


class DayBanner(QWidget):
    """A word in reverse, the date, facts, the way back to live (`left`), and out of a comparison (`compare_ended`)."""

    left = Signal()
    compare_ended = Signal()
    played = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._date, self._compared, self._playable = "", False, False
        self._word, self._day = text_label("", self), text_label("", self)
        self._facts = ElidedLabel(self, least=LEAST_LETTERS)
        self.end_compare = push_button(_("Stop comparing"), self, "link")
        self.play = push_button(_("Play back"), self, "link")
        self.back = push_button(_("Back to live"), self, "link")
        self._key = text_label("B", self)
        self._key.setAccessibleName(_("Key B"))
        middle = Qt.AlignmentFlag.AlignVCenter
        buttons = (self.end_compare, self.play, self.back)
        parts = ((self._word, middle), self._day, (self._facts, 1))
        beside(*parts, *buttons, (self._key, middle), of=self, margins=(18, 0, 16, 0), spacing=10)
        self.back.clicked.connect(self.left)
        self.end_compare.clicked.connect(self.compare_ended)
        self.play.clicked.connect(self.played)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setFixedHeight(theme.px(HEIGHT))
        self._word.setFont(theme.font(Role.CAPTION_STRONG))
        self._word.setStyleSheet(
            f"background: {theme.text.name()}; color: {theme.panel.name()}; border-radius: 3px; padding: 2px 8px;"
        )
        self._day.setFont(theme.font(Role.ROW_SYMBOL))
        self._facts.set_face(theme.face(Role.SENTENCE))
        self._key.setFont(theme.font(Role.CAPTION))
        self._key.setStyleSheet(
            f"color: {theme.dim.name()}; border: 1px solid {theme.line2.name()}; border-radius: 4px; padding: 1px 5px;"
        )
        self._fit()

    def say(self, word: str, day: str, facts: str, *, compared: bool = False, playable: bool = False) -> None:
        """Show what is shown; the last word of `day`, its year or weekday, may be left out where room is short."""
        self._word.setText(word)
        self._date = day
        self._facts.say(facts)
        self._compared, self._playable = compared, playable
        self.setAccessibleName(" · ".join(filter(None, (word, day, facts))))
        self.show()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What has no room gives way."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The key gives way first, then the year, then what the strip and keys do as well."""
        room, face = self.width() - 34, self._theme.face(Role.ROW_SYMBOL)
        short = self._date.rsplit(maxsplit=1)[0] if self._date else ""
        fixed = self._word.sizeHint().width() + self.back.sizeHint().width() + 30
        end = self.end_compare.sizeHint().width() + 10 if self._compared else 0
        play = self.play.sizeHint().width() + 10 if self._playable else 0
        key = self._key.sizeHint().width() + 10
        long = self._date
        ways = (
            (long, end, play, key),
            (long, end, play, 0),
            (short, end, play, 0),
            (short, end, 0, 0),
            (short, 0, 0, 0),
        )
        way = next((way for way in ways if fixed + face.width(way[0]) + sum(way[1:]) <= room), ways[-1])
        self._day.setText(way[0])
        for widget, wide in zip((self.end_compare, self.play, self._key), way[1:], strict=True):
            widget.setVisible(wide > 0)
