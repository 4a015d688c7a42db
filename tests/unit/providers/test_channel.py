"""Calls on one connection: each has its answer, its own time-out, or the end of the connection."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from capflow_gui.errors import ConnectionLost, RequestTimeout
from capflow_gui.providers.channel import Channel, os_words
from capflow_gui.reason import Code, Reason

LOST = ConnectionLost("opend", Reason.of(Code.SILENT, seconds=1.0))


class Wire:
    """A connection.Connection that numbers requests, and is due when a test says so."""

    def __init__(self) -> None:
        self.ready = True
        self.deadline: float | None = None
        self.forgotten: list[int] = []
        self.sent = 0

    def request(self, kind: int, body: bytes, now: float) -> tuple[int, bytes]:
        self.sent += 1
        return self.sent, body

    def forget(self, number: int) -> None:
        self.forgotten.append(number)

    def next_deadline(self) -> float | None:
        return self.deadline


class Line(Channel[str]):
    """Notes what is written, and lets a call expire on the timer."""

    def __init__(self, clock: Any, wire: Wire) -> None:
        super().__init__("opend", clock, wire)
        self.wire = wire
        self.written: list[bytes] = []
        self.closed = False

    def _write(self, data: bytes) -> None:
        self.written.append(data)

    def _on_timer(self, now: float) -> None:
        self.wire.deadline = now + 100
        self._settle(1, self._late(), now)

    async def _close(self) -> None:
        self.closed = True


@pytest.fixture
def wire() -> Wire:
    return Wire()


async def test_an_answer_ends_its_own_call_and_measures_it(hand_clock: Any, wire: Wire, settle_tasks: Any) -> None:
    line = Line(hand_clock, wire)
    first, second = (asyncio.create_task(line.call(3, body)) for body in (b"a", b"b"))
    await settle_tasks()
    assert line.written == [b"a", b"b"]
    hand_clock.move(0.25)
    line._settle(2, "for b", hand_clock.now)
    line._settle(7, "for nobody", hand_clock.now)
    assert await second == "for b"
    assert not first.done()
    assert line.latency_s == 0.25
    line._settle(1, ValueError("unreadable"), hand_clock.now)
    with pytest.raises(ValueError, match="unreadable"):
        await first
    assert line.latency_s == 0.25, "an error is no measure of the link"


async def test_a_cancelled_call_is_forgotten(hand_clock: Any, wire: Wire, settle_tasks: Any) -> None:
    line = Line(hand_clock, wire)
    call = asyncio.create_task(line.call(3, b"a"))
    await settle_tasks()
    call.cancel()
    with suppress(asyncio.CancelledError):
        await call
    assert wire.forgotten == [1]
    line._settle(1, "late", hand_clock.now)


async def test_the_first_reason_ends_every_call(hand_clock: Any, wire: Wire, settle_tasks: Any) -> None:
    line = Line(hand_clock, wire)
    calls = [asyncio.create_task(line.call(3, b"a")) for _ in range(2)]
    await settle_tasks()
    line.end(LOST)
    line.end(ConnectionLost("opend", Reason.of(Code.CLOSED)))
    for call in calls:
        with pytest.raises(ConnectionLost) as caught:
            await call
        assert caught.value.reason == LOST.reason
        assert caught.value.sent
    assert await line.ended is LOST
    with pytest.raises(ConnectionLost) as caught:
        await line.call(3, b"a")
    assert not caught.value.sent
    assert line.written == [b"a", b"a"]


async def test_before_the_login_nothing_is_sent(hand_clock: Any, wire: Wire) -> None:
    wire.ready = False
    line = Line(hand_clock, wire)
    with pytest.raises(ConnectionLost) as caught:
        await line.call(3, b"a")
    assert (caught.value.sent, line.written) == (False, [])


async def test_deadlines_are_kept_while_it_serves(hand_clock: Any, wire: Wire, settle_tasks: Any) -> None:
    line = Line(hand_clock, wire)
    wire.deadline = hand_clock.now + 3
    serving = asyncio.create_task(line.serve())
    call = asyncio.create_task(line.call(3, b"a"))
    await settle_tasks()
    hand_clock.move(2.9)
    await settle_tasks()
    assert not call.done()
    hand_clock.move(0.1)
    with pytest.raises(RequestTimeout):
        await call
    line.end(LOST)
    await serving
    assert line.closed


async def test_cancelled_it_closes(hand_clock: Any, wire: Wire, settle_tasks: Any) -> None:
    line = Line(hand_clock, wire)
    serving = asyncio.create_task(line.serve())
    await settle_tasks()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    assert line.closed
    assert (await line.ended).reason == Reason.of(Code.CLOSED)


def test_the_systems_own_words() -> None:
    assert os_words(ConnectionRefusedError(111, "Connection refused")) == "Connection refused"
    assert os_words(OSError("odd")) == "odd"
    assert os_words(ValueError("bad")) == "bad"
