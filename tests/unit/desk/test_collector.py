"""Collectors over simulated brokers and a real bus."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from nats.aio.client import Client

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.clock import SystemClock
from capflow_gui.desk.bus import BusAccess
from capflow_gui.desk.collector import Collector, CollectorConfig
from capflow_gui.desk.status import DeskStatus, look
from capflow_gui.desk.streams import all_stored, flow_stream
from capflow_gui.domain.link import LinkFact, LinkPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.feed.source_feed import Pace
from capflow_gui.monitor import Monitor
from capflow_gui.paths import Paths
from capflow_gui.present.desk.status_lines import to_table
from capflow_gui.present.reasons import reason_words
from capflow_gui.providers.base import PushedAlert
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.sources import open_demo, open_demo_pair, open_source
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import Interest, SharedAlert, decode_alert, decode_beat, encode_ack, encode_interest
from capflow_gui.wire.desk.states import FlowState, decode_flow
from capflow_gui.wire.opend.protocol import OpendConnection
from tests.desk_bus import WITHIN_S, Bus, client_of
from tests.unit.providers.desk.linked import linked

LEASE_S, BEAT_S = 2.0, 0.2
LIST = tuple(map(Symbol.parse, ("700.HK", "5.HK", "388.HK", "941.HK", "1299.HK", "9988.HK")))


class Desk:
    """Collectors of one desk, each with a simulated broker of its own."""

    def __init__(self, bus: Bus, calendar: Calendar, shards: int = 1) -> None:
        self.bus = bus
        self.calendar = calendar
        self.shards = shards

    async def _secret(self) -> str:
        return self.bus.secrets["collector"]

    @contextlib.asynccontextmanager
    async def collector(
        self, me: str, own: tuple[Symbol, ...] = LIST, rules: tuple[str, ...] = ()
    ) -> AsyncIterator[Collector]:
        clock = SystemClock()
        config = SimulatorConfig(symbols=list(LIST))
        access = BusAccess(DeskConfig("127.0.0.1", self.bus.port, "collector"), self._secret)
        async with open_demo("opend", clock, config) as source:
            table = RuleTable(rules=map(parse_rule, rules))
            monitor = Monitor([source], [], calendar=self.calendar, clock=clock, rules=table, pace=Pace(1.0, 1.0, True))
            taking_part = CollectorConfig(me, self.shards, own, {"opend": "opend"}, frozenset(), LEASE_S, BEAT_S)
            collector = Collector(monitor, taking_part, access, clock)
            tasks = [asyncio.create_task(monitor.run()), asyncio.create_task(collector.run())]
            try:
                yield collector
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)


async def until(holds: Callable[[], object]) -> None:
    """Look until something holds."""
    clock = SystemClock()
    async with asyncio.timeout(WITHIN_S):
        while not holds():
            await clock.sleep_until(clock.monotonic() + 0.01)


async def states(client: Client) -> dict[Symbol, FlowState]:
    found = await all_stored(client, subjects.FLOW_STREAM, subjects.ALL_FLOW)
    return {subjects.read_flow(each.subject)[1]: decode_flow(each.payload) for each in found}


async def until_stored(client: Client, wanted: Collection[Symbol] = LIST) -> None:
    """Look until the bus keeps a state of each of these symbols and of no other."""
    async with asyncio.timeout(WITHIN_S):
        while set(await states(client)) != set(wanted):
            await asyncio.sleep(0)


async def test_what_it_publishes_is_what_it_has(bus: Bus, calendar: Calendar) -> None:
    async with Desk(bus, calendar).collector("a") as collector, client_of(bus, "ws01") as window:
        await until(lambda: collector.publisher.published >= 2 * len(LIST))
        await until_stored(window)
        found = await states(window)
        for symbol, state in found.items():
            row = collector.monitor.row(symbol)
            assert (state.source, state.kind, state.simulated, state.session) == (
                "opend",
                "opend",
                True,
                row.series.session,
            )
            assert state.facts is not None
            assert state.facts.name == row.name
            assert len(state.lines) > 0
            assert state.epoch == collector.leases.held["shard0"]


async def test_what_came_while_the_lease_had_lapsed_is_said_with_the_next_one(
    bus: Bus, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a symbol that was never said before, and is perhaps not asked for again."""
    async with Desk(bus, calendar).collector("a") as collector:
        with monkeypatch.context() as lapsed:
            lapsed.setattr(collector.leases, "epoch", lambda _shard: None)
            await until(lambda: set(collector.monitor.symbols) == set(LIST))
            await until(lambda: all(collector.monitor.row(symbol).series is not None for symbol in LIST))
            await until(lambda: set(collector._sources) == set(LIST))
            assert collector.publisher.published == 0
        collector._leases_changed()
        assert len(collector.publisher._queue) == len(LIST)


