from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from capflow_gui.clock import SystemClock
from capflow_gui.desk.serving.configuration import PID_FILE, USERS_FILE, server_text, users_text
from capflow_gui.desk.serving.server import BusServer, end_orphan, find_server
from capflow_gui.errors import InvalidInput
from capflow_gui.providers.desk.client import BusClient
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from tests.desk_bus import WITHIN_S


def configured(folder: Path, port: int = 0, host: str = "127.0.0.1") -> Path:
    file = folder / "server.conf"
    file.write_text(server_text(host, port, store=folder / "store", certificate=None), encoding="utf-8")
    (folder / USERS_FILE).write_text(users_text({"collector": "x"}), encoding="utf-8")
    return file


@contextlib.asynccontextmanager
async def running(server: BusServer) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(server.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_it_is_started_again_when_it_dies_and_ends_with_its_owner(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("the bus's server ended and is started again: " + ("" if os.name == "nt" else "signal 9$"))
    clock = SystemClock()
    server = BusServer(find_server(None), configured(tmp_path), clock)
    async with running(server):
        await server.started()
        first, port = server.pid, server.port
        assert first is not None
        socket.create_connection(("127.0.0.1", port)).close()
        os.kill(first, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        async with asyncio.timeout(WITHIN_S):
            while server.starts < 2 or server.pid is None:
                await clock.sleep_until(clock.monotonic() + 0.01)
        second = server.pid
    assert second is not None
    if os.name != "nt":
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)


async def test_a_port_that_is_taken_is_said_in_the_servers_own_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = BusServer(find_server(None), configured(tmp_path, taken.getsockname()[1]), SystemClock())
        async with running(server):
            with pytest.raises(InvalidInput, match=r"address already in use.*listen_elsewhere"):
                await server.started()


async def test_a_store_that_cannot_be_used_is_said_with_what_to_do(tmp_path: Path) -> None:
    file = configured(tmp_path)
    (tmp_path / "store").write_bytes(b"")
    async with running(server := BusServer(find_server(None), file, SystemClock())):
        with pytest.raises(InvalidInput) as caught:
            await server.started()
    assert caught.value.reason.code is Code.BUS_NOT_STARTED
    assert caught.value.suggestion == Reason.of(Code.REMOVE_STORE, folder=str(tmp_path / "store"))


async def test_it_listens_on_an_address_of_ipv6(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this computer has no IPv6")
    server = BusServer(find_server(None), configured(tmp_path, host="::1"), SystemClock())
    async with running(server):
        await server.started()
        socket.create_connection(("::1", server.port)).close()


@pytest.mark.skipif(os.name == "nt", reason="a shell stands in")
async def test_a_server_that_stores_nothing_any_more_is_started_again(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    """As on a disk that was full: it would refuse every message, although there is room again."""
    expect_log("the bus's server ended and is started again: write x: no space left on device$")
    program = tmp_path / "nats-server"
    words = "[ERR] Filestore [FLOW] Critical write error: write x: no space left on device"
    program.write_text(f"#!/bin/sh\necho Server is ready >&2\necho '{words}' >&2\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    clock = SystemClock()
    server = BusServer(program, configured(tmp_path), clock)
    async with running(server), asyncio.timeout(WITHIN_S):
        while server.starts < 2:
            await clock.sleep_until(clock.monotonic() + 0.01)


async def test_one_that_ends_again_and_again_for_one_reason_is_said_once(
    tmp_path: Path, expect_log: Callable[[str], None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.desk.serving.server._AGAIN_S", 0.001)
    expect_log("the bus's server ended and is started again: no room$")
    ended = asyncio.Queue[None]()
    server = BusServer(find_server(None), configured(tmp_path), SystemClock())

    async def once() -> str:
        server._ready.set()
        ended.put_nowait(None)
        return "no room"

    monkeypatch.setattr(server, "_once", once)
    async with running(server):
        for _ in range(4):
            await asyncio.wait_for(ended.get(), WITHIN_S)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


async def test_a_configuration_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = configured(tmp_path)
    file.write_text('listen: "nowhere"', encoding="utf-8")
    server = BusServer(find_server(None), file, SystemClock())
    async with running(server):
        with pytest.raises(InvalidInput, match="could not parse address"):
            await server.started()


async def test_a_program_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    program = tmp_path / "nats-server"
    program.write_text("no program", encoding="utf-8")
    server = BusServer(find_server(program), configured(tmp_path), SystemClock())
    async with running(server):
        with pytest.raises(InvalidInput, match="bus_not_started") as refused:
            await server.started()
        assert str(program) in str(refused.value)


@pytest.mark.skipif(os.name == "nt", reason="a program of another kind")
async def test_a_program_that_is_another_is_named(tmp_path: Path) -> None:
    """It ends at once, and says nothing."""
    program = Path("/bin/true")
    server = BusServer(find_server(str(program)), configured(tmp_path), SystemClock())
    async with running(server):
        with pytest.raises(InvalidInput, match="bus_not_started") as refused:
            await server.started()
        assert "/bin/true" in str(refused.value)


def test_a_program_that_is_not_there_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="get_bus_server"):
        find_server(tmp_path / "nothing")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput, match="get_bus_server"):
        find_server(None)
    there = tmp_path / ("nats-server.exe" if os.name == "nt" else "nats-server")
    there.write_text("", encoding="utf-8")
    there.chmod(0o755)
    assert find_server(None) == there
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    assert find_server(None) == there


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is not known whose a process is")
def test_a_server_that_outlived_who_started_it_is_ended_and_no_other_process(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("left from an earlier run")
    configuration = configured(tmp_path)
    assert not end_orphan(configuration)
    left = subprocess.Popen([find_server(None), "-c", configuration], stderr=subprocess.PIPE, text=True)
    try:
        assert left.stderr is not None
        assert any("Server is ready" in line for line in left.stderr)
        assert end_orphan(configuration)
        left.wait(5)
        (tmp_path / PID_FILE).write_text(str(os.getpid()), encoding="ascii")
        assert not end_orphan(configuration)
    finally:
        left.kill()
        left.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="without a signal it is started again")
async def test_a_user_who_was_added_is_heard_after_the_files_were_read_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its own account, which the server has not had before, is given nothing of the desk the first time."""
    caplog.set_level(logging.DEBUG, "capflow_gui.desk.serving.server")
    clock, heard = SystemClock(), asyncio.Event()
    server = BusServer(find_server(None), configured(tmp_path), clock)

    async def hear(_message: Msg) -> None:
        heard.set()

    async with running(server), asyncio.timeout(WITHIN_S):
        await server.started()
        async with signed_in(server.port, "collector") as collector:
            await collector.subscribe(subjects.ALL_INTERESTS, cb=hear)
            await collector.flush()
            (tmp_path / USERS_FILE).write_text(users_text({"collector": "x", "ws02": "x"}), encoding="utf-8")
            server.read_again()
            while caplog.text.count("Reloaded server configuration") < 2:
                await clock.sleep_until(clock.monotonic() + 0.005)
            async with signed_in(server.port, "ws02") as window:
                await window.publish(subjects.interest("ws02"), b"")
                await window.flush()
                await heard.wait()


@contextlib.asynccontextmanager
async def signed_in(port: int, user: str) -> AsyncIterator[BusClient]:
    client = BusClient()
    url = f"nats://127.0.0.1:{port}"
    await client.connect(url, user=user, password="x", inbox_prefix=f"_INBOX_{user}", allow_reconnect=False)
    try:
        yield client
    finally:
        await client.close()
