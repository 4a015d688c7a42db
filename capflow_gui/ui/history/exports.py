"""What can be taken out of the window: the chart's picture, the shown lines as a table, to the clipboard or a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from PySide6.QtCore import QBuffer, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QApplication, QWidget

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import BoardView, Row
from capflow_gui.present.export import Answer
from capflow_gui.present.language.texts import _, ngettext
from capflow_gui.present.recorded_words import RECORDED, damaged_in_bars, spreadsheet_cell, tab_separated
from capflow_gui.present.sentences import error_sentence
from capflow_gui.present.shown_table import picture_words, shown_csv, shown_tsv
from capflow_gui.ui.dialogs.files import ask_for_place
from capflow_gui.ui.history.period_bars import period_bars
from capflow_gui.ui.history.playback import Playback
from capflow_gui.ui.history.recorded import RecordedView, recorded_row
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.watchlist.taken_out import csv_bytes, list_table

_MARGIN = 18.0


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the chart shows: a row's series, or bars of periods. `marks` are words that belong to it: RECORDED.

    `recorded` are bars of the archive's own, as in `present.export.Answer`.
    """

    row: Row
    series: FlowSeries
    zone: ZoneInfo
    marks: tuple[str, ...] = ()
    recorded: Mapping[int, Sequence[date]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The beginning of a file's name."""
        series = self.series
        when = series.session.isoformat() if series.cumulative and series.session is not None else series.period.value
        return f"{self.row.symbol} {when}"


def shown_lines(
    board: BoardView, recorded: RecordedView, playback: Playback, symbol: Symbol | None, period: Period
) -> Shown | None:
    """What a chart shows of a symbol: bars of a period, or the session that is live, recorded, or played."""
    if symbol is None or symbol not in board.symbols:
        return None
    row, zone = board.row(symbol), board.calendar.zone(symbol.market)
    if period is not Period.INTRADAY:
        row = playback.live_row(row)
        state, own = period_bars(board, recorded.totals(), row, period)
        damaged = sorted(day for days in own.values() for day in days)
        left_out = (damaged_in_bars(damaged),) if damaged else ()
        return None if state.series is None else Shown(row, state.series, zone, left_out, own)
    shown, marks = row, tuple[str, ...]()
    if recorded.date is not None and playback.active:
        marks = (_(RECORDED), _("PLAYBACK at {time}").format(time=playback.time_told))
        if not playback.ready:
            return None
    elif recorded.date is not None:
        if (found := recorded.session(recorded.date, row.source)) is None:
            return None
        shown, marks = recorded_row(row, found), (_(RECORDED),)
    if shown.series is None:
        return None
    other = recorded.behind(shown.day, row.source)
    beside = () if other is None else (_("beside it {name}").format(name=other.name),)
    return Shown(shown, shown.series, zone, (*marks, *beside))


class Chart(Protocol):
    """What is taken out of: ui.window.chart_slot.ChartSlot."""

    theme: Theme

    def shown(self) -> Shown | None:
        """The lines it shows; None where it shows none."""
        ...

    def pictured(self) -> tuple[QWidget, QPixmap] | None:
        """The head, and a picture of the chart; None while there is no chart."""
        ...


class Exports(QObject):
    """Takes out what `chart` shows; `say` tells how it went."""

    def __init__(
        self,
        window: QWidget,
        chart: Chart,
        say: Callable[[str], None],
        simulated: Callable[[], bool],
        services: WindowServices,
    ) -> None:
        super().__init__(window)
        self._window, self._chart, self._say, self._simulated = window, chart, say, simulated
        self._services = services

    def copy_table(self) -> None:
        """The shown lines, on the clipboard, for a spreadsheet."""
        answer = self._answer()
        if answer is None:
            self._say(_("There is no line to copy."))
            return
        (shown, what) = answer
        QApplication.clipboard().setText(shown_tsv(what, assumed=shown.row.currency_assumed))
        self._say(_("Copied {count} lines of {name}.").format(count=len(shown.series), name=shown.name))

    def copy_list(self, panel: WatchlistPanel) -> None:
        """The list as it is shown, on the clipboard."""
        header, *rows = self._list(panel)
        QApplication.clipboard().setText(tab_separated(header, rows))
        self._say(
            ngettext("Copied {count} row of the list.", "Copied {count} rows of the list.", len(rows)).format(
                count=len(rows)
            )
        )

    def copy_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        """A table as it is shown, its headers first, on the clipboard."""
        if len(rows) < 2:
            self._say(_("There is no line to copy."))
            return
        QApplication.clipboard().setText(tab_separated(rows[0], rows[1:]))
        self._say(ngettext("Copied {count} row.", "Copied {count} rows.", len(rows) - 1).format(count=len(rows) - 1))

    def save_rows(self, rows: Sequence[tuple[str, ...]], name: str) -> None:
        """A table as it is shown, its headers first, in a file the user names."""
        if len(rows) < 2:
            self._say(_("There is no line to save."))
            return
        cells = [tuple(map(spreadsheet_cell, row)) for row in rows]
        self._ask_place(
            f"{name}.csv", _("Save the table as CSV"), _("Comma-separated values (*.csv)"), csv_bytes(cells)
        )

    def save_list(self, panel: WatchlistPanel) -> None:
        """The list as it is shown, in a file the user names."""
        kinds = _("Comma-separated values (*.csv)")
        self._ask_place(f"{panel.list_name()}.csv", _("Save the list as CSV"), kinds, csv_bytes(self._list(panel)))

    def _list(self, panel: WatchlistPanel) -> list[tuple[str, ...]]:
        table = panel.table
        return list_table(panel.model, table.shown_columns(), minutes=table.choice.minutes, simulated=self._simulated())

    def save_csv(self) -> None:
        """The shown lines, in a file the user names."""
        answer = self._answer()
        if answer is None:
            self._say(_("There is no line to save."))
            return
        (shown, what) = answer
        content = shown_csv(what, assumed=shown.row.currency_assumed)
        self._ask_place(f"{shown.name}.csv", _("Save the session as CSV"), _("Comma-separated values (*.csv)"), content)

    def save_picture(self) -> None:
        """The chart, in a file the user names."""
        image = self.picture()
        answer = self._answer()
        if image is None or answer is None:
            self._say(_("There is no chart to save."))
            return
        self._ask_place(f"{answer[0].name}.png", _("Save the chart"), _("PNG picture (*.png)"), partial(_packed, image))

    def picture(self) -> QImage | None:
        """Head and chart as they are on screen, and under them what they are; None without a chart."""
        theme = self._chart.theme
        parts, answer = self._chart.pictured(), self._answer()
        if parts is None or answer is None:
            return None
        head, chart = parts
        shown, what = answer
        words = picture_words(what, shown.row.name, assumed=shown.row.currency_assumed, marks=shown.marks)
        face, ratio, size = theme.face(Role.SENTENCE), chart.devicePixelRatio(), chart.deviceIndependentSize().toSize()
        width = size.width()
        box = QRectF(_MARGIN, 0, width - 2 * _MARGIN, 10_000)
        lines = _wrapped(face.width, words, box.width())
        foot = round(len(lines) * face.height + 16)
        top = head.height()
        height = top + size.height() + foot
        image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(theme.panel)
        with QPainter(image) as painter:
            # The head without its buttons: a picture cannot be pressed.
            head.render(painter, QPoint(0, 0), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
            painter.drawPixmap(QPoint(0, top), chart)
            painter.fillRect(QRectF(0, height - foot, width, 1), theme.line)
            painter.setFont(face.font)
            painter.setPen(theme.text)
            painter.drawText(box.translated(0, height - foot + 8), int(Qt.AlignmentFlag.AlignLeft), "\n".join(lines))
        image.setText(_("Description"), words)
        return image

    def _answer(self) -> tuple[Shown, Answer] | None:
        shown = self._chart.shown()
        if shown is None or not len(shown.series):
            return None
        row, series = shown.row, shown.series
        answer = Answer(
            row.symbol,
            series.source,
            series.period,
            shown.zone,
            series,
            row.currency or None,
            self._simulated(),
            shown.recorded,
        )
        return shown, answer

    def _ask_place(self, name: str, title: str, kinds: str, content: bytes | Callable[[], bytes]) -> None:
        ask_for_place(self._window, title, kinds, name, lambda path: self.save_to(path, content))

    def save_to(self, path: str, content: bytes | Callable[[], bytes]) -> None:
        """Write a file, and say how it went; `content` as in `ports.Save`."""
        save = self._services.save
        if save is not None:
            self._services.start(
                lambda: save(path, content), lambda _none: self._say(_("Saved {path}.").format(path=path)), self._failed
            )

    def _failed(self, error: Exception) -> None:
        advice = error_sentence(error) if isinstance(error, CapflowError) else _("Details are in the log.")
        self._say(_("Nothing was saved. {advice}").format(advice=advice))


def _packed(image: QImage) -> bytes:
    """A picture as PNG, which takes longer than a turn of the window should. Raises OSError where it cannot be."""
    packed = QBuffer()
    writer = QImageWriter(packed, b"png")
    if not writer.write(image):
        raise OSError(writer.errorString())
    return bytes(packed.data().data())


def _wrapped(measure: Callable[[str], float], text: str, width: float) -> list[str]:
    """The lines words take: broken between words alone, never inside a zone's name."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