async def test_windows_are_polled_for_and_what_they_show_is_shown(bus: Bus, calendar: Calendar) -> None:
    async with Desk(bus, calendar).collector("a", own=()) as collector, client_of(bus, "ws01") as window:
        await until(lambda: collector.leases.held)
        assert collector.monitor.symbols == ()
        await window.publish(subjects.interest("ws01"), encode_interest(Interest(LIST[:3], LIST[:1], 30.0)))
        await until(lambda: collector.publisher.published >= 3)
        assert set(collector.monitor.symbols) == set(LIST[:3])
        assert collector._subscription.shown == LIST[:1]
        await window.publish(subjects.interest("ws01"), encode_interest(Interest(LIST[:1], (), 30.0)))
        await until(lambda: collector.monitor.symbols == LIST[:1])
        await window.publish(subjects.interest("ws01"), encode_interest(Interest(LIST[:1], (), 0.1)))
        await until(lambda: collector.monitor.symbols == ())


async def test_two_windows_of_one_user_are_both_polled_for(bus: Bus, calendar: Calendar) -> None:
    async with Desk(bus, calendar).collector("a", own=()) as collector, client_of(bus, "ws01") as window:
        await until(lambda: collector.leases.held)
        for number, symbol in enumerate(LIST[:2]):
            wanted = Interest((symbol,), (), 30.0, f"w{number}")
            await window.publish(subjects.interest("ws01"), encode_interest(wanted))
        await until(lambda: set(collector.monitor.symbols) == set(LIST[:2]))
        await until(lambda: collector.publisher.published >= 2)


async def test_garbage_of_one_window_is_said_once_and_disturbs_nobody(
    bus: Bus, calendar: Calendar, expect_log: Callable[[str], None]
) -> None:
    expect_log("^WARNING .*unread: capflow.v1.interest.ws01: desk_unreadable")
    async with (
        Desk(bus, calendar).collector("a", own=()) as collector,
        client_of(bus, "ws01") as bad,
        client_of(bus, "ws02") as good,
    ):
        await until(lambda: collector.leases.held)
        js = bad.jetstream()
        for number in range(50):
            await bad.publish(subjects.interest("ws01"), bytes([193, number]) * number)
        await js.publish(subjects.ack("ws01", "nothing"), b"x")
        odd = msgspec.msgpack.encode([1, ["A*.US", ">", str(LIST[0])], [], 30.0])
        await bad.publish(subjects.interest("ws01"), odd)
        await good.publish(subjects.interest("ws02"), encode_interest(Interest(LIST[1:3], (), 30.0)))
        await until(lambda: collector.publisher.published >= 3)
        assert set(collector.monitor.symbols) == set(LIST[:3])
        await until(lambda: collector.unread.recent().get("ws01", (0,))[0] == 52)
        (told,) = (reason for reason in collector.troubles if reason.code is Code.DESK_UNREAD)
        assert (told.get("user"), told.get("count")) == ("ws01", 52)


