"""What `soak_use.py` runs: `capflow` with a hand that presses keys, clicks, drags, turns the wheel and types.

Writes one JSON object at its end: what it did, what was logged at WARNING and above, each turn of the event loop that
took the window's thread longer than 100 ms with what was done before it and where the time went, how many took as long
by the wall clock, and what was alive at each rest.

Before it is counted what is alive, the desk is made what it was at the first rest: its settings, list, rules, layout
and size are set back, so that a later count is of the same desk, and what is more is left over from what was done.

Nothing outside this machine is reached: no name is looked up, and no program started. A page that the program opens in
a browser is noted. Nothing is written, moved or deleted but in the round's own folders: a hand that chooses files at
random could choose anybody's.
"""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from PySide6.QtCore import QObject, QPoint, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from capflow_gui.app import children, desktop
from capflow_gui.app.request import Reopen
from capflow_gui.cli.main import main as capflow
from capflow_gui.domain.arrangement.layouts import STANDARD
from capflow_gui.ui.actions.views import ONE, SIZES, WALL

sys.path.insert(0, str(Path(__file__).parent))
from soak_use_seen import Alive, LogWatch, Seen, Turns

if TYPE_CHECKING:
    from capflow_gui.ui.window.main_window import MainWindow

ACT_MS = 50
REST_EVERY_S = 60.0
SETTLE_S = 1.5  # so long each step back to the first desk may take
MOST_WAITS = 10
NOWHERE = "no other machine is reached here"
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = (
    *("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.chown"),
    *("os.utime", "shutil.rmtree", "shutil.move", "sqlite3.connect"),
)
READ_LATE = (  # when it is first needed
    *("keyring.backends.SecretService", "capflow_gui.archive.bars", "capflow_gui.present.check_lines"),
    *("capflow_gui.present.recorded_export", "capflow_gui.playback.player", "capflow_gui.playback.trial"),
)
LOOPBACK = ("127.0.0.1", "::1", "localhost", None, "")
NO, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
MOVES = [
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backtab,
]
SIGNS = [
    Qt.Key.Key_Slash,
    Qt.Key.Key_Question,
    Qt.Key.Key_Plus,
    Qt.Key.Key_Minus,
    Qt.Key.Key_Space,
    Qt.Key.Key_Return,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
]
LETTERS = [Qt.Key(code) for code in (*range(Qt.Key.Key_A.value, Qt.Key.Key_Z.value + 1), *range(0x30, 0x3A))]
FUNCTIONS = [Qt.Key(Qt.Key.Key_F1.value + number) for number in range(12)]
WORDS = (
    "700.HK",
    "AAPL.US, 600519.SH 9988.HK; nothing",
    "net <= -150M",
    "*: share <= -3% for 5m",
    "腾讯 净流入",
    "-50M",
    "0",
    "999999999999999999",
    "groups",
    "layout",
    "stale",
    "\t\n",
    "🂡 \u202e odd",
    "a" * 300,
)


def _everything(window: MainWindow) -> Iterator[None]:
    """Make each part that is made when it is first shown: no later count is higher by one of them."""
    for name in READ_LATE:
        import_module(name)
        yield
    for size in (*SIZES, WALL, ONE):
        window.views.show(size)
        yield
        for _wait in range(MOST_WAITS):  # the charts come one a turn
            if size not in (WALL, ONE) and any(tile.waits for tile in window.views.grid()._tiles):
                yield
    from capflow_gui.ui.torn.content import CONTENTS

    for kind in CONTENTS:
        torn = window.views.torn.open({"kind": kind, "geometry": ""})
        yield
        if torn is not None:
            torn.close()
    for late in window.panels._lates().values():
        late().open()
        yield
        late().close()
    for open_one in (window.dialogs.open_keys, window.dialogs.open_settings, window.dialogs.open_connection):
        open_one()
        yield
        if window.dialogs.current is not None:
            window.dialogs.current.reject()


