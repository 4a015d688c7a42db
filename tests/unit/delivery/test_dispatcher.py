"""The dispatcher in virtual time: every channel by itself, and every result kept."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from capflow_gui.delivery.dispatcher import ATTEMPT_S, Dispatcher, Route
from capflow_gui.delivery.model import EXPIRES_S, Channel, Failed, Limits, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.outbox import Outbox, encoded
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock, run_pending
from tests.unit.delivery.outgoing import WHY, TableInMemory, ToldChannel, digest, message

Expect = Callable[[str], None]
Start = Callable[..., Awaitable["Rig"]]


class Rig:
    """A dispatcher over one table; `changes` counts how often its troubles changed."""

    def __init__(
        self, table: TableInMemory, clock: HandClock, channels: dict[str, ToldChannel], *routes: Route
    ) -> None:
        self.table = table
        self.clock = clock
        self.channels = channels
        self.opened: list[str] = []
        self.changes = 0
        self.missing: set[str] = set()
        self.dispatcher = Dispatcher(
            routes or [Route(name) for name in channels],
            self.open_channel,
            digest,
            clock,
            changed=self._changed,
            rng=random.Random(7),
        )

    def _changed(self) -> None:
        self.changes += 1

    async def open_channel(self, name: str) -> Channel:
        self.opened.append(name)
        if name in self.missing:
            raise SettingsError(f"channels.{name}.token", Reason.of(Code.SECRET_NOT_KEPT, name="x"))
        return self.channels[name]

    async def put(self, *events: str, channel: str = "phone", age: float = 0.0) -> None:
        for event in events:
            self.table.put(event, channel, self.clock.wall() - age)
        self.dispatcher.posted()
        await run_pending()

    async def move(self, seconds: float) -> None:
        self.clock.move(seconds)
        await run_pending()

    @property
    def reasons(self) -> list[object]:
        return [trouble.get("why") for trouble in self.dispatcher.troubles]


@pytest.fixture
def table() -> TableInMemory:
    return TableInMemory()


@pytest.fixture
async def start(table: TableInMemory, hand_clock: HandClock) -> AsyncIterator[Start]:
    """Start a dispatcher over channels, by name; all of them share the table."""
    async with AsyncExitStack() as stack:

        async def begin(*routes: Route, **channels: ToldChannel) -> Rig:
            rig = Rig(table, hand_clock, channels, *routes)
            running = asyncio.create_task(rig.dispatcher.run())

            async def end() -> None:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running

            stack.push_async_callback(end)
            rig.dispatcher.serve(Outbox(table.ask))
            await run_pending()
            return rig

        yield begin


async def test_what_is_put_in_the_outbox_is_sent_at_once(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel(Sent("id 7"))
    rig = await start(phone=phone)
    assert rig.opened == []  # nothing is opened before there is something to send
    await rig.put("a.1")
    assert (phone.keys, rig.opened) == (["a.1"], ["phone"])
    assert table.row("a.1", "phone", "state, attempt, receipt, done_at") == ("sent", 1, "id 7", rig.clock.wall())
    await rig.move(3.0)
    await rig.put("b.1")
    assert (phone.keys, rig.opened, rig.dispatcher.troubles) == (["a.1", "b.1"], ["phone"], ())


async def test_channels_are_closed_when_it_ends(table: TableInMemory, hand_clock: HandClock) -> None:
    phone = ToldChannel()
    rig = Rig(table, hand_clock, {"phone": phone, "team": ToldChannel()})
    rig.dispatcher.serve(Outbox(table.ask))
    running = asyncio.create_task(rig.dispatcher.run())
    await rig.put("a.1")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert phone.closed == 1


async def test_a_channel_that_hangs_delays_no_other(start: Start, table: TableInMemory, expect_log: Expect) -> None:
    slow, fast = ToldChannel(), ToldChannel()
    slow.gate = asyncio.Event()
    rig = await start(Route("slow"), Route("fast", bundles=False), slow=slow, fast=fast)
    await rig.put("a.1", channel="slow")
    for number in range(9):
        await rig.put(f"b{number}.1", channel="fast")
        assert len(fast.keys) == number + 1  # in no time at all
        await rig.move(2.0)
    assert table.states("slow") == {"a.1": "sending"}
    expect_log("no_answer_in_time")
    await rig.move(ATTEMPT_S - 18.0)
    assert table.states("slow") == {"a.1": "waiting"}
    slow.gate.set()
    await rig.move(2.0)
    assert (slow.keys, table.states("slow")) == (["a.1", "a.1"], {"a.1": "sent"})


async def test_a_retry_waits_as_long_as_the_service_wants(
    start: Start, table: TableInMemory, expect_log: Expect
) -> None:
    phone = ToldChannel(RetryAt(40.0, WHY))
    rig = await start(phone=phone)
    expect_log("not_delivered channel=phone why=verbatim")
    await rig.put("a.1")
    assert (table.states("phone"), rig.reasons, rig.changes) == ({"a.1": "waiting"}, [WHY], 1)
    await rig.put("b.1")
    await rig.move(39.0)
    assert phone.keys == ["a.1"]
    await rig.move(1.0)
    assert (phone.keys, rig.reasons, rig.changes) == (["a.1", "a.1", "b.1"], [], 2)


async def test_retries_grow_rarer(start: Start, expect_log: Expect) -> None:
    phone = ToldChannel(*[RetryAt(0.0, WHY)] * 9)
    rig = await start(phone=phone)
    expect_log("not_delivered")
    await rig.put("a.1")
    times, tried = [rig.clock.now], 1
    while len(phone.keys) < 9:
        await rig.move(0.25)
        if len(phone.keys) > tried:
            times.append(rig.clock.now)
            tried = len(phone.keys)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    for count, pause in enumerate(pauses, 1):
        most = min(60.0, 2.0**count)
        assert most / 2 <= pause <= most + 0.25


async def test_nothing_older_than_a_quarter_of_an_hour_is_sent(
    start: Start, table: TableInMemory, expect_log: Expect
) -> None:
    phone = ToldChannel(RetryAt(2 * EXPIRES_S, WHY))
    rig = await start(phone=phone)
    expect_log("not_delivered")
    expect_log("alerts_expired count=1")
    await rig.put("a.1")
    await rig.move(EXPIRES_S)
    assert (phone.keys, table.states("phone")) == (["a.1"], {"a.1": "expired"})
    assert rig.reasons == [Reason.of(Code.ALERTS_EXPIRED, count=1)]


async def test_a_channel_that_is_set_up_wrong_is_left_alone_for_a_while(
    start: Start, table: TableInMemory, expect_log: Expect
) -> None:
    phone = ToldChannel(SetUpWrong(WHY))
    rig = await start(phone=phone)
    expect_log("not_delivered")
    await rig.put("a.1", "b.1")
    assert (phone.keys, phone.closed) == (["a.1"], 1)
    await rig.move(3.0)
    assert table.states("phone") == {"a.1": "set_up_wrong", "b.1": "set_up_wrong"}
    assert table.row("b.1", "phone", "reason") == (WHY.to_json(),)
    assert rig.reasons == [WHY]
    await rig.move(EXPIRES_S)
    await rig.put("c.1")
    assert (phone.keys, rig.opened, rig.reasons) == (["a.1", "c.1"], ["phone", "phone"], [])


async def test_a_secret_that_is_missing_is_a_wrong_set_up(
    start: Start, table: TableInMemory, expect_log: Expect
) -> None:
    rig = await start(phone=ToldChannel())
    rig.missing.add("phone")
    expect_log("setting_unusable key=channels.phone.token why=secret_not_kept")
    await rig.put("a.1")
    assert table.states("phone") == {"a.1": "set_up_wrong"}
    assert len(rig.dispatcher.troubles) == 1


async def test_a_message_that_cannot_be_sent_costs_no_other(
    start: Start, table: TableInMemory, expect_log: Expect
) -> None:
    phone = ToldChannel(Failed(WHY), ValueError("an adapter's fault"))
    rig = await start(Route("phone", bundles=False), phone=phone)
    expect_log("not_delivered channel=phone why=verbatim")
    expect_log("ERROR capflow_gui.delivery.dispatcher: channel phone failed unexpectedly")
    expect_log("not_delivered channel=phone why=channel_broke kind=ValueError")
    await rig.put("a.1", "b.1", "c.1")
    assert table.states("phone") == {"a.1": "failed", "b.1": "failed", "c.1": "sent"}
    assert rig.dispatcher.troubles == ()


async def test_a_fault_of_ours_at_one_channel_stops_no_other(start: Start, expect_log: Expect) -> None:
    slow = ToldChannel(limits=Limits(0.0, 0, None, 4096))  # no channel can be as slow
    rig = await start(slow=slow, phone=ToldChannel())
    expect_log("ERROR capflow_gui.delivery.dispatcher: channel slow failed unexpectedly")
    expect_log("not_delivered channel=slow why=channel_broke kind=ZeroDivisionError")
    await rig.put("a.1", "b.1", channel="slow")
    await rig.put("a.1")
    assert rig.channels["phone"].keys == ["a.1"]
    await rig.move(5.0)
    assert [trouble.get("channel") for trouble in rig.dispatcher.troubles] == ["slow"]


async def test_a_storm_is_one_digest(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    rig = await start(phone=phone)
    await rig.put(*(f"{number}.1" for number in range(40)))
    assert phone.keys == ["0.1"]  # the first one at once
    await rig.move(3.0)
    _, sent = phone.tried
    assert sorted(sent.text.split()) == sorted(f"{number}.1" for number in range(1, 40))
    states = table.states("phone")
    assert (len(states), sorted(set(states.values()))) == (41, ["bundled", "sent"])


async def test_a_service_that_follows_incidents_gets_no_digest(start: Start) -> None:
    duty = ToldChannel()
    rig = await start(Route("duty", bundles=False), duty=duty)
    await rig.put(*(f"{number}.1" for number in range(12)), channel="duty")
    for _ in range(5):
        await run_pending()
    assert len(duty.keys) == 12


async def test_the_budget_is_kept_and_what_is_beyond_it_is_a_digest(start: Start) -> None:
    phone = ToldChannel(limits=Limits(0.1, 1, None, 4096))
    rig = await start(Route("phone", per_minute=3), phone=phone)
    await rig.put("a.1")
    await rig.put("b.1", "c.1", "d.1")
    assert phone.keys == ["a.1"]
    await rig.move(10.0)
    assert len(phone.keys) == 2
    assert phone.tried[1].text.split() == ["b.1", "c.1", "d.1"]


async def test_quiet_hours_hold_and_one_digest_follows(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    rig = await start(Route("phone", quiet="00:00-00:00"), phone=phone)
    await rig.put("a.1", "b.1")
    assert (phone.keys, table.states("phone")) == ([], {"a.1": "held", "b.1": "held"})
    (until,) = table.row("a.1", "phone", "next_at")
    await rig.move(until - rig.clock.wall() - 1.0)
    assert phone.keys == []
    rig.dispatcher._lines[0].route = Route("phone")
    await rig.move(1.0)
    assert len(phone.keys) == 1
    assert phone.tried[0].text.split() == ["a.1", "b.1"]


async def test_quiet_hours_end_by_the_time_of_day_also_where_the_computer_slept(
    start: Start, table: TableInMemory
) -> None:
    phone = ToldChannel()
    rig = await start(Route("phone", quiet="00:00-00:00"), phone=phone)
    await rig.put("a.1")
    (until,) = table.row("a.1", "phone", "next_at")
    rig.clock.step_wall(until - rig.clock.wall())  # the monotonic clock stood still
    rig.dispatcher._lines[0].route = Route("phone")
    await rig.move(60.0)
    assert phone.keys == ["a.1"]


async def test_what_grew_old_while_the_computer_slept_is_not_sent(
    start: Start, table: TableInMemory, expect_log: Expect
) -> None:
    phone = ToldChannel(RetryAt(600.0, WHY))
    rig = await start(phone=phone)
    expect_log("not_delivered")
    expect_log("alerts_expired count=1")
    await rig.put("a.1")
    rig.clock.step_wall(8 * 3600.0)
    await rig.move(60.0)
    assert (phone.keys, table.states("phone")) == (["a.1"], {"a.1": "expired"})


async def test_a_rule_may_have_quiet_hours_of_its_own(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    rig = await start(phone=phone)
    held = replace(message("a.1", rig.clock.wall()), quiet="00:00-00:00")
    table.put("a.1", "phone", rig.clock.wall(), text=encoded(held))
    await rig.put("b.1")
    assert (phone.keys, table.states("phone")) == (["b.1"], {"a.1": "held", "b.1": "sent"})


async def test_after_quiet_hours_what_was_dealt_with_is_counted(start: Start, table: TableInMemory) -> None:
    """In the morning only what stands is named; what was acknowledged or cleared at night is not."""
    phone = ToldChannel()
    rig = await start(Route("phone", quiet="00:00-00:00"), phone=phone)
    await rig.put("a.1", "b.1", "c.1")
    for record, facts in (("a", {}), ("b", {"seen": 1}), ("c", {"state": "cleared"})):
        table.record(record, **facts)  # type: ignore[arg-type]
    rig.dispatcher.use([Route("phone")])
    await rig.move(1.0)
    (sent,) = phone.tried
    assert (sent.text, sent.fields["settled"]) == ("a.1", 2)
    assert sorted(table.states("phone").values()) == ["bundled", "bundled", "bundled", "sent"]


async def test_two_programs_send_each_message_once(start: Start) -> None:
    ours, theirs = ToldChannel(), ToldChannel()
    ours.gate = theirs.gate = asyncio.Event()
    route = Route("phone", bundles=False)
    rig, _other = await start(route, phone=ours), await start(route, phone=theirs)
    await rig.put("a.1", "b.1", "c.1")
    ours.gate.set()
    await rig.move(0.0)
    assert sorted(ours.keys + theirs.keys) == ["a.1", "b.1", "c.1"]


async def test_a_database_that_fails_is_tried_again(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    rig = await start(phone=phone)
    table.broken = True
    await rig.put("a.1")
    table.broken = False
    assert phone.keys == []
    await rig.move(5.0)
    assert phone.keys == ["a.1"]


async def test_at_the_end_what_waits_is_sent(start: Start) -> None:
    phone = ToldChannel()
    rig = await start(phone=phone)
    await rig.put(*(f"{number}.1" for number in range(12)))
    assert phone.keys == ["0.1"]
    await rig.dispatcher.finish(rig.clock.now + 5.0)
    assert len(phone.keys) == 2  # the digest did not wait for the storm to pause


async def test_at_the_end_what_came_while_a_channel_looked_is_sent(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    phone.gate = asyncio.Event()
    rig = await start(phone=phone)
    answers: list[Callable[[], None]] = []

    def slowly(job: Callable[[sqlite3.Connection], Any], /) -> Future[Any]:
        if answers:
            return table.ask(job)
        found, answer = table.ask(job).result(), Future[Any]()
        answers.append(lambda: answer.set_result(found))
        return answer

    rig.dispatcher.serve(Outbox(slowly))
    await run_pending()
    table.put("a.1", "phone", rig.clock.wall())
    finishing = asyncio.create_task(rig.dispatcher.finish(rig.clock.now + 5.0))
    await run_pending()
    answers[0]()
    await run_pending()
    assert (phone.keys, finishing.done()) == (["a.1"], False)
    phone.gate.set()
    await finishing


async def test_the_end_does_not_wait_for_ever(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    phone.gate = asyncio.Event()
    rig = await start(phone=phone)
    await rig.put("a.1")
    ending = asyncio.create_task(rig.dispatcher.finish(rig.clock.now + 5.0))
    await rig.move(4.9)
    assert not ending.done()
    await rig.move(0.1)
    await ending
    assert table.states("phone") == {"a.1": "sending"}
    table.broken = True
    await rig.dispatcher.finish(rig.clock.now + 5.0)


async def test_whoever_posts_may_do_it_in_any_thread(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    rig = await start(phone=phone)
    table.put("a.1", "phone", rig.clock.wall())
    posting = threading.Thread(target=rig.dispatcher.posted)
    posting.start()
    posting.join()
    await run_pending()
    assert phone.keys == ["a.1"]


def test_whoever_posts_after_the_end_is_not_told(table: TableInMemory, hand_clock: HandClock) -> None:
    rig = Rig(table, hand_clock, {"phone": ToldChannel()})

    async def serve() -> None:
        rig.dispatcher.serve(Outbox(table.ask))

    asyncio.run(serve())
    rig.dispatcher.posted()


def test_before_there_is_an_outbox_nobody_is_rung(table: TableInMemory, hand_clock: HandClock) -> None:
    Rig(table, hand_clock, {"phone": ToldChannel()}).dispatcher.posted()


async def test_channels_come_go_and_are_opened_again_while_it_runs(start: Start) -> None:
    phone, desk = ToldChannel(), ToldChannel()
    rig = await start(phone=phone)
    rig.channels["desk"] = desk
    await rig.put("a.1")
    rig.dispatcher.use([Route("phone"), Route("desk")])
    await rig.move(3.0)
    await rig.put("a.2")
    await rig.put("a.3", channel="desk")
    assert (phone.keys, phone.closed, desk.keys) == (["a.1", "a.2"], 0, ["a.3"])
    rig.dispatcher.use([Route("phone"), Route("desk", quiet="00:00-00:00")], anew=["phone"])
    await run_pending()
    assert (phone.closed, desk.closed) == (1, 1)
    await rig.move(3.0)
    await rig.put("a.4")
    rig.dispatcher.use([])
    await rig.put("a.5")
    assert (phone.keys, rig.opened) == (["a.1", "a.2", "a.4"], ["phone", "desk", "phone"])


async def test_what_a_channel_is_sending_when_it_is_left_is_sent_to_its_end(start: Start, table: TableInMemory) -> None:
    phone = ToldChannel()
    phone.gate = asyncio.Event()
    rig = await start(phone=phone)
    await rig.put("a.1", "a.2")
    rig.dispatcher.use([])
    phone.gate.set()
    await run_pending()
    assert (phone.keys, phone.closed) == (["a.1"], 1)
    assert table.states("phone") == {"a.1": "sent", "a.2": "waiting"}


def test_before_it_runs_channels_may_be_changed(table: TableInMemory, hand_clock: HandClock) -> None:
    rig = Rig(table, hand_clock, {"phone": ToldChannel()})
    rig.dispatcher.use([Route("desk")])
    assert (rig.dispatcher.troubles, rig.changes, rig.dispatcher.has_channels) == ((), 1, True)
    rig.dispatcher.use([])
    assert not rig.dispatcher.has_channels


async def test_a_test_is_sent_alone_and_its_channel_closed(table: TableInMemory, hand_clock: HandClock) -> None:
    phone = ToldChannel(SetUpWrong(WHY))
    rig = Rig(table, hand_clock, {"phone": phone}, Route("phone", quiet="00:00-00:00"))
    assert await rig.dispatcher.send_alone("phone", message("test.1")) == SetUpWrong(WHY)
    assert await rig.dispatcher.send_alone("phone", message("test.2")) == Sent("r")
    assert (phone.keys, phone.closed, table.states("phone")) == (["test.1", "test.2"], 2, {})


async def test_a_demo_on_a_desktop_that_shows_no_notifications_has_no_trouble(
    start: Start, table: TableInMemory
) -> None:
    none = Reason.of(Code.NO_NOTIFICATIONS)
    rig = await start(Route("desktop", wanted=False), desktop=ToldChannel(SetUpWrong(none)))
    await rig.put("a.1", channel="desktop")
    assert rig.reasons == []
    assert table.row("a.1", "desktop", "reason") == (none.to_json(),)
