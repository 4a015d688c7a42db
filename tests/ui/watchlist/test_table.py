"""The watchlist in a real window: adding, removing, moving, sorting and filtering."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import UnknownSymbol
from capflow_gui.feed.board import Freshness
from capflow_gui.settings import Settings, WindowSettings
from capflow_gui.ui.models.columns import DEFAULT, Column, SortOrder
from capflow_gui.ui.models.figures import Figures, figures_of
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.watchlist.footer import WatchlistFooter, breadth
from capflow_gui.ui.watchlist.table import WatchlistTable
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, failed_row, row_of
from tests.ui.watchlist.seen_rows import BYD, MEITUAN, TENCENT
from tests.ui.window_fixture import Answers, open_window, shut
from tests.visual.measured_texts import recorded


def shown(window: MainWindow) -> list[str]:
    return [str(figures.row.symbol) for figures in window.watchlist.model.shown()]


def test_worst_share_of_turnover_is_on_top(window: MainWindow) -> None:
    assert shown(window) == ["3690.HK", "700.HK", "1211.HK"]
    assert window.watchlist.table.header.label(Column.TURNOVER) == "% turnover ↑"
    assert window.watchlist.table.header.label(Column.NET) == "Net, HKD M"


def test_every_column_sorts_both_ways_and_gives_the_users_order_back(window: MainWindow) -> None:
    for column in DEFAULT:
        window.watchlist.sort(SortOrder(None))
        orders = []
        for _ in range(3):
            window.watchlist.sort(window.watchlist.model.sort_order.turned(column))
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
    place = DEFAULT.index(Column.NET)
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


def test_typing_a_code_adds_it(window: MainWindow, board: HandBoard) -> None:
    search = window.toolbar.search
    window.toolbar.search.begin()
    QTest.keyClicks(search, "hk.00005")
    assert search.entries()[0].text == "5.HK"
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert str(board.symbols[-1]) == "5.HK"
    assert search.text() == ""
    assert window.current_symbol() == Symbol.parse("5.HK")


def test_pasting_a_few_adds_the_good_ones_and_keeps_the_bad(window: MainWindow, board: HandBoard) -> None:
    QApplication.clipboard().setText("US.AAPL\n700.HK\nnonsense")
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert list(map(str, board.symbols))[3:] == ["AAPL.US"]
    assert window.toolbar.search.text() == "nonsense"
    said = window.notice.text()
    assert "Added AAPL.US." in said
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
    if len(added) > 3:
        window.dialogs.current.add_button.click()
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


def test_the_filter_takes_states_and_sources_and_follows_them(window: MainWindow, board: HandBoard) -> None:
    panel = window.watchlist
    panel.table.busy = lambda: False  # type: ignore[method-assign]
    panel.filter.setText("stale")
    assert (shown(window), panel._empty.text()) == ([], "No row matches “stale”.")
    board.put(replace(board.row(BYD), freshness=Freshness.STALE))
    window.bridge.drain()
    board.monotonic += 60
    panel.tick()
    assert shown(window) == ["1211.HK"]
    assert panel._pages.currentWidget() is panel.table
    for text, found in (("byd stale opend", ["1211.HK"]), ("live hk", ["3690.HK", "700.HK"]), ("alert", [])):
        panel.filter.setText(text)
        assert shown(window) == found
    board.raise_alert(alert_of(board.row(TENCENT)))
    window.bridge.drain()
    board.monotonic += 60
    panel.tick()
    assert shown(window) == ["700.HK"]


def test_rows_of_one_line_are_chosen_and_kept(window: MainWindow, theme: Theme) -> None:
    header = window.watchlist.table.verticalHeader()
    comfortable = header.defaultSectionSize()
    window.watchlist.open_columns()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[-1].trigger()
    menu.close()
    assert header.defaultSectionSize() == theme.px(28) < comfortable
    window.watchlist.table.grab()
    assert window.kept_state().dense
    next(each for each in window.keys.commands() if each.name.startswith("Dense")).run()
    assert header.defaultSectionSize() == comfortable


def test_markets_are_tabs_when_there_are_several(window: MainWindow, board: HandBoard) -> None:
    assert window.watchlist.tabs.all_keys() == ("",)
    board.add_symbols(map(Symbol.parse, ("AAPL.US", "300750.SZ", "600519.SH")))
    window.bridge.drain()
    assert window.watchlist.tabs.all_keys() == ("", "HK", "US", "CN")
    window.watchlist.sort(SortOrder(None))
    QTest.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == ["300750.SZ", "600519.SH"]
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == ["AAPL.US"]


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
        window.views.central.outer.setSizes([width, window.width() - width])
        QApplication.processEvents()
        dropped.append([column for column in DEFAULT if column not in window.watchlist.table.shown_columns()])
    assert dropped == [
        [],
        [Column.CHANGE],
        [Column.MIX, Column.CHANGE],
        [Column.DELTA, Column.MIX, Column.CHANGE],
    ]


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


def test_a_change_repaints_its_row_alone(window: MainWindow, board: HandBoard) -> None:
    table = window.watchlist.table
    table.viewport().grab()
    painted = {symbol: drawn.figures for symbol, drawn in table._rows.drawn.items()}
    board.put(row_of("1211.HK", "BYD", 30e6, 2355e6))
    window.bridge.drain()
    table.viewport().grab()
    again = {symbol for symbol, drawn in table._rows.drawn.items() if painted[symbol] is not drawn.figures}
    assert again == {BYD}


def rows_painted(table: WatchlistTable, monkeypatch: pytest.MonkeyPatch) -> list[Symbol]:
    """The symbols of the rows that are painted from now on, in that order."""
    painted: list[Symbol] = []
    paint = table._live.paint

    def noted(painter: object, figures: Figures, *about: object, **more: object) -> None:
        painted.append(figures.row.symbol)
        paint(painter, figures, *about, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(table._live, "paint", noted)
    return painted


def test_each_row_is_painted_once_at_another_width(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = window.watchlist.table
    for _turn in range(3):
        QApplication.processEvents()
    painted = rows_painted(table, monkeypatch)
    width = table.width() - 40
    window.views.central.outer.setSizes([width, window.width() - width])
    qtbot.waitUntil(lambda: bool(painted))
    for _turn in range(5):
        QApplication.processEvents()
    assert sorted(painted) == sorted(table.visible_symbols())
    assert table.horizontalScrollBar().maximum() == 0


def test_of_two_rows_that_changed_those_between_them_are_not_painted(
    window: MainWindow, board: HandBoard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, model = window.watchlist.table, window.watchlist.model
    first, last = model.figures(0).row, model.figures(model.rowCount() - 1).row
    assert model.rowCount() > 2
    QApplication.processEvents()
    painted = rows_painted(table, monkeypatch)
    for row in (first, last):
        board.put(replace(row, name=f"{row.name} again"))
    window.bridge.drain()
    qtbot.waitUntil(lambda: bool(painted))
    assert painted == [first.symbol, last.symbol]


def test_while_a_spine_breathes_no_other_row_is_painted(
    window: MainWindow, board: HandBoard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = window.watchlist.table
    board.raise_alert(alert_of(board.rows[MEITUAN]))
    window.bridge.drain()
    QApplication.processEvents()
    painted = rows_painted(table, monkeypatch)
    table._update_spines()
    qtbot.waitUntil(lambda: bool(painted))
    assert painted == [MEITUAN]


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


def test_a_list_whose_text_grows_takes_the_room_it_needs(window: MainWindow) -> None:
    window.resize(900, 470)
    table = window.watchlist.table
    for scale in (1.0, 1.5, 2.0) * 4:
        window.set_theme(build_theme(font_scale=scale))
        for _ in range(5):
            QApplication.processEvents()
        assert table.width() >= table.minimumSizeHint().width()
