"""`watch --record` as a program of its own: killed, started again, and what it says where it cannot record."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.domain.session import Calendar
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.storage.database import Database
from tests.forked import COMMAND
from tests.integration.hurried_clock import PatientClock
from tests.integration.test_recording import LIST, TENCENT, at, recorded, same_day

ROOT = Path(__file__).parents[2]
WITHIN_S = 60.0


@pytest.fixture
async def simulator(sessions: Calendar) -> AsyncIterator[OpendSimulator]:
    config = SimulatorConfig(clock="2026-06-10T09:58:00+08:00", rate_limit=None)
    async with OpendSimulator(config, clock=PatientClock(), calendar=sessions) as running:
        yield running


async def start(folder: Path, simulator: OpendSimulator, *more: str) -> Process:
    """A `watch --record` in a profile of its own; `folder` holds its data."""
    words = [*map(str, LIST), "--source", f"opend://127.0.0.1:{simulator.port}", "--record", "--interval", "1", *more]
    folders = ["--data-dir", str(folder), "--config-dir", str(folder / "config")]
    # A quota of its own: the programs of a test would wait for each other's calls, half a minute at a time.
    own = {"HOME": str(folder), "XDG_STATE_HOME": f"{folder}-state", "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(
        *COMMAND, "watch", *folders, *words, cwd=ROOT, env=os.environ | own, stdout=PIPE, stderr=PIPE
    )


@asynccontextmanager
async def running(folder: Path, simulator: OpendSimulator, *more: str) -> AsyncIterator[Process]:
    """Ends it with Ctrl-C, unless it is over."""
    process = await start(folder, simulator, *more)
    try:
        yield process
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            _, err = await asyncio.wait_for(process.communicate(), WITHIN_S)
            assert b"Traceback" not in err, err.decode()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def asked(folder: Path, what: str) -> int:
    """A number of the archive; 0 before there is one."""
    if not (folder / FILE_NAME).exists():
        return 0
    with closing(sqlite3.connect(folder / FILE_NAME)) as file, suppress(sqlite3.OperationalError):
        found: int = file.execute(f"SELECT {what} FROM day").fetchone()[0] or 0  # noqa: S608
        return found
    return 0


def files(folder: Path) -> set[str]:
    """What lies in a folder, and in those below it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


async def until(condition: Callable[[], object]) -> None:
    """Look often: another program works."""
    clock = PatientClock()
    deadline = clock.monotonic() + WITHIN_S
    while not condition():
        assert clock.monotonic() < deadline, f"never came true: {condition}"
        await clock.sleep_until(clock.monotonic() + 0.05)


async def test_killed_at_ten_and_started_at_twenty_to_four_the_day_is_whole(
    simulator: OpendSimulator, tmp_path: Path
) -> None:
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    async with running(whole, simulator):
        killed = await start(pieces, simulator)
        simulator.market_clock.set(at(10))
        await until(lambda: asked(pieces, "sum(polls)") > 4 and asked(whole, "sum(polls)") > 4)
        killed.send_signal(signal.SIGKILL)
        await killed.communicate()
        simulator.market_clock.set(at(15, 40))
        async with running(pieces, simulator):
            await until(lambda: min(asked(each, "min(last_received)") for each in (pieces, whole)) > at(15, 39))
            simulator.market_clock.set(at(16, 13))
            await until(lambda: asked(pieces, "sum(complete)") == asked(whole, "sum(complete)") == len(LIST))
    ours, theirs = recorded(pieces), recorded(whole)
    assert ours.keys() == theirs.keys() == set(LIST)
    assert all(same_day(ours[symbol], theirs[symbol]) for symbol in LIST)
    assert len(ours[TENCENT]) == 331
    with closing(sqlite3.connect(pieces / FILE_NAME)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_what_cannot_be_recorded_is_said_on_stderr_and_the_watch_goes_on(
    simulator: OpendSimulator, tmp_path: Path
) -> None:
    newer, real = tmp_path / "newer", tmp_path / "real"
    Database.open(newer / FILE_NAME, SCHEMA, simulated=True).close()
    with closing(sqlite3.connect(newer / FILE_NAME)) as file:
        file.execute(f"PRAGMA user_version = {SCHEMA.version + 1}")
    Database.open(real / FILE_NAME, SCHEMA, simulated=False).close()
    said: dict[Path, str] = {}
    for folder in (newer, real):
        process = await start(folder, simulator, "--for", "4", "--format", "jsonl")
        out, err = await asyncio.wait_for(process.communicate(), WITHIN_S)
        said[folder] = err.decode()
        assert process.returncode == 0
        assert b'"type": "flow"' in out
    assert said[newer].count("archive.version-1.db") == 1
    assert said[real].count("gives simulated figures, and this profile records real sources only") == 1


async def test_the_users_own_profile_records_no_simulator(simulator: OpendSimulator, tmp_path: Path) -> None:
    words = ["700.HK", "--source", f"opend://127.0.0.1:{simulator.port}", "--record", "--for", "3"]
    folders = {name: str(tmp_path / name) for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)} | folders
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "watch", *words, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE
    )
    _, err = await asyncio.wait_for(process.communicate(), WITHIN_S)
    assert process.returncode == 0
    assert "gives simulated figures, and this profile records real sources only" in err.decode()
    data = tmp_path / "XDG_DATA_HOME"
    assert "capflow/archive.db" not in files(data)