class FirstDesk:
    """The desk as it was at first, and the way back to it, a step every few seconds: some take many turns."""

    def __init__(self, program: desktop.Desktop) -> None:
        self._program = program
        self._kept: tuple[dict[str, Any], Any, QSize] | None = None

    def steps(self) -> Iterator[None]:
        """Go back to it; the first time, note it."""
        session = self._program._session
        if session is None or not session.windows:
            return
        profile, frame = session._profile, session.windows[0].window()
        if self._kept is None:
            settings = {name: getattr(profile.settings, name) for name in profile.settings.__struct_fields__}
            self._kept = settings, profile._own_rules.rules, frame.size()
            yield from _everything(session.windows[0])
        settings, rules, size = self._kept
        session.windows[0].chart.show_date(None)
        before = profile.settings
        profile.change(**{name: value for name, value in settings.items() if name != "window"})
        session._settings_edited(before)
        yield
        session._rules_edited(rules)
        frame.setWindowState(Qt.WindowState.WindowNoState)
        frame.resize(size)
        yield
        window = session.windows[0]  # another one after another language
        window.layouts.switch(STANDARD, said=False)
        window.watchlist.close_filter()
        window.notice.dismiss()
        yield
        window = session.windows[0]
        if window.board.symbols:  # the round before may have left none
            window.watchlist.table.select(window.board.symbols[0])
        yield


