"""Three ways into Longport, and two brokers in one window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.comparison import Comparison
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import AuthFailed, ConnectionLost
from capflow_gui.feed.board import ComparedSources
from capflow_gui.settings import LongportSettings, Settings
from capflow_gui.ui.dialogs.comparison import ComparisonDialog
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.longport_form import LongportForm
from capflow_gui.ui.ports import ConnectionReport, LongportEntry
from capflow_gui.ui.window.main_window import MainWindow
from tests.reasons import said
from tests.ui.boards import HandBoard, row_of, trading_day
from tests.ui.window_fixture import Answers, open_window, shut

TENCENT = Symbol.parse("700.HK")


class Two:
    """A window over two sources, and what it asked for."""

    def __init__(self) -> None:
        self.answers = Answers(report=ConnectionReport(True, "Longport answered.", "Totals by the minute.", 0.3))
        opend, longport = row_of("700.HK", "Tencent", -1e8, 8e9), row_of("3690.HK", "Meituan", -2e8, 4e9)
        self.board = HandBoard(
            {
                row.symbol: row
                for row in (
                    replace(opend, shared=True),
                    replace(longport, shared=True, source="longport", classes=False, chosen="longport"),
                )
            },
            links=(
                LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.01),
                LinkState("longport", LinkPhase.READY, 0.0, latency_s=0.02),
            ),
        )
        self.window: MainWindow = open_window(self.board, Settings(source="opend"), self.answers)

    def form(self) -> LongportForm:
        self.window.dialogs.open_connection("longport")
        dialog = self.window.dialogs.current
        assert isinstance(dialog, ConnectionDialog)
        return dialog.longport


@pytest.fixture
def two(qtbot: QtBot) -> Iterator[Two]:
    del qtbot
    opened = Two()
    yield opened
    shut(opened.window)


def test_the_browser_is_the_first_way_and_needs_nothing_filled_in(two: Two) -> None:
    form = two.form()
    form.test_button.click()
    assert two.answers.asked == [("longport", LongportEntry("browser", LongportSettings()))]
    assert form.said() == "Longport answered. Totals by the minute."


def test_a_key_needs_all_three_and_hides_its_secrets(two: Two) -> None:
    form = two.form()
    form.ways["key"].click()
    assert [edit.echoMode() for edit in (form.secret, form.token)] == [QLineEdit.EchoMode.Password] * 2
    form.key.setText("k")
    form.connect_button.click()
    assert form.said().startswith("App secret is missing.")
    assert two.answers.asked == []


def test_connect_keeps_the_secrets_and_hands_on_settings_alone(two: Two) -> None:
    form, changed = two.form(), list[object]()
    two.window.intents.connection_changed.connect(changed.append)
    form.ways["key"].click()
    form.region.setCurrentIndex(form.region.findData("mainland"))
    for edit, text in ((form.key, "\ufeffk"), (form.secret, "s\u200b"), (form.token, "\u00a0t\u200e ")):
        edit.setText(text)
    form.connect_button.click()
    place = LongportSettings(region="mainland")
    assert two.answers.asked == [("keep", LongportEntry("key", place, key="k", secret="s", token="t"))]
    assert changed == [place]
    assert form.secret.text() == ""


def test_a_refusal_stays_on_the_form(two: Two) -> None:
    form = two.form()
    two.answers.error = AuthFailed("longport", 401004, "token invalid")
    form.ways["environment"].click()
    form.connect_button.click()
    assert "paste it anew" in form.said()
    assert two.window.dialogs.current is not None


def test_two_badges_and_rows_that_say_their_source(two: Two) -> None:
    window = two.window
    assert [window.toolbar.badge(name).text_shown() for name in ("opend", "longport")] == [
        "OpenD 10 ms",
        "Longport 20 ms",
    ]
    words = [window.watchlist.model.index(place, 0).data() for place in range(2)]
    assert sorted(words) == ["3690.HK Meituan, Longport", "700.HK Tencent, OpenD"]


def test_periods_nobody_answers_are_not_offered(two: Two) -> None:
    head = two.window.chart.head
    row = two.board.rows[TENCENT]

    def shown(*periods: Period) -> list[Period]:
        two.board.rows[TENCENT] = replace(row, periods=frozenset(periods))
        two.window.chart.show_symbol(TENCENT)
        QApplication.processEvents()
        return [period for period, button in head._buttons.items() if button.isVisible()]

    assert shown(Period.INTRADAY, Period.DAY) == [Period.INTRADAY, Period.DAY]
    assert shown(Period.INTRADAY) == [], "one alone is no choice"
    assert shown(*Period) == list(Period)


def test_two_sources_are_compared_as_shares_of_turnover(two: Two) -> None:
    shares = np.full(331, np.nan)
    first, second = shares.copy(), shares.copy()
    first[:200], second[:200] = np.linspace(0, -0.04, 200), np.linspace(0, -0.03, 200)
    found = Comparison(first, second, 200, 0.99, 0.9, 0, 0)
    two.answers.compared = ComparedSources(TENCENT, ("opend", "longport"), trading_day(), 8e9, found)
    two.window.go_to(TENCENT)
    two.window.dialogs.open_comparison()
    dialog = two.window.dialogs.current
    assert isinstance(dialog, ComparisonDialog)
    assert two.answers.asked == [("compare", TENCENT)]
    drawn = [curve.getData()[1] for curve in dialog.curves]
    assert [float(np.nanmin(values)) for values in drawn] == pytest.approx([-4.0, -3.0])
    assert "% of the turnover so far" in dialog.caption.text()
    assert dialog.words.text().startswith("Same sign in 99")
    two.answers.error = ConnectionLost("longport", said("the network went away"), sent=False)
    dialog.again.click()
    assert "network went away" in dialog.words.text()
    assert dialog.again.isEnabled()
    dialog.close()


def test_the_menu_names_the_source_of_the_selected_row(two: Two, qtbot: QtBot) -> None:
    chosen: list[tuple[object, object]] = []
    two.window.intents.source_chosen.connect(lambda symbol, source: chosen.append((symbol, source)))
    two.window.go_to(Symbol.parse("3690.HK"))
    menu = QMenu()
    qtbot.addWidget(menu)
    two.window.keys.fill(menu)
    actions = next(action.menu() for action in menu.actions() if action.text() == "Source of 3690.HK").actions()
    assert [(action.text(), action.isChecked()) for action in actions] == [
        ("Automatic", False),
        ("OpenD", False),
        ("Longport", True),
    ]
    actions[0].trigger()
    assert chosen == [(Symbol.parse("3690.HK"), None)]
