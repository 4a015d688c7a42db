"""A program of the user's own, which is given the message as JSON."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any

from capflow_gui.delivery.http import Http, system_words
from capflow_gui.delivery.model import Failed, Limits, Message, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, facts, moment
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import CommandSettings

# "Try again later", by the convention of sysexits.h.
_TEMPORARY = 75


class Command:
    """Runs a program without a shell: status 0 is sent, 75 asks for another try, any other has failed.

    What it prints goes nowhere. One that takes too long is ended, with whatever it has started.
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
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **_alone(),
            )
        except OSError as error:
            return SetUpWrong(Reason.of(Code.COMMAND_NOT_STARTED, why=system_words(error)))
        try:
            async with asyncio.timeout(self._timeout_s):
                await process.communicate(as_json(said))
        except TimeoutError:
            return Failed(Reason.of(Code.COMMAND_SILENT, seconds=self._timeout_s))
        finally:
            if process.returncode is None:
                _end(process)
                await process.wait()
        status = process.returncode
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


def _end(process: asyncio.subprocess.Process) -> None:
    # It may have ended just now, or be another user's.
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