async def test_more_than_can_be_polled_for_all_windows_is_said(
    bus: Bus, calendar: Calendar, expect_log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("windows want 3 symbols, and 2 of them")
    monkeypatch.setattr("capflow_gui.desk.collector.MOST_WATCHED", 2)
    async with Desk(bus, calendar).collector("a", own=()) as collector, client_of(bus, "ws01") as window:
        await until(lambda: collector.leases.held)
        await window.publish(subjects.interest("ws01"), encode_interest(Interest(LIST[:3], LIST[2:3], 30.0)))
        await until(lambda: set(collector.monitor.symbols) == {LIST[2], LIST[0]})
        assert Reason.of(Code.DESK_MOST_POLLED, count=3, most=2) in collector.troubles
        await window.publish(subjects.interest("ws01"), encode_interest(Interest(LIST[:2], (), 30.0)))
        await until(lambda: set(collector.monitor.symbols) == set(LIST[:2]))
        assert collector.troubles == ()


async def test_beats_say_who_holds_what_and_how_the_source_is(bus: Bus, calendar: Calendar) -> None:
    async with client_of(bus, "ws01") as window:
        beats = await window.subscribe(subjects.LIVE_BEATS)
        asks = await window.subscribe(subjects.LIVE_ASK)
        await window.flush()
        async with Desk(bus, calendar).collector("a") as collector:
            await asks.next_msg(WITHIN_S)
            await until(lambda: collector.publisher.published >= len(LIST))
            async with asyncio.timeout(WITHIN_S):
                while True:
                    message = await beats.next_msg(WITHIN_S)
                    beat = decode_beat(message.data)
                    if beat.sequence >= len(LIST):
                        break
            assert (message.subject, beat.shard, beat.holder) == ("capflow.v1.live.beat.shard0", "shard0", "a")
            assert (beat.symbols, beat.shards, beat.epoch) == (len(LIST), 1, collector.leases.held["shard0"])
            (source,) = beat.sources
            assert (source.name, source.simulated, source.phase, source.limit) == ("opend", True, "ready", 30)
            assert source.used >= len(LIST)
            assert source.market_now is not None


async def test_two_collectors_share_the_symbols_and_one_takes_over(bus: Bus, calendar: Calendar) -> None:
    desk = Desk(bus, calendar, shards=2)
    async with client_of(bus, "ws01") as window, desk.collector("a") as first:
        await until(lambda: len(first.leases.held) == 2)
        async with desk.collector("b") as second:
            await until(lambda: len(first.leases.held) == len(second.leases.held) == 1)
            await until(
                lambda: len(second.monitor.symbols) and second.publisher.published >= len(second.monitor.symbols)
            )
            await until_stored(window)
            assert not set(first.monitor.symbols) & set(second.monitor.symbols)
            assert set(first.monitor.symbols) | set(second.monitor.symbols) == set(LIST)
            theirs = set(second.monitor.symbols)
            epochs = {symbol: state.epoch for symbol, state in (await states(window)).items()}
        began = time.monotonic()
        await until(lambda: set(first.monitor.symbols) == set(LIST))
        async with asyncio.timeout(6):
            while not all(
                state.epoch > epochs[symbol] for symbol, state in (await states(window)).items() if symbol in theirs
            ):
                await asyncio.sleep(0)
        assert time.monotonic() - began < 6
        assert first.monitor.budgets[0].refused == 0


async def test_collectors_that_join_one_after_the_other_come_to_the_same_share(bus: Bus, calendar: Calendar) -> None:
    """The first has all four shards when the second comes, which was left with one."""
    desk = Desk(bus, calendar, shards=4)
    async with desk.collector("a") as first:
        await until(lambda: len(first.leases.held) == 4)
        async with desk.collector("b") as second:
            await until(lambda: len(first.leases.held) == len(second.leases.held) == 2)
            assert not set(first.leases.held) & set(second.leases.held)
            await until(lambda: set(first.monitor.symbols) | set(second.monitor.symbols) == set(LIST))


async def test_what_a_collector_held_that_is_stopped_is_taken_over_within_a_second(
    bus: Bus, calendar: Calendar
) -> None:
    """All its shards; a killed one's are free after a lease of two seconds."""
    desk = Desk(bus, calendar, shards=4)
    async with contextlib.AsyncExitStack() as second:
        async with desk.collector("a") as first:
            await until(lambda: len(first.leases.held) == 4)
            waiting = await second.enter_async_context(desk.collector("b"))
            await until(lambda: waiting.leases.held)
            taken_over = 4 - len(waiting.leases.held)
            began = time.monotonic()
        await until(lambda: len(waiting.leases.held) == 4)
        assert taken_over > 1
        assert time.monotonic() - began < 1.0
        await until(lambda: set(waiting.monitor.symbols) == set(LIST))


async def test_an_alert_whose_shard_goes_to_another_collector_and_back_is_told_once(
    bus: Bus, calendar: Calendar
) -> None:
    desk, rules = Desk(bus, calendar, shards=2), ("*: net >= -999B",)

    def stands(collector: Collector) -> bool:
        standing = {record.symbol for record in collector.monitor.alerts if record.standing}
        return standing == set(collector.monitor.symbols) != set()

    async with desk.collector("a", rules=rules) as first, linked(bus) as window:
        told: list[PushedAlert] = []
        window.provider.on_alert(told.append)
        await until(lambda: len(first.leases.held) == 2 and set(first.monitor.symbols) == set(LIST) and stands(first))
        await until(lambda: len({each.record.id for each in told}) == len(LIST))
        async with desk.collector("b", rules=rules) as second:
            await until(lambda: len(second.leases.held) == len(first.leases.held) == 1 and stands(second))
        await until(lambda: len(first.leases.held) == 2 and set(first.monitor.symbols) == set(LIST) and stands(first))
        await until(lambda: not first.alerts._queue and not first.alerts._gone)
        assert {(each.record.told, each.record.seen, each.record.standing) for each in told} == {(1, 0, True)}


async def test_what_stands_at_a_collector_that_is_stopped_goes_on_at_its_next_start(
    bus: Bus, calendar: Calendar
) -> None:
    """What it would end on its way out it would raise and tell once more."""
    async with Desk(bus, calendar).collector("a", rules=("*: net >= -999B",)) as collector:
        await until(lambda: {record.symbol for record in collector.monitor.alerts if record.standing} == set(LIST))
    assert collector.leases.names == ()  # they were given back
    assert all(record.standing for record in collector.monitor.alerts)


async def test_one_that_is_stopped_while_the_server_hangs_ends_in_time(bus: Bus, calendar: Calendar) -> None:
    async with contextlib.AsyncExitStack() as stack:
        collector = await stack.enter_async_context(Desk(bus, calendar).collector("a"))
        await until(lambda: collector.leases.held)
        with bus.frozen():
            began = time.monotonic()
            await stack.aclose()
            assert time.monotonic() - began < 4.0


async def test_a_server_that_was_killed_has_everything_again(
    bus: Bus, calendar: Calendar, expect_log: Callable[[str], None]
) -> None:
    expect_log("the bus: ")
    expect_log("the bus at .* is there again")
    async with Desk(bus, calendar).collector("a") as collector:
        await until(lambda: collector.publisher.published >= len(LIST))
        bus.kill()
        await until(lambda: [reason.code for reason in collector.troubles][:1] == ["bus_absent"])
        bus.start()
        before = collector.publisher.published
        await until(lambda: collector.publisher.published >= before + len(LIST))
        assert collector.troubles == ()


async def test_a_store_that_was_deleted_is_filled_again(
    bus: Bus, calendar: Calendar, expect_log: Callable[[str], None]
) -> None:
    expect_log("the bus lost what it held")
    async with Desk(bus, calendar).collector("a") as collector, client_of(bus, "collector") as other:
        await until(lambda: collector.publisher.published >= len(LIST))
        js = other.jetstream(timeout=WITHIN_S)
        await js.delete_stream(subjects.FLOW_STREAM)
        async with asyncio.timeout(WITHIN_S):
            while await flow_stream(js) is None:
                await asyncio.sleep(0)
        await until_stored(other)


async def test_an_alert_reaches_everybody_and_anybody_acknowledges_it(bus: Bus, calendar: Calendar) -> None:
    desk = Desk(bus, calendar)
    async with client_of(bus, "ws01") as window:
        live = await window.subscribe(subjects.LIVE_ALERTS)
        await window.flush()
        async with desk.collector("a", LIST[:1], ("700.HK: net <= 900B",)) as collector:

            async def told(holds: Callable[[SharedAlert], bool]) -> SharedAlert:
                async with asyncio.timeout(WITHIN_S):
                    while True:
                        shared = decode_alert((await live.next_msg(WITHIN_S)).data)
                        if holds(shared):
                            return shared

            raised = await told(lambda shared: shared.record.standing and not shared.record.cannot_judge)
            assert (raised.acknowledged_by, raised.record.seen) == (None, 0)
            js = window.jetstream()
            await js.publish(subjects.ack("ws01", raised.record.id), encode_ack(raised.record.told, 1.7e9))
            seen = await told(lambda shared: shared.acknowledged_by is not None)
            assert (seen.record.id, seen.acknowledged_by, seen.acknowledged_at) == (raised.record.id, "ws01", 1.7e9)
            assert all(record.acknowledged for record in collector.monitor.alerts if record.id == raised.record.id)


async def test_of_two_logins_each_has_its_part_of_each_shard_and_one_takes_over_from_the_other(
    bus: Bus, calendar: Calendar, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    monkeypatch.setattr("capflow_gui.feed.routing.assignment.DOWN_GRACE_S", 0.5)
    expect_log("opend-2")
    clock = SystemClock()
    config = SimulatorConfig(symbols=list(LIST))
    access = BusAccess(DeskConfig("127.0.0.1", bus.port, "collector"), Desk(bus, calendar)._secret)
    async with open_demo("opend", clock, config) as one, contextlib.AsyncExitStack() as other:
        two = await other.enter_async_context(open_demo("opend-2", clock, config))
        monitor = Monitor([one, two], [], calendar=calendar, clock=clock, pace=Pace(1.0, 1.0, True), own_sources={})
        kinds = {"opend": "opend", "opend-2": "opend"}
        taking_part = CollectorConfig("a", 2, LIST, kinds, frozenset(), LEASE_S, BEAT_S)
        collector = Collector(monitor, taking_part, access, clock)
        tasks = [asyncio.create_task(monitor.run()), asyncio.create_task(collector.run())]
        try:
            await until(lambda: all(symbol in monitor.symbols and monitor.row(symbol).series for symbol in LIST))
            asked = [set(feed.watched) for feed in monitor.feeds]
            assert asked[0] | asked[1] == set(LIST)
            assert not asked[0] & asked[1]
            assert all(asked)
            async with client_of(bus, "ws01") as window:
                await until_stored(window)
            await other.aclose()  # nothing listens there any more
            await until(lambda: set(monitor.feeds[0].watched) == set(LIST))
            assert sum(budget.refused for budget in monitor.budgets) == 0
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def test_one_of_two_logins_that_is_refused_leaves_its_part_to_the_other_and_windows_say_why(
    bus: Bus, calendar: Calendar, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    monkeypatch.setattr("capflow_gui.feed.routing.assignment.DOWN_GRACE_S", 0.5)
    expect_log("opend-2")
    clock, config = SystemClock(), SimulatorConfig(symbols=list(LIST))
    refuses = SimulatorConfig(symbols=list(LIST), faults=("init-refused:count=99",))
    access = BusAccess(DeskConfig("127.0.0.1", bus.port, "collector"), Desk(bus, calendar)._secret)
    async with open_demo("opend", clock, config) as one, open_demo("opend-2", clock, refuses) as two:
        monitor = Monitor([one, two], [], calendar=calendar, clock=clock, pace=Pace(1.0, 1.0, True), own_sources={})
        kinds = {"opend": "opend", "opend-2": "opend"}
        collector = Collector(
            monitor, CollectorConfig("a", 2, LIST, kinds, frozenset(), LEASE_S, BEAT_S), access, clock
        )
        tasks = [asyncio.create_task(monitor.run()), asyncio.create_task(collector.run())]
        try:
            async with linked(bus) as window, client_of(bus, "ws02") as reader:
                await until_stored(reader)
                await until(lambda: set(monitor.feeds[0].watched) == set(LIST))
                await until(lambda: window.provider.link.phase is LinkPhase.READY)
                await until(lambda: window.provider.link.fact(LinkFact.SOURCE_DOWN) is not None)
                said = window.provider.link.fact(LinkFact.SOURCE_DOWN)
                assert said is not None
                assert "cannot ask opend-2: " in reason_words(said)
                assert "手机验证码" in reason_words(said)  # the broker's own words
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def test_a_wrong_key_at_one_of_two_logins_leaves_its_part_to_the_other_and_status_says_which_and_why(
    bus: Bus, calendar: Calendar, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None], tmp_path: Path
) -> None:
    monkeypatch.setattr("capflow_gui.feed.routing.assignment.DOWN_GRACE_S", 0.5)
    monkeypatch.setitem(OpendConnection.__init__.__kwdefaults__, "init_timeout_s", 0.3)
    monkeypatch.setattr("capflow_gui.desk.status._LISTEN_S", 3 * BEAT_S)
    expect_log("opend-2: keys_may_differ why=init_unanswered ")
    files = [tmp_path / name for name in ("theirs.pem", "ours.pem")]
    for file in files:
        key = rsa.generate_private_key(65537, 1024)
        form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
        file.write_bytes(key.private_bytes(*form, serialization.NoEncryption()))
    clock, config = SystemClock(), SimulatorConfig(symbols=list(LIST))
    access = BusAccess(DeskConfig("127.0.0.1", bus.port, "collector"), Desk(bus, calendar)._secret)
    paths = Paths.resolve(None, tmp_path / "config", tmp_path / "data")
    async with (
        open_demo("opend", clock, config) as one,
        OpendSimulator(replace(config, rsa_key=files[0])) as theirs,
        open_source(
            f"opend://127.0.0.1:{theirs.port}?rsa-key={files[1]}",
            clock=clock, paths=paths, settings=Settings(), name="opend-2",
        ) as two,
    ):  # fmt: skip
        monitor = Monitor([one, two], [], calendar=calendar, clock=clock, pace=Pace(1.0, 1.0, True), own_sources={})
        kinds = {"opend": "opend", "opend-2": "opend"}
        taking_part = CollectorConfig("a", 2, LIST, kinds, frozenset(), LEASE_S, BEAT_S)
        collector = Collector(monitor, taking_part, access, clock)
        tasks = [asyncio.create_task(monitor.run()), asyncio.create_task(collector.run())]
        try:
            async with client_of(bus, "ws01") as window:
                await until_stored(window)
                await until(lambda: set(monitor.feeds[0].watched) == set(LIST))
                for _ in range(2):  # of the time, too, in which it is connected to anew
                    found: list[DeskStatus] = []
                    await look(window, clock, found.append)
                    lines = to_table(found[0])
                    assert "opend-2: 127.0.0.1:" in lines
                    assert "both sides need one RSA key" in lines
                    assert "opend-2 is not connected: its symbols are asked at another source" in lines
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def test_two_brokers_in_one_collector_share_the_symbols_each_under_its_own_name(
    bus: Bus, calendar: Calendar
) -> None:
    clock = SystemClock()
    access = BusAccess(DeskConfig("127.0.0.1", bus.port, "collector"), Desk(bus, calendar)._secret)
    async with open_demo_pair(clock, SimulatorConfig(symbols=list(LIST))) as pair:
        monitor = Monitor(pair, [], calendar=calendar, clock=clock, pace=Pace(1.0, 1.0, True), own_sources={})
        kinds = {"opend": "opend", "longport": "longport"}
        taking_part = CollectorConfig("a", 1, LIST, kinds, frozenset(), LEASE_S, BEAT_S)
        collector = Collector(monitor, taking_part, access, clock)
        tasks = [asyncio.create_task(monitor.run()), asyncio.create_task(collector.run())]
        try:
            await until(lambda: all(symbol in monitor.symbols and monitor.row(symbol).series for symbol in LIST))
            monitor.choose_source(LIST[0], "longport")
            monitor.choose_source(LIST[1], "opend")
            await until(lambda: [monitor.row(symbol).source for symbol in LIST[:2]] == ["longport", "opend"])
            wanted = {subjects.flow("longport", LIST[0]), subjects.flow("opend", LIST[1])}
            async with client_of(bus, "ws01") as window, asyncio.timeout(WITHIN_S):
                while (
                    not {each.subject for each in await all_stored(window, subjects.FLOW_STREAM, subjects.ALL_FLOW)}
                    >= wanted
                ):
                    await asyncio.sleep(0)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
