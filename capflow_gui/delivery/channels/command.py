"""A program of the user's own, which is given the message as JSON."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any, cast

from capflow_gui.clock import ended
from capflow_gui.delivery.http import Http, system_words
from capflow_gui.delivery.model import Failed, Limits, Message, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, facts, moment
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import CommandSettings

# "Try again later", by the convention of sysexits.h.
_TEMPORARY = 75
# What the system lacks for a moment, or a program that is being written.
_SHORTAGES = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ETXTBSY})


class _Run(asyncio.SubprocessProtocol):
    """One run of a program. `ended` is done when it is over, whoever else holds its pipe."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def process_exited(self) -> None:
        self.ended.set_result(None)


class Command:
    """Runs a program without a shell: status 0 is sent, 75 asks for another try, any other has failed.

    What it prints goes nowhere. One that takes too long is ended, with whatever it has started; what it leaves running
    goes on.
    """

    limits = Limits(rate=5.0, burst=20, per_minute=None, largest=1_000_000)

    def __init__(self, settings: CommandSettings, _secrets: Secrets, _http: Http) -> None:
        if any("\0" in part for part in settings.command):
            raise SettingsError("command", Reason.of(Code.COMMAND_UNUSABLE))
        self._command = settings.command
        self._timeout_s = settings.timeout

    async def send(self, message: Message) -> Result:
        """Run it once."""
        said = {**facts(message), "key": message.key, "event": message.kind, "at": moment(message.at)}
        loop = asyncio.get_running_loop()
        try:
            transport, run = await loop.subprocess_exec(
                _Run,
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **_alone(),
            )
        except OSError as error:
            reason = Reason.of(Code.COMMAND_NOT_STARTED, why=system_words(error))
            return RetryAt(0.0, reason) if error.errno in _SHORTAGES else SetUpWrong(reason)
        told = cast("asyncio.WriteTransport", transport.get_pipe_transport(0))
        try:
            told.write(as_json(said))
            told.close()
            async with asyncio.timeout(self._timeout_s):
                await asyncio.shield(run.ended)
        except TimeoutError:
            return Failed(Reason.of(Code.COMMAND_SILENT, seconds=self._timeout_s))
        finally:
            # What it has started may hold the pipe, and read nothing.
            if told.get_write_buffer_size():
                told.abort()
            try:
                if not run.ended.done():
                    _end(transport.get_pid())
                    await ended(run.ended)
            finally:
                transport.close()
        status = transport.get_returncode()
        if status == 0:
            return Sent()
        reason = Reason.of(Code.COMMAND_ENDED, status=status)
        return RetryAt(0.0, reason) if status == _TEMPORARY else Failed(reason)

    async def close(self) -> None:
        """Nothing is held."""


def _alone() -> dict[str, Any]:
    """How a program is started so that it can be ended with all that it has started, and opens no window."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _end(pid: int) -> None:
    # It may have ended just now, or be another user's.
    with suppress(OSError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)
