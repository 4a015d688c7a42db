"""The controls of a playback: play, a minute on, next alert or revision, speed, and the session as a line to scrub."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QWidget

from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.recorded_words import session_time
from capflow_gui.ui.history.elided import LEAST_LETTERS, ElidedLabel
from capflow_gui.ui.history.playback import SPEEDS, Playback
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_BUTTONS = (
    (N_("Pause"), "⇧P", N_("Play, or stand")),
    (N_("Minute"), ".", N_("Play one minute")),
    (N_("Next alert"), "]", N_("Play to the next alert")),
    (N_("Next revision"), "}", N_("Play to the next confirmed line that changed")),
    (N_("Slower"), "<", N_("Half the speed, about")),
    (N_("Faster"), ">", N_("Twice the speed, about")),
)


class _TimeLine(QSlider):
    """A slider that goes where it is clicked; the handle can be dragged on from there."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there, unless the handle itself is taken."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl
        handle = self.style().subControlRect(control, option, part.SC_SliderHandle, self)
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(event.position().toPoint()):
            groove = self.style().subControlRect(control, option, part.SC_SliderGroove, self)
            at = round(event.position().x()) - groove.left() - handle.width() // 2
            room = groove.width() - handle.width()
            # Not the value: it changes where the button is released, and the handle stays under the mouse until then.
            self.setSliderPosition(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room))
            self.sliderMoved.emit(self.sliderPosition())
        super().mousePressEvent(event)


class PlaybackBar(QWidget):
    """Shows and moves a Playback; hidden while there is none."""

    def __init__(self, playback: Playback, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback, self._theme = playback, theme
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Playback"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        acts = (
            playback.toggle,
            playback.step_minute,
            playback.next_alert,
            playback.next_revision,
            lambda: playback.change_speed(-1),
            lambda: playback.change_speed(1),
        )
        self.buttons: list[QPushButton] = []
        for (name, key, what), act in zip(_BUTTONS, acts, strict=True):
            button = push_button(_(name), self, "link")
            button.setToolTip(f"{_(what)} ({key})")
            button.clicked.connect(act)
            self.buttons.append(button)
        self._speed = text_label("", self)
        self._time = text_label("", self)
        self._told = ElidedLabel(self, least=LEAST_LETTERS)
        self.line = _TimeLine(Qt.Orientation.Horizontal, self)
        self.line.setAccessibleName(_("Time of the session"))
        self.line.setTracking(False)  # back is played from the start: once, where the handle is released
        self.line.setSingleStep(60)
        self.line.setPageStep(1800)
        self.line.valueChanged.connect(self._scrubbed)
        self.line.sliderMoved.connect(self._show_time)
        slower, faster = self.buttons[4:]
        row = beside(*self.buttons[:4], 6, slower, self._speed, faster, 10, (self._told, 1), spacing=2)
        stacked(beside(self.line, self._time, spacing=12), row, of=self, margins=(14, 6, 16, 6), spacing=4)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for button in self.buttons:
            button.setFont(theme.font(Role.SENTENCE_STRONG))
        self._time.setFont(theme.font(Role.ROW_SYMBOL))
        self._speed.setFont(theme.font(Role.CELL))
        self._told.set_face(theme.face(Role.SENTENCE))
        self._speed.setMinimumWidth(round(theme.face(Role.CELL).width("120×")) + 4)
        self._speed.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the chart."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline towards the chart."""
        super().paintEvent(event)
        QPainter(self).fillRect(0, 0, self.width(), 1, self._theme.line)

    def refresh(self) -> None:
        """Show how far it has played."""
        playback = self._playback
        start, end = playback.span
        with QSignalBlocker(self.line):
            self.line.setRange(0, ceil(end - start))
            if not self.line.isSliderDown():
                self.line.setValue(round(playback.now - start))
        first = self.buttons[0]
        first.setText(_("Pause") if playback.running else _("Play"))
        for button in self.buttons:
            button.setEnabled(playback.ready)
        self._speed.setText(f"{playback.speed}×")
        self.buttons[4].setEnabled(playback.ready and playback.speed > SPEEDS[0])
        self.buttons[5].setEnabled(playback.ready and playback.speed < SPEEDS[-1])
        self._told.say(playback.told)
        if not self.line.isSliderDown():
            self._show_time(self.line.value())

    def _show_time(self, seconds: int) -> None:
        session = self._playback.session
        if session is not None and self._playback.ready:
            at = self._playback.span[0] + seconds
            self._time.setText(session_time(at, session.summary.day))
        else:
            self._time.setText("…")

    def _scrubbed(self, seconds: int) -> None:
        self._playback.seek(self._playback.span[0] + seconds)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the names have no room, what keys do as well gives way."""
        super().resizeEvent(event)
        room = self.width() - 30 - self._speed.minimumWidth() - 16
        for button in self.buttons:
            room -= button.sizeHint().width() + 2
            button.setVisible(room >= 0)
