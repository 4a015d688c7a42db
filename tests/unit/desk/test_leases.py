from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from nats.js import JetStreamContext
from nats.js.errors import ServiceUnavailableError

from capflow_gui.clock import SystemClock
from capflow_gui.desk.leases import Leases
from capflow_gui.desk.shards import STANDBY, Shares
from capflow_gui.desk.streams import LEASE_STREAM, last_stored, set_up
from capflow_gui.reason import Code, Reason
from tests.desk_bus import WITHIN_S, Bus, client_of

LEASE_S = 0.6  # so that a test does not take long
KEY = "$KV.LEASE.shard0"


class Collector:
    """The leases of one collector, and a way to wait for what they become."""

    def __init__(self, name: str, shards: int = 1) -> None:
        self.clock = SystemClock()
        self.shares = Shares(name, shards, self.clock.monotonic())
        self._changed = asyncio.Event()
        self.leases = Leases(name, self.shares, self.clock, self._changed.set, LEASE_S)

    async def until(self, holds: Callable[[dict[str, int]], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not holds(self.leases.held):
                self._changed.clear()
                await self._changed.wait()

    @contextlib.asynccontextmanager
    async def running(self, js: JetStreamContext) -> AsyncIterator[None]:
        task = asyncio.create_task(self.leases.run(js))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})


async def test_one_of_two_holds_a_shard_and_keeps_it_by_renewing(bus: Bus) -> None:
    first, second = Collector("first"), Collector("second")
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, LEASE_S)
        async with first.running(js):
            await first.until(bool)
            epoch = first.leases.held["shard0"]
            async with second.running(js):
                # Longer than a lease, by renewals that the server saw.
                async with asyncio.timeout(WITHIN_S):
                    while (await js.stream_info(LEASE_STREAM)).state.last_seq < epoch + 6:
                        await asyncio.sleep(0)
            assert first.leases.held == {"shard0": epoch}
            assert second.leases.held == {}
            assert first.leases.epoch("shard0") == epoch
            assert second.leases.epoch("shard0") is None


async def test_the_lease_of_a_killed_holder_is_had_by_another_under_a_higher_epoch(bus: Bus) -> None:
    first, second = Collector("first"), Collector("second")
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, LEASE_S)
        async with first.running(js):
            await first.until(bool)
            epoch = first.leases.held["shard0"]
        # It renews no longer: of two holders at once there is none.
        async with second.running(js):
            await second.until(bool)
            assert first.leases.held == {}
            assert second.leases.held["shard0"] > epoch
        async with first.running(js):
            await first.until(lambda held: not first.leases._held)


async def test_a_shard_is_given_up_for_one_that_waits_and_is_had_at_once(bus: Bus) -> None:
    first, second = Collector("first", 2), Collector("second", 2)
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, LEASE_S)
        first.shares._began -= 10
        async with first.running(js):
            await first.until(lambda held: len(held) == 2)
            first.shares.heard(STANDBY, "second", first.clock.monotonic())
            await first.until(lambda held: len(held) == 1)
            second.shares.heard("shard0", "first", second.clock.monotonic())
            async with second.running(js):
                await second.until(bool)
            assert (list(first.leases.held), list(second.leases.held)) == (["shard0"], ["shard1"])


async def test_nothing_is_published_in_the_last_part_of_a_lease(bus: Bus) -> None:
    holder = Collector("first")
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, LEASE_S)
        async with holder.running(js):
            await holder.until(bool)
        held = holder.leases._held["shard0"]
        # It was renewed at `renew_at` less a third, and the server drops it later than a lease after that.
        assert held.until == pytest.approx(held.renew_at - LEASE_S / 3 + LEASE_S * 0.75)
        await holder.clock.sleep_until(held.until)
        assert holder.leases.epoch("shard0") is None
        assert await last_stored(js, LEASE_STREAM, KEY) is not None


