"""The head of the chart: figures, their truth, the period switch, the one action."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.present.numbers import compact
from capflow_gui.ui.chart.crosshair import Readout, ReadoutLine
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.window.chart_head import ChartHead
from capflow_gui.ui.window.chart_slot import ChartSlot
from tests.reasons import said
from tests.ui import market_day as md
from tests.ui.boards import HandBoard
from tests.ui.two_brokers import TENCENT, Two
from tests.visual.measured_texts import recorded

NOW = float(md.at(14, 32, 30))
READY = LinkState("opend", LinkPhase.READY, 0.0)
LOST = LinkState("opend", LinkPhase.WAITING, 90.0, reason=said("connection refused"), attempt=2, retry_at=109.0)


@pytest.fixture
def head(qtbot: QtBot, theme: Theme) -> ChartHead:
    widget = ChartHead(theme)
    qtbot.addWidget(widget)
    widget.resize(812, widget.height())
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def has_color(head: ChartHead, color: QColor) -> bool:
    image = head.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rgb = color.rgb()
    return any(image.pixel(x, y) == rgb for x in range(image.width()) for y in range(64, image.height()))


def test_true_figures_have_colour_and_others_do_not(head: ChartHead, theme: Theme) -> None:
    head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
    assert has_color(head, theme.down)
    head.show_row(md.row(md.flow(243), freshness=Freshness.STALE), READY, NOW, 101.0)
    assert not has_color(head, theme.down)
    assert has_color(head, theme.none)


def test_a_lost_link_offers_one_action(qtbot: QtBot, head: ChartHead) -> None:
    link = next(button for button in head.findChildren(QPushButton))
    head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
    assert not link.isVisible()
    head.show_row(md.row(md.flow(243), freshness=Freshness.ERROR), LOST, NOW, 101.0)
    assert link.isVisible()
    with qtbot.waitSignal(head.action) as signal:
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert signal.args == [link.text()]


def test_a_second_that_changes_nothing_that_is_shown_paints_nothing(
    head: ChartHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[bool] = []
    monkeypatch.setattr(head, "update", lambda: painted.append(True))
    closed = md.row(md.flow(243), freshness=Freshness.CLOSED)
    for second in range(5):
        aged = replace(closed, age_s=second, polled_at=100.0 - second)
        head.show_row(aged, READY, NOW + second, 101.0 + second)
    assert len(painted) == 1
    head.show_row(replace(closed, name="Tencent"), READY, NOW, 101.0)
    head.show_row(replace(closed, name="Tencent"), LOST, NOW, 101.0)
    head.set_period(Period.DAY)
    head.show_row(replace(closed, name="Tencent"), LOST, NOW, 101.0)
    assert len(painted) == 4


def test_the_switch_reports_and_shows_the_period(qtbot: QtBot, head: ChartHead) -> None:
    buttons = {button.text(): button for button in head.findChildren(QToolButton)}
    assert list(buttons) == ["Intraday", "Day", "Week", "Month"]
    with qtbot.waitSignal(head.period_changed) as signal:
        qtbot.mouseClick(buttons["Week"], Qt.MouseButton.LeftButton)
    assert signal.args == [Period.WEEK]
    head.set_period(Period.DAY)
    assert [text for text, button in buttons.items() if button.isChecked()] == ["Day"]


def test_the_head_can_be_heard(head: ChartHead) -> None:
    head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
    assert head.accessibleName() == "700.HK Tencent Holdings"
    assert "Net inflow −" in head.accessibleDescription()
    assert "Live" in head.accessibleDescription()


def test_an_assumed_currency_explains_itself(head: ChartHead) -> None:
    row = md.row(md.flow(243))
    for assumed in (True, False):
        head.show_row(replace(row, currency_assumed=assumed), READY, NOW, 101.0)
        assert ("names no currency: HKD" in head.toolTip()) is assumed


@pytest.mark.parametrize("width", [300, 420, 652, 812, 1400])
def test_any_width_paints(head: ChartHead, width: int) -> None:
    head.resize(width, head.height())
    head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
    assert not head.grab().isNull()
    head.show_row(md.row(None, freshness=Freshness.NEVER_POLLED), READY, NOW, 101.0)
    assert not head.grab().isNull()


def test_the_time_of_true_figures_is_written_whole_or_not_at_all(qtbot: QtBot) -> None:
    head = ChartHead(build_theme(font_scale=2.0))
    qtbot.addWidget(head)
    head.show()
    seen = set()
    for width in range(500, 1500, 20):
        head.resize(width, head.height())
        head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
        with recorded() as painted:
            head.grab()
        times = [each.text.partition(" · ")[0] for each in painted if each.text.startswith("true at")]
        figures = [each.text for each in painted if each.text.endswith("%") and each.text.startswith("−4")]
        assert times in ([], ["true at 14:32:28"]), width
        assert times or not figures, "the share of turnover gives way to the time"
        seen.add((bool(times), bool(figures)))
    assert seen == {(False, False), (True, False), (True, True)}


def test_periods_nobody_answers_are_not_offered(two: Two) -> None:
    head = two.window.chart.head
    row = two.board.rows[TENCENT]

    def shown(*periods: Period) -> list[Period]:
        two.board.put(replace(row, periods=frozenset(periods)))
        two.window.chart.show_symbol(TENCENT)
        QApplication.processEvents()
        return [period for period, button in head._buttons.items() if button.isVisible()]

    assert shown(Period.INTRADAY, Period.DAY) == [Period.INTRADAY, Period.DAY]
    assert shown(Period.INTRADAY) == [], "one alone is no choice"
    assert shown(*Period) == list(Period)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_a_long_code_stands_whole_beside_the_periods(qtbot: QtBot, scale: float) -> None:
    theme = build_theme("dark", "green_up", scale)
    slot = ChartSlot(HandBoard(), theme)
    qtbot.addWidget(slot)
    head = slot.head
    head.show_row(replace(md.row(md.flow(243)), symbol=Symbol.parse("600519.SH")), READY, NOW, 101.0)
    slot.resize(slot.minimumSize())
    with qtbot.waitExposed(slot):
        slot.show()
    with recorded() as painted:
        head.grab()
    assert "600519.SH" in [text.text for text in painted]


def written(head: ChartHead) -> list[str]:
    with recorded() as painted:
        head.grab()
    return [each.text for each in painted]


def test_a_low_head_says_symbol_figures_and_state_in_one_line(head: ChartHead, theme: Theme) -> None:
    head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
    high = head.height()
    head.set_low(True)
    head.resize(1100, head.height())
    assert head.height() == theme.px(44) < high
    said = written(head)
    assert said[:2] == ["700.HK", "Net"]
    assert said[-1] == "Live"
    assert "Main" in said
    head.resize(520, head.height())  # beside the switch there is room for net alone
    assert [text for text in written(head) if text in ("700.HK", "Net", "Main", "Live")] == ["700.HK", "Net"]
    head.set_theme(theme)
    assert head.height() == theme.px(44)
    head.set_low(False)
    assert head.height() == high


def test_the_net_of_a_low_narrow_head_is_not_cut(head: ChartHead) -> None:
    head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
    head.set_low(True)
    net = compact(head._figures.net)
    for width in range(360, 520, 10):
        head.resize(width, head.height())
        assert written(head)[1:] in ([[], [net]] if width < 430 else [[net], ["Net", net]]), width


def test_a_low_head_reads_the_minute_under_the_pointer(head: ChartHead) -> None:
    head.show_row(md.row(md.flow(243)), READY, NOW, 101.0)
    head.set_low(True)
    line = ReadoutLine("Net", 0, ("−42.8", "+0.9"), (-42.8, 0.9))
    head.show_readout(Readout("13:50", ("since open", "this minute"), (line,)))
    assert written(head) == ["700.HK", "Net", "−42.8", "this minute", "+0.9", "Live"]
