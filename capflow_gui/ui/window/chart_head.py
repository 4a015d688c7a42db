"""The lines above the chart: whose flow it is, the figures that matter, how true they are, and the period."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.measures.derived import off_high
from capflow_gui.feed.board import Row
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.numbers import MISSING, as_shown, compact, percent
from capflow_gui.present.numbers import price as price_text
from capflow_gui.present.row_sentence import row_sentence, source_words
from capflow_gui.present.sentences import Sentence, Tone
from capflow_gui.ui import shapes
from capflow_gui.ui.layouts import beside, push_button
from capflow_gui.ui.models.figures import Figures, Look, figures_of
from capflow_gui.ui.theme import Face, Role, Theme

if TYPE_CHECKING:
    from capflow_gui.ui.chart.crosshair import Readout
    from capflow_gui.ui.chart.session_data import Since

HEIGHT, LOW_HEIGHT = 106, 44
_PADDING = 18.0
# Middles of the three lines.
_TITLE_Y, _CAPTION_Y, _FIGURE_Y = 24.0, 54.0, 80.0
_COLUMN_GAP, _LINE_GAP = 27.0, 14.0
_LEAST_FIGURES = 2
_ARROW_ROOM, _BIG_ARROW = 20.0, 17.0
_PART = " · "
PERIODS = {Period.INTRADAY: N_("Intraday"), Period.DAY: N_("Day"), Period.WEEK: N_("Week"), Period.MONTH: N_("Month")}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class _Figure:
    """One column: a caption over a value; `arrow` is the sign of the triangle before it, 0 for none."""

    caption: str
    value: str
    color: QColor
    role: Role
    arrow: int = 0
    key: str = ""  # of its definition


class ChartHead(QWidget):
    """Shows a board row. `period_changed(Period)` by the switch, `action(str)` by the sentence's one link.

    `low` is whether all of it stands in one line: the figures that have room, and the sentence if there is room left.
    """

    period_changed = Signal(object)
    action = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.low = False
        self._row: Row | None = None
        self._figures: Figures | None = None
        self._sentence = Sentence("", "")
        self._shown: tuple[object, ...] | None = None
        self._readout: Readout | None = None
        self._since: Since | None = None
        self._switch = QFrame(self)
        self._switch.setProperty("look", "segments")
        self._buttons: dict[Period, QToolButton] = {}
        group = QButtonGroup(self)
        layout = beside(of=self._switch, margins=(1, 1, 1, 1), spacing=1)
        for period, name in PERIODS.items():
            choice, label = QToolButton(self._switch), _(name)
            choice.setText(label)
            choice.setCheckable(True)
            choice.setChecked(period is Period.INTRADAY)
            choice.setAccessibleName(_("Show {label} flow").format(label=label.lower()))
            choice.clicked.connect(lambda _checked=False, p=period: self.period_changed.emit(p))
            group.addButton(choice)
            layout.addWidget(choice)
            self._buttons[period] = choice
        self._switch.setAccessibleName(_("Period"))
        self._link = push_button("", self, "link")
        self._link.setCursor(Qt.CursorShape.PointingHandCursor)
        self._link.hide()
        self._link.clicked.connect(lambda: self.action.emit(self._sentence.action or ""))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Change colours and fonts."""
        self._theme = theme
        self._place_lines()
        for button in self._buttons.values():
            button.setFont(theme.font(Role.SENTENCE))
        self._link.setFont(theme.font(Role.SENTENCE_STRONG))
        self._arrange()
        self.update()

    def set_low(self, low: bool) -> None:
        """Take one line, or three."""
        if low != self.low:
            self.low = low
            self._place_lines()
            self._arrange()
            self.update()

    def _place_lines(self) -> None:
        theme = self._theme
        self.setFixedHeight(theme.px(LOW_HEIGHT if self.low else HEIGHT))
        lines = (LOW_HEIGHT / 2,) * 3 if self.low else (_TITLE_Y, _CAPTION_Y, _FIGURE_Y)
        self._title_y, self._caption_y, self._figure_y = (theme.scale * y for y in lines)

    def set_period(self, period: Period) -> None:
        """Mark a period as the one that is shown."""
        self._buttons[period].setChecked(True)
        self._shown = None

    def show_row(
        self, row: Row, link: LinkState | None, market_now: float, mono_now: float, said: Sentence | None = None
    ) -> None:
        """Show a row; `market_now` in UTC epoch seconds, `mono_now` in monotonic seconds of this machine.

        `said` is the sentence where the row is not the board's: a recorded session's. What looks the same is not
        painted again.
        """
        zone = row.day.zone if row.day is not None else "UTC"
        sentence = said or row_sentence(row, link, market_now, mono_now, zone)
        ready = link is None or link.phase.value == "ready"
        # Of the times that pass, only the sentence speaks.
        shown = replace(row, age_s=None, cycle_s=0.0, polled_at=None, next_poll_at=None), sentence, ready
        if shown == self._shown:
            return
        self._shown, self._row, self._sentence = shown, row, sentence
        self._figures = figures_of(row, link_ready=ready)
        self._link.setText(_(self._sentence.action) if self._sentence.action else "")
        self._link.setVisible(self._sentence.action is not None)
        self.setAccessibleName(f"{row.symbol} {row.name}")
        self.setAccessibleDescription(
            _("Net inflow {amount} {money}, {state}, {text}").format(
                amount=compact(self._figures.net), money=row.money, state=self._sentence.state, text=self._sentence.text
            )
        )
        self.setToolTip(
            "\n".join(part for part in (str(self._sentence), source_words(row), _currency_words(row)) if part)
        )
        self._offer(row.periods)
        self._arrange()
        self.update()

    def _offer(self, periods: frozenset[Period]) -> None:
        """Only the periods somebody who is connected can answer; the one shown stays. One alone is no choice."""
        shown = 0
        for period, button in self._buttons.items():
            offered = period in periods or button.isChecked()
            shown += offered
            if button.isVisibleTo(self._switch) != offered:
                button.setVisible(offered)
        if self._switch.isVisibleTo(self) != (shown > 1):
            self._switch.setVisible(shown > 1)

    def show_readout(self, readout: Readout | None) -> None:
        """Show the crosshair's minute in place of the figures; None brings them back."""
        if readout != self._readout:
            self._readout = readout
            self.update()

    def show_since(self, since: Since | None) -> None:
        """Show what flowed since a minute in place of the session's figures; None brings them back."""
        if since != self._since:
            self._since = since
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the switch and the link at the right."""
        super().resizeEvent(event)
        self._arrange()

    def least_width(self) -> int:
        """A long code beside every period."""
        return (
            math.ceil(2 * _PADDING + 14 + self._theme.face(Role.TITLE).width("600519.SH"))
            + self._switch.sizeHint().width()
        )

    def _arrange(self) -> None:
        self._switch.adjustSize()
        right = self.width() - round(_PADDING)
        self._switch.move(right - self._switch.width(), round(self._title_y - self._switch.height() / 2))
        self._link.adjustSize()
        self._link.move(right - self._link.width() + 4, round(self._figure_y - self._link.height() / 2))

    def _columns(self, row: Row, figures: Figures) -> list[_Figure]:
        theme, true = self._theme, figures.look is Look.TRUE
        if figures.look is Look.SENTENCE:
            return []
        if self._since is not None:
            return self._since_columns(row, figures, self._since)
        high = off_high(row.series) if row.series is not None and not figures.per_minute else math.nan
        caption = _("Newest line · {currency}") if figures.per_minute else _("Net inflow · {currency}")
        currency = _("{currency} (assumed)") if row.currency_assumed else "{currency}"
        net, net_text = as_shown(figures.net, compact(figures.net)), compact(figures.net)
        columns = [
            _Figure(
                caption.format(currency=currency.format(currency=row.currency)),
                net_text,
                theme.direction(net, true=true),
                Role.CHART_NET,
                arrow=(net > 0) - (net < 0),
                key="net",
            ),
            self._plain(_("Of turnover"), percent(figures.of_turnover, 2), figures.of_turnover, "turnover", true=true),
            self._plain(_("Main"), compact(figures.main), figures.main, "main", true=true),
            self._plain(_("Last 5 min"), compact(figures.delta), figures.delta, "delta", true=true),
        ]
        columns = [column for column in columns if column.value != "–" or column.role is Role.CHART_NET]
        if not math.isnan(high):
            columns.append(
                _Figure(
                    _("Off the high"), compact(high), theme.text if true else theme.none, Role.FIGURE, key="off_high"
                )
            )
        return columns

    def _since_columns(self, row: Row, figures: Figures, since: Since) -> list[_Figure]:
        """What flowed since a minute; the net since the open stays beside it."""
        true, told = figures.look is Look.TRUE, compact(since.net)
        net = as_shown(since.net, told)
        color = self._theme.direction(net, true=true)
        caption = _("Net since {clock} · {currency}").format(clock=since.clock, currency=row.money)
        main = _("Main since {clock}").format(clock=since.clock)
        columns = [
            _Figure(caption, told, color, Role.CHART_NET, arrow=(net > 0) - (net < 0), key="anchored"),
            self._plain(main, compact(since.main), since.main, "anchored", true=true),
            self._plain(_("Net since the open"), compact(figures.net), figures.net, "net", true=true),
        ]
        return [column for column in columns if column.value != MISSING or column.role is Role.CHART_NET]

    def _plain(self, caption: str, text: str, value: float, key: str = "", *, true: bool) -> _Figure:
        return _Figure(caption, text, self._theme.direction(as_shown(value, text), true=true), Role.FIGURE, key=key)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint everything but the switch and the link."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.panel)
        if self._row is None or self._figures is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = (
            self._columns(self._row, self._figures) if self._readout is None else self._readout_columns(self._readout)
        )
        if self.low:
            self._paint_line(painter, self._row, columns)
            return
        self._paint_title(painter, self._row, self._figures)
        room = self.width() - 2 * _PADDING - self._reserved() - _COLUMN_GAP
        # In trouble its words may be cut, for the tooltip has them all; a time that is cut is another time.
        least = _LEAST_FIGURES if self._sentence.tone is Tone.TROUBLE or self._readout is not None else 1
        while len(columns) > least and self._width_of(columns) > room:
            columns.pop()
        if self._width_of(columns) + _COLUMN_GAP + self._sentence_width("") > self.width() - 2 * _PADDING:
            del columns[1:]
        x = self._paint_columns(painter, columns)
        self._paint_sentence(painter, x)

    def _paint_line(self, painter: QPainter, row: Row, columns: list[_Figure]) -> None:
        """Symbol, figures with their names before them, and the sentence's state, in one line up to the switch."""
        theme, y, small = self._theme, self._figure_y, self._theme.sized_face(10, 600)
        right = (
            self._switch.x() if self._switch.isVisibleTo(self) else self.width() - _PADDING + _LINE_GAP
        ) - _LINE_GAP
        shown = columns if self._readout is None else columns[1:]  # the minute stands at the axis
        title, name, value = theme.face(Role.TITLE), theme.face(Role.CAPTION), theme.face(Role.FIGURE)
        if shown and _PADDING + 2 + title.width(str(row.symbol)) + _LINE_GAP + small.width(shown[0].value) > right:
            title = small
        x = self._draw(painter, str(row.symbol), (title, theme.text), (_PADDING + 2, y), right)
        for column in shown:
            caption = _("Net") if column.role is Role.CHART_NET and self._since is None else column.caption
            wide = value.width(column.value)
            if x + _LINE_GAP + name.width(caption) + 5 + wide <= right:
                x = self._draw(painter, caption, (name, theme.dim), (x + _LINE_GAP, y), right) + 5
            elif column is shown[0] and x + _LINE_GAP + small.width(column.value) <= right:  # small before not at all
                x += _LINE_GAP
                value = value if x + wide <= right else small
            else:
                return
            x = self._draw(painter, column.value, (value, column.color), (x, y), right)
        said = theme.face(Role.SENTENCE_STRONG)
        if x + _LINE_GAP + said.width(self._sentence.state) <= right:
            color = theme.alert_text if self._sentence.tone is Tone.TROUBLE else theme.dim
            self._draw(painter, self._sentence.state, (said, color), (x + _LINE_GAP, y), right)

    def _reserved(self) -> float:
        """Pixels the sentence gets before figures do: all of it in trouble, its first words while all is well."""
        if self._readout is not None:
            return self._sentence_width("")
        first, __, __ = self._sentence.text.partition(_PART)
        text = self._sentence.text if self._sentence.tone is Tone.TROUBLE else first
        return min(self._sentence_width(text), self.width() * 0.6)

    def _readout_columns(self, readout: Readout) -> list[_Figure]:
        theme = self._theme
        true = self._figures is not None and self._figures.look is Look.TRUE
        columns = [_Figure(readout.heads[0], readout.title, theme.text, Role.FIGURE)]
        for line in readout.lines:
            columns.append(self._plain(line.name, line.figures[0], line.values[0], true=true))
            if line.column == 0 and len(line.figures) > 1:
                columns.append(self._plain(readout.heads[1], line.figures[1], line.values[1], true=true))
        return columns

    def _paint_title(self, painter: QPainter, row: Row, figures: Figures) -> None:
        theme, middle = self._theme, self._title_y
        right = self._switch.x() - 12.0 if self._switch.isVisibleTo(self) else self.width() - _PADDING
        x = self._draw(painter, str(row.symbol), (theme.face(Role.TITLE), theme.text), (_PADDING + 2, middle), right)
        quote, strong = row.quote, theme.sized_face(10.5, 600)
        parts: list[tuple[str, QColor, int]] = []
        if quote is not None and quote.price > 0:
            parts.append((price_text(quote.price), theme.text, 0))
            if math.isfinite(figures.change):
                text = percent(figures.change, 2)
                change = as_shown(figures.change, text)
                color = theme.direction(change, true=figures.look is not Look.GREY)
                parts.append((text, color, (change > 0) - (change < 0)))
        if parts and x + 16 + strong.width(parts[0][0]) > right:
            parts = []
        room = right - sum(strong.width(text) + (_ARROW_ROOM * theme.scale if sign else 16) for text, __, sign in parts)
        name = theme.face(Role.CELL)
        if row.name and row.name != str(row.symbol) and room - x - 11 >= min(name.width(row.name), theme.px(40)):
            x = self._draw(painter, row.name, (name, theme.dim), (x + 11, middle), room)
        for text, color, sign in parts:
            x += _ARROW_ROOM * theme.scale if sign else 16
            if x + strong.width(text) > right:
                return
            at = QPointF(x - 10 * theme.scale, middle)
            shapes.draw_arrow(painter, at, sign, color, 3.6 * theme.scale)
            x = self._draw(painter, text, (strong, color), (x, middle), right)

    @staticmethod
    def _draw(painter: QPainter, text: str, style: tuple[Face, QColor], at: tuple[float, float], right: float) -> float:
        """Draw text from a left end and middle, elided at `right`; gives its right end."""
        face, color = style
        x, middle = at
        text = face.elided(text, right - x)
        width = face.width(text)
        painter.setFont(face.font)
        painter.setPen(color)
        painter.drawText(QRectF(round(x), middle - face.height / 2 - 1, width + 4, face.height + 2), _LEFT, text)
        return x + width

    def _column_width(self, column: _Figure) -> float:
        theme = self._theme
        value = theme.face(column.role).width(column.value) + (_BIG_ARROW * theme.scale if column.arrow else 0)
        return max(value, theme.face(Role.CAPTION).width(column.caption))

    def _width_of(self, columns: list[_Figure]) -> float:
        return sum(self._column_width(column) for column in columns) + _COLUMN_GAP * (len(columns) - 1)

    def _paint_columns(self, painter: QPainter, columns: list[_Figure]) -> float:
        theme, x, scale = self._theme, _PADDING + 1, self._theme.scale
        far = self.width() - _PADDING / 2
        self._places = []
        for column in columns:
            self._places.append((x, x + self._column_width(column), column.key))
            self._draw(painter, column.caption, (theme.face(Role.CAPTION), theme.dim), (x, self._caption_y), far)
            left = x
            if column.arrow:
                at = QPointF(x + 6 * scale, self._figure_y + 1)
                shapes.draw_arrow(painter, at, column.arrow, column.color, 5.5 * scale)
                left += _BIG_ARROW * scale
            self._draw(painter, column.value, (theme.face(column.role), column.color), (left, self._figure_y), far)
            x += self._column_width(column) + _COLUMN_GAP
        return x

    def figure_at(self, point: QPoint) -> str:
        """The key of the figure at a point; "" where there is none."""
        below = point.y() > self._title_y + self._theme.px(14) and not self.low
        return next((key for left, right, key in self._places if below and left <= point.x() <= right), "")

    def _sentence_width(self, text: str) -> float:
        theme = self._theme
        words = theme.px(8) + theme.face(Role.SENTENCE).width(text) if text else 0.0
        return theme.px(15) + theme.face(Role.SENTENCE_STRONG).width(self._sentence.state) + words + self._link_room()

    def _link_room(self) -> float:
        return self._link.width() + 6.0 if self._sentence.action is not None else 0.0

    def _paint_sentence(self, painter: QPainter, least_x: float) -> None:
        theme, said, middle = self._theme, self._sentence, self._figure_y
        right = self.width() - _PADDING - self._link_room()
        text = said.text
        while _PART in text and self._sentence_width(text) > self.width() - _PADDING - least_x:
            text = text.rpartition(_PART)[0]
        whole_only = self._readout is not None or said.tone is Tone.LIVE
        if self._sentence_width(text) > self.width() - _PADDING - least_x and (
            whole_only or self._sentence_width("") > self.width() - _PADDING - least_x - theme.px(40)
        ):
            text = ""
        x = max(right - self._sentence_width(text) + self._link_room(), least_x)
        if x + theme.px(35) > right:
            return
        trouble = said.tone is Tone.TROUBLE
        color = theme.alert_text if trouble else theme.dim
        shapes.draw_dot(painter, QPointF(x + theme.px(4), middle), color, theme, hollow=said.tone is not Tone.LIVE)
        state = theme.face(Role.SENTENCE_STRONG), theme.alert_text if trouble else theme.text
        x = self._draw(painter, said.state, state, (x + theme.px(15), middle), right)
        if text:
            self._draw(painter, text, (theme.face(Role.SENTENCE), theme.dim), (x + theme.px(8), middle), right)


def _currency_words(row: Row) -> str:
    """Why the currency is only assumed; empty where the source named it."""
    if not row.currency_assumed:
        return ""
    return _("The source names no currency: {currency} is what is usual on this market.").format(currency=row.currency)
