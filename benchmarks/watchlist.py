"""The watchlist with 2,000 rows: a full repaint, one row, every row, and a sort, against the table one writes first.

The naive table is a QAbstractTableModel behind a QSortFilterProxyModel, drawn by a QStyledItemDelegate a cell: the
same texts, colours and sparkline, fetched through `data()` and drawn on every paint. Both stand in one process.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPointF, QRectF, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QHeaderView, QStyledItemDelegate, QTableView

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import Quote
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.paths import resource
from capflow_gui.present import numbers
from capflow_gui.ui.models.columns import DEFAULT, Column, SortOrder
from capflow_gui.ui.models.figures import Figures, figures_of, spark_points
from capflow_gui.ui.models.watchlist_model import WatchlistModel
from capflow_gui.ui.theme import FUSION, Role, Theme, apply_theme, build_theme, faded
from capflow_gui.ui.watchlist.table import WatchlistTable

ROWS = 2000
ROUNDS = 41
SIZE = (788, 860)
CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
HONG_KONG = ZoneInfo("Asia/Hong_Kong")
NOW = datetime(2026, 6, 10, 14, 32, 8, tzinfo=HONG_KONG).timestamp()
DAY = CALENDAR.day(Market.HK, date(2026, 6, 10))


class Board:
    """As much of a BoardView as a table reads."""

    def __init__(self) -> None:
        self.calendar = CALENDAR
        self.links = (LinkState("opend", LinkPhase.READY, 0.0),)
        self.random = np.random.default_rng(1)
        self.rows = {row.symbol: row for row in (self.make(number) for number in range(1, ROWS + 1))}
        self.symbols = tuple(self.rows)

    def make(self, number: int) -> Row:
        symbol = Symbol(Market.HK, str(number))
        labels = DAY.labels()
        labels = labels[labels <= NOW]
        classes = np.cumsum(self.random.normal(0, 4e5, (4, len(labels))), axis=1)
        values = np.vstack([classes.sum(axis=0), classes[:2].sum(axis=0), classes])
        series = FlowSeries(symbol, "opend", Period.INTRADAY, labels, values, NOW - number % 30, DAY.day, NOW)
        quote = Quote(symbol, f"Company {number}", 101.0, 100.0, 1e9, 1, NOW, halted=False)
        return Row(
            symbol=symbol,
            source="opend",
            name=f"Company {number}",
            currency="HKD",
            currency_assumed=False,
            series=series,
            day=DAY,
            quote=quote,
            freshness=Freshness.LIVE,
            flagged=False,
            error=None,
            age_s=8.0,
            cycle_s=37.0,
            polled_at=0.0,
            next_poll_at=None,
            next_open=None,
            threshold=-5e7,
            threshold_own=False,
            alert=None,
        )

    def change(self, symbol: Symbol) -> None:
        row = self.rows[symbol]
        values = row.series.values + self.random.normal(0, 1e5)
        self.rows[symbol] = replace(row, series=msgspec.structs.replace(row.series, values=values))

    def row(self, symbol: Symbol) -> Row:
        return self.rows[symbol]

    def market_now(self, source: str | None = None) -> float:  # noqa: ARG002
        return NOW

    def monotonic_now(self) -> float:
        return time.monotonic()


class NaiveModel(QAbstractTableModel):
    """Texts, colours and sort keys by role, a cell at a time."""

    def __init__(self, board: Board, theme: Theme) -> None:
        super().__init__()
        self.board = board
        self.theme = theme
        self.figures = [figures_of(row, link_ready=True) for row in board.rows.values()]

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: ARG002, B008, N802
        return len(self.figures)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: ARG002, B008, N802
        return len(DEFAULT)

    def values(self, figures: Figures) -> list[float]:
        main = figures.classes[0] + figures.classes[1]
        turnover, age = figures.of_turnover, figures.row.age_s or 0.0
        return [0.0, 0.0, figures.net, turnover, figures.delta, main, figures.change, age]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: PLR0911
        figures = self.figures[index.row()]
        column = index.column()
        value = self.values(figures)[column]
        if role == Qt.ItemDataRole.UserRole:
            return value
        if role == Qt.ItemDataRole.DisplayRole:
            if column == 0:
                return f"{figures.row.symbol}\n{figures.row.name}"
            if column in (1, 5):
                return ""
            if column in (3, 6):
                return numbers.percent(value)
            return numbers.age(value) if column == 7 else numbers.scaled(value, numbers.Unit("M", 1e6))
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.theme.direction(value) if column in (2, 3) else self.theme.dim
        if role == Qt.ItemDataRole.FontRole:
            return self.theme.font((Role.ROW_SYMBOL, Role.CELL, Role.ROW_NET, Role.TURNOVER)[min(column, 3)])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class NaiveDelegate(QStyledItemDelegate):
    """Draws sparkline and mix itself, leaves the rest to Qt."""

    def __init__(self, model: NaiveModel, proxy: QSortFilterProxyModel) -> None:
        super().__init__()
        self.model = model
        self.proxy = proxy

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        super().paint(painter, option, index)
        column = index.column()
        if column not in (1, 5):
            return
        figures = self.model.figures[self.proxy.mapToSource(index).row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect).adjusted(2, 9, -2, -9)
        if column == 1:
            self.sparkline(painter, rect, figures)
        else:
            for lane in (0, 2):
                x = rect.center().x()
                for share in figures.classes[lane : lane + 2]:
                    painter.fillRect(QRectF(x, rect.center().y() + lane * 3, share * 900, 5), self.model.theme.large)
                    x += share * 900
        painter.restore()

    def sparkline(self, painter: QPainter, rect: QRectF, figures: Figures) -> None:
        x, y, minutes = spark_points(figures)
        low, high = min(0.0, float(y.min())), max(0.0, float(y.max()))
        path = QPainterPath()
        for place, (index, net) in enumerate(zip(x, y, strict=True)):
            at = QPointF(
                rect.left() + index / minutes * rect.width(), rect.top() + (high - net) / (high - low) * rect.height()
            )
            path.lineTo(at) if place else path.moveTo(at)
        painter.setPen(QPen(QColor(self.model.theme.dim), 1.1))
        painter.drawPath(path)
        path.lineTo(rect.right(), rect.top() + high / (high - low) * rect.height())
        painter.fillPath(path, faded(self.model.theme.down, 0.17))


def naive_table(board: Board, theme: Theme) -> tuple[QTableView, NaiveModel, QSortFilterProxyModel, NaiveDelegate]:
    model = NaiveModel(board, theme)
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(model)
    proxy.setSortRole(Qt.ItemDataRole.UserRole)
    proxy.setDynamicSortFilter(False)
    view = QTableView()
    delegate = NaiveDelegate(model, proxy)
    view.setModel(proxy)
    view.setItemDelegate(delegate)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(48)
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.setShowGrid(False)
    view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    for place, width in enumerate((170, 119, 104, 92, 80, 82, 72, 60)):
        view.setColumnWidth(place, width)
    return view, model, proxy, delegate


def timed(run: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    # What the other side put off (a delayed layout, its repaint) must not be counted here.
    for _ in range(3):
        QApplication.processEvents()
    began, busy = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - busy


def compare(
    metric: str,
    ours: Callable[[], None],
    naive: Callable[[], None],
    target: float | None,
    before: Callable[[], None] = lambda: None,
) -> None:
    """Alternate both after `before`, print the medians by the clock and the median of the rounds' ratios."""
    rounds = []
    for _ in range(ROUNDS):
        before()
        rounds.append((timed(ours), timed(naive)))
    mine, theirs = ([side[place] for side in rounds[3:]] for place in (0, 1))
    row = {
        "metric": f"watchlist, 2,000 rows: {metric}",
        "ours": statistics.median(wall for wall, _ in mine) * 1e3,
        "baseline": statistics.median(wall for wall, _ in theirs) * 1e3,
        "unit": "ms",
        "baseline_name": "delegate a cell",
        "ratio": statistics.median(b / a for (a, _), (b, _) in zip(mine, theirs, strict=True)),
        "cpu_ratio": statistics.median(b / a for (_, a), (_, b) in zip(mine, theirs, strict=True)),
        "target": target,
    }
    print(json.dumps(row), flush=True)


