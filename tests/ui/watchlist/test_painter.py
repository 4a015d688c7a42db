"""What a row looks like: colour where it is earned, pills, the meter, two lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs
from PySide6.QtGui import QImage, QPainter

from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.flow import Flag
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.typed.level import Share
from capflow_gui.feed.board import Freshness
from capflow_gui.settings import Appearance, Settings
from capflow_gui.ui import shapes
from capflow_gui.ui.models.columns import Column
from capflow_gui.ui.models.figures import AgeTone, age_cell, figures_of
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.cells import RowStyle
from capflow_gui.ui.watchlist.painter import RowPainter
from capflow_gui.ui.window.main_window import MainWindow
from capflow_gui.ui.words import alert_words, pill_texts
from tests.reasons import said
from tests.ui.boards import HONG_KONG, NOW, HandBoard, alert_of, row_of, unjudged_of
from tests.ui.watchlist.seen_rows import BYD, MEITUAN, TENCENT, has_color, right_part, row_image
from tests.ui.window_fixture import open_window, shut
from tests.visual.measured_texts import recorded


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


def test_a_figure_that_is_shown_as_zero_has_no_colour(window: MainWindow, board: HandBoard, theme: Theme) -> None:
    board.put(row_of("3690.HK", "Meituan", -3.0, 7056e9))
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
    assert pill_texts(board.rows[TENCENT]) == (("cannot judge", "?"), True)
    assert has_color(row_image(window, TENCENT).copy(60, 10, 110, 30), theme.alert, near=4)
    board.acknowledge(["1"])
    window.bridge.drain()
    assert pill_texts(board.rows[TENCENT]) == (("cannot judge", "?"), False)
    outline = row_image(window, TENCENT).copy(60, 10, 110, 30)
    assert has_color(outline, theme.alert_text, near=60)
    assert not any(outline.pixelColor(x, 6) == theme.alert for x in range(outline.width()))


def test_the_pill_of_a_snoozed_alert_has_an_hour_or_a_word() -> None:
    row, said = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6), []
    for until in (NOW + 900, NOW + 86_400):
        alert = alert_of(row, seen=1, snoozed_until=until)
        said.append((pill_texts(replace(row, alert=alert))[0], alert_words(alert, HONG_KONG)))
    assert said == [
        (("z 14:47 net ≤ −200M", "z 14:47"), "alert net ≤ −200M, snoozed until 14:47"),
        (("z net ≤ −200M", "snoozed"), "alert net ≤ −200M, snoozed until the next session"),
    ]


@pytest.mark.parametrize(("state", "word"), [(AlertState.CLEARED, "cleared"), (AlertState.ENDED, "session over")])
def test_the_pill_of_an_alert_that_is_over_says_how_it_ended(state: AlertState, word: str) -> None:
    row = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)
    over = replace(alert_of(row), state=state, cleared_at=NOW)
    assert pill_texts(replace(row, alert=over)) == ((f"net ≤ −200M, {word}", word), True)


@pytest.mark.parametrize(
    ("width", "stands_in", "told"),
    [
        (300, False, "China Mobile Limited · OpenD"),
        (170, False, "China Mobile Li… · OpenD"),
        (130, False, "China Mobile Lim…"),
        (190, True, "China… · OpenD for Longport"),
    ],
)
def test_the_source_gives_way_to_a_name_that_could_not_be_read(
    theme: Theme, width: int, told: str, *, stands_in: bool
) -> None:
    row = replace(row_of("941.HK", "China Mobile Limited", -1e6, 1e9), shared=True)
    figures = figures_of(replace(row, instead_of="longport") if stands_in else row, link_ready=True)
    style = RowStyle({Column.SYMBOL: (0.0, width)}, width, width, 44.0, width, {})
    image = QImage(width, 44, QImage.Format.Format_RGB32)
    with recorded() as texts, QPainter(image) as canvas:
        RowPainter(theme)._symbol(canvas, figures, style)
    assert [each.text for each in texts][1:] == [told]


@pytest.mark.parametrize("code", ["700.HK", "3690.HK", "600519.SH"])
def test_an_unacknowledged_pill_keeps_its_diamond_in_a_narrow_list(theme: Theme, code: str) -> None:
    row = row_of(code, "A company of some name", -151.8e6, 2919e6)
    drawn: list[tuple[str, bool]] = []
    painter = RowPainter(theme)
    figures = figures_of(replace(row, alert=alert_of(row, level=-130e6)), link_ready=True)
    image = QImage(178, 44, QImage.Format.Format_RGB32)
    style = RowStyle({Column.SYMBOL: (0.0, 178.0)}, 178.0, 178.0, 44.0, 178.0, {})
    with pytest.MonkeyPatch.context() as patch, QPainter(image) as canvas:
        patch.setattr(shapes, "draw_pill", lambda *args, filled, quiet: drawn.append((args[2], filled and not quiet)))
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


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_two_lines_stand_in_a_row_without_touching(board: HandBoard, theme: Theme, scale: float) -> None:
    settings = Settings(appearance=Appearance("dark", "green_up", scale))
    window = open_window(board, settings)
    larger = window.watchlist.table._theme
    needed = larger.face(Role.ROW_SYMBOL).height + larger.face(Role.SENTENCE).height
    assert window.watchlist.table.verticalHeader().defaultSectionSize() > needed + 6
    assert window.watchlist.table.header.height() > larger.face(Role.CAPTION).height + 8
    shut(window)


@pytest.mark.parametrize("net", [-1.7e308, 1.7e308, -15.4e12, 5.320736e12, -496.1e9, -99.99e9, 123.4e15])
def test_figures_that_cannot_be_are_shown_whole(window: MainWindow, board: HandBoard, net: float) -> None:
    """With their sign: a figure cut on its left reads as another one."""
    flag = Flag.TURNOVER if abs(net) < 1e15 else Flag.BEYOND
    for row in (row_of("3690.HK", "Meituan", -1e6, 1.6e9, change=-11.5), row_of("1211.HK", "BYD", 2e6, 1.6e9)):
        assert row.series is not None
        values, flags = row.series.values.copy(), row.series.line_flags.copy()
        values[:, -1], flags[-1] = net, flag.value
        series = structs.replace(row.series, values=values, line_flags=flags, flags=flag)
        board.put(replace(row, series=series, flagged=True))
    window.bridge.drain()
    window.watchlist.table._forget()
    with recorded() as texts:
        window.watchlist.grab()
    cut = [each.text for each in texts if not each.box.isEmpty() and each.ink.width() > each.box.width() + 1]
    assert (cut, len(texts) > 20) == ([], True)
