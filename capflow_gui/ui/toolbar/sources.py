"""Where the data comes from: a badge a source, with its state and the time of its last round trip."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import link_reason, link_sentence
from capflow_gui.ui import shapes
from capflow_gui.ui.help.hover import Explained
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.words import source_label

_VCENTER = Qt.AlignmentFlag.AlignVCenter


def badge_words(link: LinkState, monotonic_now: float) -> str:
    """What stands after the source's name: latency while ready, else what it is doing."""
    if link.phase is LinkPhase.READY:
        return "" if link.latency_s is None else f"{link.latency_s * 1000:.0f} ms"
    if link.phase is LinkPhase.CONNECTING:
        return _("connecting") if link.attempt <= 1 else _("connecting, try {attempt}").format(attempt=link.attempt)
    if link.phase is LinkPhase.FAILED:
        return _("needs you")
    state = _("lost") if link.was_up else _("not connected")
    if link.retry_at is not None:
        return _("{state} · try {attempt} in {seconds} s").format(
            state=state, attempt=link.attempt + 1, seconds=max(0, round(link.retry_at - monotonic_now))
        )
    return state


class SourceBadge(QAbstractButton):
    """A dot, the name, the latency; amber outline and words when the link is not up. A click opens its menu."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        Explained(self, lambda _point: "latency")
        self._theme = theme
        self._name = ""
        self._words = ""
        self._trouble = False
        self._brief = False
        self._hinted = QSize()  # the size its words asked for
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def set_brief(self, brief: bool) -> None:
        """Whether the words beside the name are left to the tooltip."""
        if brief != self._brief:
            self._brief = brief
            self.updateGeometry()
            self.update()

    def show_link(self, link: LinkState, monotonic_now: float) -> None:
        """Follow the link."""
        shown = (
            source_label(link.source),
            badge_words(link, monotonic_now),
            link.phase not in (LinkPhase.READY, LinkPhase.CONNECTING),
        )
        if shown != (self._name, self._words, self._trouble):
            self._name, self._words, self._trouble = shown
            self.setAccessibleName(f"{self._name} {self._words}".strip())
            self.update()
            if self.sizeHint() != self._hinted:
                self._hinted = self.sizeHint()
                self.updateGeometry()
        said = link_sentence(link, monotonic_now) if link.phase is LinkPhase.FAILED else None
        told = said.text if said is not None else link_reason(link)
        hint = "\n".join(filter(None, (self.text_shown(), told)))
        if hint != self.toolTip():
            self.setToolTip(hint)

    def text_shown(self) -> str:
        """The badge as text."""
        return f"{self._name} {self._words}".strip()

    def sizeHint(self) -> QSize:
        """Room for its words, with the digits at their widest so that nothing beside it moves."""
        theme, plain = self._theme, self._theme.sized_face(10, 450)
        words = plain.width(self._words) if self._trouble else max(plain.width(self._words), plain.width("888 ms"))
        wide = theme.sized_face(10, 600).width(self._name) + (0 if self._brief else 8 + words)
        return QSize(round(theme.px(16) + wide + 6), theme.px(32))

    def minimumSizeHint(self) -> QSize:
        """The name is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Dot, name, words."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        color = theme.alert_text if self._trouble else theme.dim
        shapes.draw_dot(painter, QPointF(5 * theme.scale, middle), color, theme, hollow=self._trouble)
        strong, x = theme.sized_face(10, 600), float(theme.px(16))
        painter.setFont(strong.font)
        painter.setPen(theme.alert_text if self._trouble else theme.text)
        width = strong.width(self._name)
        painter.drawText(QRectF(x, 0, width + 2, self.height()), _VCENTER, self._name)
        if not self._brief:
            x += width + 8
            painter.setFont(theme.sized_font(10, 450))
            painter.setPen(theme.alert_text if self._trouble else theme.dim)
            painter.drawText(QRectF(x, 0, self.width() - x, self.height()), _VCENTER, self._words)
        if self.hasFocus():
            shapes.draw_focus_ring(painter, QRectF(self.rect()), theme.accent)
