"""The icon in the system's tray, and the program's own on the taskbar or dock: how many alerts wait.

Where there is no tray there is no icon in it; a message looks for one again.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from capflow_gui.feed.board import BoardView
from capflow_gui.present.alerts.tray_words import ACKNOWLEDGE, QUIT, SHOW, badge_words, tray_words
from capflow_gui.present.language.texts import _
from capflow_gui.ui.theme import Theme

_SIZE = 64
_EVERY_MS = 1000


class Tray(QObject):
    """Reads the board once a second: it is told of nothing while the window is hidden.

    counted(ids of the alerts that wait), every second · show_requested(incident of a message, or "") ·
    acknowledge_all · quit_requested.
    """

    counted = Signal(object)
    show_requested = Signal(str)
    acknowledge_all = Signal()
    quit_requested = Signal()

    def __init__(self, board: BoardView, app: QGuiApplication, theme: Theme) -> None:
        super().__init__()
        self._board = board
        self._app = app
        self._plain = app.windowIcon()
        self._theme = theme
        self._said: tuple[int, str] | None = None
        self._incident = ""  # what the message that stands is about
        self.menu = QMenu()
        self.menu.addAction(_(SHOW), self._show)
        self._acknowledge = self.menu.addAction(_(ACKNOWLEDGE), self.acknowledge_all.emit)
        self.menu.addSeparator()
        self.menu.addAction(_(QUIT), self.quit_requested.emit)
        self.icon = QSystemTrayIcon(self._plain, self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(lambda: self.show_requested.emit(self._incident))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(_EVERY_MS)
        self.refresh()
        self._appear()

    def refresh(self) -> None:
        """Show how it stands, where that has changed."""
        board = self._board
        ids = {record.id for record in board.alerts if record.waiting}
        self.counted.emit(ids)
        waiting = len(ids)
        words = tray_words(waiting, len(board.troubles), simulated=board.simulated)
        if (waiting, words) == self._said:
            return
        self._said = waiting, words
        self.icon.setToolTip(words)
        self.icon.setIcon(self.drawn(waiting))
        self._acknowledge.setEnabled(waiting > 0)
        self._app.setBadgeNumber(waiting)

    def say(self, title: str, text: str, incident: str) -> bool:
        """Show a message beside the icon, of an alert to show when it is clicked; False where there is no tray."""
        if not (self._appear() and QSystemTrayIcon.supportsMessages()):
            return False
        self._incident = incident
        self.icon.showMessage(title, text, self._plain)
        return True

    def set_theme(self, theme: Theme) -> None:
        """Another amber."""
        self._theme, self._said = theme, None
        self.refresh()

    def drawn(self, waiting: int) -> QIcon:
        """The program's icon; while alerts wait, with their count on amber."""
        text = badge_words(waiting)
        if not text:
            return self._plain
        picture = QPixmap(_SIZE, _SIZE)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._plain.paint(painter, 0, 0, _SIZE, _SIZE)
        # The lower half: a tray shows it at 16 to 24 pixels.
        badge = QRectF(_SIZE * 0.25, _SIZE * 0.4, _SIZE * 0.75, _SIZE * 0.6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.alert)
        painter.drawRoundedRect(badge, 12, 12)
        font = QFont(self._theme.sized_font(10, 700))
        font.setPixelSize(int(_SIZE * (0.5 if len(text) == 1 else 0.42)))
        painter.setFont(font)
        painter.setPen(self._theme.alert_ink)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        return QIcon(picture)

    def close(self) -> None:
        """Take it away."""
        self._timer.stop()
        self._app.setBadgeNumber(0)
        self.icon.hide()
        self.menu.deleteLater()
        self.deleteLater()

    def _appear(self) -> bool:
        """Show the icon; whether there is a tray for it."""
        there = QSystemTrayIcon.isSystemTrayAvailable()
        self.icon.setVisible(there)
        return there

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self._show()

    def _show(self) -> None:
        self.show_requested.emit("")