async def test_a_renewal_waits_for_nothing_that_another_shard_is_asked(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a second shard has no holder, and the answer for it does not come."""
    holder = Collector("first", 2)
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        holder.leases.lease_s = 1.5
        await set_up(js, 1.5)
        publish = js.publish

        async def but_one(subject: str, payload: bytes, **named: Any) -> object:
            if subject.endswith("shard1"):
                await asyncio.Event().wait()
            return await publish(subject, payload, **named)

        monkeypatch.setattr(js, "publish", but_one)
        async with holder.running(js):
            await holder.until(bool)
            epoch = holder.leases.held["shard0"]
            async with asyncio.timeout(WITHIN_S):
                while (await js.stream_info(LEASE_STREAM)).state.last_seq < epoch + 2:
                    assert holder.leases.held == {"shard0": epoch}


async def test_an_answer_that_is_late_counts_while_the_lease_lasts(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = Collector("first")
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        holder.leases.lease_s = 4.0
        await set_up(js, 4.0)
        publish, waits = js.publish, list[float]()

        async def noted(subject: str, payload: bytes, **named: Any) -> object:
            waits.append(named["timeout"])
            return await publish(subject, payload, **named)

        monkeypatch.setattr(js, "publish", noted)
        async with holder.running(js):
            await holder.until(bool)
        await holder.leases.check(js, "shard0")
        assert waits[0] == 1.0
        assert waits[-1] == pytest.approx(3.5, abs=0.5)


async def test_a_lease_survives_the_server(bus: Bus) -> None:
    holder = Collector("first")
    holder.leases.lease_s = 5.0
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 5.0)
        async with holder.running(js):
            await holder.until(bool)
    bus.restart()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await holder.leases.check(js, "shard0")
        assert list(holder.leases.held) == ["shard0"]
        # Written, but the answer did not come: the same collector finds its own name there.
        holder.leases._held["shard0"].revision -= 1
        await holder.leases.check(js, "shard0")
        assert list(holder.leases.held) == ["shard0"]
        # Not renewed in time, and nobody has it: it is had once more, and was never said to be lost.
        before, names = holder.leases.held["shard0"], list[tuple[str, ...]]()
        holder.leases._changed = lambda: names.append(holder.leases.names)
        await js.purge_stream(LEASE_STREAM)
        await holder.leases.check(js, "shard0")
        assert holder.leases.held["shard0"] > before
        assert names == [("shard0",)]


class JumpingClock(SystemClock):
    """Real time, and what the process was frozen for."""

    frozen_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.frozen_s


async def test_a_holder_that_thaws_publishes_nothing_and_steps_down(bus: Bus) -> None:
    holder, successor = Collector("first"), Collector("second")
    clock = holder.leases._clock = JumpingClock()
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, LEASE_S)
        async with holder.running(js):
            await holder.until(bool)
        async with successor.running(js):
            await successor.until(bool)
        clock.frozen_s = LEASE_S
        # Before it has asked anybody.
        assert holder.leases.epoch("shard0") is None
        assert holder.leases.names == ("shard0",)
        await holder.leases.check(js, "shard0")
        assert holder.leases.names == ()


async def test_a_server_that_does_not_answer_leaves_the_lease_for_its_time(bus: Bus) -> None:
    holder = Collector("first")
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, LEASE_S)
        async with holder.running(js):
            await holder.until(bool)
            with bus.frozen():
                async with asyncio.timeout(WITHIN_S):
                    while holder.leases.held:
                        await holder.clock.sleep_until(holder.clock.monotonic() + 0.01)
            # The key is gone by then: it is had again, under another epoch.
            await holder.until(bool)


async def test_a_store_that_is_full_ends_no_connection_and_the_shard_stays_until_another_has_it(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    """What is polled and recorded goes on: nobody else can have the lease either."""
    expect_log("^WARNING .*the bus stores no lease: .*10023")
    holder, is_full = Collector("first"), asyncio.Event()
    async with client_of(bus, "collector") as client, asyncio.timeout(WITHIN_S):
        js = client.jetstream()
        await set_up(js, LEASE_S)
        publish = js.publish

        async def refused(*args: Any, **named: Any) -> Any:
            if is_full.is_set():
                raise ServiceUnavailableError(code=503, err_code=10023, description="insufficient resources")
            return await publish(*args, **named)

        monkeypatch.setattr(js, "publish", refused)
        async with holder.running(js):
            await holder.until(bool)
            epoch = holder.leases.held["shard0"]
            is_full.set()
            while holder.leases.held or await last_stored(js, LEASE_STREAM, KEY) is not None:
                await holder.clock.sleep_until(holder.clock.monotonic() + 0.01)
            assert holder.leases.trouble == Reason.of(Code.BUS_FULL, why="insufficient resources")
            assert holder.leases.names == ("shard0",)
            is_full.clear()
            await holder.until(bool)
            assert holder.leases.held["shard0"] > epoch
            assert holder.leases.trouble is None
