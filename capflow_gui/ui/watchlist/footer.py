"""Under the rows: how many have a net outflow, and the sums of the list where all have one known currency."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from capflow_gui.present import numbers
from capflow_gui.present.language.texts import _
from capflow_gui.ui.models.figures import Figures, counted
from capflow_gui.ui.theme import Face, Role, Theme

HEIGHT = 36
_BAR = 120
_VCENTER = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Breadth:
    """What the footer says. `net` and `main` are None where currencies differ or nothing is known."""

    out: int
    into: int
    currency: str | None
    net: float | None
    main: float | None
    true_now: bool


def breadth(rows: list[Figures]) -> Breadth:
    """Count and add up: the figures that are true; where none is, all there are, and then without colour."""
    known = [found for found in map(counted, rows) if found is not None]
    true = [found for found in known if found[2]]
    nets, mains, _true, currencies, assumed = zip(*(true or known), strict=True) if known else ((),) * 5
    one = len(set(currencies)) == 1 and not any(assumed)
    return Breadth(
        out=sum(net < 0 for net in nets),
        into=sum(net > 0 for net in nets),
        currency=currencies[0] if one else None,
        net=sum(nets) if one else None,
        main=sum(mains) if one and None not in mains else None,
        true_now=bool(true),
    )


class WatchlistFooter(QWidget):
    """Draws a Breadth, and notes at its right end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._breadth = breadth([])
        self._notes: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setFixedHeight(theme.px(HEIGHT))
        self.update()

    def show_breadth(self, value: Breadth, *notes: str) -> None:
        """Show other numbers; `notes` say how the list is ordered, the first of them giving way first."""
        if (value, notes) != (self._breadth, self._notes):
            self._breadth, self._notes = value, notes
            self.setAccessibleName(self.sentence())
            self.setToolTip(f"{self.sentence()}\n{' · '.join(notes)}")
            self.update()

    def sentence(self) -> str:
        """The same in words."""
        value = self._breadth
        text = _("{out} out, {into} in").format(out=value.out, into=value.into)
        if value.net is not None and value.currency:
            return _("{breadth}, net {amount} {currency}").format(
                breadth=text, amount=numbers.compact(value.net), currency=value.currency
            )
        return text

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, counts, sums, notes; where there is little room the bar, the notes, then the sums give way."""
        theme, value = self._theme, self._breadth
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.panel)
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.line)
        if value.out + value.into == 0:
            return
        cell, strong, end = theme.face(Role.CELL), theme.sized_face(10, 650), self.width() - 16.0
        counts = _("{out} out · {into} in").format(out=value.out, into=value.into)
        sums = [
            (
                name,
                text := numbers.compact(amount),
                theme.direction(numbers.as_shown(amount, text), true=value.true_now),
            )
            for name, amount in ((_("Group net"), value.net), (_("Main"), value.main))
            if amount is not None
        ]
        needed = [cell.width(counts), *(22 + cell.width(name) + 7 + strong.width(text) for name, text, __ in sums)]
        x = 16.0
        if x + _BAR + 12 + sum(needed) <= end:
            self._bar(painter, value)
            x += _BAR + 12
        x = self._words(painter, x, counts, theme.dim, cell) + 22
        for (name, text, color), room in zip(sums, needed[1:], strict=True):
            if x + room - 22 > end:
                return
            x = self._words(painter, x, name, theme.dim, cell) + 7
            x = self._words(painter, x, text, color, strong) + 22
        note = theme.face(Role.SENTENCE)
        for left_out in range(len(self._notes)):
            text = " · ".join(self._notes[left_out:])
            if end - note.width(text) > x:
                self._words(painter, end - note.width(text), text, theme.faint, note)
                return

    def _bar(self, painter: QPainter, value: Breadth) -> None:
        theme = self._theme
        middle = self.height() / 2
        split = _BAR * value.out / (value.out + value.into)
        down, up = (theme.down, theme.up) if value.true_now else (theme.none, theme.line2)
        painter.fillRect(QRectF(16, middle - 3, max(split - 1, 0), 6), down)
        painter.fillRect(QRectF(16 + split + 1, middle - 3, max(_BAR - split - 1, 0), 6), up)

    def _words(self, painter: QPainter, x: float, text: str, color: QColor, face: Face) -> float:
        painter.setFont(face.font)
        painter.setPen(color)
        width = face.width(text)
        painter.drawText(QRectF(x, 0, width + 2, self.height()), _VCENTER, text)
        return x + width
