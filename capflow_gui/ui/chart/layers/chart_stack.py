"""One plot at a time, or a sentence in its place; over it the ways back, and the ring of who has the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QStackedLayout, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.access.read_aloud import is_read_aloud
from capflow_gui.ui.chart.view import PlotView
from capflow_gui.ui.layouts import push_button, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_WIDEST_LABEL = "+123,456"


class ChartStack(QWidget):
    """Base of FlowChart: plots are put into `stack`; `message` is there from the beginning.

    What few charts show is made when it is first shown: of sixteen charts Qt would style all of it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self.told = ""
        self._told_of: object = None
        self.message = Message(self)
        self.stack = QStackedLayout(self)
        self.stack.setContentsMargins(0, 0, 0, 0)
        self.stack.addWidget(self.message)
        self._open: QPushButton | None = None
        self.stack.currentChanged.connect(self.place_ways_back)

    @cached_property
    def _whole(self) -> QPushButton:
        return self._way_back(_("Show all"), _("The whole session (0, or a double click)"), self._show_all)

    @cached_property
    def _ring(self) -> QFrame:
        ring = QFrame(self)
        ring.setProperty("look", "ring")
        ring.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        ring.hide()
        ring.setGeometry(self.rect())
        return ring

    def _made(self, name: str) -> bool:
        return name in self.__dict__

    def set_theme(self, theme: Theme) -> None:
        """Change colours and fonts."""
        self.message.set_theme(theme)

    def tell(self, text: str, of: object = None) -> None:
        """Describe what is shown `of` something.

        While a screen reader is on the chart, newer figures of the same are kept in `told` alone: Qt has each change
        of a description spoken.
        """
        quiet = of is not None and of == self._told_of and self.hasFocus() and is_read_aloud()
        self.told, self._told_of = text, of
        if not quiet and text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    @property
    def plotted(self) -> PlotView | None:
        """The plot that is shown; None where a sentence stands in its place."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, PlotView) else None

    def hold(self, *, on: bool) -> None:
        """Whether the plot that is shown is painted from its picture; one that is shown later is not."""
        for plot in self._plots():
            plot.held = on and plot is self.plotted

    def drop_pictures(self) -> None:
        """Keep nothing of what was painted."""
        for plot in self._plots():
            if plot.picture is not None:
                plot.picture.drop()

    def _plots(self) -> Iterator[PlotView]:
        for place in range(self.stack.count()):
            plot = self.stack.widget(place)
            if isinstance(plot, PlotView):
                yield plot

    def _way_back(self, name: str, hint: str, go: Callable[[], object]) -> QPushButton:
        button = push_button(name, self, "link")
        button.setToolTip(hint)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(go)
        button.hide()
        return button

    def _show_all(self) -> None:
        if self.plotted is not None:
            self.plotted.show_all()

    def offer_the_open(self, go: Callable[[], object], *, offered: bool) -> None:
        """Offer to count lines from the open again, or no longer."""
        if self._open is None:
            self._open = self._way_back(_("From the open"), _("Count the lines from the open again (Esc)"), go)
        self._open.setVisible(offered)
        self.place_ways_back()

    def place_ways_back(self, *_changed: object) -> None:
        """The ways back from a zoom, and from lines that begin at a minute: at the top, between caption and axis."""
        zoomed = self.plotted is not None and self.plotted.zoomed
        whole = self._whole if zoomed or self._made("_whole") else None
        if whole is not None:
            whole.setVisible(zoomed)
        shown = [each for each in (self._open, whole) if each is not None and not each.isHidden()]
        for each in shown:
            each.adjustSize()
        axis = self.fontMetrics().horizontalAdvance(_WIDEST_LABEL)
        left = max(self.width() - axis - sum(each.width() for each in shown), 0)
        for each in shown:
            each.move(left, 2)
            each.raise_()
            left += each.width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click gives the chart the keyboard."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring to who came by keyboard."""
        super().focusInEvent(event)
        by_key = event.reason() is not Qt.FocusReason.MouseFocusReason
        if by_key or self._made("_ring"):
            self._ring.setVisible(by_key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        if self._made("_ring"):
            self._ring.hide()
        self.tell(self.told)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the focus ring around the chart."""
        super().resizeEvent(event)
        if self._made("_ring"):
            self._ring.setGeometry(self.rect())
            self._ring.raise_()
        self.place_ways_back()


class Message(QWidget):
    """A sentence where figures would be."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme: Theme | None = None
        self._labels: tuple[QLabel, QLabel] | None = None  # once something is said

    def set_theme(self, theme: Theme) -> None:
        """Change fonts."""
        self._theme = theme
        if self._labels is not None:
            title, text = self._labels
            title.setFont(theme.font(Role.CELL))
            text.setFont(theme.font(Role.SENTENCE))

    def say(self, title: str, text: str) -> None:
        """Say something, `text` in smaller words; empty is nothing."""
        if self._labels is None and not (title or text):
            return
        if self._labels is None:
            self._labels = text_label("", self, wrap=True), text_label("", self, role="dim", wrap=True)
            for each in self._labels:
                each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            stacked(None, *self._labels, None, of=self)
            if self._theme is not None:
                self.set_theme(self._theme)
        for label, words in zip(self._labels, (title, text), strict=True):
            label.setText(words)
        self._labels[1].setVisible(bool(text))
