"""The list on the clipboard and in a file: the shown columns, in their order, with figures in full."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capflow_gui.feed.board import Freshness
from capflow_gui.ui.models.columns import Column, ColumnChoice, SortOrder
from capflow_gui.ui.watchlist.taken_out import csv_bytes, list_table
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.asked_files import asked_file
from tests.ui.boards import HandBoard, row_of
from tests.ui.watchlist.seen_rows import BYD, TENCENT


def test_the_list_is_copied_with_its_shown_columns_in_their_order(window: MainWindow, board: HandBoard) -> None:
    board.put(replace(board.row(BYD), series=None, quote=None, freshness=Freshness.NEVER_POLLED))
    board.put(replace(board.row(TENCENT), name="=cmd|' /C calc'!A0", threshold=None))
    window.bridge.drain()
    columns = (Column.TURNOVER, Column.TODAY, Column.NET, Column.DELTA, Column.LEVEL, Column.PRICE, Column.SOURCE)
    window.watchlist.table.set_choice(ColumnChoice().ordered(columns).over(15))
    window.watchlist.sort(SortOrder(Column.NET))
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_C, both)
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    shown = [column for column in window.watchlist.table.shown_columns() if column is not Column.TODAY]
    header = ["Symbol", "% turnover", "Net", "Δ 15 min", "To level", "Last"][: len(shown)]
    assert lines[0][:3] == header[:3]
    assert lines[0][-4:] == ["Name", "Currency", "Source", "State"]
    assert [line[0] for line in lines[1:]] == ["700.HK", "3690.HK", "1211.HK"]
    assert lines[1][1:3] == ["-3.7302%", repr(float(window.watchlist.model.figures(0).net))]
    assert lines[1][-4:] == ["'=cmd|' /C calc'!A0", "HKD", "OpenD", "live"]
    assert lines[3][1:-4] == [""] * (len(lines[0]) - 5)
    assert window.notice.text() == "Copied 3 rows of the list."


def test_every_column_has_a_figure_in_full_or_none(window: MainWindow, board: HandBoard) -> None:
    board.put(row_of("5.HK", "HSBC", -1e6, 0.0, classes=False, quote=None))
    window.bridge.drain()
    columns = tuple(Column)
    window.watchlist.table.set_choice(ColumnChoice().ordered(columns))
    rows = list_table(window.watchlist.model, columns, minutes=5, simulated=True)
    assert len({len(row) for row in rows}) == 1
    assert rows[0][-1] == "Simulated"
    facts = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    tencent = facts["700.HK"]
    assert float(tencent["Main"]) == float(tencent["Extra-large"]) + float(tencent["Large"])
    assert tencent["Main | rest"] == "main -2.1635%, rest -1.5667%"
    assert (tencent["Turnover"], tencent["Simulated"]) == ("7056000000.0", "true")
    assert (facts["5.HK"]["% turnover"], facts["5.HK"]["Main | rest"], facts["5.HK"]["Last"]) == ("", "", "")
    read = list(csv.reader(io.StringIO(csv_bytes(rows).decode("utf-8-sig"))))
    assert [tuple(row) for row in read] == rows


def test_the_file_is_called_as_the_tab_shown(window: MainWindow, tmp_path: Path) -> None:
    assert window.watchlist.list_name() == "Watchlist"
    window.exports.save_list(window.watchlist)
    dialog = asked_file(window)
    assert Path(dialog.selectedFiles()[0]).name == "Watchlist.csv"
    dialog.reject()
