"""Every table's model keeps Qt's rules in all its life, and tells its views whatever they show otherwise."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from capflow_gui import ui
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.ui.alerts import log as alert_log
from capflow_gui.ui.alerts.model import AlertColumn, AlertsModel
from capflow_gui.ui.budget.turns import TurnsModel
from capflow_gui.ui.chart_table.model import ShownModel
from capflow_gui.ui.chart_table.tables import Column as TableColumn
from capflow_gui.ui.chart_table.tables import Table
from capflow_gui.ui.history.quality import QualityModel
from capflow_gui.ui.log import model as program_log
from capflow_gui.ui.models.columns import Column, ColumnChoice, SortOrder
from capflow_gui.ui.models.watchlist_model import WatchlistModel
from capflow_gui.ui.rules.model import RulesModel
from capflow_gui.ui.tape.filter import TapeFilter
from capflow_gui.ui.tape.model import TapeModel
from capflow_gui.ui.theme import Theme
from tests.ui.boards import NOW, HandBoard, alert_of, row_of
from tests.ui.log.test_view import line

TENCENT, MEITUAN, HSBC = map(Symbol.parse, ("700.HK", "3690.HK", "5.HK"))
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
# The model, and again after each change of it.
Life = Iterator[QAbstractItemModel]


def rules(board: HandBoard, theme: Theme) -> Life:
    model = RulesModel(board, theme)
    yield model
    first, second = new_entry("*: main <= -80M"), new_entry("700.HK: net <= -90M")
    board.set_rules([first, second])
    model.reload()
    yield model
    board.set_rule(replace(first, enabled=False))
    model.reload()
    yield model
    board.raise_alert(alert_of(board.rows[TENCENT], rule_id=second.id))
    model.reload()
    yield model
    board.remove_rule(first.id)
    model.reload()
    yield model
    board.set_threshold(MEITUAN, -1e6)
    board.remove_symbols([MEITUAN, TENCENT])
    model.reload()
    yield model
    board.set_rules([])
    model.reload()
    yield model


def alerts(board: HandBoard, _theme: Theme) -> Life:
    model = AlertsModel(board)
    yield model
    raised = [
        alert_of(board.rows[symbol], number=number, raised_at=NOW + number)
        for number, symbol in enumerate((TENCENT, MEITUAN, TENCENT, MEITUAN, TENCENT))
    ]
    for those in (raised[:1], raised[2:3], raised[1:2], raised[3:]):
        board.hold_alerts(*those)
        model.reload()
        yield model
    board.acknowledge(["2"])  # goes below those that wait
    model.reload()
    yield model
    board.snooze(["1"], 15)
    model.reload()
    yield model
    board.remove_symbols([TENCENT])
    model.reload()
    yield model
    board.acknowledge()
    model.reload()
    yield model


def kept_alerts(board: HandBoard, _theme: Theme) -> Life:
    model = alert_log.LogModel(board.calendar)
    yield model
    found = [alert_of(board.rows[TENCENT], number=number) for number in range(4)]
    model.show(found[:2])
    yield model
    model.add(found[2:])
    yield model
    model.add([])
    yield model
    model.show(found[3:])
    yield model
    model.show([])
    yield model


def tape(board: HandBoard, theme: Theme) -> Life:
    model = TapeModel(board, theme)
    yield model
    board.fill_tape()
    model.reload()
    yield model
    for shown in (TapeFilter(symbol=TENCENT), TapeFilter(symbol=HSBC), TapeFilter(least=1e6), TapeFilter()):
        model.shown = shown
        model.reload()
        yield model
    whole = board.tape
    board._tape.keep_only((MEITUAN,))
    model.reload()
    yield model
    assert 0 < model.rowCount() < len(whole)
    board.remove_symbols([TENCENT, MEITUAN])
    model.reload()
    yield model


def quality(_board: HandBoard, _theme: Theme) -> Life:
    model = QualityModel()
    yield model
    for count in (2, 3, 3, 1, 0):
        model.show_rows([tuple(f"{count} {row} {column}" for column in range(5)) for row in range(count)])
        yield model


def turns(_board: HandBoard, _theme: Theme) -> Life:
    model = TurnsModel()
    yield model
    for round_, count in enumerate((2, 2, 3, 1, 0, 0)):
        model.show_rows([tuple(f"{round_} {row} {column}" for column in range(4)) for row in range(count)])
        yield model


def watchlist(board: HandBoard, _theme: Theme) -> Life:
    model = WatchlistModel(board)
    yield model
    model.set_columns(ColumnChoice().ordered(Column).over(60))
    yield model
    model.set_sort(SortOrder.parse("source:asc,main:desc,delta:asc"))
    yield model
    model.set_pinned([MEITUAN])
    yield model
    board.put(row_of("5.HK", "HSBC", -1e6, 0.0, classes=False, quote=None))
    model.reload()
    yield model
    model.set_filter("tencent", None)
    yield model
    board.put(row_of("700.HK", "Tencent", 5e6, 1e9))
    model.refresh([TENCENT])
    yield model
    model.set_filter("", [HSBC, TENCENT])
    yield model
    model.refresh()
    yield model
    board.remove_symbols([HSBC])
    model.reload()
    yield model
    model.set_columns(ColumnChoice().ordered([]))
    yield model
    board.remove_symbols([TENCENT, MEITUAN])
    model.reload()
    yield model


def entries(_board: HandBoard, theme: Theme) -> Life:
    model = program_log.LogModel(theme)
    yield model
    model.add([line("a"), line("b", "DEBUG"), line("c", "ERROR")], cut=False)
    yield model
    model.add([line("d")], cut=False)
    yield model
    model.add([], cut=True)
    yield model
    assert (model.rowCount(), model.known, model.cut) == (3, 4, True)
    model.show_only("DEBUG", [])
    yield model
    assert model.rowCount() == 4
    model.clear()
    yield model
    assert (model.rowCount(), model.known, model.cut) == (0, 0, False)


def chart_rows(_board: HandBoard, theme: Theme) -> Life:
    def table(count: int, stamp: int, key: int = 2) -> Table:
        columns = [TableColumn(f"{key} {at}", f"{stamp} {at} {{}}".format) for at in range(key)]
        return Table(key, (stamp,), tuple(columns), tuple(range(count - 1, -1, -1)))

    model = ShownModel(theme)
    yield model
    for shown in (table(3, 0), table(5, 1), table(5, 2), table(4, 3), table(4, 3, 3), table(2, 4), None):
        model.show_table(shown)
        yield model


LIVES: dict[type[QAbstractItemModel], Callable[[HandBoard, Theme], Life]] = {
    AlertsModel: alerts,
    QualityModel: quality,
    RulesModel: rules,
    ShownModel: chart_rows,
    TapeModel: tape,
    TurnsModel: turns,
    WatchlistModel: watchlist,
    alert_log.LogModel: kept_alerts,
    program_log.LogModel: entries,
}


# Columns that are painted anew whenever the board changes, without a word from the model.
READ_WHEN_PAINTED = {(AlertsModel, AlertColumn.NOW)}


class Reader:
    """A view of a model, which reads what the model says has changed and nothing else."""

    def __init__(self, model: QAbstractItemModel) -> None:
        self.model = model
        self.rows: list[list[Any]] = []
        model.modelReset.connect(self.read_all)
        model.layoutChanged.connect(self.read_all)
        model.rowsInserted.connect(self.insert)
        model.rowsRemoved.connect(self.remove)
        model.dataChanged.connect(self.read)
        self.read_all()

    def row(self, row: int) -> list[Any]:
        return [self.model.data(self.model.index(row, column)) for column in range(self.model.columnCount())]

    def read_all(self) -> None:
        self.rows = [self.row(row) for row in range(self.model.rowCount())]

    def insert(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.rows[first:first] = [self.row(row) for row in range(first, last + 1)]

    def remove(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1]

    def read(self, first: QModelIndex, last: QModelIndex) -> None:
        assert first.isValid()
        assert last.isValid()
        self.rows[first.row() : last.row() + 1] = [self.row(row) for row in range(first.row(), last.row() + 1)]

    def check(self) -> None:
        """What was read is what the model shows now; every role of every cell and header can be asked for."""
        model = self.model
        told = [column for column in range(model.columnCount()) if (type(model), column) not in READ_WHEN_PAINTED]
        shown = [self.row(row) for row in range(model.rowCount())]
        assert [[row[column] for column in told] for row in self.rows] == [[row[at] for at in told] for row in shown]
        roles = list(Qt.ItemDataRole)
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                for role in roles:
                    model.data(model.index(row, column), role)
        for role in roles:
            assert model.data(QModelIndex(), role) is None
            for direction, count in ((ACROSS, model.columnCount()), (DOWN, model.rowCount())):
                for section in range(count):
                    model.headerData(section, direction, role)
                for section in (-1, count, 999_999):
                    assert model.headerData(section, direction, role) is None
        assert all(model.headerData(column, ACROSS) for column in range(model.columnCount()))


@pytest.mark.parametrize("kind", LIVES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_model_keeps_qts_rules_all_its_life(
    kind: type[QAbstractItemModel], board: HandBoard, theme: Theme, qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    life = LIVES[kind](board, theme)
    model = next(life)
    assert type(model) is kind
    qtmodeltester.check(model)
    reader, counts = Reader(model), {model.rowCount()}
    for _ in life:
        reader.check()
        counts.add(model.rowCount())
    assert len(counts) > 1
    assert 0 in counts


def test_every_model_of_the_window_has_a_life_here() -> None:
    for module in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}."):
        importlib.import_module(module.name)

    def below(kind: type) -> Iterator[type]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    found = {each for each in below(QAbstractItemModel) if each.__module__.startswith(f"{ui.__name__}.")}
    assert found == LIVES.keys()
