from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from capflow_gui.clock import SystemClock
from capflow_gui.desk.shared_alerts import SharedAlerts
from capflow_gui.desk.streams import all_stored, set_up
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.providers.desk.unread import Unread
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import SharedAlert, decode_alert, encode_ack, encode_alert
from tests.desk_bus import WITHIN_S, Bus, client_of

TENCENT = Symbol.parse("700.HK")
RECORD = AlertRecord(
    "aa11", "opend", TENCENT, "net <= -200M", AlertState.ACTIVE, "2022-06-08", 1654651860, -3e8, -2e8, 1654651900.0
)


def event(record: AlertRecord = RECORD, change: AlertChange = AlertChange.RAISED) -> AlertEvent:
    return AlertEvent(record.raised_at, change, record, record.line_time, record.value, record.threshold)


class Side:
    """The alerts of one collector; `holds` says whether it may publish."""

    def __init__(self) -> None:
        self.holds = True
        self.acknowledged: list[str] = []
        clock = SystemClock()
        self.alerts = SharedAlerts(clock, lambda _symbol: self.holds, self.acknowledged.append, Unread(clock))

    async def publish(self, client: Any) -> None:
        """Until nothing waits."""
        task = asyncio.create_task(self.alerts.run(client.jetstream()))
        async with asyncio.timeout(WITHIN_S):
            while self.alerts._queue:
                await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})


async def stored(client: Any) -> dict[str, SharedAlert]:
    found = await all_stored(client, subjects.ALERT_STREAM, subjects.ALL_ALERTS)
    return {subjects.read_alert(each.subject): decode_alert(each.payload) for each in found}


async def test_a_record_is_published_once_and_taken_back_by_nobody(bus: Bus) -> None:
    first, second = Side(), Side()
    async with client_of(bus, "collector") as client:
        await set_up(client.jetstream(), 4.0)
        escalated = replace(RECORD, told=2, escalations=1)
        first.alerts.put(event())
        first.alerts.put(event(escalated, AlertChange.ESCALATED))
        await first.publish(client)
        assert (await stored(client))["aa11"].record == escalated
        # Another collector takes over, and its rules raise the same alert, late: it is known already.
        await second.alerts.load(client)
        second.alerts.put(event(replace(RECORD, late=True)))
        second.alerts.put(event(escalated))
        assert not second.alerts._queue
        second.holds = False
        second.alerts.put(event(replace(escalated, state=AlertState.CLEARED), AlertChange.CLEARED))
        await second.publish(client)
        assert (await stored(client))["aa11"].record.standing


async def test_what_a_lost_collector_raised_and_does_not_hold_is_ended_at_the_first_reply(bus: Bus) -> None:
    first, second = Side(), Side()
    async with client_of(bus, "collector") as client:
        await set_up(client.jetstream(), 4.0)
        for number in ("aa11", "bb22"):
            first.alerts.put(event(replace(RECORD, id=number)))
        await first.publish(client)
        await second.alerts.load(client)
        second.alerts.judged(TENCENT, set(), 1.0)
        assert not second.alerts._queue  # it was not taken over
        second.alerts.taken_over({TENCENT})
        second.alerts.judged(TENCENT, {"bb22"}, 1654652000.0)
        await second.publish(client)
        found = await stored(client)
        assert (found["aa11"].record.state, found["aa11"].record.cleared_at) == (AlertState.CLEARED, 1654652000.0)
        assert found["bb22"].record.standing
        # The rule could not be judged at that reply, and holds after all.
        second.alerts.put(event(RECORD))
        await second.publish(client)
        assert (await stored(client))["aa11"].record.standing


async def test_what_the_bus_lost_is_published_again_by_who_may(bus: Bus) -> None:
    """What is further on the bus by then stays; what this collector may not publish waits until it may."""
    side = Side()
    further = replace(RECORD, id="bb22", state=AlertState.CLEARED)
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        for record in (RECORD, replace(RECORD, id="bb22")):
            side.alerts.put(event(record))
        await side.publish(client)
        await js.delete_stream(subjects.ALERT_STREAM)
        await set_up(js, 4.0)
        await js.publish(subjects.alert("bb22"), encode_alert(SharedAlert(further, AlertChange.CLEARED)))
        side.holds = False
        await side.alerts.load(client, lost=True)
        await side.publish(client)
        assert set(await stored(client)) == {"bb22"}
        side.holds = True
        side.alerts.say_again()
        await side.publish(client)
        found = await stored(client)
        assert (found["aa11"].record, found["bb22"].record) == (RECORD, further)


async def test_what_stands_since_before_the_start_is_said_where_the_store_was_lost_meanwhile(bus: Bus) -> None:
    """Nobody says it again by itself: it was raised before this collector was started."""
    side = Side()
    compared_later = replace(RECORD, id="cc33", symbol=Symbol.parse("5.HK"))
    async with client_of(bus, "collector") as client:
        await set_up(client.jetstream(), 4.0)
        await side.alerts.load(client)
        side.alerts.taken_over({compared_later.symbol})
        side.holds = False
        side.alerts.say_missing([RECORD])
        assert not side.alerts._queue
        side.holds = True
        side.alerts.say_missing([RECORD, compared_later])
        await side.publish(client)
        found = await stored(client)
        assert {alert_id: shared.record for alert_id, shared in found.items()} == {"aa11": RECORD}
        side.alerts.say_missing([RECORD])
        assert not side.alerts._queue


