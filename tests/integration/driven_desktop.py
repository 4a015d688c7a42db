"""The desktop program with a hand at its window, for test_desktop_secrets: `driven_desktop.py FOLDER MODE URLS`.

MODE is `environment` (credentials from there; ends in a crash of the interpreter) or `keyring` (a sign-in in the
browser, kept in a keyring in memory and loaded from it again). `naked` behind it: nothing is cleaned. It prints what
the window shows; at `figures` it waits for the broker to fail.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import keyring
from keyring.backend import KeyringBackend
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from capflow_gui.app import run
from capflow_gui.app.desktop import Desktop
from capflow_gui.app.request import Request
from capflow_gui.diagnostics import Redaction
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import error_sentence, link_sentence
from capflow_gui.settings import LongportSettings
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.ports import LongportEntry
from capflow_gui.ui.window.main_window import MainWindow

_EVERY_MS = 50


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        text = self.kept.get((service, username))
        if text is not None:
            sys.stdout.write("the keyring gave what it kept\n")
        return text

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Hand:
    """Does one thing after the other; each waits until it is possible."""

    def __init__(self, app: QApplication, desktop: Desktop, folder: Path, mode: str, urls: dict[str, str]) -> None:
        self._desktop = desktop
        self._folder = folder
        self._longport = LongportSettings(region="custom", transport="websocket", **urls) if urls else None
        self._seen: set[str] = set()
        self._tasks: list[asyncio.Task[Any]] = []
        self._steps = self._with_a_keyring() if mode == "keyring" else self._in_the_environment()
        self._condition: Callable[[], object] = lambda: True
        self._timer = QTimer(app)
        self._timer.timeout.connect(self._step)
        self._timer.start(_EVERY_MS)

    def _step(self) -> None:
        self._look()
        if self._condition():
            with suppress(StopIteration):
                self._condition = next(self._steps)

    @property
    def _window(self) -> MainWindow | None:
        windows = [each for each in QApplication.allWidgets() if isinstance(each, MainWindow) and each.isVisible()]
        return windows[0] if windows else None

    def _in_the_environment(self) -> Iterator[Callable[[], object]]:
        yield self._has_figures
        yield from self._trouble()
        yield from self._report()
        faulthandler._sigsegv()  # type: ignore[attr-defined]

    def _with_a_keyring(self) -> Iterator[Callable[[], object]]:
        yield lambda: any(isinstance(each, FirstRun) and each.isVisible() for each in QApplication.allWidgets())
        page = next(each for each in QApplication.allWidgets() if isinstance(each, FirstRun))
        assert self._longport is not None
        sign_in = self._desktop._sign_in
        sign_in._open_browser = lambda url: threading.Thread(target=visit, args=(url,)).start()
        signing_in = asyncio.ensure_future(sign_in.keep(LongportEntry("browser", self._longport)))
        self._tasks.append(signing_in)
        yield signing_in.done
        signing_in.result()
        page.connect_chosen.emit(self._longport)
        yield self._has_rows
        window = self._window
        assert window is not None
        window.intents.add_typed("700.HK")
        yield self._has_figures
        sign_in.secrets = None  # what is held for the run: the next session asks the keyring
        window.intents.connection_changed.emit(self._longport)
        yield lambda: self._window not in (None, window) and self._has_figures()
        yield from self._trouble()
        yield from self._report()
        left = self._window
        assert left is not None
        left.close()

    def _has_rows(self) -> bool:
        return self._window is not None and bool(self._window.board.links)

    def _has_figures(self) -> bool:
        window = self._window
        if window is None:
            return False
        return any(window.board.row(symbol).series is not None for symbol in window.board.symbols)

    def _trouble(self) -> Iterator[Callable[[], object]]:
        """A refusal in a dialog, a lost link whose login is refused, and faults nobody catches."""
        window = self._window
        assert window is not None
        window.dialogs.open_groups()
        dialog: Any = window.dialogs.current
        yield lambda: "Asking" not in dialog.said.text()
        self._look()
        dialog.close()
        sys.stdout.write("figures\n")
        sys.stdout.flush()
        yield lambda: any(link.source == "longport" and link.phase == "failed" for link in window.board.links)
        told = json.dumps([*Ring.kept.values(), *(str(value) for value in _secrets_in_environment())])
        QTimer.singleShot(0, lambda: fail_in_slot(told))
        thread = threading.Thread(target=fail_in_thread, args=(told,))
        thread.start()
        asyncio.get_running_loop().call_soon(fail_in_loop, told)
        asyncio.ensure_future(fail_in_task(told))  # noqa: RUF006 - forgotten on purpose
        fail_while_dying(told)
        yield lambda: not thread.is_alive()

    def _report(self) -> Iterator[Callable[[], object]]:
        window = self._window
        assert window is not None
        window.dialogs.open_report()
        sheet: Any = window.dialogs.current
        yield sheet.save_button.isEnabled
        for row in range(sheet.list.count()):
            sheet.list.setCurrentRow(row)
            self._look()
        sheet.save_to(str(self._folder / "report.zip"))
        yield lambda: "saved" in sheet.answer.said()
        self._tasks.clear()

    def _look(self) -> None:
        """Print what has not been seen yet on screen: labels, fields, hints, names for those who cannot see."""
        texts = {text for widget in QApplication.allWidgets() for text in words_of(widget)}
        window = self._window
        if window is not None:
            now = window.board.monotonic_now()
            for link in window.board.links:
                texts |= {str(link.reason), str(link_sentence(link, now))}
                texts |= {error_sentence(link.error)} if link.error is not None else set()
            errors = (window.board.row(symbol).error for symbol in window.board.symbols)
            texts |= {error_sentence(error) for error in errors if error is not None}
            texts |= {reason_words(each) for each in window.board.troubles}
        for text in texts - self._seen:
            sys.stdout.write(f"on screen: {text}\n")
        self._seen |= texts


def words_of(widget: QWidget) -> Iterator[str]:
    yield from (widget.toolTip(), widget.accessibleName(), widget.windowTitle())
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        yield widget.text()
    if isinstance(widget, QPlainTextEdit):
        yield widget.toPlainText()


def visit(url: str) -> None:
    """A browser: follows the broker's way back to this computer."""
    with urllib.request.urlopen(url) as page:  # noqa: S310 - of a simulator
        page.read()


