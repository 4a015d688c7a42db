"""Starts programs under test as forks of a process that has imported what takes Python a second each time.

`[*COMMAND, "watch", …]` is `python -m capflow_gui watch …` in development mode. `[*DESKTOP, "-c", code, …]` and
`[*DESKTOP, "-m", module, …]` are Python's own, for what has a window. Where this module is imported, subprocess and
asyncio start them by a fork (on Linux): of a server that imported modules, and has no thread, loop or QApplication.
A fork is a child of the tests like any other, with its own arguments, environment, folder and streams. Only the list
of processes shows the server's command line.

`[*STARTED, …]` is `[*COMMAND, …]` by a true start. A variable that Python reads before the first line makes one, too.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import gc
import io
import os
import pickle
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[1]
_FORK, _SERVE = "--fork", "--serve"
STARTED = [sys.executable, "-X", "dev", "-W", "error", __file__]
COMMAND = [*STARTED, _FORK]
DESKTOP = [sys.executable, "-W", "default", __file__, _FORK]
_MODULES = (
    *(f"capflow_gui.cli.{verb}" for verb in ("fetch", "main", "simulate", "watch")),
    *("capflow_gui.providers.longport.provider", "concurrent.futures.thread", "keyring", "numpy.random"),
)
_WINDOW_MODULES = ("capflow_gui.app.run", "capflow_gui.cli.desktop", "capflow_gui.ui.chart.chart", "PySide6.QtTest")
_READ_AT_START = (b"PYTHON", b"LC_", b"LANG", b"LD_")
_PR_SET_CHILD_SUBREAPER = 36
# subprocess' arguments where a start is like any other: no group, user or function of its own; a session it may have.
_ORDINARY = (True, -1, None, None, None, -1, None)
_LARGEST = 1 << 17


class _Server:
    """A process that forks, and the end of a channel to it; it ends with this end, even if that is killed."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        own = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        self._lock = threading.Lock()
        self._channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [*command, _SERVE, str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                cwd=ROOT,
                env=environment | own,
            )
        atexit.register(self._end)

    def fork(
        self,
        arguments: list[str],
        folder: str,
        variables: list[tuple[bytes, bytes]],
        streams: list[int],
        *,
        session: bool,
    ) -> int:
        """The pid of a child of this process."""
        prctl = ctypes.CDLL(None).prctl
        with self._lock:
            prctl(_PR_SET_CHILD_SUBREAPER, 1)  # the server's child forks and ends: its orphan is to be a child of ours
            try:
                socket.send_fds(self._channel, [pickle.dumps((arguments, folder, variables, session))], streams)
                pid, orphaned = self._channel.recv(16), self._channel.recv(16)
            finally:
                prctl(_PR_SET_CHILD_SUBREAPER, 0)
        if not orphaned:
            raise OSError("the server that forks has ended")
        return int(pid)

    def _end(self) -> None:
        self._channel.close()
        self._process.wait()


def _read_at_start(variables: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The variables that count before a program's first line; the tests start it in, or with, the root anyway."""
    found = {name: text for name, text in variables if name.startswith(_READ_AT_START)}
    found.pop(b"PYTHON_KEYRING_BACKEND", None)
    return {b"PYTHONPATH": os.fsencode(ROOT)} | found


def _install() -> None:
    servers: dict[tuple[str, ...], _Server] = {}
    environment = os.environ.copy()
    read_at_start = _read_at_start(os.environb.items())
    true_start = subprocess._fork_exec  # type: ignore[attr-defined]

    def start(line: list[Any], *more: Any) -> Any:
        words = [os.fsdecode(word) for word in line]
        _programs, _close, keep, folder, env, *rest = more
        if words[0] == sys.executable and _FORK in words and len(keep) == 1 and (rest[8], *rest[10:16]) == _ORDINARY:
            at = words.index(_FORK)
            variables = list(os.environb.items()) if env is None else [tuple(each.split(b"=", 1)) for each in env]
            if _read_at_start(variables) == read_at_start:
                server = servers.get(tuple(words[:at]))
                if server is None:
                    server = servers[tuple(words[:at])] = _Server(words[:at], environment)
                given = (rest[0], rest[3], rest[5])
                streams = [number if given[number] < 0 else given[number] for number in range(3)]
                place = os.fspath(folder or Path.cwd())
                return server.fork(words[at + 1 :], place, variables, streams, session=bool(rest[9]))
        return true_start(line, *more)

    subprocess._fork_exec = start  # type: ignore[attr-defined]


def _serve(channel: socket.socket) -> list[str]:
    """Fork for whoever asks; return in the forks alone, with their arguments."""
    for name in _MODULES if sys.flags.dev_mode else _MODULES + _WINDOW_MODULES:
        import_module(name)
    gc.collect()
    gc.freeze()  # or each fork's collections would copy the pages of the modules
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the tests
    while True:
        asked, streams, _flags, _address = socket.recv_fds(channel, _LARGEST, 3)
        if not asked:
            channel.close()
            sys.exit()
        between = os.fork()
        if not between:
            passing = os.getpid()
            pid = os.fork()
            if not pid:
                break
            channel.send(str(pid).encode())
            os._exit(0)
        os.waitpid(between, 0)
        channel.send(b"orphaned")
        for stream in streams:
            os.close(stream)
    channel.close()
    while os.getppid() == passing:  # whoever asks whose child it is hears of the tests' process
        os.sched_yield()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments, folder, variables, session = pickle.loads(asked)  # noqa: S301 - from the tests
    if session:
        os.setsid()
    os.chdir(folder)
    os.environb.clear()
    os.environb.update(variables)
    time.tzset()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(streams[number], number)
        os.close(streams[number])
        setattr(sys, name, _opened(number, getattr(sys, name)))
    return list(arguments)


def _opened(number: int, like: io.TextIOWrapper) -> io.TextIOWrapper:
    """A standard stream as Python opens it; what the server has there is of another kind."""
    buffering = 0 if isinstance(like.buffer, io.RawIOBase) else -1
    binary = open(number, "wb" if number else "rb", buffering, closefd=False)  # noqa: SIM115
    by_line = binary.isatty() or like.line_buffering
    return io.TextIOWrapper(
        binary, like.encoding, like.errors, line_buffering=by_line, write_through=like.write_through
    )


_init = asyncio.BaseEventLoop.__init__


def _unhurried(loop: asyncio.BaseEventLoop) -> None:
    """In development mode asyncio warns of each callback of 0.1 s, which says how busy the machine is."""
    _init(loop)
    loop.slow_callback_duration = float("inf")


def _run(arguments: list[str]) -> None:
    """As Python does."""
    sys.path[0] = str(Path.cwd())
    if arguments[:1] == ["-c"]:
        sys.argv = ["-c", *arguments[2:]]
        program = sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(arguments[1], "<string>", "exec"), program.__dict__)  # noqa: S102 - from the tests
        return
    asyncio.BaseEventLoop.__init__ = _unhurried  # type: ignore[method-assign]
    module, sys.argv = ("capflow_gui", ["", *arguments]) if arguments[:1] != ["-m"] else (arguments[1], arguments[1:])
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ != "__main__":
    if sys.platform == "linux":
        _install()
elif sys.argv[1] == _SERVE:
    sys.path[0] = str(ROOT)
    _run(_serve(socket.socket(fileno=int(sys.argv[2]))))
else:
    _run(sys.argv[1 + (sys.argv[1] == _FORK) :])
