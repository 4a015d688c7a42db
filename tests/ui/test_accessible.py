"""What a screen reader is told: a walk through everything the window and its dialogs show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.arrangement.layouts import Layouts
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import AlertRecord
from capflow_gui.settings import Appearance, LongportSettings, OpendSettings
from capflow_gui.ui.arrangement.dialog import LayoutsDialog
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.models.columns import Column, SortOrder
from capflow_gui.ui.ports import ConnectServices
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.window_fixture import Access, Answers, open_window, shut, start_now

TENCENT = Symbol.parse("700.HK")
DIALOGS: dict[str, Callable[[WindowDialogs], object]] = {
    "rule": lambda dialogs: dialogs.parent().rules.new(),
    "threshold": lambda dialogs: dialogs.open_threshold(TENCENT),
    "default": lambda dialogs: dialogs.open_threshold(None),
    "groups": lambda dialogs: dialogs.open_groups(),
    "opend": lambda dialogs: dialogs.open_connection(),
    "longport": lambda dialogs: dialogs.open_connection("longport"),
    "settings": lambda dialogs: dialogs.open_settings(),
    "channels": lambda dialogs: dialogs.open_channels(),
    "keys": lambda dialogs: dialogs.open_keys(),
    "figures": lambda dialogs: dialogs.open_figures(),
    "about": lambda dialogs: dialogs.open_about(),
    "report": lambda dialogs: dialogs.open_report(),
    "layouts": lambda dialogs: dialogs.show_dialog(LayoutsDialog(Layouts(), dialogs.services, dialogs.theme)),
}


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    tencent = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True)
    board = HandBoard.of(tencent, row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6))
    board.raise_alert(alert_of(tencent))
    opened = open_window(board)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)


def walk(parent: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Everything below an element that can be seen."""
    for place in range(parent.childCount()):
        child = parent.child(place)
        if child is not None and child.isValid() and not child.state().invisible:
            yield child
            yield from walk(child)


def elements(widget: QWidget) -> list[QAccessibleInterface]:
    return list(walk(QAccessible.queryAccessibleInterface(widget)))


def nameless(widget: QWidget) -> list[str]:
    """What can be reached by key, or stands for itself, and says nothing."""
    roles = (QAccessible.Role.ColumnHeader, QAccessible.Role.Cell, QAccessible.Role.Grip, QAccessible.Role.Button)
    return [
        f"{each.role()} of {type(each.object() or each.parent().object()).__name__}"
        for each in elements(widget)
        if not each.text(QAccessible.Text.Name) and (each.state().focusable or each.role() in roles)
    ]


def named(window: QWidget, role: QAccessible.Role) -> list[str]:
    return [each.text(QAccessible.Text.Name) for each in elements(window) if each.role() == role]


def test_everything_in_the_window_has_a_name(window: MainWindow) -> None:
    assert nameless(window) == []


@pytest.mark.parametrize("name", list(DIALOGS))
def test_everything_in_a_dialog_has_a_name(window: MainWindow, name: str) -> None:
    DIALOGS[name](window.dialogs)
    dialog = window.dialogs.current
    assert dialog is not None
    assert nameless(dialog) == []
    dialog.close()


def test_everything_on_the_first_page_has_a_name(theme: Theme, qtbot: QtBot) -> None:
    answers = Answers()
    services = ConnectServices(answers.test, start_now, Access(answers))
    page = FirstRun(OpendSettings(), LongportSettings(), Appearance(), services, theme)
    qtbot.addWidget(page)
    page.show()
    assert nameless(page) == []


def unmarked(shown: QWidget) -> list[str]:
    """Buttons that look no different, chosen or not, when they have the keyboard."""
    found = []
    QApplication.processEvents()
    for button in shown.findChildren(QAbstractButton):
        if not (button.isVisibleTo(shown) and button.isEnabled() and button.focusPolicy() & Qt.FocusPolicy.TabFocus):
            continue
        was = button.isChecked()
        for chosen in {was, button.isCheckable()}:
            button.setChecked(chosen)
            button.clearFocus()
            QApplication.processEvents()
            without = button.grab().toImage()
            button.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            if button.hasFocus() and button.grab().toImage() == without:
                found.append(f"{type(button).__name__} {button.text() or button.accessibleName()!r}, {chosen=}")
        button.setChecked(was)
    return found


def test_focus_is_seen_in_the_window(window: MainWindow) -> None:
    assert unmarked(window) == []


@pytest.mark.parametrize("name", list(DIALOGS))
def test_focus_is_seen_in_a_dialog(window: MainWindow, name: str) -> None:
    DIALOGS[name](window.dialogs)
    dialog = window.dialogs.current
    assert dialog is not None
    assert unmarked(dialog) == []
    dialog.close()


def test_focus_is_seen_on_the_first_page(theme: Theme, qtbot: QtBot) -> None:
    answers = Answers()
    services = ConnectServices(answers.test, start_now, Access(answers))
    page = FirstRun(OpendSettings(), LongportSettings(), Appearance(), services, theme)
    qtbot.addWidget(page)
    page.show()
    assert unmarked(page) == []


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
