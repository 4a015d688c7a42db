"""The watchlist in a real window: adding, removing, moving, sorting, filtering, and every state a row can have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.errors import NoQuoteRight, UnknownSymbol
from capflow_gui.feed.board import Freshness
from capflow_gui.present.numbers import unit_for
from capflow_gui.settings import Appearance, Settings, WindowSettings
from capflow_gui.ui import shapes
from capflow_gui.ui.models.figures import AgeTone, age_cell, figures_of
from capflow_gui.ui.models.watchlist_model import Column, SortOrder
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.footer import WatchlistFooter, breadth
from capflow_gui.ui.watchlist.painter import RowPainter, RowStyle
from capflow_gui.ui.window.main_window import MainWindow
from capflow_gui.ui.words import pill_texts
from tests.reasons import said
from tests.ui.boards import HONG_KONG, NOW, HandBoard, alert_of, failed_row, flagged_row, row_of, unjudged_of
from tests.ui.window_fixture import Answers, open_window, shut
from tests.visual.measured_texts import recorded

TENCENT = Symbol.parse("700.HK")
MEITUAN = Symbol.parse("3690.HK")
BYD = Symbol.parse("1211.HK")


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(
        row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, change=-0.0184, threshold=-300e6, threshold_own=True),
        row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6, change=-0.0291),
        row_of("1211.HK", "BYD", 21.2e6, 2355e6, change=0.0082),
    )


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    yield opened
    shut(opened)


def shown(window: MainWindow) -> list[str]:
    return [str(figures.row.symbol) for figures in window.watchlist.model.shown()]


def row_image(window: MainWindow, symbol: Symbol) -> QImage:
    table = window.watchlist.table
    row = window.watchlist.model.view_row(symbol)
    assert row is not None
    image = table.viewport().grab().toImage()
    height = table.verticalHeader().defaultSectionSize()
    return image.copy(0, row * height, image.width(), height)


def has_color(image: QImage, color: QColor, *, near: int = 24) -> bool:
    data = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8)
    pixels = data.reshape(image.height(), image.width(), 4)[:, :, :3].astype(int)
    wanted = np.array([color.blue(), color.green(), color.red()])
    return bool((np.abs(pixels - wanted).max(axis=2) <= near).any())


def right_part(image: QImage) -> QImage:
    """Net and % columns: where colour means truth (the pill and the alert's spine are left of it)."""
    return image.copy(300, 0, image.width() - 300, image.height())


# order


def test_worst_share_of_turnover_is_on_top(window: MainWindow) -> None:
    assert shown(window) == ["3690.HK", "700.HK", "1211.HK"]
    assert window.watchlist.table.header.label(Column.TURNOVER) == "% turnover ↑"
    assert window.watchlist.table.header.label(Column.NET) == "Net, HKD M"


@pytest.mark.parametrize("column", list(Column))
def test_every_column_sorts_both_ways_and_gives_the_users_order_back(window: MainWindow, column: Column) -> None:
    header = window.watchlist.table.header
    window.watchlist.sort(SortOrder(None))
    orders = []
    for _ in range(3):
        window.watchlist.sort(header.next_order(column))
        orders.append(shown(window))
    assert orders[0] == orders[1][::-1]
    assert orders[2] == ["700.HK", "3690.HK", "1211.HK"]


def test_amounts_are_sorted_within_their_currency(window: MainWindow, board: HandBoard) -> None:
    for row in (row_of("AAPL.US", "Apple", -900e6, 9e9), row_of("NVDA.US", "Nvidia", 1e6, 9e9)):
        board.put(row)
    never = failed_row("5.HK", UnknownSymbol("opend", -1, "unknown stock code"))
    board.put(never)
    window.watchlist.reload()
    for descending, hong_kong, new_york in (
        (False, ["700.HK", "3690.HK", "1211.HK"], ["AAPL.US", "NVDA.US"]),
        (True, ["1211.HK", "3690.HK", "700.HK"], ["NVDA.US", "AAPL.US"]),
    ):
        window.watchlist.sort(SortOrder(Column.NET, descending))
        assert shown(window) == [*hong_kong, *new_york, "5.HK"]
    assert "by currency" in window.watchlist.model.order_words()
    window.watchlist.sort(SortOrder(Column.TURNOVER))
    assert shown(window)[:2] == ["AAPL.US", "3690.HK"], "shares of turnover are comparable"
    assert "by currency" not in window.watchlist.model.order_words()


def test_a_click_on_a_header_sorts(window: MainWindow) -> None:
    header = window.watchlist.table.header
    place = list(Column).index(Column.NET)
    x = header.sectionViewportPosition(place) + 20
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    assert shown(window) == ["700.HK", "3690.HK", "1211.HK"]
    assert window.watchlist.model.sort_order == SortOrder(Column.NET)


def test_rows_move_at_most_every_ten_seconds_and_keep_the_selection(window: MainWindow, board: HandBoard) -> None:
    window.go_to(TENCENT)
    board.put(row_of("1211.HK", "BYD", -400e6, 2355e6))
    window.bridge.drain()
    board.monotonic += 5
    window.watchlist.tick()
    assert shown(window) == ["3690.HK", "700.HK", "1211.HK"]
    board.monotonic += 6
    window.watchlist.tick()
    assert shown(window) == ["1211.HK", "3690.HK", "700.HK"]
    assert window.current_symbol() == TENCENT


def test_rows_never_move_under_the_pointer(
    window: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.watchlist.table, "busy", lambda: True)
    board.put(row_of("1211.HK", "BYD", -400e6, 2355e6))
    window.bridge.drain()
    board.monotonic += 60
    window.watchlist.tick()
    assert shown(window) == ["3690.HK", "700.HK", "1211.HK"]


def test_dragging_a_row_makes_the_order_the_users(window: MainWindow, board: HandBoard) -> None:
    table = window.watchlist.table
    viewport, height = table.viewport(), table.verticalHeader().defaultSectionSize()
    start, end = QPoint(60, height // 2), QPoint(60, height * 3 - 4)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for y in range(start.y(), end.y() + 1, 8):
        QTest.mouseMove(viewport, QPoint(60, y))
    assert table.busy()
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    window.bridge.drain()
    assert list(map(str, board.symbols)) == ["700.HK", "1211.HK", "3690.HK"]
    assert shown(window) == ["700.HK", "1211.HK", "3690.HK"]
    assert window.watchlist.model.sort_order == SortOrder(None)


def test_alt_down_moves_a_row(window: MainWindow, board: HandBoard) -> None:
    window.go_to(MEITUAN)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    window.bridge.drain()
    assert list(map(str, board.symbols)) == ["700.HK", "3690.HK", "1211.HK"]


# adding and removing


def test_typing_a_code_adds_it(window: MainWindow, board: HandBoard) -> None:
    search = window.toolbar.search
    window.toolbar.search.begin()
    QTest.keyClicks(search, "hk.00005")
    assert search.entries()[0].text == "5.HK"
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert str(board.symbols[-1]) == "5.HK"
    assert search.text() == ""
    assert window.current_symbol() == Symbol.parse("5.HK")


def test_pasting_many_adds_the_good_ones_and_keeps_the_bad(window: MainWindow, board: HandBoard) -> None:
    QApplication.clipboard().setText("US.AAPL\n700.HK\nnonsense\n600519.SH")
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert list(map(str, board.symbols))[3:] == ["AAPL.US", "600519.SH"]
    assert window.toolbar.search.text() == "nonsense"
    said = window.notice.text()
    assert "Added 2 symbols." in said
    assert "1 symbol was on the list already." in said
    assert "“nonsense” was not added: no market in this symbol." in said


@pytest.mark.parametrize(
    ("pasted", "added"),
    [
        ("00005\n600519", ["5.HK", "600519.SH"]),
        ("5 AAPL 600519 BRK.B", ["5.HK", "AAPL.US", "600519.SH", "BRK.B.US"]),
        ("代码\t名称\n00005\t汇丰控股\n600519\t贵州茅台", ["5.HK", "600519.SH"]),
        ('="1398.HK"', ["1398.HK"]),
        ("５。ＨＫ\ufeff", ["5.HK"]),
    ],
)
def test_lists_are_pasted_as_they_come(window: MainWindow, board: HandBoard, pasted: str, added: list[str]) -> None:
    QApplication.clipboard().setText(pasted)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert list(map(str, board.symbols))[3:] == added
    assert "not added" not in window.notice.text()


@pytest.mark.parametrize(
    ("pasted", "said"),
    [("920748", "Beijing's exchange is not covered"), ("399001", "399001.SZ is an index")],
)
def test_what_is_not_covered_is_named(window: MainWindow, board: HandBoard, pasted: str, said: str) -> None:
    QApplication.clipboard().setText(pasted)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(board.symbols) == 3
    assert said in window.notice.text()


def test_the_broker_finds_names(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    from capflow_gui.domain.quote import SearchHit, SecurityKind

    answers = Answers(hits=[SearchHit(Symbol.parse("9988.HK"), "Alibaba-W", SecurityKind.STOCK)])
    window = open_window(board, answers=answers)
    QTest.keyClicks(window.toolbar.search, "alib")
    qtbot.waitUntil(lambda: any(entry.text == "9988.HK  Alibaba-W" for entry in window.toolbar.search.entries()))
    assert answers.asked == [("search", "alib")]
    shut(window)


def test_removing_says_so_and_can_be_undone(window: MainWindow, board: HandBoard) -> None:
    window.go_to(MEITUAN)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Delete)
    assert MEITUAN not in board.symbols
    assert window.notice.text() == "Removed 3690.HK."
    assert window.current_symbol() == TENCENT
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert list(map(str, board.symbols)) == ["700.HK", "3690.HK", "1211.HK"]
    assert window.current_symbol() == MEITUAN
    assert window.notice.text() == ""


def test_an_empty_list_is_one_line_and_one_button(theme: Theme, qtbot: QtBot) -> None:
    window = open_window(HandBoard())
    assert window.watchlist._empty.text() == "Nothing is watched yet."
    QTest.mouseClick(window.watchlist._empty_button, Qt.MouseButton.LeftButton)
    assert window.toolbar.search.hasFocus()
    shut(window)


def test_groups_of_the_broker_are_merged(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    answers = Answers(members={"Core": ["700.HK", "5.HK"], "US": ["AAPL.US"], "More": ["5.HK", "388.HK"]})
    window = open_window(board, answers=answers)
    window.dialogs.open_groups()
    dialog = window.dialogs.current
    assert dialog is not None
    assert [dialog.list.item(row).text() for row in range(3)] == ["Core   2", "US   1", "More   2"]
    for row in (0, 2):
        dialog.list.item(row).setCheckState(Qt.CheckState.Checked)
    assert dialog.add_button.text() == "Add 2 symbols"
    dialog.add_button.click()
    assert list(map(str, board.symbols))[3:] == ["5.HK", "388.HK"]
    shut(window)


def test_a_click_on_a_groups_label_ticks_it(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board, answers=Answers(members={"Core": ["5.HK"]}))
    window.dialogs.open_groups()
    groups = window.dialogs.current.list
    place = groups.visualItemRect(groups.item(0))
    assert place.height() >= theme.px(28)
    for at in (place.center(), QPoint(place.left() + 10, place.center().y())):
        for state in (Qt.CheckState.Checked, Qt.CheckState.Unchecked):
            QTest.mouseClick(groups.viewport(), Qt.MouseButton.LeftButton, pos=at)
            assert groups.item(0).checkState() is state
    QTest.keyClick(groups, Qt.Key.Key_Space)
    assert groups.item(0).checkState() is Qt.CheckState.Checked
    window.dialogs.current.reject()
    shut(window)


# filter and tabs


def test_the_filter_shows_matching_rows_until_escape(window: MainWindow) -> None:
    QTest.keyClicks(window.watchlist.table, "/")
    assert window.watchlist.filter.hasFocus()
    QTest.keyClicks(window.watchlist.filter, "tenc")
    assert shown(window) == ["700.HK"]
    window.watchlist.filter.setText("\u200bＴＥＮＣ")
    assert shown(window) == ["700.HK"]
    window.watchlist.filter.setText("tencxx")
    assert shown(window) == []
    assert window.watchlist._empty.text() == "No row matches “tencxx”."
    QTest.keyClick(window.watchlist.filter, Qt.Key.Key_Escape)
    assert len(shown(window)) == 3


def test_markets_are_tabs_when_there_are_several(window: MainWindow, board: HandBoard) -> None:
    assert window.watchlist.tabs.all_keys() == ("all",)
    board.add_symbols([Symbol.parse("AAPL.US")])
    window.bridge.drain()
    assert window.watchlist.tabs.all_keys() == ("all", Market.HK, Market.US)
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == ["AAPL.US"]


# figures


def test_where_all_notes_have_no_room_the_last_are_kept(theme: Theme, qtbot: QtBot) -> None:
    footer = WatchlistFooter(theme)
    qtbot.addWidget(footer)
    rows = [row_of("700.HK", "Tencent", -2e6, 7e9), row_of("3690.HK", "Meituan", -1e6, 2e9)]
    value = breadth([figures_of(row, link_ready=True) for row in rows])
    footer.show_breadth(value, "HKD only", "% of turnover, lowest first", "held while you point")
    seen = []
    for width in (900, 800, 640):
        footer.resize(width, footer.height())
        with recorded() as painted:
            footer.grab()
        seen.append(painted[-1].text)
    assert seen == [
        "HKD only · % of turnover, lowest first · held while you point",
        "% of turnover, lowest first · held while you point",
        "held while you point",
    ]


def test_sums_only_of_one_currency(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    assert window.watchlist.footer.sentence() == "2 out, 1 in, net −393.8M HKD"
    board.put(row_of("AAPL.US", "Apple", 50e6, 9e9))
    window.watchlist.reload()
    assert window.watchlist.footer.sentence() == "2 out, 2 in"
    assert window.watchlist.table.header.label(Column.NET) == "Net, M"
    shut(window)


def test_narrow_windows_drop_change_then_mix_then_delta(window: MainWindow) -> None:
    dropped = []
    for width in (800, 710, 630, 560):
        window.splitter.setSizes([width, window.width() - width])
        QApplication.processEvents()
        dropped.append([column for column in Column if column not in window.watchlist.table.shown_columns()])
    assert dropped == [
        [],
        [Column.CHANGE],
        [Column.MIX, Column.CHANGE],
        [Column.DELTA, Column.MIX, Column.CHANGE],
    ]


def test_live_figures_have_colour(window: MainWindow, theme: Theme) -> None:
    assert has_color(right_part(row_image(window, MEITUAN)), theme.down)
    assert has_color(right_part(row_image(window, BYD)), theme.up)


@pytest.mark.parametrize("freshness", [Freshness.STALE, Freshness.PREVIOUS_SESSION, Freshness.HALTED, Freshness.ERROR])
def test_figures_that_are_not_true_now_lose_their_colour(
    window: MainWindow, board: HandBoard, theme: Theme, freshness: Freshness
) -> None:
    board.put(replace(board.rows[MEITUAN], freshness=freshness))
    window.bridge.drain()
    image = right_part(row_image(window, MEITUAN))
    assert not has_color(image, theme.down)
    assert has_color(image, theme.none)


@pytest.mark.parametrize("freshness", [Freshness.LUNCH, Freshness.CLOSED])
def test_final_figures_keep_it(window: MainWindow, board: HandBoard, theme: Theme, freshness: Freshness) -> None:
    board.put(replace(board.rows[MEITUAN], freshness=freshness))
    window.bridge.drain()
    assert has_color(right_part(row_image(window, MEITUAN)), theme.down)


def test_a_lost_link_takes_the_colour_and_gives_the_time(window: MainWindow, board: HandBoard, theme: Theme) -> None:
    board.links = (
        LinkState("opend", LinkPhase.WAITING, 90.0, reason=said("refused"), attempt=2, retry_at=108.0, latency_s=0.02),
    )
    board.subscriptions.changed(links=True)
    window.bridge.drain()
    assert not has_color(right_part(row_image(window, MEITUAN)), theme.down)
    figures = window.watchlist.model.figures(0)
    assert age_cell(figures, NOW, HONG_KONG) == ("14:31", AgeTone.DIM)
    assert window.toolbar.badge("opend").text_shown() == "OpenD lost · try 3 in 8 s"


def test_what_was_never_connected_is_not_lost(window: MainWindow, board: HandBoard) -> None:
    board.links = (LinkState("opend", LinkPhase.WAITING, 90.0, reason=said("refused"), attempt=2, retry_at=108.0),)
    window._links_changed()
    assert window.toolbar.badge("opend").text_shown() == "OpenD not connected · try 3 in 8 s"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ("20s", AgeTone.FAINT)),
        ({"cycle_s": 10.0}, ("20s", AgeTone.TEXT)),
        ({"freshness": Freshness.STALE}, ("20s", AgeTone.AMBER)),
        ({"freshness": Freshness.LUNCH}, ("lunch", AgeTone.DIM)),
        ({"freshness": Freshness.CLOSED}, ("closed", AgeTone.DIM)),
        ({"freshness": Freshness.HALTED}, ("halted", AgeTone.DIM)),
        ({"freshness": Freshness.PREVIOUS_SESSION}, ("Fri 20", AgeTone.DIM)),
        ({"freshness": Freshness.NEVER_POLLED, "series": None}, ("…", AgeTone.DIM)),
    ],
)
def test_the_age_cell_says_the_state(
    window: MainWindow, board: HandBoard, facts: dict[str, object], expected: tuple[str, AgeTone]
) -> None:
    row = board.rows[BYD]
    assert row.series is not None
    board.put(replace(row, **{"series": msgspec.structs.replace(row.series, last_valid=NOW - 20)} | facts))
    window.bridge.drain()
    place = window.watchlist.model.view_row(BYD)
    assert place is not None
    assert age_cell(window.watchlist.model.figures(place), NOW, HONG_KONG) == expected


def test_rows_without_figures_are_a_sentence_with_an_action(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    unknown = failed_row("7000.HK", UnknownSymbol("opend", -1, "unknown stock code"))
    denied = failed_row("6666.HK", NoQuoteRight("opend", -1, "no HK LV1 quote right"), Freshness.NO_PERMISSION)
    for row in (unknown, denied, flagged_row("941.HK")):
        board.put(row)
    window = open_window(board)
    table = window.watchlist.table
    table.viewport().grab()
    box = table._live.actions[unknown.symbol]
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert unknown.symbol not in board.symbols
    assert has_color(row_image(window, denied.symbol), theme.accent)
    assert has_color(row_image(window, Symbol.parse("941.HK")), theme.alert_text)
    assert not has_color(right_part(row_image(window, Symbol.parse("941.HK"))), theme.down)
    shut(window)


def test_an_alert_flags_its_row_until_acknowledged(window: MainWindow, board: HandBoard, theme: Theme) -> None:
    before = row_image(window, TENCENT)
    assert not has_color(before.copy(0, 0, 4, 40), theme.alert)
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window.bridge.drain()
    flagged = row_image(window, TENCENT)
    assert has_color(flagged.copy(0, 0, 4, 40), theme.alert, near=4)
    assert has_color(flagged.copy(60, 10, 110, 30), theme.alert, near=4)
    board.acknowledge(["1"])
    window.bridge.drain()
    quiet = row_image(window, TENCENT)
    assert not has_color(quiet.copy(2, 0, 2, 40), theme.alert, near=4)
    assert board.alerts[0].acknowledged


def test_the_pill_of_a_rule_that_cannot_be_judged(window: MainWindow, board: HandBoard, theme: Theme) -> None:
    board.raise_alert(unjudged_of(board.rows[TENCENT], "no quote right"))
    window.bridge.drain()
    assert pill_texts(board.rows[TENCENT]) == (("cannot judge",), True)
    assert has_color(row_image(window, TENCENT).copy(60, 10, 110, 30), theme.alert, near=4)
    board.acknowledge(["1"])
    window.bridge.drain()
    assert pill_texts(board.rows[TENCENT]) == (("cannot judge",), False)
    outline = row_image(window, TENCENT).copy(60, 10, 110, 30)
    assert has_color(outline, theme.alert_text, near=60)
    assert not any(outline.pixelColor(x, 6) == theme.alert for x in range(outline.width()))


@pytest.mark.parametrize("code", ["700.HK", "3690.HK", "600519.SH"])
def test_an_unacknowledged_pill_keeps_its_diamond_in_a_narrow_list(theme: Theme, code: str) -> None:
    row = row_of(code, "A company of some name", -151.8e6, 2919e6)
    drawn: list[tuple[str, bool]] = []
    painter = RowPainter(theme)
    figures = figures_of(replace(row, alert=alert_of(row, level=-130e6)), link_ready=True)
    image = QImage(178, 44, QImage.Format.Format_RGB32)
    style = RowStyle({Column.SYMBOL: (0.0, 178.0)}, 178.0, 44.0, 178.0, unit_for(1e8), unit_for(1e8), False)
    with pytest.MonkeyPatch.context() as patch, QPainter(image) as canvas:
        patch.setattr(shapes, "draw_pill", lambda *args, filled: drawn.append((args[2], filled)))
        painter._symbol(canvas, figures, style)
    assert drawn == [({"600519.SH": "−130M"}.get(code, "≤ −130M"), True)]


def test_the_meter_turns_amber_near_the_threshold(window: MainWindow, board: HandBoard, theme: Theme) -> None:
    # 263.2 of 300 is 88 % of the way.
    assert has_color(right_part(row_image(window, TENCENT)), theme.alert, near=4)
    board.put(replace(board.rows[TENCENT], threshold=-900e6))
    window.bridge.drain()
    assert not has_color(right_part(row_image(window, TENCENT)), theme.alert, near=4)
    # A share of 7,056 million: 3.73 of 4 % is 93 %, of 6 % is 62 %.
    for fraction, near in ((-0.04, True), (-0.06, False)):
        board.put(replace(board.rows[TENCENT], threshold=Share(fraction), turnover=7056e6))
        window.bridge.drain()
        assert has_color(right_part(row_image(window, TENCENT)), theme.alert, near=4) is near


@pytest.mark.parametrize("nets", [(-400e6, -10e6), (30e6, -500e6, 0.0), (-263.2e6, -1e6, -264e6)])
def test_a_columns_extent_follows_every_change(window: MainWindow, board: HandBoard, nets: tuple[float, ...]) -> None:
    model = window.watchlist.model
    for net in nets:
        model.extent(Column.NET)
        board.put(row_of("700.HK", "Tencent Holdings", net, 7056e6))
        window.bridge.drain()
        assert model.extent(Column.NET) == max(abs(figures.net) for figures in model.shown())


def test_a_change_paints_nothing_of_the_row_below(window: MainWindow, board: HandBoard, qtbot: QtBot) -> None:
    painted: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint:
                painted.append(event.rect())  # type: ignore[attr-defined]
            return False

    table = window.watchlist.table
    watch = Watch()
    QApplication.processEvents()
    table.viewport().installEventFilter(watch)
    # The same figures again: no unit changes, and the whole table with it.
    board.put(replace(board.rows[MEITUAN], name="Meituan"))
    window.bridge.drain()
    qtbot.waitUntil(lambda: bool(painted))
    height = table.verticalHeader().defaultSectionSize()
    row = window.watchlist.model.view_row(MEITUAN)
    assert row is not None
    assert painted == [QRect(0, row * height, table.viewport().width(), height)]
    table.viewport().removeEventFilter(watch)


def test_a_second_paints_the_ages_that_moved_and_nothing_else(
    window: MainWindow, board: HandBoard, qtbot: QtBot
) -> None:
    painted: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint:
                painted.append(event.rect())  # type: ignore[attr-defined]
            return False

    table = window.watchlist.table
    watch = Watch()
    QApplication.processEvents()
    table.viewport().installEventFilter(watch)
    table.tick()
    QApplication.processEvents()
    assert painted == []
    board.now += 7
    table.tick()
    qtbot.waitUntil(lambda: bool(painted))
    assert min(rect.left() for rect in painted) > table.viewport().width() - 100
    table.tick()
    QApplication.processEvents()
    assert len(painted) == 1
    table.viewport().removeEventFilter(watch)


def test_a_change_repaints_its_row_alone(window: MainWindow, board: HandBoard) -> None:
    table = window.watchlist.table
    table.viewport().grab()
    painted = {symbol: drawn.figures for symbol, drawn in table._rows.drawn.items()}
    board.put(row_of("1211.HK", "BYD", 30e6, 2355e6))
    window.bridge.drain()
    table.viewport().grab()
    again = {symbol for symbol, drawn in table._rows.drawn.items() if painted[symbol] is not drawn.figures}
    assert again == {BYD}


def test_screen_readers_get_words(window: MainWindow) -> None:
    model = window.watchlist.model
    words = [model.data(model.index(0, place), Qt.ItemDataRole.AccessibleTextRole) for place in range(4)]
    assert words[0] == "3690.HK Meituan-W"
    assert words[1].startswith("between ")
    assert words[2:] == ["−151.8M HKD", "−5.2%"]


def test_columns_and_order_are_restored(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    kept = WindowSettings(sort="change:desc", selected="1211.HK", columns=["symbol", "net", "mix"])
    window = open_window(board, Settings(window=kept))
    assert window.watchlist.model.sort_order == SortOrder(Column.CHANGE, descending=True)
    assert window.current_symbol() == BYD
    assert Column.DELTA not in window.watchlist.table.shown_columns()
    assert Column.MIX in window.watchlist.table.shown_columns()
    shut(window)


@pytest.mark.parametrize("width", [1600, 2560, 3840])
def test_the_slack_of_a_wide_screen_goes_to_the_sparkline(board: HandBoard, theme: Theme, width: int) -> None:
    window = open_window(board, size=(width, 1000))
    edges = window.watchlist.table._edges
    assert edges[Column.SYMBOL][1] <= theme.px(240)
    after = [edges[column] for column in (Column.TODAY, Column.NET, Column.TURNOVER, Column.DELTA)]
    assert all(right[0] - left[1] <= theme.px(16) for left, right in pairwise(after))
    assert (edges[Column.TODAY][1] - edges[Column.TODAY][0] > theme.px(400)) == (width > 2000)
    shut(window)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_two_lines_stand_in_a_row_without_touching(board: HandBoard, theme: Theme, scale: float) -> None:
    settings = Settings(appearance=Appearance("dark", "green_up", scale))
    window = open_window(board, settings)
    larger = window.watchlist.table._theme
    needed = larger.face(Role.ROW_SYMBOL).height + larger.face(Role.SENTENCE).height
    assert window.watchlist.table.verticalHeader().defaultSectionSize() > needed + 6
    assert window.watchlist.table.header.height() > larger.face(Role.CAPTION).height + 8
    shut(window)