async def test_what_is_raised_while_the_lease_has_lapsed_is_published_with_the_next_one(bus: Bus) -> None:
    side = Side()
    async with client_of(bus, "collector") as client:
        await set_up(client.jetstream(), 4.0)
        side.holds = False
        side.alerts.put(event())
        await side.publish(client)
        assert await stored(client) == {}
        side.holds = True
        side.alerts.say_again()
        await side.publish(client)
        assert set(await stored(client)) == {"aa11"}


async def test_what_ends_because_its_shard_is_anothers_now_is_said_to_nobody(bus: Bus) -> None:
    """Nor when the shard comes back: the rule may hold all the time."""
    side = Side()
    async with client_of(bus, "collector") as client:
        await set_up(client.jetstream(), 4.0)
        side.alerts.put(event())
        await side.publish(client)
        gone = replace(RECORD, state=AlertState.CLEARED, reason=Reason.of(Code.HANDED_OVER))
        side.holds = False
        side.alerts.put(event(gone, AlertChange.CLEARED))
        await side.publish(client)
        side.holds = True
        side.alerts.say_again()
        await side.publish(client)
        assert (await stored(client))["aa11"].record.standing
        left = replace(gone, reason=Reason.of(Code.LEFT_LIST))  # no window wants it any more
        side.alerts.put(event(left, AlertChange.CLEARED))
        await side.publish(client)
        assert not (await stored(client))["aa11"].record.standing


async def test_the_first_to_acknowledge_is_the_one_who_did(bus: Bus) -> None:
    side = Side()
    async with client_of(bus, "collector") as client, client_of(bus, "ws01") as ws01, client_of(bus, "ws02") as ws02:
        await set_up(client.jetstream(), 4.0)
        side.alerts.put(event())
        await side.publish(client)
        await ws01.jetstream().publish(subjects.ack("ws01", "aa11"), encode_ack(1, 1.7e9))
        await ws02.jetstream().publish(subjects.ack("ws02", "aa11"), encode_ack(1, 1.8e9))
        await side.alerts.load(client)
        await side.publish(client)
        found = (await stored(client))["aa11"]
        assert (found.acknowledged_by, found.acknowledged_at, found.record.seen) == ("ws01", 1.7e9, 1)
        assert side.acknowledged == ["aa11"]
        # What is announced after that is not acknowledged, and a later change keeps who acknowledged.
        escalated = replace(RECORD, told=2, seen=1)
        side.alerts.put(event(escalated, AlertChange.ESCALATED))
        await side.publish(client)
        assert (await stored(client))["aa11"].record.acknowledged is False


async def test_after_a_restart_no_acknowledgement_is_believed_of_what_was_announced_after_it(bus: Bus) -> None:
    """A window says that it has seen a hundred announcements, when there was one."""
    first, second, third = Side(), Side(), Side()
    async with client_of(bus, "collector") as client, client_of(bus, "ws01") as window:
        await set_up(client.jetstream(), 4.0)
        first.alerts.put(event())
        await first.publish(client)
        await window.jetstream().publish(subjects.ack("ws01", "aa11"), encode_ack(100, 1.7e9))
        await first.alerts.load(client)
        await first.publish(client)
        first.alerts.put(event(replace(RECORD, told=2, seen=1), AlertChange.ESCALATED))
        await first.publish(client)
        await second.alerts.load(client)
        assert second.acknowledged == []
        await second.publish(client)
        assert not (await stored(client))["aa11"].record.acknowledged
        # What is acknowledged while no collector runs is, by the next one.
        await window.jetstream().publish(subjects.ack("ws01", "aa11"), encode_ack(2, 1.8e9))
        await third.alerts.load(client)
        assert third.acknowledged == ["aa11"]


async def test_an_acknowledgement_is_of_what_was_announced(bus: Bus) -> None:
    side = Side()
    async with client_of(bus, "collector") as client, client_of(bus, "ws01") as window:
        await set_up(client.jetstream(), 4.0)
        await window.jetstream().publish(subjects.ack("ws01", "bb22"), encode_ack(1, 1.7e9))
        await window.jetstream().publish(subjects.ack("ws01", "aa11"), encode_ack(2**62, 1.7e9))
        side.alerts.put(event())
        await side.alerts.load(client)
        assert side.acknowledged == ["aa11"]
        side.alerts.put(event(replace(RECORD, told=2, escalations=1), AlertChange.ESCALATED))
        await side.publish(client)
        found = await stored(client)
        assert list(found) == ["aa11"]
        assert not found["aa11"].record.acknowledged


async def test_what_cannot_be_read_is_left_out(bus: Bus, expect_log: Any) -> None:
    expect_log("capflow.v1.(live.)?alert.aa11: desk_unreadable")
    expect_log("capflow.v1.(live.)?ack.ws01.aa11: desk_unreadable")
    side = Side()
    async with client_of(bus, "collector") as client, client_of(bus, "ws01") as window:
        await set_up(client.jetstream(), 4.0)
        await client.subscribe(subjects.LIVE_ALERTS, cb=side.alerts.hear_alert)
        await client.subscribe(subjects.LIVE_ACKS, cb=side.alerts.hear_ack)
        await client.flush()
        await client.jetstream().publish(subjects.alert("aa11"), b"\xc1")
        await window.jetstream().publish(subjects.ack("ws01", "aa11"), b"\xc1")
        await client.flush()
        await side.alerts.load(client)
