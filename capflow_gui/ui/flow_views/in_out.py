"""The day's money in and out by order size, as the source's newest snapshot has it: bars from a common zero."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from capflow_gui.domain.quote import Distribution
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.numbers import as_shown, clock_time, percent, scaled, unit_for
from capflow_gui.ui.models.figures import Look, figures_of
from capflow_gui.ui.theme import Face, Role, Theme, mix
from capflow_gui.ui.words import source_label

# A snapshot that old says little about now while the market is open, as a reply that old would (domain rule 7).
OLD_S = 180.0
# Nothing flows any more that many seconds before the newest line of a session that rests.
_SETTLED_S = 60.0
_SIZES = (
    ("extra_large", N_("Extra-large")),
    ("large", N_("Large")),
    ("medium", N_("Medium")),
    ("small", N_("Small")),
)
_HEAD, _LINE, _FOOT, _PADDING = 27.0, 19.0, 7.0, 18.0
_BAR_PX = 9.0
_LEAST_BARS_PX = 120.0


@dataclass(frozen=True, slots=True)
class InOut:
    """One order size, or all of them (`size` is then empty); amounts are not negative, None = not given."""

    size: str
    inflow: float | None
    outflow: float | None
    in_share: float | None  # of all money in; `out_share` of all money out
    out_share: float | None

    @property
    def net(self) -> float:
        """Money in less money out, NaN where one is not given."""
        return math.nan if self.inflow is None or self.outflow is None else self.inflow - self.outflow


def in_out_lines(found: Distribution) -> list[InOut]:
    """A line for each order size the source gives, largest first, and one for all of them."""
    sizes = [
        size for size, _name in _SIZES if found.inflow.get(size) is not None or found.outflow.get(size) is not None
    ]
    sides = [[side.get(size) for size in sizes] for side in (found.inflow, found.outflow)]
    totals = [sum(amount for amount in side if amount is not None) for side in sides]

    def share(amount: float | None, total: float) -> float | None:
        return amount / total if amount is not None and total > 0 else None

    lines = [
        InOut(size, inflow, outflow, share(inflow, totals[0]), share(outflow, totals[1]))
        for size, inflow, outflow in zip(sizes, *sides, strict=True)
    ]
    return [*lines, InOut("", totals[0], totals[1], None, None)] if lines else []


def is_true(row: Row, market_now: float, *, link_ready: bool) -> bool:
    """Whether a row's money in and out is true now, or final: its figures are, and the snapshot is no older."""
    found = row.distribution
    if found is None or found.time is None or figures_of(row, link_ready=link_ready).look is not Look.TRUE:
        return False
    if row.freshness is Freshness.LIVE:
        return market_now - found.time <= OLD_S
    return row.series is not None and found.time >= float(row.series.timestamps[-1]) - _SETTLED_S


