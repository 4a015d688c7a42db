"""The program's log on screen: searched, filtered, followed, copied; and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.log.view import LogTable, LogView
from capflow_gui.ui.ports import LogLine, LogPart, LogPlace
from capflow_gui.ui.theme import Role, Theme, apply_theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.typed_keys import press
from tests.ui.window_fixture import start_now

AT = datetime(2026, 11, 20, 14, 32, 8).astimezone().timestamp()


def line(text: str, level: str = "INFO", name: str = "capflow_gui.feed") -> LogLine:
    return LogLine(AT, level, name, text)


class Book:
    """A LogFile of what a test writes."""

    folder = "file:///var/log/capflow"

    def __init__(self, *lines: LogLine) -> None:
        self.lines = list(lines)
        self.asked: list[LogPlace | None] = []
        self.error: StorageError | None = None
        self.cut = False

    async def read(self, place: LogPlace | None) -> LogPart:
        self.asked.append(place)
        if self.error is not None:
            raise self.error
        begin = 0 if place is None else place.offset
        return LogPart(tuple(self.lines[begin:]), LogPlace(1, len(self.lines)), cut=self.cut)


@pytest.fixture
def book() -> Book:
    return Book(
        line("connected"), line("asked", "DEBUG"), line("late", "WARNING"), line("failed\na\nb", "ERROR", "app")
    )


@pytest.fixture
def view(book: Book, theme: Theme, qtbot: QtBot) -> LogView:
    made = LogView(book, start_now, lambda _page: True, theme)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    made.refresh()
    return made


def shown(view: LogView) -> list[str]:
    entries = view.table.entries
    return [entries.data(entries.index(row, 3)) for row in range(entries.rowCount())]


def test_large_text_in_a_narrow_window_takes_two_lines_of_controls(book: Book, qtbot: QtBot) -> None:
    large, host = build_theme(font_scale=2.0), QWidget()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, large)
    qtbot.addWidget(host)
    host.setFont(large.font(Role.CELL))
    view = LogView(book, start_now, lambda _page: True, large, host)
    host.show()
    lines = []
    for width in (560, 1100, 560):
        view.resize(width, 500)
        QApplication.processEvents()
        parts = (view.words, view.level, view.follow, view.copy_button, view.folder_button)
        lines.append(len({each.geometry().center().y() // 20 for each in parts}))
        assert view.minimumSizeHint().width() <= 560
        assert all(each.geometry().right() < width for each in parts)
    apply_theme(app, build_theme(), sheet=False)
    assert lines == [2, 1, 2]


def test_at_its_end_the_top_entry_is_whole(book: Book, view: LogView) -> None:
    book.lines += [line(str(number)) for number in range(99)]
    for height in (300, 307):
        view.resize(900, height)
        view.refresh()
        QApplication.processEvents()
        table = view.table
        assert table.verticalScrollBar().value() == table.verticalScrollBar().maximum()
        assert table.visualRect(table.entries.index(table.rowAt(0), 0)).top() == 0


def test_what_is_read_and_chosen_stays_while_older_entries_make_room(
    book: Book, view: LogView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.ui.log.model.KEPT", 50)
    book.lines += [line(str(number)) for number in range(46)]
    view.refresh()
    table, entries = view.table, view.table.entries
    table.scrollTo(entries.index(30, 0), LogTable.ScrollHint.PositionAtTop)
    table.selectRow(32)
    chosen, top = entries.lines[32].text, entries.lines[table.rowAt(0)].text
    for number in range(46, 56):
        book.lines.append(line(str(number)))
        view.refresh()
        QApplication.processEvents()
    assert (entries.known, entries.cut) == (50, True)
    assert entries.lines[table.rowAt(0)].text == top
    assert [entries.lines[each.row()].text for each in table.selectionModel().selectedRows()] == [chosen]
    assert not view.follow.isChecked()
    book.lines += [line(f"more {number}") for number in range(70)]
    view.refresh()
    assert [each.text for each in entries.lines] == [f"more {number}" for number in range(20, 70)]


def test_what_was_logged_is_shown_by_level_and_by_words(view: LogView, theme: Theme) -> None:
    assert shown(view) == ["connected", "late", "failed (+2 lines)"]
    view.level.setCurrentIndex(0)
    assert len(shown(view)) == 4
    view.level.setCurrentIndex(2)
    assert shown(view) == ["late", "failed (+2 lines)"]
    view.words.setText("APP B")
    assert shown(view) == ["failed (+2 lines)"]
    assert view._said.text() == "1 of 4 entries of today"
    view.words.setText("nowhere")
    assert view.table._nothing.isVisible()
    view.words.clear()
    entries = view.table.entries
    color = entries.data(entries.index(0, 3), Qt.ItemDataRole.ForegroundRole)
    assert color == theme.alert_text


def test_what_is_added_comes_below_and_is_followed_until_somebody_looks_back(view: LogView, book: Book) -> None:
    bar = view.table.verticalScrollBar()
    book.lines += [line(f"number {place}") for place in range(60)]
    view.refresh()
    assert book.asked[-1] == LogPlace(1, 4)
    assert bar.value() == bar.maximum() > 0
    bar.setValue(3)
    assert not view.follow.isChecked()
    book.lines.append(line("newest", "DEBUG"))
    book.lines.append(line("newest"))
    view.refresh()
    assert (shown(view)[-1], bar.value()) == ("newest", 3)
    view.follow.setChecked(True)
    assert bar.value() == bar.maximum()
    bar.setValue(0)
    bar.setValue(bar.maximum())
    assert view.follow.isChecked()
    view.words.setText("number")
    assert view.follow.isChecked()


def test_old_entries_go_where_there_are_too_many(view: LogView, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capflow_gui.ui.log.model.KEPT", 10)
    book.lines += [line(f"number {place}") for place in range(20)]
    view.refresh()
    assert (len(shown(view)), shown(view)[-1]) == (10, "number 19")
    assert "left out" in view._said.text()


def test_what_is_chosen_is_shown_whole_and_copied(view: LogView) -> None:
    assert view.whole.isHidden()
    view.table.selectRow(2)
    assert view.whole.toPlainText() == "2026-11-20 14:32:08.000 ERROR app: failed\na\nb"
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == view.whole.toPlainText()
    view.table.selectAll()
    assert view.whole.isHidden()
    view.table.clearSelection()
    view.copy_button.click()
    assert QApplication.clipboard().text().count("2026-11-20") == 3


def test_a_log_that_cannot_be_read_is_said_and_read_when_it_can(view: LogView, book: Book) -> None:
    book.error = StorageError(Reason.of(Code.LOG_MISSING, file="/var/log/capflow/capflow.log"))
    view.refresh()
    assert "There is no log at /var/log/capflow/capflow.log" in view._said.text()
    assert shown(view) == []
    book.error = None
    view.refresh()
    assert book.asked[-1] is None
    assert len(shown(view)) == 3


def test_one_question_is_asked_at_a_time_and_none_once_it_is_hidden(book: Book, theme: Theme, qtbot: QtBot) -> None:
    asked: list[Coroutine[Any, Any, Any]] = []
    ended: list[bool] = []

    def start(job: Callable[[], Coroutine[Any, Any, Any]], *_: object) -> Callable[[], None]:
        asked.append(job())
        return lambda: ended.append(True)

    view = LogView(book, start, lambda _page: True, theme)
    qtbot.addWidget(view)
    view.show()
    view.refresh()
    view.refresh()
    assert len(asked) == 1
    view.hide()
    assert ended == [True]
    asked[0].close()


def test_without_a_log_file_it_says_so(theme: Theme, qtbot: QtBot) -> None:
    view = LogView(None, start_now, lambda _page: True, theme)
    qtbot.addWidget(view)
    view.refresh()
    assert view.table._nothing.text().startswith("No log file is written")
    assert not view.folder_button.isEnabled()


def test_what_is_chosen_comes_back(view: LogView) -> None:
    view.restore({"level": "ERROR", "words": "app", "follow": False})
    assert view.state() == {"level": "ERROR", "words": "app", "follow": False}
    view.restore({"level": "LOUD", "words": 3, "follow": "yes"})
    assert view.state() == {"level": "ERROR", "words": "app", "follow": False}


def test_its_key_opens_it_and_its_folder_can_be_opened(window: MainWindow, book: Book) -> None:
    pages: list[str] = []

    def open_page(page: str) -> bool:
        pages.append(page)
        return True

    window.panels._services = replace(window.services, log=book, open_page=open_page)
    press(Qt.Key.Key_F12)
    view = window.panels.log().findChild(LogView)
    assert view is not None
    assert len(shown(view)) == 3
    view.folder_button.click()
    assert pages == ["file:///var/log/capflow"]
    window.set_theme(build_theme("light", "green_up", 1.5))
    window.panels.log().close()
