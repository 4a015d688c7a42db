"""The server of a desk's bus as a process beside the collector: started, and started again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import select
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from pathlib import Path
from typing import Any

from capflow_gui.clock import Clock
from capflow_gui.desk.serving.configuration import PID_FILE
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import shown
from capflow_gui.reason import Code, Reason

_NAME = "nats-server.exe" if os.name == "nt" else "nats-server"
_LISTENING = re.compile(r"Listening for client connections on \S+:(\d+)")
_READY = "Server is ready"
_READ_AGAIN = "Reloaded server configuration"
_FATAL = "[FTL]"
_NOT_LISTENING = "listening on"  # in its words where an address or a port cannot be had
_NO_STORE = "start JetStream"  # where its store cannot be used
# After this it stores nothing until it is started again, even where the disk has room once more.
_STORES_NO_MORE = "Critical write error: "
_STARTS_S = 20.0
_AGAIN_S, _AGAIN_CAP_S = 0.5, 10.0
_ENDS_S = 5.0
_LINES = 20
_ENDED = "the bus's server ended and is started again: %s"

_log = logging.getLogger(__name__)


def find_server(named: Path | str | None) -> Path:
    """The server's program: the one that is named, that of the extra, or one on the PATH. Raises InvalidInput."""
    if named:
        asked = Path(named).expanduser()
        if not asked.is_file():
            raise InvalidInput(str(asked), Reason.of(Code.NO_BUS_SERVER), Reason.of(Code.GET_BUS_SERVER))
        return asked
    beside = Path(sys.executable).with_name(_NAME)
    if beside.is_file():
        return beside
    found = shutil.which(_NAME)
    if found is None:
        raise InvalidInput(_NAME, Reason.of(Code.NO_BUS_SERVER), Reason.of(Code.GET_BUS_SERVER))
    return Path(found)


def end_orphan(configuration: Path) -> bool:
    """End the server of this configuration that outlived who started it; whether there was one.

    On Linux alone: elsewhere it is not known whose a process is. To be called off the loop, with the folder locked.
    """
    try:
        pid = int(configuration.with_name(PID_FILE).read_text(encoding="ascii"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if os.fsencode(configuration) not in command:
            return False
        handle = os.pidfd_open(pid) if sys.platform == "linux" else -1
    except (OSError, ValueError):
        return False
    try:
        os.kill(pid, signal.SIGTERM)
        select.select([handle], [], [], _ENDS_S)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    _log.warning("a server that was left from an earlier run was ended")
    return True


class BusServer:
    """A server process. `port` is where it listens, once `started` has returned; `starts` counts its starts."""

    def __init__(self, program: Path, configuration: Path, clock: Clock) -> None:
        self.port = 0
        self.starts = 0
        self._program = program
        self._configuration = configuration
        self._clock = clock
        self._ready = asyncio.Event()
        self._failed: asyncio.Future[InvalidInput] = asyncio.get_running_loop().create_future()
        self._process: Process | None = None
        self._reads_left = 0
        self._blamed = configuration  # what is named where it did not start

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return None if self._process is None else self._process.pid

    def read_again(self) -> None:
        """Have it read its files anew: its certificate, and the users. Connections stay, but for users that are gone.

        It reads them twice: to an account that was not there before it gives nothing of the desk until it has read its
        file once more. Where there is no signal for that it is ended, and started again.
        """
        self._reads_left = 1
        self._have_read()

    def _have_read(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                if sys.platform == "win32":
                    process.terminate()
                else:
                    process.send_signal(signal.SIGHUP)

    async def started(self) -> None:
        """Return when it listens. Raises InvalidInput where its first start failed: its own words say why."""
        ready = asyncio.ensure_future(self._ready.wait())
        try:
            awaited: set[asyncio.Future[Any]] = {ready, self._failed}
            await asyncio.wait(awaited, timeout=_STARTS_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            await asyncio.wait({ready})
        if not self._ready.is_set():
            if self._failed.done():
                raise self._failed.result()
            raise InvalidInput(str(self._program), Reason.of(Code.BUS_NOT_STARTED, why=f"{_STARTS_S:.0f} s"))

    async def run(self) -> None:
        """Keep it running until cancelled; it is ended then."""
        pause, told = _AGAIN_S, ""
        while True:
            began = self._clock.monotonic()
            said = await self._once()
            if not self._ready.is_set():
                if not self._failed.done():
                    why = Reason.of(Code.BUS_NOT_STARTED, why=said)
                    advice = Reason.of(Code.LISTEN_ELSEWHERE) if _NOT_LISTENING in said else None
                    if _NO_STORE in said:
                        advice = Reason.of(Code.REMOVE_STORE, folder=shown(self._configuration.with_name("store")))
                    self._failed.set_result(InvalidInput(str(self._blamed), why, advice))
                return
            has_run = self._clock.monotonic() - began > _AGAIN_CAP_S
            # With a disk that is full it ends again and again, and the log is on that disk, too.
            _log.log(logging.DEBUG if said == told and not has_run else logging.WARNING, _ENDED, said)
            told = said
            pause = _AGAIN_S if has_run else min(pause * 2, _AGAIN_CAP_S)
            await self._clock.sleep_until(self._clock.monotonic() + pause)

    async def _once(self) -> str:
        """Run the process to its end; the last of what it said."""
        try:
            process = await asyncio.create_subprocess_exec(
                self._program, "-c", self._configuration, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
            )
        except OSError as error:
            self._blamed = self._program
            return error.strerror or str(error)
        self._process, self.starts = process, self.starts + 1
        said: deque[str] = deque(maxlen=_LINES)
        broken = ""
        try:
            assert process.stderr is not None  # noqa: S101 - a pipe was asked for
            async for raw in process.stderr:
                line = raw.decode("utf-8", "replace").rstrip()
                self._hear(line, said)
                if _STORES_NO_MORE in line and not broken:
                    broken = line.partition(_STORES_NO_MORE)[2]
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
            await process.wait()
        finally:
            self._process = None
            await _ended(process)
        if broken:
            return broken
        if process.returncode is not None and process.returncode < 0:
            return f"signal {-process.returncode}"  # its last line is of something else
        if not said:
            self._blamed = self._program  # it is no such server
        fatal = [line.partition(_FATAL)[2].strip() for line in said if _FATAL in line]
        return (fatal or [*said] or [f"status {process.returncode}"])[-1]

    def _hear(self, line: str, said: deque[str]) -> None:
        if line:
            said.append(line)
        _log.debug("%s", line)
        if (found := _LISTENING.search(line)) is not None:
            self.port = int(found[1])
        if _READY in line:
            self._ready.set()
        if _READ_AGAIN in line and self._reads_left:
            self._reads_left -= 1
            self._have_read()


async def _ended(process: Process) -> None:
    """End a process, by force where it does not listen."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _ENDS_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
