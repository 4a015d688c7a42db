from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from nats.errors import TimeoutError as NoAnswer
from nats.js import JetStreamContext
from nats.js.errors import NoStreamResponseError

from capflow_gui.clock import SystemClock
from capflow_gui.desk.publisher import SAY_AGAIN_S, Publisher
from capflow_gui.desk.streams import last_stored, set_up
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.states import Facts, FlowState, decode_flow, decode_tail
from tests.desk_bus import WITHIN_S, Bus, client_of
from tests.unit.desk.conftest import state_of

SUBJECT = subjects.flow("opend", Symbol.parse("700.HK"))


class Holder:
    """A publisher whose lease a test gives and takes."""

    def __init__(self, name: str = "me", epoch: int | None = 5) -> None:
        self.epoch = epoch
        self.doubts = 0
        self.loses_it = False
        self.publisher = Publisher(name, SystemClock(), lambda _state: self.epoch, self._doubt)

    async def _doubt(self, js: JetStreamContext, state: FlowState) -> None:
        self.doubts += 1
        if self.loses_it:
            self.epoch = None

    @contextlib.asynccontextmanager
    async def running(self, js: JetStreamContext) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.publisher.run(js))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def until_idle(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            while self.publisher._queue or any(place.waiting for place in self.publisher._places.values()):
                await asyncio.sleep(0)


async def stored(js: JetStreamContext) -> tuple[FlowState, dict[str, str], int]:
    last = await last_stored(js, subjects.FLOW_STREAM, SUBJECT)
    assert last is not None
    return decode_flow(last.payload), last.headers, last.sequence


async def test_each_publish_is_the_whole_with_a_tail_against_the_one_before(bus: Bus) -> None:
    holder = Holder()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with holder.running(js):
            holder.publisher.put(state_of(count=3))
            await holder.until_idle()
            first, headers, _ = await stored(js)
            assert (first.epoch, first.rev, len(first.lines)) == (5, 1, 3)
            assert subjects.TAIL not in headers
            holder.publisher.put(state_of(count=4, at=2.0))
            await holder.until_idle()
            second, headers, sequence = await stored(js)
            assert (second.rev, len(second.lines)) == (2, 4)
            assert first.with_tail(decode_tail(headers[subjects.TAIL])).lines == second.lines
            assert holder.publisher.sequence == sequence == 2
            holder.epoch = 9
            holder.publisher.put(state_of(count=4, at=3.0))
            await holder.until_idle()
            third, headers, _ = await stored(js)
            assert (third.epoch, third.rev) == (9, 1)
            assert second.with_tail(decode_tail(headers[subjects.TAIL])).known.at == 3.0
            assert holder.doubts == 0


async def test_what_the_stream_has_is_not_said_again(bus: Bus) -> None:
    holder = Holder()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with holder.running(js):
            holder.publisher.put(state_of(at=1.0))
            await holder.until_idle()
            holder.epoch = None  # the lease lapses, and comes back under another number
            holder.publisher.put(state_of(at=1.0))
            await holder.until_idle()
            holder.epoch = 9
            holder.publisher.put(state_of(at=1.0))
            await holder.until_idle()
            found, _, sequence = await stored(js)
            assert (found.epoch, sequence, holder.publisher.published) == (5, 1, 1)


async def test_a_successor_goes_on_from_what_is_stored(bus: Bus) -> None:
    old, new = Holder("old", 5), Holder("new", 8)
    facts = Facts("Tencent", "stock", 100, "HKD")
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with old.running(js):
            old.publisher.put(replace(state_of(count=3), facts=facts))
            await old.until_idle()
        before, _, _ = await stored(js)
        async with new.running(js):
            new.publisher.put(state_of(count=5, at=2.0))
            await new.until_idle()
        after, headers, _ = await stored(js)
        assert (after.epoch, after.rev, after.facts) == (8, 1, facts)
        assert before.with_tail(decode_tail(headers[subjects.TAIL])).says_the_same(after)


async def test_what_is_stored_and_cannot_be_read_is_replaced_whole(bus: Bus) -> None:
    holder = Holder()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        await js.publish(SUBJECT, b"?")
        async with holder.running(js):
            holder.publisher.put(state_of())
            await holder.until_idle()
        found, headers, _ = await stored(js)
        assert (found.rev, subjects.TAIL in headers) == (1, False)


async def test_a_slow_answer_holds_up_its_own_symbol_alone(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = Holder()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        publish, answers = js.publish, asyncio.Event()

        async def slow(subject: str, payload: bytes, **named: Any) -> object:
            ack = await publish(subject, payload, **named)
            if subject == SUBJECT:
                await answers.wait()
            return ack

        monkeypatch.setattr(js, "publish", slow)
        async with holder.running(js), asyncio.timeout(WITHIN_S):
            holder.publisher.put(state_of(at=1.0))
            for number in range(1, 12):
                holder.publisher.put(state_of(f"{number}.HK"))
            while holder.publisher.published < 11:
                await asyncio.sleep(0)
            # What comes meanwhile waits for the answer, and is one message more.
            holder.publisher.put(state_of(at=2.0))
            holder.publisher.put(state_of(at=3.0))
            assert not holder.publisher._queue
            answers.set()
            await holder.until_idle()
            found, _, sequence = await stored(js)
            assert (found.known.at, found.rev, sequence) == (3.0, 2, 13)


async def test_a_late_writer_is_refused_once_its_successor_has_written(bus: Bus) -> None:
    old, new = Holder("old", 5), Holder("new", 8)
    old.loses_it = True
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with old.running(js), new.running(js):
            old.publisher.put(state_of(at=1.0))
            await old.until_idle()
            new.publisher.put(state_of(at=2.0))
            await new.until_idle()
            old.publisher.put(state_of(at=3.0))
            await old.until_idle()
            found, _, _ = await stored(js)
            assert (found.epoch, found.known.at) == (8, 2.0)
            assert (old.doubts, new.doubts) == (1, 0)
            # The successor goes on as if nothing had been.
            new.publisher.put(state_of(at=4.0))
            await new.until_idle()
            assert (await stored(js))[0].known.at == 4.0


async def test_a_holder_writes_over_what_its_frozen_predecessor_still_got_in(bus: Bus) -> None:
    old, new = Holder("old", 5), Holder("new", 8)
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with old.running(js), new.running(js):
            new.publisher.put(state_of(at=1.0))
            await new.until_idle()
            old.publisher.put(state_of(at=2.0))
            await old.until_idle()
            new.publisher.put(state_of(at=3.0))
            await new.until_idle()
            found, headers, _ = await stored(js)
            assert (found.epoch, found.known.at, new.doubts) == (8, 3.0, 1)
            assert subjects.TAIL in headers


async def test_a_publish_whose_answer_was_lost_is_stored_once(bus: Bus) -> None:
    holder = Holder()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with holder.running(js):
            holder.publisher.put(state_of(at=1.0))
            await holder.until_idle()
        place = holder.publisher._places[SUBJECT]
        said = place.said
        assert said is not None
        place.unsure, place.sequence, place.said = ("me-1", said), None, None
        place.waiting = replace(said, epoch=0, rev=0)
        holder.publisher._queue[SUBJECT] = None
        async with holder.running(js):
            await holder.until_idle()
            assert (await stored(js))[2] == 1
            # And the next one has a tail against it.
            holder.publisher.put(state_of(count=4, at=2.0))
            await holder.until_idle()
            found, headers, sequence = await stored(js)
            assert (found.rev, sequence) == (2, 2)
            assert subjects.TAIL in headers


async def test_whoever_holds_nothing_publishes_nothing(bus: Bus) -> None:
    holder = Holder(epoch=None)
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with holder.running(js):
            holder.publisher.put(state_of())
            await holder.until_idle()
            assert await last_stored(js, subjects.FLOW_STREAM, SUBJECT) is None


async def test_a_stream_that_was_deleted_ends_it_and_everything_is_said_again(bus: Bus) -> None:
    holder = Holder()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with holder.running(js):
            for at in (0.5, 1.0):
                holder.publisher.put(state_of(at=at))
                await holder.until_idle()
        assert holder.publisher.sequence == 2
        await js.delete_stream(subjects.FLOW_STREAM)
        async with holder.running(js) as task:
            holder.publisher.put(state_of(at=2.0))
            async with asyncio.timeout(WITHIN_S):
                with pytest.raises(NoStreamResponseError):
                    await task
        await set_up(js, 4.0)
        holder.publisher.forget()
        async with holder.running(js):
            await holder.until_idle()
            assert (await stored(js))[0].known.at == 2.0
        assert holder.publisher.sequence == 1


async def test_what_cannot_be_published_is_said_once_and_holds_nobody_up(bus: Bus, expect_log: object) -> None:
    holder = Holder()
    expect_log("A..B.US cannot be published")  # type: ignore[operator]
    expect_log("1.US cannot be published")  # type: ignore[operator]
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        async with holder.running(js):
            for _ in range(2):
                holder.publisher.put(replace(state_of(), symbol=Symbol.parse("A..B.US")))
                holder.publisher.put(replace(state_of(count=2000), symbol=Symbol.parse("1.US")))
            holder.publisher.put(state_of())
            await holder.until_idle()
            assert (await stored(js))[0].rev == 1


async def test_a_store_that_is_full_is_said_and_what_waits_is_published_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("the bus does not store: .*10023|the bus does not store: ")
    expect_log("the bus stores again")
    monkeypatch.setattr("capflow_gui.desk.serving.configuration._MOST_STORED", "60KB")
    monkeypatch.setattr("capflow_gui.desk.publisher._FULL_S", 0.1)
    server = Bus(tmp_path / "bus")
    server.start()
    try:
        holder = Holder()
        async with client_of(server, "collector") as client:
            js = client.jetstream()
            await set_up(js, 4.0)
            filled = [Symbol(Market.US, f"A{number}") for number in range(40)]
            for symbol in filled:
                await client.publish(subjects.flow("demo", symbol), bytes(4000))
            await client.flush()
            async with holder.running(js):
                holder.publisher.put(state_of(count=390))
                async with asyncio.timeout(WITHIN_S):
                    while holder.publisher.trouble is None:
                        await asyncio.sleep(0)
                assert holder.publisher.trouble.code == "bus_full"
                await js.purge_stream(subjects.FLOW_STREAM)
                await holder.until_idle()
                assert holder.publisher.trouble is None
                assert len((await stored(js))[0].lines) == 390
    finally:
        server.kill()


async def test_a_server_that_answers_no_publish_is_said_after_the_second(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("the bus does not store: it answers no publish")
    expect_log("the bus stores again")
    holder, troubles = Holder(), list[str]()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)

        async def unanswered(*_args: object, **_named: object) -> None:
            troubles.append("" if holder.publisher.trouble is None else holder.publisher.trouble.code)
            raise NoAnswer

        with monkeypatch.context() as patch:
            patch.setattr(js, "publish", unanswered)
            holder.publisher.put(state_of(count=3))
            async with holder.running(js), asyncio.timeout(WITHIN_S):
                while len(troubles) < 3:
                    await asyncio.sleep(0)
        assert troubles[:3] == ["", "", "bus_stores_nothing"]
        async with holder.running(js):
            await holder.until_idle()
        assert holder.publisher.trouble is None
        assert len((await stored(js))[0].lines) == 3


class Later(SystemClock):
    """Some time later than it is."""

    later_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.later_s


async def test_what_the_server_forgets_is_said_again_of_a_symbol_that_rests(bus: Bus) -> None:
    """Else a window that starts on a Monday has nothing of it before the market opens."""
    clock = Later()
    symbol = Symbol.parse("700.HK")
    publisher = Publisher("me", clock, lambda _state: 5, Holder()._doubt)
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        running = asyncio.create_task(publisher.run(js))
        try:
            for state in (state_of(count=3), state_of("5.HK")):
                publisher.put(state)
            await until_sequence(js, 2)
            publisher.refresh({symbol})
            assert not publisher._queue
            clock.later_s += SAY_AGAIN_S
            publisher.refresh({symbol})  # 5.HK is polled no longer
            await until_sequence(js, 3)
            again, headers, _ = await stored(js)
            assert (again.rev, decode_tail(headers[subjects.TAIL]).start) == (2, 3)
            # The computer slept for days, and the server did not.
            await js.purge_stream(subjects.FLOW_STREAM)
            clock.later_s += 4 * SAY_AGAIN_S
            publisher.refresh({symbol})
            await until_sequence(js, 4)
            again, headers, _ = await stored(js)
            assert (len(again.lines), subjects.TAIL in headers) == (3, False)
            publisher.refresh({symbol})
            assert not publisher._queue
        finally:
            running.cancel()
            await asyncio.wait({running})


async def until_sequence(js: JetStreamContext, last: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (await js.stream_info(subjects.FLOW_STREAM)).state.last_seq != last:
            await asyncio.sleep(0)
