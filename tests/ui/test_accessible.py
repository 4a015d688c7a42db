"""What a screen reader is told, and where Tab goes: a walk through every window there is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMainWindow, QMenu, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

import capflow_gui.ui
from capflow_gui.domain.arrangement.layouts import Layouts
from capflow_gui.domain.comparison import Comparison
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import AlertRecord, ComparedSources
from capflow_gui.settings import Appearance, LongportSettings, OpendSettings, Settings
from capflow_gui.settings.exchange import Imported
from capflow_gui.ui.arrangement.dialog import ImportLayouts, LayoutsDialog, NameSheet
from capflow_gui.ui.bridge import FedWindow
from capflow_gui.ui.channels.page import ChannelsPage
from capflow_gui.ui.dialogs.comparison import ComparisonDialog
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.models.columns import Column, SortOrder
from capflow_gui.ui.panels.panel import Panel
from capflow_gui.ui.ports import ConnectServices
from capflow_gui.ui.rules.import_sheet import ImportSheet as RulesImport
from capflow_gui.ui.settings.exchange import ImportSheet as SettingsImport
from capflow_gui.ui.theme import Theme, apply_theme, build_theme
from capflow_gui.ui.window.frame import Frame
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.accessible import called, elements, name_of, stops, unheard, unringed, untabbed
from tests.ui.alerts.test_log import Log
from tests.ui.boards import HandBoard, alert_of, row_of, trading_day
from tests.ui.budget.budgets import poll_budget
from tests.ui.recorded_days import two_weeks
from tests.ui.settings.test_profiles import Shelf
from tests.ui.window_fixture import Access, Answers, open_window, shut, start_now

TENCENT = Symbol.parse("700.HK")
# What an action does that opens no window of ours, or ends this one.
NOT_RUN = ("Quit", "Back", "Charts: 2×2", "Charts: 3×3", "Charts: 4×4", "Fill the charts from the list")


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    tencent = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True)
    board = HandBoard.of(tencent, row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6))
    board.raise_alert(alert_of(tencent))
    board.fill_tape()
    board.poll_budgets = (poll_budget(),)
    found = Comparison(np.zeros(331), np.zeros(331), 200, 0.99, 0.9, 0, 0)
    compared = ComparedSources(TENCENT, ("opend", "longport"), trading_day(), 8e9, found)
    opened = open_window(board, answers=Answers(recorded=two_weeks(), compared=compared))
    opened.dialogs.services = replace(opened.services, alerts=Log(alert_of(tencent)), profiles=Shelf())
    opened.go_to(TENCENT)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)


def named(window: QWidget, role: QAccessible.Role) -> list[str]:
    return [name_of(each) for each in elements(window) if each.role() == role]


def everything_wrong(shown: QWidget) -> list[str]:
    """What is wrong in a window for who hears it, or has no mouse."""
    return [*unheard(shown), *untabbed(shown), *unringed(shown)]


def test_the_window_is_heard_and_walked_through_by_tab(window: MainWindow) -> None:
    """Tab goes through all of it, also past the chart, which is made after everything else."""
    assert everything_wrong(window) == []
    window.views.show(4)
    window.views.grid().fill()
    QApplication.processEvents()
    assert unheard(window) == []
    window.views.show(0)
    assert unheard(window) == []


def windows_of_the_program() -> set[str]:
    """Every class that is a window of its own."""
    for module in pkgutil.walk_packages(capflow_gui.ui.__path__, "capflow_gui.ui."):
        importlib.import_module(module.name)
    found, todo = set(), [QDialog, QMainWindow, Panel]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.startswith("capflow_gui") and kind not in (Sheet, FedWindow):
            found.add(kind.__module__.removeprefix("capflow_gui.ui.") + "." + kind.__name__)
    return found


def more_windows(window: MainWindow) -> dict[str, Callable[[], object]]:
    """How windows are opened that no action opens by itself."""
    dialogs, theme, settings = window.dialogs, window.theme, window.settings
    codes = "\n".join(f"{code}.HK" for code in range(1, 30))
    imported = Imported({"appearance.scheme": "light"}, (), [])

    def channel() -> None:
        dialogs.open_channels()
        assert isinstance(dialogs.current, ChannelsPage)
        dialogs.current.add("telegram")

    def unsaved() -> None:
        dialogs.open_current_threshold()
        assert isinstance(dialogs.current, ThresholdDialog)
        QTest.keyClicks(dialogs.current.amount, "5M")
        window.close()

    return {
        "pasted codes": lambda: window.lists.add_typed(codes),
        "a channel": channel,
        "closing with something typed": unsaved,
        "Longport": lambda: dialogs.open_connection("longport"),
        "two sources": lambda: dialogs.show_dialog(
            ComparisonDialog(TENCENT, dialogs.services.questions, start_now, theme, window)
        ),
        "layouts": lambda: dialogs.show_dialog(LayoutsDialog(Layouts(), dialogs.services, theme, window)),
        "a name for a layout": lambda: dialogs.show_dialog(NameSheet(Layouts(), theme, window)),
        "layouts of a file": lambda: dialogs.show_dialog(ImportLayouts("a file", Layouts(), (), theme, window)),
        "rules of a file": lambda: dialogs.show_dialog(RulesImport("a file", window.board.rules, {}, theme, window)),
        "settings of a file": lambda: dialogs.show_dialog(
            SettingsImport("a file", imported, settings, [], theme, parent=window)
        ),
    }


def opened_now(window: MainWindow) -> list[QWidget]:
    """The windows that are open beside the main one, those over others first."""
    for _ in range(3):
        QApplication.processEvents()
    while window.dialogs.making:  # the sheet of keys comes in turns
        QApplication.processEvents()
    shown = (each for each in QApplication.topLevelWidgets() if each.isVisible() and each is not window)
    inner = sorted(shown, key=lambda each: isinstance(each.parentWidget(), QDialog), reverse=True)
    return [each for each in inner if type(each).__module__.startswith("capflow_gui") or isinstance(each, QMenu)]


def looked_through(window: MainWindow, opened: QWidget, name: str, *, rings: bool) -> list[str]:
    """What is wrong with one that was opened; it is closed by Esc, and the keyboard goes back to where it was."""
    over_another = isinstance(opened.parentWidget(), QDialog)
    opened.activateWindow()
    QApplication.processEvents()
    faults = unheard(opened)
    if not isinstance(opened, QMenu) and stops(opened):
        faults += untabbed(opened)
        faults += unringed(opened) if rings else []
    if isinstance(opened, QDialog | Panel):
        QTest.keyClick(opened, Qt.Key.Key_Escape)
        QApplication.processEvents()
        if isValid(opened) and opened.isVisible():
            faults.append("Esc leaves it open")
    if isValid(opened):
        opened.close()
    QApplication.processEvents()
    window.activateWindow()
    QApplication.processEvents()
    if not over_another and not window.watchlist.table.hasFocus():
        faults.append(f"the keyboard went to {called(QApplication.focusWidget())}")
    return [f"{name}, {type(opened).__name__}: {fault}" for fault in faults]


def test_every_window_that_an_action_opens_is_heard_and_walked_through(window: MainWindow) -> None:
    """One that is new and says nothing fails; so does a class of windows that nothing here opens."""
    openers: dict[str, Callable[[], object]] = {}
    for action in window._actions():
        if action.name and not action.name.startswith("Setting:") and not action.scope.is_local:
            openers |= (
                {f"{action.name}: {name}": run for name, _on, run in action.choices}
                if action.choices
                else {action.name: action.run}
            )
    faults, seen = [], {"window.main_window.MainWindow", "window.frame.Frame"}
    table = window.watchlist.table
    # What is docked opens no window of its own any more.
    docking = {name: openers.pop(name) for name in list(openers) if name.startswith("Dock")}
    for name, run in {**openers, **more_windows(window), **docking}.items():
        if name in NOT_RUN:
            continue
        if not table.hasFocus():
            window.go_to(TENCENT)
        run()
        for opened in opened_now(window):
            if not isValid(opened):  # one that lay over another closed it
                continue
            kind = type(opened).__module__.removeprefix("capflow_gui.ui.") + "." + type(opened).__name__
            faults += looked_through(window, opened, name, rings=kind not in seen)
            seen.add(kind)
        for dialog in window.findChildren(QFileDialog):
            dialog.close()
        if window.views.view != 1:
            window.views.show(1)
    assert "\n".join(faults) == ""
    assert windows_of_the_program() - seen == set()


def test_the_first_page_is_heard_and_walked_through(theme: Theme, qtbot: QtBot) -> None:
    answers = Answers()
    services = ConnectServices(answers.test, start_now, Access(answers))
    page = FirstRun(OpendSettings(), LongportSettings(), Appearance(), services, theme)
    qtbot.addWidget(page)
    page.show()
    QApplication.processEvents()
    assert everything_wrong(page) == []


def test_the_keyboard_is_seen_in_the_light_window_and_its_dialogs_too(
    board: HandBoard, theme: Theme, qtbot: QtBot
) -> None:
    app, light = QApplication.instance(), build_theme("light", "green_up")
    assert isinstance(app, QApplication)
    apply_theme(app, light)
    opened = open_window(board, Settings(appearance=Appearance("light")))
    opened.go_to(TENCENT)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    assert opened.theme.scheme == "light"
    assert unringed(opened) == []
    for name, dialog in {
        "settings": opened.dialogs.open_settings,
        "connection": opened.dialogs.open_connection,
        "rule": opened.rules.new,
        "channels": opened.dialogs.open_channels,
        "threshold": opened.dialogs.open_current_threshold,
    }.items():
        dialog()
        shown = opened.dialogs.current
        assert shown is not None
        shown.activateWindow()
        QApplication.processEvents()
        assert (name, unringed(shown)) == (name, [])
        shown.reject()
        QApplication.processEvents()
    shut(opened)
    apply_theme(app, theme)


def test_figures_are_heard_with_what_they_are_in(window: MainWindow) -> None:
    model = window.watchlist.table.model()
    heard = {
        column: str(model.index(0, place).data(Qt.ItemDataRole.AccessibleTextRole))
        for place, column in enumerate(window.watchlist.model.columns)
    }
    for column in (Column.NET, Column.DELTA, Column.MIX, Column.TODAY):
        assert "M HKD" in heard[column]
    for column in (Column.TURNOVER, Column.CHANGE):
        assert heard[column].endswith("%")
    assert heard[Column.AGE] == "13s"


def test_the_list_has_the_keyboard_in_the_frame(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    """A window within another one, as in the program: Tab goes through it there, too."""
    frame = Frame("", theme, simulated=False)
    held = open_window(board, show=False)
    frame.show()
    frame.hold(held, QApplication.instance())
    qtbot.waitUntil(lambda: held.chart.chart is not None)
    assert held.watchlist.table.hasFocus()
    assert untabbed(frame) == []
    shut(held)
    frame.may_close()
    frame.close()
    frame.deleteLater()


def test_columns_are_heard_by_name_and_the_sorted_one_says_how(window: MainWindow) -> None:
    headers = named(window.watchlist.table, QAccessible.Role.ColumnHeader)
    assert headers[:4] == ["Symbol", "Today", "Net", "% of turnover, lowest first"]
    window.watchlist.sort(SortOrder(Column.AGE, descending=True))
    assert named(window.watchlist.table, QAccessible.Role.ColumnHeader)[-1] == "Age, oldest first"
    assert "Rule" in named(window.detail.alerts, QAccessible.Role.ColumnHeader)


def test_rows_and_curves_are_heard_in_words(window: MainWindow) -> None:
    cells = named(window.watchlist.table, QAccessible.Role.Cell)
    assert "700.HK Tencent Holdings, alert net ≤ −200M" in cells
    assert any(cell.startswith("between ") and cell.endswith(" today") for cell in cells)


def test_tabs_are_heard_as_one_of_several(window: MainWindow) -> None:
    assert {"All, 2, 1 alert waiting", "Alerts, 1"} <= set(named(window, QAccessible.Role.RadioButton))


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    heard = QAccessible.updateAccessibility

    def note(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())
        heard(event)

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    return said


def test_what_the_window_says_is_announced(window: MainWindow, announced: list[str]) -> None:
    window.say("The settings file was damaged.")
    record: AlertRecord = window.board.alerts[0]
    window.announce(record)
    assert announced == ["The settings file was damaged.", "Alert: 700.HK net ≤ −200M"]
    window.notice.dismiss()