def _secrets_in_environment() -> Iterator[str]:
    import os

    yield from (os.environ[name] for name in os.environ if name.endswith(("APP_KEY", "APP_SECRET", "ACCESS_TOKEN")))


# Each raises in a line of its own: the log tells one place once a minute.


def fail_in_slot(text: str) -> None:
    raise RuntimeError(f"in a slot: {text}")


def fail_in_thread(text: str) -> None:
    raise RuntimeError(f"in a thread: {text}")


def fail_in_loop(text: str) -> None:
    raise RuntimeError(f"in the loop: {text}")


async def fail_in_task(text: str) -> None:
    raise RuntimeError(f"in a task: {text}")


def fail_while_dying(text: str) -> None:
    class Rude:
        def __del__(self) -> None:
            raise RuntimeError(f"while dying: {text}")

    rude = Rude()
    del rude


def main() -> int:
    folder, mode, urls = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    if "naked" in sys.argv:
        Redaction.clean = lambda _self, text: text  # type: ignore[method-assign]
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if mode == "keyring":
        keyring.set_keyring(Ring())
        from capflow_gui.providers.longport import auth as longport_auth

        longport_auth.CALLBACK_PORT = urls.pop("port")
    init = Desktop.__init__

    def with_a_hand(self: Desktop, app: QApplication, request: Request) -> None:
        init(self, app, request)
        self.hand = Hand(app, self, folder, mode, urls)  # type: ignore[attr-defined]

    Desktop.__init__ = with_a_hand  # type: ignore[method-assign]
    return run.main(Request(folders=(folder / "config", folder / "data"), log_level="debug"))


if __name__ == "__main__":
    sys.exit(main())
