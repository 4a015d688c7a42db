"""Processes of a desk that are stopped, and go on later: a collector that holds a shard, and a window."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from capflow_gui.desk.streams import all_stored
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import Beat, decode_beat
from capflow_gui.wire.desk.states import decode_flow
from tests.desk_bus import WITHIN_S, Bus, bus, client_of
from tests.desk_publisher import Publisher, lines, symbols, until
from tests.forked import COMMAND, DESKTOP
from tests.integration.collecting_process import LIST, collect
from tests.unit.providers.desk.linked import publishing

__all__ = ["bus"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    found = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield found
    finally:
        found.kill()
        found.communicate()


@contextlib.contextmanager
def stopped(found: subprocess.Popen[str]) -> Iterator[None]:
    found.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        found.send_signal(signal.SIGCONT)


@contextlib.asynccontextmanager
async def heard(bus: Bus) -> AsyncIterator[tuple[Client, list[Beat]]]:
    """A collector's client, and every beat from now on."""
    beats: list[Beat] = []

    async def hear(message: Msg) -> None:
        beats.append(decode_beat(message.data))

    async with client_of(bus, "collector") as client:
        await client.subscribe(subjects.LIVE_BEATS, cb=hear)
        yield client, beats


async def epochs(client: Client) -> set[int]:
    """Under which leases the stored states were published."""
    found = await all_stored(client, subjects.FLOW_STREAM, subjects.ALL_FLOW)
    return {decode_flow(each.payload).epoch for each in found} if len(found) == len(LIST) else set()


async def test_a_holder_that_is_stopped_is_followed_by_another_and_refused_when_it_goes_on(bus: Bus) -> None:
    with process(*DESKTOP, "-m", "tests.integration.collecting_process", "first", str(bus.port)) as first:
        async with heard(bus) as (client, beats):
            await until(lambda: any(beat.holder == "first" and beat.epoch for beat in beats))
            second = asyncio.create_task(collect("second", bus.port))
            try:
                await until(lambda: any(beat.holder == "second" for beat in beats))
                with stopped(first):
                    await until(lambda: beats[-1].holder == "second" and beats[-1].epoch)
                    epoch = beats[-1].epoch
                    async with asyncio.timeout(WITHIN_S):
                        while await epochs(client) != {epoch}:
                            await asyncio.sleep(0)
                    beats.clear()
                # It polls on, and its replies of the time before reach nobody.
                await until(lambda: sum(beat.holder == "first" for beat in beats) >= 5)
                assert {beat.epoch for beat in beats if beat.holder == "first"} == {0}
                assert await epochs(client) == {epoch}
            finally:
                second.cancel()
                await asyncio.wait({second})


async def test_a_window_that_is_stopped_has_everything_when_it_goes_on(bus: Bus, tmp_path: Path) -> None:
    """More is published meanwhile than a socket holds."""
    secret = tmp_path / "secret"
    secret.write_text(bus.secrets["ws01"], encoding="utf-8")
    secret.chmod(0o600)
    watched = symbols(2)
    source = f"desk://ws01@127.0.0.1:{bus.port}?secret={secret}"
    folders = ("--data-dir", str(tmp_path / "data"), "--config-dir", str(tmp_path / "config"))
    async with publishing(bus) as publisher:
        for seed, symbol in enumerate(watched):
            await publisher.publish(symbol, lines(20, seed))
        command = [*COMMAND, "watch", *map(str, watched), "--source", source, *folders, "--format", "jsonl"]
        with process(*command) as window:
            shown = await shows(window, publisher)
            with stopped(window):
                for _ in range(40):
                    for symbol in watched:
                        await publisher.grow(symbol)
                await publisher.beat()
            assert await shows(window, publisher, shown) == {str(symbol): 60 for symbol in watched}


async def shows(
    window: subprocess.Popen[str], publisher: Publisher, shown: dict[str, int] | None = None
) -> dict[str, int]:
    """Read what it prints until it has the lines of every symbol that was published; how many."""
    found = dict(shown or {})
    wanted = {str(symbol): len(state.lines) for symbol, state in publisher.states.items()}
    assert window.stdout is not None
    async with asyncio.timeout(WITHIN_S):
        while found != wanted:
            line = await asyncio.to_thread(window.stdout.readline)
            assert line, found
            told = json.loads(line)
            if told["type"] == "flow":
                found[told["symbol"]] = told["lines"]
    return found