class Hand(QObject):
    """Does one thing every 50 ms, and rests every minute to count what is alive.

    What takes more than one key, or more than one move of the mouse, is done in as many turns, as by a hand.
    """

    def __init__(
        self, seen: Seen, program: desktop.Desktop, stop: Callable[[], None], seconds: float, pictures: Path | None
    ) -> None:
        super().__init__()
        self._seen = seen
        self._alive, self._desk = Alive(), FirstDesk(program)
        self._back: Iterator[None] | None = None
        self._stop = stop
        self._pictures = pictures
        self._touched: QWidget | None = None
        self._hand: Iterator[None] | None = None  # what the hand is in the middle of
        self._dice = random.Random(seen.seed)
        self._turns = Turns(seen)
        self._end = time.monotonic() + seconds
        self._next_rest = time.monotonic() + REST_EVERY_S
        self._resting_until = 0.0
        QTimer.singleShot(ACT_MS, self._turn)

    def _turn(self) -> None:
        now = time.monotonic()
        if now < self._end:  # a timer of its own each time: an act may open a menu, whose loop ends with a later act
            QTimer.singleShot(ACT_MS, self._turn)
        if now < min(self._resting_until, self._end):
            return
        if now >= self._end:
            self._close_extras()
            self._stop()
        elif self._back is not None:
            self._resting_until = now + SETTLE_S
            if next(self._back, self) is self:
                self._back, self._resting_until, self._next_rest = None, 0.0, now + REST_EVERY_S
                self._seen.rests.append(self._alive.count())
                self._seen.more = self._alive.grown()
                self._turns.rest()
        elif now >= self._next_rest and self._hand is None:
            self._draw()
            self._turns.leave_out()
            self._close_extras()
            self._seen.last.append("rest")
            self._back = self._desk.steps()
        else:
            self._act()

    def _close_extras(self) -> None:
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for top in QApplication.topLevelWidgets():
            if top.isVisible() and top.isWindow() and type(top).__name__ not in ("Frame", "MainWindow"):
                top.close()

    def _draw(self) -> None:
        if self._pictures is not None:
            name = f"{self._seen.seed}-{len(self._seen.rests)}.png"
            QApplication.primaryScreen().grabWindow(0).save(str(self._pictures / name))

    def _act(self) -> None:
        if self._hand is not None:
            hand, self._hand = self._hand, None  # what it does may open a loop of its own, with other acts in it
            if next(hand, self) is None and self._hand is None:
                self._hand = hand
            return
        acts = (self._press, self._click, self._move, self._wheel, self._drag, self._type, self._name, self._resize)
        (act,) = self._dice.choices(acts, (34, 30, 10, 8, 6, 5, 5, 2))
        what = act()
        if what:
            self._seen.acts[act.__name__] += 1
            self._seen.last.append(what)
            del self._seen.last[:-20]

    def _target(self) -> QWidget | None:
        focus = QApplication.focusWidget()
        if focus is None and (top := self._top()) is not None:
            top.activateWindow()  # no window manager gives it the keyboard
        return QApplication.activePopupWidget() or focus or QApplication.activeModalWidget()

    def _top(self) -> QWidget | None:
        special = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if special is not None:
            return special
        shown = [top for top in QApplication.topLevelWidgets() if top.isVisible() and top.width() > 20]
        return self._dice.choice(shown) if shown else None

    def _place(self) -> tuple[QWidget, QPoint] | None:
        top = self._top()
        if top is None or top.width() < 2 or top.height() < 2:
            return None
        point = QPoint(self._dice.randrange(top.width()), self._dice.randrange(top.height()))
        widget = top.childAt(point) or top
        self._touched = top  # what childAt answers is gone with the last reference to the window it was asked of
        return widget, widget.mapFrom(top, point)

    def _press(self) -> str:
        widget = self._target()
        keys = self._dice.choice((MOVES, SIGNS, LETTERS, LETTERS, FUNCTIONS, [Qt.Key.Key_Escape]))
        key = self._dice.choice(keys)
        (held,) = self._dice.choices((NO, SHIFT, CTRL, ALT, CTRL | ALT, CTRL | SHIFT), (60, 15, 12, 5, 5, 3))
        if widget is None or (key is Qt.Key.Key_Q and held & CTRL) or (key is Qt.Key.Key_F4 and held & ALT):
            return ""
        said = f"{held.name} {key.name} in {_name(widget)}"
        QTest.keyClick(widget, key, held)
        return said

    def _click(self) -> str:
        found = self._place()
        if found is None:
            return ""
        widget, point = found
        said = f"click {_name(widget)} at {point.x()},{point.y()}"
        (button,) = self._dice.choices((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton), (85, 15))
        (held,) = self._dice.choices((NO, SHIFT, CTRL), (80, 10, 10))
        if self._dice.random() < 0.15:
            QTest.mouseDClick(widget, button, held, point)
        else:
            QTest.mouseClick(widget, button, held, point)
        return said

    def _move(self) -> str:
        found = self._place()
        if found is None:
            return ""
        QTest.mouseMove(*found)
        return f"move over {_name(found[0])}"

    def _wheel(self) -> str:
        found = self._place()
        if found is None:
            return ""
        widget, point = found
        turn = QPoint(0, self._dice.choice((-240, -120, 120, 240)))
        at, everywhere = QPointF(point), QPointF(widget.mapToGlobal(point))
        (held,) = self._dice.choices((NO, CTRL, SHIFT), (80, 10, 10))
        nothing = Qt.MouseButton.NoButton
        event = QWheelEvent(at, everywhere, QPoint(), turn, nothing, held, Qt.ScrollPhase.NoScrollPhase, False)
        said = f"wheel over {_name(widget)}"
        QApplication.sendEvent(widget, event)
        return said

    def _drag(self) -> str:
        found = self._place()
        if found is None:
            return ""
        widget, point = found
        said = f"drag {_name(widget)}"
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, NO, point)
        self._hand = self._carry(widget, point)
        return said

    def _carry(self, widget: QWidget, point: QPoint) -> Iterator[None]:
        for _step in range(4):
            if isValid(widget):
                point += QPoint(self._dice.randint(-60, 60), self._dice.randint(-40, 40))
                QTest.mouseMove(widget, point)
                yield
        if isValid(widget):
            QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, NO, point)

    def _type(self) -> str:
        widget = QApplication.focusWidget()
        if widget is None or not widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled):
            return ""
        word = self._dice.choice(WORDS)
        said = f"type {word[:20]!r} into {_name(widget)}"
        event = QInputMethodEvent()
        event.setCommitString(word)  # as an input method writes, for keys of QTest know ASCII alone
        QApplication.sendEvent(widget, event)
        return said

    def _name(self) -> str:
        widget = self._target()
        if widget is None or QApplication.activePopupWidget() is not None:
            return ""
        letters = "".join(self._dice.choices("abcdeghilmnoprstuw", k=2))
        QTest.keyClick(widget, Qt.Key.Key_K, CTRL)
        self._hand = self._find(letters)
        return f"the action found by {letters!r}"

    def _find(self, letters: str) -> Iterator[None]:
        box = QApplication.focusWidget()
        keys = [*(LETTERS[ord(letter) - ord("a")] for letter in letters), *[Qt.Key.Key_Down] * self._dice.randrange(6)]
        for key in (*keys, Qt.Key.Key_Return):
            yield
            if box is not None and isValid(box) and QApplication.focusWidget() is box:
                QTest.keyClick(box, key)

    def _resize(self) -> str:
        top = self._top()
        if top is None or QApplication.activePopupWidget() is not None:
            return ""
        top.resize(self._dice.randint(300, 1900), self._dice.randint(200, 1050))
        return f"resize {_name(top)}"


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}".strip()[:80]


