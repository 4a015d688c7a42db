"""What `new_user.py` runs: `capflow`, and a hand that does by mouse and keyboard what a new user would.

Everything goes the way of a real hand: a click lands on whatever is on top at that place of the screen, a key goes to
whatever has the keyboard. What to click is found by the words that are on screen.

Writes one JSON object at its end: the steps with their seconds, how many keys and clicks they took, and what was logged
at WARNING and above.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMenu, QWidget

from capflow_gui.app import desktop
from capflow_gui.cli.main import main as capflow
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.language.texts import _
from capflow_gui.ui.window.main_window import MainWindow

KEY_MS, CLICK_MS, LOOK_MS, BEAT_MS = 60, 250, 700, 50
PATIENCE_S = 30.0
FIRST_GROUP = ("700.HK", "9988.HK", "AAPL.US")
SECOND_GROUP = "600519, 300750.SZ\nNVDA.US 3690.HK"
LEVELS = {"700.HK": "-60M", "600519.SH": "-3%", "AAPL.US": "-1.5M"}
LEVELS_ZH = {"700.HK": "-6000万", "600519.SH": "-3%", "AAPL.US": "-150万"}
GROUPS = {"en": ("Tech", "Mixed"), "zh_CN": ("科技", "沪深美股"), "zh_HK": ("科技", "滬深美股")}


@dataclass
class Done:
    """What was done until now, and what it took."""

    pictures: Path
    began: float = field(default_factory=time.monotonic)
    steps: list[dict[str, Any]] = field(default_factory=list)
    keys: int = 0
    clicks: int = 0
    logged: list[str] = field(default_factory=list)
    fault: str = ""

    def look(self, name: str) -> None:
        """Keep a picture of the screen."""
        seconds = time.monotonic() - self.began
        self.steps.append({"step": name, "seconds": round(seconds, 1), "keys": self.keys, "clicks": self.clicks})
        picture = QGuiApplication.primaryScreen().grabWindow(0)
        picture.save(str(self.pictures / f"{len(self.steps):02d}-{name}.png"))


class LogWatch(logging.Handler):
    """Keeps what is logged at WARNING and above."""

    def __init__(self, done: Done) -> None:
        super().__init__(logging.WARNING)
        self._done = done

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self._done.logged.append(f"{record.levelname} {record.name}: {record.getMessage()}")


class NotOnScreen(Exception):
    """What a step looks for is not there."""


def _windows() -> list[QWidget]:
    """What is on screen, the topmost first."""
    special = [QApplication.activePopupWidget(), QApplication.activeModalWidget()]
    shown = [top for top in QApplication.topLevelWidgets() if top.isVisible() and top.width() > 20]
    return [*(top for top in special if top is not None), *shown]


def _main() -> MainWindow | None:
    return next((found for top in _windows() for found in top.findChildren(MainWindow) if found.isVisible()), None)


def _window() -> MainWindow:
    found = _main()
    if found is None:
        raise NotOnScreen("the window")
    return found


class Hand(QObject):
    """Does the steps, one act a turn of the event loop."""

    def __init__(self, done: Done, stop: Callable[[], None], language: str, port: int) -> None:
        super().__init__()
        self._done, self._stop, self._language, self._port = done, stop, language, port
        self._acts = self._all()
        QTimer.singleShot(BEAT_MS, self._turn)

    def _turn(self) -> None:
        try:
            wait = next(self._acts)
        except StopIteration:
            self._stop()
        except Exception as error:
            self._done.fault = f"{type(error).__name__}: {error}"
            self._done.look("failed")
            self._stop()
            raise
        else:
            QTimer.singleShot(wait, self._turn)

    # what a hand can do

    def _find(self, kind: type[QWidget], *words: str) -> QWidget | None:
        for top in _windows():
            for each in (top, *top.findChildren(kind)):
                if isinstance(each, kind) and each.isVisible() and words[0] in _words_of(each):
                    return each
        return None

    def _until(self, ready: Callable[[], object], what: str) -> Iterator[int]:
        end = time.monotonic() + PATIENCE_S
        while not ready():
            if time.monotonic() > end:
                raise NotOnScreen(what)
            yield BEAT_MS

    def _at(self, widget: QWidget, point: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> Iterator[int]:
        """A click lands on what is on top there, the way a mouse's does."""
        top = widget.window()
        window = top.windowHandle()
        place = widget.mapTo(top, point)
        QTest.mouseMove(window, place)
        yield CLICK_MS
        self._done.clicks += 1
        QTest.mouseClick(window, button, Qt.KeyboardModifier.NoModifier, place)
        yield CLICK_MS

    def _click(self, words: str, kind: type[QWidget] = QAbstractButton) -> Iterator[int]:
        yield from self._until(lambda: self._find(kind, words), words)
        found = self._find(kind, words)
        assert found is not None
        yield from self._at(found, found.rect().center())

    def _key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Iterator[int]:
        self._done.keys += 1
        QTest.keyClick(self._focus(), key, held)
        yield KEY_MS

    def _type(self, text: str) -> Iterator[int]:
        for character in text:
            self._done.keys += 1
            if character.isascii():
                QTest.keyClick(self._focus(), character)
            else:  # as an input method writes
                event = QInputMethodEvent()
                event.setCommitString(character)
                QApplication.sendEvent(QApplication.focusWidget(), event)
            yield KEY_MS

    def _focus(self) -> QWindow:
        """The window that has the keyboard; no window manager gives it one here."""
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget() or QApplication.activeWindow()
        if top is None:
            top = _windows()[0]
            top.activateWindow()
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        return top.windowHandle()

    def _see(self, name: str) -> Iterator[int]:
        yield LOOK_MS
        self._done.look(name)

    # what a new user does

    def _all(self) -> Iterator[int]:
        yield from self._connect()
        yield from self._add()
        for number, name in enumerate(GROUPS[self._language]):
            yield from self._make_group(number, name)
        yield from self._set_levels()
        self._done.steps[-1]["done"] = True
        yield from self._look_around()

    def _connect(self) -> Iterator[int]:
        yield from self._until(lambda: self._find(QAbstractButton, _("Connect")), "the first page")
        yield from self._see("first-page")
        yield from self._click(_("Connect OpenD"))
        yield from self._see("opend")
        port = self._find(QLineEdit, _("Port"))
        if port is None:
            raise NotOnScreen("the port")
        yield from self._at(port, port.rect().center())
        yield from self._key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        yield from self._type(str(self._port))
        yield from self._see("port")
        yield from self._click(_("Connect"))
        yield from self._until(_main, "the window")
        _window().window().activateWindow()  # as a window manager does
        yield from self._until(lambda: self._find(QAbstractButton, _("Add symbols")), _("Add symbols"))
        yield from self._see("empty-list")

    def _add(self) -> Iterator[int]:
        yield from self._click(_("Add symbols"))
        yield from self._see("add")
        for word in ("700", "AAPL", "600519"):
            yield from self._type(word)
            yield from self._see(f"typed-{word}")
            yield from self._key(Qt.Key.Key_Return)
        yield from self._see("added")
        yield from self._key(Qt.Key.Key_Escape)
        yield from self._until(lambda: len(_window().board.symbols) >= 3, "three symbols")
        yield from self._see("list")

    def _make_group(self, number: int, name: str) -> Iterator[int]:
        yield from self._click("+")
        yield from self._see(f"group-{number + 1}-name")
        yield from self._type(name)
        yield from self._key(Qt.Key.Key_Return)
        yield from self._see(f"group-{number + 1}-made")
        QGuiApplication.clipboard().setText(SECOND_GROUP if number else " ".join(FIRST_GROUP))
        yield from self._key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        yield CLICK_MS
        if QApplication.activeModalWidget() is not None:  # what many words were understood as
            yield from self._see(f"group-{number + 1}-understood")
            yield from self._key(Qt.Key.Key_Return)
        yield from self._see(f"group-{number + 1}")

    def _set_levels(self) -> Iterator[int]:
        """The first one by the menu of its row, which names the key; the others by key, over the whole list."""
        yield from self._show_tab("")
        yield from self._until(lambda: not _waiting(), "figures of every symbol")
        yield from self._see("whole-list")
        levels = LEVELS if self._language == "en" else LEVELS_ZH
        for number, (code, level) in enumerate(levels.items()):
            table = _window().watchlist.table
            yield from self._reach(code)
            table_row = table.visualRect(table.model().index(_row_of(code), 0)).center()
            if number:
                yield from self._key(Qt.Key.Key_E)
            else:
                yield from self._at(table.viewport(), table_row, Qt.MouseButton.RightButton)
                yield from self._see("row-menu")
                yield from self._choose(_("Threshold…"))
            yield from self._until(QApplication.activeModalWidget, "the dialog of the threshold")
            yield from self._key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            yield from self._type(level)
            yield from self._see(f"level-{number + 1}")
            yield from self._key(Qt.Key.Key_Return)
            yield from self._until(lambda: QApplication.activeModalWidget() is None, "the end of the dialog")
            yield CLICK_MS
        yield from self._see("three-levels")

    def _show_tab(self, key: str) -> Iterator[int]:
        tab = _window().watchlist.tabs.tab(key)
        yield from self._at(tab, tab.rect().center())

    def _reach(self, code: str) -> Iterator[int]:
        """Choose a row: by a click, or by the arrow keys where it is not in sight."""
        table = _window().watchlist.table
        rect = table.visualRect(table.model().index(_row_of(code), 0))
        if table.viewport().rect().contains(rect):
            yield from self._at(table.viewport(), rect.center())
        while (step := _row_of(code) - table.currentIndex().row()) != 0:
            yield from self._key(Qt.Key.Key_Down if step > 0 else Qt.Key.Key_Up)

    def _choose(self, words: str) -> Iterator[int]:
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            raise NotOnScreen("a menu")
        entry = next((each for each in menu.actions() if each.text().partition("\t")[0] == words), None)
        if entry is None:
            raise NotOnScreen(words)
        yield from self._at(menu, menu.actionGeometry(entry).center())

    def _look_around(self) -> Iterator[int]:
        """What a new user looks at next; none of it is counted."""
        yield from self._show_tab("@" + GROUPS[self._language][1])
        yield from self._see("second-group")
        yield from self._click(_("Rules"))
        yield from self._see("rules")


def _row_of(code: str) -> int:
    model = _window().watchlist.model
    symbol = Symbol.parse(code)
    return next(row for row in range(model.rowCount()) if model.figures(row).row.symbol == symbol)


def _waiting() -> list[Symbol]:
    board = _window().board
    return [symbol for symbol in board.symbols if board.row(symbol).series is None]


def _words_of(widget: QWidget) -> tuple[str, ...]:
    texts = (widget.text().partition("\n")[0],) if isinstance(widget, QAbstractButton | QLabel) else ()
    return (*texts, widget.accessibleName())


def main() -> int:
    """Run, and write what was done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--language", choices=[*GROUPS], required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    done = Done(options.pictures)
    logging.getLogger().addHandler(LogWatch(done))
    hands: list[Hand] = []
    run = desktop.Desktop.run
    stop = partial(signal.raise_signal, signal.SIGTERM)

    async def with_a_hand(self: desktop.Desktop) -> int:
        hands.append(Hand(done, stop, options.language, options.port))
        return await run(self)

    desktop.Desktop.run = with_a_hand  # type: ignore[method-assign]
    try:
        return capflow(options.arguments)
    finally:
        report = {"steps": done.steps, "logged": done.logged, "fault": done.fault}
        options.report.write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
