"""One window a profile: a second start raises the first one's window, hands on the layout it names, and leaves.

Lock and socket lie in the profile's state folder. The running window answers at the socket; the lock decides between
two that start at the same time. Where the file system cannot lock, the socket alone decides.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QObject, QSysInfo, QThread, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from capflow_gui.domain.arrangement.layouts import LONGEST
from capflow_gui.errors import CapflowError
from capflow_gui.file_lock import try_lock
from capflow_gui.paths import disk_words
from capflow_gui.present.language.texts import _
from capflow_gui.settings.profiles import WINDOW_LOCK as _LOCK

_log = logging.getLogger(__name__)
_RAISE, _LAYOUT = b"raise\n", "layout "
_MOST = len(_LAYOUT) + 4 * LONGEST + 1  # bytes that a start says; of a longer name the beginning is taken
_WAIT_MS = 5000
_AGAIN_MS = 50
_LOOK_MS = 1000
_SOCKET = "window.socket"
_OPEN_FILES = Path("/proc/self/fd")


class _Answer(Enum):
    RAISED = auto()  # another window is there, and was raised
    SILENT = auto()  # somebody listens, and does not answer
    NOBODY = auto()


class SingleInstance(QObject):
    """Holds the lock of a profile and listens for later starts.

    `on_raise` is called when Capflow is started again, with the layout that the start names, or "". `layout` is the one
    that this start names.
    """

    def __init__(self, state: Path, on_raise: Callable[[str], None] = lambda _layout: None, layout: str = "") -> None:
        super().__init__()
        self._state = state
        self._says = f"{_LAYOUT}{layout}\n".encode() if layout else _RAISE
        self._on_raise = on_raise
        self._lock: int | None = None
        self._folder: int | None = None
        self._server: QLocalServer | None = None
        self._said: set[str] = set()
        self._looking = QTimer(self)
        self._looking.timeout.connect(self._look)

    def claim(self, within_ms: int = _WAIT_MS) -> bool:
        """Become the one instance; False where another one is running: its window was raised.

        When two start at once, the first holds the lock shortly before it listens: so it is asked again.
        Raises CapflowError, with the name of the file, where nobody answers and the file is in use all the same.
        """
        deadline = QDeadlineTimer(within_ms)
        while True:
            self._open_folder()
            answer = self._ask(deadline)
            if answer is _Answer.RAISED:
                return False
            if answer is _Answer.NOBODY and self._take_lock():
                self._listen()
                self._looking.start(_LOOK_MS)
                return True
            if deadline.hasExpired():
                held = self._state / (_SOCKET if answer is _Answer.SILENT else _LOCK)
                text = _(
                    "Another Capflow seems to use {file}, but does not answer. "
                    "End it, or delete this file if none is running, and start again."
                )
                raise CapflowError(text.format(file=held))
            _pause()

    def release(self) -> None:
        """Let the next start be the one."""
        self._looking.stop()
        self._close_server()
        # The first release takes a lock file that names no process for a window that runs.
        if os.name != "nt" and _same_file(self._lock, self._state / _LOCK):
            with suppress(OSError):
                (self._state / _LOCK).unlink()
        for handle in (self._lock, self._folder):
            if handle is not None:
                os.close(handle)
        self._lock = self._folder = None

    # the files

    def _open_folder(self) -> None:
        """Hold the folder open, so that the socket has a short name (see `_name`)."""
        try:
            self._state.mkdir(parents=True, exist_ok=True)
            if _same_file(self._folder, self._state) or not _OPEN_FILES.is_dir():
                return
            if self._folder is not None:
                os.close(self._folder)
                self._folder = None
            self._folder = os.open(self._state, os.O_RDONLY)
        except OSError as error:
            self._warn(f"{self._state} cannot be used: {disk_words(error)}")

    @property
    def _name(self) -> str:
        """Where the socket is.

        A socket's path has at most 108 bytes, and Qt takes no name that is not UTF-8: where the system shows open
        files as paths, the folder is named by its number. On Windows it is a pipe, and all users share their names.
        """
        if os.name == "nt":
            key = f"{os.environ.get('USERNAME', '')} {self._state.resolve()}"
            return f"capflow-{hashlib.sha256(key.encode()).hexdigest()[:24]}"
        return str((self._state if self._folder is None else _OPEN_FILES / str(self._folder)) / _SOCKET)

    def _take_lock(self) -> bool:
        """False where another process holds the lock; True also where the file system cannot lock."""
        try:
            handle = os.open(self._state / _LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            self._warn(f"{self._state / _LOCK} cannot be used: {disk_words(error)}")
            return True
        try:
            taken = try_lock(handle)
        except OSError as error:
            self._warn(f"{self._state / _LOCK} cannot be locked: {disk_words(error)}")
            taken = True
        # One that ended meanwhile has deleted its file: the next one locks another. Windows deletes no open file.
        if taken and (os.name == "nt" or _same_file(handle, self._state / _LOCK)):
            self._lock = handle
            self._sign(handle)
            return True
        os.close(handle)
        return False

    @staticmethod
    def _sign(handle: int) -> None:
        """Say whose lock it is, as QLockFile does: after a crash, the first release waits for ever for an empty one."""
        if os.name == "nt":  # there nobody else reads a file that is locked
            return
        ids = (bytes(each.data()).decode() for each in (QSysInfo.machineUniqueId(), QSysInfo.bootUniqueId()))
        lines = str(os.getpid()), Path(sys.executable).resolve().name, QSysInfo.machineHostName(), *ids, ""
        with suppress(OSError):  # the disk is full: the lock holds all the same
            os.ftruncate(handle, 0)
            os.write(handle, "\n".join(lines).encode())

    def _look(self) -> None:
        """Make lock and socket anew where somebody deleted them: the next start has to find them."""
        if os.name == "nt":  # nobody deletes a file that is open there
            return
        if not _same_file(self._lock, self._state / _LOCK):
            before, self._lock = self._lock, None
            self._open_folder()
            taken = self._take_lock()
            if before is not None:
                os.close(before)
            if not taken:
                self._looking.stop()
                _log.warning("another window took %s: both go on", self._state / _LOCK)
                return
        if not (self._state / _SOCKET).exists():
            self._close_server()
            self._open_folder()
            self._listen()

    def _warn(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            _log.warning("%s", text)

    # asking and answering

    def _ask(self, deadline: QDeadlineTimer) -> _Answer:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(deadline.remainingTime()):
            return _Answer.NOBODY
        socket.write(self._says)
        socket.flush()
        if not socket.bytesAvailable():
            socket.waitForReadyRead(deadline.remainingTime())
        if socket.bytesAvailable():  # also where the other one closed right after it
            return _Answer.RAISED
        return _Answer.SILENT if socket.state() is QLocalSocket.LocalSocketState.ConnectedState else _Answer.NOBODY

    def _listen(self) -> None:
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        if not self._server.listen(self._name):
            self._warn(f"a second start cannot raise this window: {self._server.errorString()}")

    def _close_server(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    def _answer(self) -> None:
        socket = self._server.nextPendingConnection() if self._server is not None else None
        if socket is None:
            return

        def answer() -> None:
            said = bytes(socket.read(_MOST).data()).decode(errors="replace")
            socket.readyRead.disconnect(answer)
            socket.write(b"ok\n")
            socket.flush()
            socket.disconnectFromServer()
            self._on_raise(said.removeprefix(_LAYOUT).strip() if said.startswith(_LAYOUT) else "")

        socket.setReadBufferSize(_MOST)  # so much is asked of the system, and no more
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(answer)


def _same_file(handle: int | None, path: Path) -> bool:
    """Whether a path still leads to an open file."""
    if handle is None:
        return False
    with suppress(OSError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False


def _pause() -> None:
    QThread.msleep(_AGAIN_MS)