class InOutPanel(QWidget):
    """Draws the newest snapshot of one symbol, or says why there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[InOut] = []
        self._title, self._said, self._unit = "", "", ""
        self.true = False
        self._shown: object = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Money in and out by order size"))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Change colours and fonts."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as a source's lines."""
        return QSize(0, self._theme.px(_HEAD + _LINE * max(len(self.lines), 2) + _FOOT))

    def show_row(self, row: Row, market_now: float, *, link_ready: bool, absence: str = "") -> None:
        """Show a row's snapshot; `market_now` in UTC epoch seconds, `absence` says why none can be known."""
        found, true = row.distribution, is_true(row, market_now, link_ready=link_ready)
        shown = found, true, row.money, row.source, absence
        if shown == self._shown:
            return
        count = len(self.lines)
        self._shown, self.true = shown, true
        self.lines = in_out_lines(found) if found is not None and not absence else []
        self._title = _("In and out by order size")
        if found is not None and not row.classes:
            self._title = _("In and out by {source}'s own order sizes").format(source=source_label(row.source))
        self._said = absence or _("No distribution from this source yet.")
        if self.lines and found is not None and found.time is not None and row.day is not None:
            self._said = _("true at {clock}").format(clock=clock_time(found.time, row.day.zone))
        self._unit = row.money
        if len(self.lines) != count:
            self.updateGeometry()
        self.setAccessibleDescription(self._spoken())
        self.update()

    def _spoken(self) -> str:
        unit = unit_for(self._largest())
        told = [
            _("{name}: in {inflow}, out {outflow}").format(
                name=self.name(line),
                inflow=scaled(line.inflow, unit, signed=False),
                outflow=scaled(line.outflow, unit, signed=False),
            )
            for line in self.lines
        ]
        return " · ".join([self._said, *told])

    def name(self, line: InOut) -> str:
        """How an order size is called."""
        return _(dict(_SIZES)[line.size]) if line.size else _("All")

    def net(self, line: InOut) -> str:
        """What of it stayed."""
        return scaled(line.net, unit_for(self._largest()))

    def unit_said(self) -> str:
        """Currency and unit of the amounts."""
        return f"{self._unit} {unit_for(self._largest()).suffix}".strip()

    def _largest(self) -> float:
        return max((amount or 0.0 for line in self.lines for amount in (line.inflow, line.outflow)), default=0.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint all of it."""
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.panel)
        painter.fillRect(0, 0, self.width(), 1, theme.line)
        strong, plain, scale = theme.face(Role.CAPTION_STRONG), theme.face(Role.CAPTION), theme.scale
        left, right, y = _PADDING / 2, self.width() - _PADDING / 2, _HEAD * scale / 2 + 1
        unit = unit_for(self._largest())
        tail = self.unit_said() if self.lines else ""
        x = self._draw(painter, (strong, theme.dim), (left, y), self._title, right) + 7
        x = self._draw(painter, (plain, theme.dim), (x, y), tail, right) + 14
        said = plain.elided(self._said, right - x)
        self._draw(painter, (plain, theme.dim), (right - plain.width(said), y), said, right)
        if not self.lines:
            return
        figure = theme.sized_face(9.0, 600)
        amounts = max(figure.width(text) for line in self.lines for text in self.amounts(line))
        share = plain.width("100%") + 6
        name = max(plain.width(self.name(line)) for line in self.lines) + 18
        net = max(figure.width(scaled(line.net, unit)) for line in self.lines) + 12
        room = right - left - name - net - 2 * amounts - 24
        if room - 2 * share < _LEAST_BARS_PX * scale:
            share = 0.0
        middle = left + name + (right - net - left - name) / 2
        half = max((room - 2 * share) / 2, 0.0)
        parts = [amount or 0.0 for line in self.lines if line.size for amount in (line.inflow, line.outflow)]
        largest = max(parts, default=0.0) or 1.0
        for place, line in enumerate(self.lines):
            at = (_HEAD + _LINE * (place + 0.5)) * scale
            self._paint_line(painter, line, at, (left, middle, half), largest)
            self._paint_figures(painter, line, at, (middle, half + 6, amounts, share, right))

    def amounts(self, line: InOut) -> tuple[str, str]:
        """Money in and money out, with the sign that tells them apart without colour."""
        unit = unit_for(self._largest())
        return scaled(line.inflow, unit), scaled(None if line.outflow is None else -line.outflow, unit)

    def _paint_line(
        self, painter: QPainter, line: InOut, y: float, at: tuple[float, float, float], largest: float
    ) -> None:
        """The name, and a bar on each side of zero; that of all sizes together has none."""
        theme, (left, middle, half) = self._theme, at
        face = theme.face(Role.CAPTION if line.size else Role.CAPTION_STRONG)
        color = theme.none
        if line.size:
            color = getattr(theme, line.size) if self.true else theme.none
            painter.fillRect(QRectF(left, y - 3, 6, 6), color)
        self._draw(painter, (face, theme.text if self.true else theme.dim), (left + 12, y), self.name(line), middle)
        high = _BAR_PX * theme.scale
        painter.fillRect(QRectF(round(middle), y - high / 2 - 2, 1, high + 4), theme.line2)
        if not line.size:
            return
        for amount, sign, direction in ((line.outflow, -1, theme.down), (line.inflow, 1, theme.up)):
            length = half * (amount or 0.0) / largest
            fill = mix(direction if self.true else theme.none, theme.panel, 0.75)
            box = QRectF(middle + 1, y - high / 2, length, high)
            painter.fillRect(box if sign > 0 else box.translated(-length - 1, 0), fill)

    def _paint_figures(
        self, painter: QPainter, line: InOut, y: float, at: tuple[float, float, float, float, float]
    ) -> None:
        """Amount and share on either side of the bars, net at the right end; a share without room is left out."""
        theme, (middle, half, amounts, share, right) = self._theme, at
        figure, plain = theme.sized_face(9.0, 600), theme.face(Role.CAPTION)
        ink = theme.text if self.true else theme.none
        inflow, outflow = self.amounts(line)
        parts = (
            (middle - half - figure.width(outflow), outflow, middle - half - amounts - share, line.out_share),
            (middle + half, inflow, middle + half + amounts + 6, line.in_share),
        )
        for x, text, share_x, part in parts:
            self._draw(painter, (figure, ink), (x, y), text, right)
            if share and part is not None:
                self._draw(painter, (plain, theme.dim), (share_x, y), percent(part, 0, signed=False), right)
        text = self.net(line)
        color = theme.direction(as_shown(line.net, text), true=self.true)
        self._draw(painter, (figure, color), (right - figure.width(text), y), text, right + 2)

    @staticmethod
    def _draw(painter: QPainter, style: tuple[Face, QColor], at: tuple[float, float], text: str, right: float) -> float:
        """Draw text from a left end and middle, elided at `right`; gives its right end."""
        (face, color), (x, y) = style, at
        text = face.elided(text, max(right - x, 0.0))
        painter.setFont(face.font)
        painter.setPen(color)
        box = QRectF(round(x), y - face.height / 2 - 1, face.width(text) + 4, face.height + 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        return x + face.width(text)
