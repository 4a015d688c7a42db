"""One window a profile: a second start raises the first one's window and leaves."""

from __future__ import annotations

import getpass
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QThread
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_log = logging.getLogger(__name__)
_RAISE = b"raise\n"
_WAIT_MS = 5000
_AGAIN_MS = 50


class SingleInstance(QObject):
    """Holds the lock of a profile, and listens for later starts."""

    def __init__(self, state: Path) -> None:
        super().__init__()
        state.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(state / "window.lock"))
        # Whether the holder is alive decides, not how old the file is.
        self._lock.setStaleLockTime(0)
        # A profile by its folder, and a user by name: pipe names on Windows are the whole machine's.
        key = f"{getpass.getuser()} {state.resolve()}"
        self._name = f"capflow-{hashlib.sha256(key.encode()).hexdigest()[:24]}"
        self._server: QLocalServer | None = None
        self._raise: Callable[[], None] = lambda: None

    def acquire(self) -> bool:
        """Become the one instance; False where another one is running."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        if not self._server.listen(self._name):
            _log.warning("a second start cannot raise this window: %s", self._server.errorString())
        return True

    def on_raise(self, callback: Callable[[], None]) -> None:
        """What to do when somebody starts Capflow again."""
        self._raise = callback

    def raise_other(self, within_ms: int = _WAIT_MS) -> bool:
        """Ask the running instance to show its window; False where it does not answer in time.

        Of two started at once the first holds the lock a moment before it listens: it is asked again.
        """
        deadline = QDeadlineTimer(within_ms)
        while not self._ask(deadline):
            if deadline.hasExpired():
                return False
            _pause()
        return True

    def _ask(self, deadline: QDeadlineTimer) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(deadline.remainingTime()):
            return False
        socket.write(_RAISE)
        socket.flush()
        answered = socket.bytesAvailable() > 0 or socket.waitForReadyRead(deadline.remainingTime())
        socket.disconnectFromServer()
        return answered

    def release(self) -> None:
        """Let the next start be the one."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
        self._lock.unlock()

    def _answer(self) -> None:
        socket = self._server.nextPendingConnection() if self._server is not None else None
        if socket is None:
            return
        socket.disconnected.connect(socket.deleteLater)
        socket.write(b"ok\n")
        self._raise()


def _pause() -> None:
    QThread.msleep(_AGAIN_MS)