def stay_here(seen: Seen) -> None:
    """Look up no name of another machine, and start no program; note a page instead of opening it."""
    found = socket.getaddrinfo

    def noted(_url: str) -> bool:
        seen.pages += 1
        return True

    children.open_page = noted  # before anybody has imported it

    def local(host: Any, *arguments: Any, **named: Any) -> Any:
        if (host.decode() if isinstance(host, bytes) else host) not in LOOPBACK:
            raise socket.gaierror(socket.EAI_NONAME, NOWHERE)
        return found(host, *arguments, **named)

    def none(*_arguments: Any, **_named: Any) -> NoReturn:
        raise FileNotFoundError(2, "no program is started here")

    socket.getaddrinfo = local
    subprocess.Popen.__init__ = none  # type: ignore[method-assign]


def change_only(folders: Sequence[Path]) -> None:
    """Refuse to change a file outside these folders, for as long as this process runs, as a file system does."""
    inside = tuple(f"{each.resolve()}/" for each in folders)

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            paths = arguments[:1] if isinstance(arguments[2], int) and arguments[2] & WRITES else ()
        else:
            paths = arguments[:2] if event in CHANGES else ()
        for path in paths:
            name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
            if name and name not in (os.devnull, ":memory:") and not f"{os.path.realpath(name)}/".startswith(inside):
                raise PermissionError(errno.EACCES, "nothing outside the round's folders is changed", name)

    sys.addaudithook(look)


def main() -> int:
    """Run, and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of the screen at each rest")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    seen = Seen(options.seed)
    stay_here(seen)
    change_only([Path.home(), options.report.parent, *([options.pictures] if options.pictures else [])])
    logging.getLogger().addHandler(LogWatch(seen))
    hands: list[Hand] = []
    run, profile = desktop.Desktop.run, desktop.Desktop._profile

    async def in_the_demo(self: desktop.Desktop, _wanted: Reopen) -> tuple[int, Reopen | None]:
        return await profile(self, Reopen(demo=True))  # whatever is to be connected: there is nothing else here

    async def with_a_hand(self: desktop.Desktop) -> int:
        stop = partial(signal.raise_signal, signal.SIGTERM)
        hands.append(Hand(seen, self, stop, options.seconds, options.pictures))
        return await run(self)

    desktop.Desktop.run = with_a_hand  # type: ignore[method-assign]
    desktop.Desktop._profile = in_the_demo  # type: ignore[method-assign]
    try:
        return capflow(options.arguments)
    finally:
        options.report.write_text(json.dumps(vars(seen)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
