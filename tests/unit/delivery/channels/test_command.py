from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.delivery.channels.command import Command
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code
from capflow_gui.settings.channels import CommandSettings
from tests.stand_ins.kinds import message

posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell is used to play a command")


def command(*parts: str, timeout: float = 5.0) -> Command:
    settings = CommandSettings(command=list(parts), timeout=timeout)
    return Command(settings, Secrets(lambda _field: ""), None)  # type: ignore[arg-type]


async def test_it_is_given_json_and_arguments_that_no_shell_reads(tmp_path: Path) -> None:
    file, odd = tmp_path / "out", "$(id); `id` *"
    program = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2] + '\\n' + sys.stdin.read())"
    channel = command(sys.executable, "-I", "-S", "-c", program, str(file), odd)
    assert await channel.send(message()) == Sent()
    arguments, body = file.read_text(encoding="utf-8").split("\n")
    assert arguments == odd
    said = json.loads(body)
    assert (said["event"], said["key"], said["at"]) == ("raised", "a1b2c3-1", "2022-06-08T01:30:00.500Z")
    assert (said["symbol"], said["title"]) == ("700.HK", message().title)
    await channel.close()


@posix
@pytest.mark.parametrize(
    ("script", "result", "status"),
    [("exit 0", Sent, None), ("exit 3", Failed, 3), ("exit 75", RetryAt, 75), ("kill -9 $$", Failed, -9)],
)
async def test_the_exit_status_is_the_result(script: str, result: type[Any], status: int | None) -> None:
    found = await command("/bin/sh", "-c", script).send(message(text="x" * 200_000))
    assert isinstance(found, result)
    if status is not None:
        assert (found.reason.code, found.reason.get("status")) == (Code.COMMAND_ENDED, status)


@posix
async def test_one_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    fifo = tmp_path / "held-open-by-the-child"
    os.mkfifo(fifo)
    child = asyncio.create_task(asyncio.to_thread(fifo.read_bytes))
    found = await command("/bin/sh", "-c", f"sleep 60 > {fifo} & wait", timeout=0.5).send(message())
    assert isinstance(found, Failed)
    assert found.reason.code is Code.COMMAND_SILENT
    assert await asyncio.wait_for(child, 5.0) == b""


@posix
async def test_one_that_is_given_up_is_ended() -> None:
    sending = asyncio.create_task(command("/bin/sh", "-c", "sleep 60").send(message()))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(sending, 2.0)


@posix
async def test_one_that_is_given_up_twice_is_ended_all_the_same(tmp_path: Path) -> None:
    """The loop would say of an end that nobody can be told any more: `unraisable` and the log are watched."""
    files, begun = open_files(), tmp_path / "begun"
    sending = asyncio.create_task(command("/bin/sh", "-c", f"touch '{begun}'; sleep 60").send(message()))
    async with asyncio.timeout(30):
        while not begun.exists():
            await asyncio.sleep(0.01)
    sending.cancel()
    await asyncio.sleep(0)  # it waits for the end of the program now
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(sending, 2.0)
    await asyncio.sleep(0)
    assert open_files() == files


def is_there(pid: int) -> bool:
    """Whether a process runs, or has ended and nobody has asked how."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@posix
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("yes hush-hush-hush", Code.COMMAND_SILENT),
        ("yes hush-hush-hush >&2", Code.COMMAND_SILENT),
        ("trap '' TERM HUP INT; while :; do sleep 0.05; done", Code.COMMAND_SILENT),
        ("kill -STOP $$", Code.COMMAND_SILENT),
        ("kill -TERM $$", Code.COMMAND_ENDED),
        ("echo hush-hush-hush >&2; exit 1", Code.COMMAND_ENDED),
        ("echo hush-hush-hush failed; exit 0", None),
        ("exec <&-; exit 0", None),
    ],
    ids=["floods", "floods errors", "ignores signals", "stops", "killed", "fails", "fails with 0", "reads nothing"],
)
async def test_one_that_misbehaves_leaves_nothing_behind(tmp_path: Path, script: str, code: Code | None) -> None:
    own = tmp_path / "pid"
    patience_s = 0.2 if code is Code.COMMAND_SILENT else 5.0
    found = await command("/bin/sh", "-c", f"echo $$ > {own}; {script}", timeout=patience_s).send(
        message(text="x" * 200_000)
    )
    assert getattr(found, "reason", None) is None if code is None else found.reason.code is code  # type: ignore[union-attr]
    assert "hush" not in str(found)
    assert not is_there(int(own.read_text()))


def open_files() -> int:
    """How many files this process has open, where that is told."""
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


@posix
async def test_what_it_leaves_running_holds_nobody_up(tmp_path: Path) -> None:
    """A child that has its standard input, and reads nothing of it, while more waits than a pipe takes."""
    fifo = tmp_path / "until-it-is-written-to"
    os.mkfifo(fifo)
    files = open_files()
    found = await command("/bin/sh", "-c", f"exec 3<&0; cat {fifo} & exit 0").send(message(text="x" * 400_000))
    assert found == Sent()
    await asyncio.sleep(0)
    assert open_files() == files
    await asyncio.to_thread(fifo.write_bytes, b"")


@posix
async def test_one_that_goes_meanwhile_is_wrong_set_up_and_one_that_is_being_written_is_tried_again(
    tmp_path: Path,
) -> None:
    program = tmp_path / "ring"
    program.write_text("#!/bin/sh\nexit 0\n")
    channel = command(str(program))
    refused = await channel.send(message())
    assert isinstance(refused, SetUpWrong)  # it is no program yet
    program.chmod(0o755)
    assert await channel.send(message()) == Sent()
    if sys.platform == "linux":
        with program.open("a"):
            found = await channel.send(message())
        assert isinstance(found, RetryAt)
        assert found.reason.code is Code.COMMAND_NOT_STARTED
        assert await channel.send(message()) == Sent()
    program.unlink()
    gone = await channel.send(message())
    assert isinstance(gone, SetUpWrong)
    assert str(tmp_path) not in str(gone) + str(refused)


@pytest.mark.parametrize("program", ["no-such-program-anywhere", "/"])
async def test_one_that_cannot_be_started_is_wrong_set_up(program: str) -> None:
    found = await command(program).send(message())
    assert isinstance(found, SetUpWrong)
    assert found.reason.code is Code.COMMAND_NOT_STARTED
    assert program not in str(found.reason)


def test_arguments_that_no_program_can_have_are_refused() -> None:
    with pytest.raises(SettingsError, match="command_unusable"):
        command("program", "a\0b")
