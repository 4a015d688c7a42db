"""A client of the bus ends whole: whenever it is closed or cancelled, no task of it is left, and none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.aio.msg import Msg

from capflow_gui.clock import SystemClock
from capflow_gui.network import system_trust
from capflow_gui.providers.desk.channel import DeskChannel, DeskConfig
from capflow_gui.providers.desk.client import BusClient
from capflow_gui.providers.desk.link import DeskLink
from capflow_gui.wire.desk import subjects
from tests.desk_bus import WITHIN_S, Bus, bus, client_of
from tests.desk_publisher import until
from tests.steps import Steps

__all__ = ["bus"]
at_each = pytest.mark.parametrize("with_answer", [False, True], ids=["while it waits", "with the answer"])


def tasks() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


async def _heard(_said: object = None) -> None:
    """What the client says."""


async def connected(bus: Bus, client: BusClient, *, allow_reconnect: bool = False) -> BusClient:
    await client.connect(
        bus.url,
        user="ws01",
        password=bus.secrets["ws01"],
        allow_reconnect=allow_reconnect,
        reconnect_time_wait=0,
        max_reconnect_attempts=-1,
        error_cb=_heard,
    )
    await client.subscribe(subjects.ALL_LIVE, cb=_heard)
    return client


async def each_step(run: Callable[[Steps], Coroutine[Any, Any, None]], *, with_answer: bool) -> int:
    """`run` once for each await of what it steps through, and its task cancelled there; how many they are."""
    number = 0
    while await step(run, number, with_answer):
        number += 1
    return number


async def step(run: Callable[[Steps], Coroutine[Any, Any, None]], number: int, with_answer: bool) -> bool:
    def cancel() -> None:
        running.cancel()

    own = tasks()
    steps = Steps(number, cancel, with_answer=with_answer)
    running = asyncio.ensure_future(run(steps))
    await asyncio.wait({running})
    assert tasks() == own
    if not running.cancelled():
        running.result()
    return steps.reached


@at_each
async def test_a_window_that_is_cancelled_while_it_connects_leaves_nothing(bus: Bus, with_answer: bool, monkeypatch):
    desk = DeskLink(DeskConfig("127.0.0.1", bus.port, "ws01"), _no_secret, SystemClock())
    sign_in = DeskChannel._sign_in

    async def run(steps: Steps) -> None:
        monkeypatch.setattr(DeskChannel, "_sign_in", lambda *about: steps.through(sign_in(*about)))
        channel = DeskChannel("desk", SystemClock(), desk._config, desk)
        await channel.connect(bus.secrets["ws01"], system_trust(), known=False)
        await channel._client.close()

    assert await each_step(run, with_answer=with_answer) > 3


async def _no_secret() -> str:
    raise AssertionError("nobody asks")


@at_each
async def test_a_client_that_is_closed_while_it_connects_anew_leaves_nothing(bus: Bus, with_answer: bool):
    async def run(steps: Steps) -> None:
        class Stepped(BusClient):
            async def _attempt_reconnect(self) -> None:
                await steps.through(super()._attempt_reconnect())

        client = await connected(bus, Stepped(), allow_reconnect=True)
        client._transport._io_writer.transport.abort()
        try:
            await until(lambda: client.stats["reconnects"] and client.is_connected)
        finally:
            await client.close()
            assert client.is_closed

    assert await each_step(run, with_answer=with_answer) > 3


@at_each
async def test_closing_that_is_cancelled_goes_on_to_its_end(bus: Bus, with_answer: bool):
    async def run(steps: Steps) -> None:
        class Stepped(BusClient):
            async def _close(self, status: int, do_cbs: bool = True) -> None:
                await steps.through(super()._close(status, do_cbs))

        client = await connected(bus, Stepped())
        try:
            await client.close()
        finally:
            assert client.is_closed

    assert await each_step(run, with_answer=with_answer) > 1


async def test_two_that_close_wait_both_until_it_is_closed(bus: Bus):
    own = tasks()
    client = await connected(bus, BusClient())
    await asyncio.gather(client.close(), client.close())
    assert tasks() == own
    await client.close()


async def test_one_of_its_own_callbacks_may_close_it(bus: Bus):
    own = tasks()
    client = await connected(bus, BusClient())

    async def close(_message: object) -> None:
        await client.close()

    await client.subscribe(subjects.LIVE_ASK, cb=close)
    async with client_of(bus, "collector") as other:
        await other.publish(subjects.LIVE_ASK, b"")
        await until(lambda: client.is_closed)
    await until(lambda: tasks() == own)


async def test_one_that_never_connected_has_nothing_to_close():
    await BusClient().close()


async def test_a_client_whose_last_words_cannot_be_sent_ends_whole(bus: Bus, monkeypatch):
    closed = asyncio.Event()

    async def close() -> None:
        closed.set()

    client = BusClient()
    await client.connect(
        bus.url, user="ws01", password=bus.secrets["ws01"], allow_reconnect=False, error_cb=_heard, closed_cb=close
    )
    subscription = await client.subscribe(subjects.ALL_LIVE, cb=_heard)
    waiting = subscription._wait_for_msgs_task

    async def drain() -> None:
        if client.is_connected:  # something comes to be sent, as the connection turns out to be lost
            await client.publish(subjects.interest("ws01"), b"")
        raise ConnectionResetError

    monkeypatch.setattr(client._transport, "drain", drain)
    await client.publish(subjects.interest("ws01"), b"")
    async with asyncio.timeout(WITHIN_S):
        await closed.wait()
    await until(waiting.done)


_LINE = st.lists(
    st.sampled_from([b"Name", b" ", b":", b"\t", b"\x1c", b"\xff", b"\xe4\xb8\xad", b"\r", b"1"]), max_size=6
)


@given(st.lists(_LINE.map(b"".join), max_size=4).map(b"\r\n".join))
@example(b"Nats-Sequence: 12\r\nTail:\tYWJj \r\nN o: no\r\n: nameless\r\nneither\r\n\r\n")
def test_headers_are_read_as_the_client_reads_them_but_for_those_without_a_name(raw: bytes):
    expected = Client._parse_header_lines(raw)
    expected.pop("", None)
    assert BusClient._parse_header_lines(raw) == expected


async def test_what_is_listened_to_is_heard_in_its_order_and_nothing_of_it_is_dropped(bus: Bus) -> None:
    client, told = client_of(bus, "collector"), list[Exception]()
    heard, asked = list[tuple[bytes, dict[str, str] | None]](), list[bytes]()

    async def tell(error: Exception) -> None:
        told.append(error)

    async def hear(message: Msg) -> None:
        asked.append(message.data)

    listener = BusClient()
    await listener.connect(bus.url, user="ws01", password=bus.secrets["ws01"], error_cb=tell)
    try:
        async with client as publisher:
            await listener.listen(subjects.LIVE_BEATS, lambda message: heard.append((message.data, message.headers)))
            await listener.subscribe(subjects.LIVE_ASK, cb=hear)
            await listener.flush()
            count = 2000
            for number in range(count):
                await publisher.publish(subjects.beat("0"), b"%d" % number, headers={"N": str(number)})
            await publisher.publish(subjects.LIVE_ASK, b"ask")
            await until(lambda: asked)
    finally:
        await listener.close()
    assert heard == [(b"%d" % number, {"N": str(number)}) for number in range(count)]
    assert told == []