def main() -> None:
    app = QApplication(["watchlist", *FUSION])
    theme = build_theme("dark")
    apply_theme(app, theme)
    board = Board()
    model = WatchlistModel(board)  # type: ignore[arg-type]
    ours = WatchlistTable(model, board, theme)  # type: ignore[arg-type]
    view, naive, proxy, _delegate = naive_table(board, theme)
    for widget in (ours, view):
        widget.resize(*SIZE)
        widget.show()
    ours.set_sort(SortOrder(Column.TURNOVER))
    proxy.sort(3)
    app.processEvents()

    def changed(symbols: tuple[Symbol, ...]) -> None:
        for symbol in symbols:
            board.change(symbol)

    def naive_row(symbol: Symbol) -> None:
        place = int(symbol.code) - 1
        naive.figures[place] = figures_of(board.row(symbol), link_ready=True)
        naive.dataChanged.emit(naive.index(place, 0), naive.index(place, len(DEFAULT) - 1))

    # One row that both show, with other figures every round.
    target = model.figures(3).row.symbol
    assert target == naive.figures[proxy.mapToSource(proxy.index(3, 0)).row()].row.symbol

    def before_one() -> None:
        board.change(target)

    def ours_one() -> None:
        model.refresh([target])
        app.processEvents()

    def naive_one() -> None:
        naive_row(target)
        app.processEvents()

    def naive_all() -> None:
        naive.figures = [figures_of(row, link_ready=True) for row in board.rows.values()]
        naive.dataChanged.emit(naive.index(0, 0), naive.index(ROWS - 1, len(DEFAULT) - 1))
        app.processEvents()

    def ours_all() -> None:
        model.refresh()
        app.processEvents()

    down = [False, False]

    def ours_sort() -> None:
        down[0] = not down[0]
        ours.set_sort(SortOrder(Column.TURNOVER, down[0]))
        app.processEvents()

    def naive_sort() -> None:
        down[1] = not down[1]
        proxy.sort(3, Qt.SortOrder.DescendingOrder if down[1] else Qt.SortOrder.AscendingOrder)
        app.processEvents()

    compare("full repaint", ours.viewport().repaint, view.viewport().repaint, 12)
    compare("one row changed", ours_one, naive_one, 7, before_one)
    compare("sort", ours_sort, naive_sort, 12)
    compare("every row changed", ours_all, naive_all, None, lambda: changed(board.symbols))


if __name__ == "__main__":
    main()
