"""The alerts that windows share: one id, and the first who acknowledged."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from nats.js import JetStreamContext

from capflow_gui.clock import SystemClock
from capflow_gui.domain.alert_record import AlertChange, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.providers.base import PushedAlert
from capflow_gui.providers.desk.alerts import DeskAlerts
from capflow_gui.providers.desk.unread import Unread
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import SharedAlert, encode_ack, encode_alert
from tests.desk_bus import WITHIN_S, Bus, bus, client_of
from tests.desk_publisher import until
from tests.unit.providers.desk.linked import linked, publishing

__all__ = ["bus"]
TENCENT = Symbol.parse("700.HK")
RECORD = AlertRecord(
    "a1b2", "opend", TENCENT, "net <= -200M", AlertState.ACTIVE, "2026-06-08", 1780882800, -3e8, -2e8, 1780882860.0
)
SUBJECT = subjects.alert(RECORD.id)


def told(record: AlertRecord = RECORD, by: str | None = None, at: float | None = None) -> bytes:
    return encode_alert(SharedAlert(record, AlertChange.RAISED, by, at))


@pytest.fixture
def alerts() -> DeskAlerts:
    return DeskAlerts("desk", Unread(SystemClock()))


def test_an_alert_is_the_collectors_record(alerts: DeskAlerts):
    found = alerts.alert(SUBJECT, told(), fresh=True)
    assert found is not None
    assert (found.record, found.change, found.fresh) == (RECORD, AlertChange.RAISED, True)


def test_what_was_said_of_an_alert_before_is_told_with_it(alerts: DeskAlerts):
    """The collector says it again when somebody acknowledges it, and when the bus has lost what it held."""
    said = RECORD, replace(RECORD, seen=1), replace(RECORD, told=2, escalations=1)
    found = [alerts.alert(SUBJECT, told(record), fresh=True) for record in said]
    assert [each.before for each in found if each is not None] == [None, *said[:2]]


def test_who_acknowledged_and_when_is_shown_whichever_way_it_came(alerts: DeskAlerts):
    alerts.alert(SUBJECT, told(), fresh=True)
    found = alerts.ack(subjects.ack("ws02", RECORD.id), encode_ack(1, 1780882900.0))
    assert found is not None
    assert (found.record.seen, found.record.seen_by, found.record.seen_at) == (1, "ws02", 1780882900.0)
    assert not found.fresh
    other = DeskAlerts("desk", Unread(SystemClock()))
    found = other.alert(SUBJECT, told(replace(RECORD, seen=1), "ws02", 1780882900.0), fresh=False)
    assert found is not None
    assert (found.record.acknowledged, found.record.seen_by) == (True, "ws02")


def test_an_acknowledgement_may_come_before_its_alert(alerts: DeskAlerts):
    assert alerts.ack(subjects.ack("ws02", RECORD.id), encode_ack(1, 1780882900.0)) is None
    found = alerts.alert(SUBJECT, told(), fresh=False)
    assert found is not None
    assert found.record.seen_by == "ws02"


def test_the_first_stays_the_one_who_did_until_it_is_announced_again(alerts: DeskAlerts):
    alerts.alert(SUBJECT, told(), fresh=True)
    alerts.ack(subjects.ack("ws02", RECORD.id), encode_ack(1, 1780882900.0))
    assert alerts.ack(subjects.ack("ws03", RECORD.id), encode_ack(1, 1780882950.0)) is None
    again = alerts.alert(SUBJECT, told(replace(RECORD, told=2, escalations=1)), fresh=True)
    assert again is not None
    assert not again.record.acknowledged
    found = alerts.ack(subjects.ack("ws03", RECORD.id), encode_ack(2, 1780882990.0))
    assert found is not None
    assert (found.record.acknowledged, found.record.seen_by) == (True, "ws03")


@pytest.mark.parametrize("first", ["alert", "acknowledgement"])
def test_nobody_acknowledges_what_is_announced_later(alerts: DeskAlerts, first: str):
    steps = {
        "alert": lambda: alerts.alert(SUBJECT, told(), fresh=True),
        "acknowledgement": lambda: alerts.ack(subjects.ack("ws02", RECORD.id), encode_ack(2**62, 1780882900.0)),
    }
    for name in sorted(steps, key=lambda name: name != first):
        found = steps[name]()
    assert found is not None
    assert found.record.acknowledged
    again = alerts.alert(SUBJECT, told(replace(RECORD, told=2, escalations=1)), fresh=True)
    assert again is not None
    assert not again.record.acknowledged


@pytest.mark.parametrize("first", ["alert", "acknowledgement"])
def test_a_window_that_starts_late_believes_no_acknowledgement_of_what_was_announced_after_it(first: str):
    """Of three announcements at most one is acknowledged by what was stored before the third."""
    third = replace(RECORD, told=3, seen=1, escalations=2)
    for ack_at, seen in (("2026-06-08T02:00:00.5Z", 1), ("2026-06-08T02:00:00.51Z", 3)):
        late = DeskAlerts("desk", Unread(SystemClock()))
        steps = {
            "alert": lambda late=late: late.alert(SUBJECT, told(third), fresh=False, time="2026-06-08T02:00:00.507Z"),
            "acknowledgement": lambda late=late, at=ack_at: late.ack(
                subjects.ack("ws02", RECORD.id), encode_ack(999, 1780882900.0), at
            ),
        }
        for name in sorted(steps, key=lambda name: name != first):
            found = steps[name]()
        assert found is not None
        assert found.record.seen == seen
        # What is compared once stays so, whenever the alert is said again.
        again = late.alert(SUBJECT, told(third), fresh=False, time="2026-06-08T02:00:09Z")
        assert again is not None
        assert again.record.seen == seen


async def test_on_a_real_bus_an_old_acknowledgement_is_none_of_a_later_announcement(bus: Bus):
    """One user says that 999 announcements were seen; the second comes later, and the window later still."""
    async with publishing(bus) as publisher, client_of(bus, "ws02") as other:
        await publisher.alert(RECORD)
        await other.publish(subjects.ack("ws02", RECORD.id), encode_ack(999, 1780882900.0))
        stream = publisher.client.jetstream()
        await until_stored(stream)
        await publisher.alert(replace(RECORD, told=2, escalations=1, seen=1))
        async with linked(bus) as desk:
            heard: list[PushedAlert] = []
            desk.provider.on_alert(heard.append)
            await until(lambda: desk.provider.alerts._acks and heard)
            assert [(each.record.told, each.record.seen) for each in heard][-1] == (2, 1)


async def until_stored(js: JetStreamContext) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (await js.stream_info(subjects.ACK_STREAM)).state.messages != 1:
            await asyncio.sleep(0)


def test_acknowledgements_of_alerts_that_there_are_not_take_bounded_room(
    alerts: DeskAlerts, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("capflow_gui.providers.desk.alerts.MOST_ACKS", 3)
    alerts.alert(SUBJECT, told(), fresh=True)
    for alert_id in (RECORD.id, "b1", "b2", "b3", "b4"):
        alerts.ack(subjects.ack("ws02", alert_id), encode_ack(1, 1780882900.0))
    assert list(alerts._acks) == [RECORD.id, "b3", "b4"]


def test_what_was_acknowledged_here_waits_until_it_is_heard(alerts: DeskAlerts):
    alerts.unsent[RECORD.id] = RECORD, 1780882900.0
    alerts.ack(subjects.ack("ws01", RECORD.id), encode_ack(0, 1780882900.0))
    assert alerts.unsent
    alerts.ack(subjects.ack("ws01", RECORD.id), encode_ack(1, 1780882900.0))
    assert not alerts.unsent


def test_what_cannot_be_read_is_said_and_left_out(alerts: DeskAlerts, expect_log):
    expect_log("WARNING capflow_gui.providers.desk.unread: desk: capflow.v1.alert.a1b2: desk_unreadable")
    expect_log("WARNING capflow_gui.providers.desk.unread: desk: capflow.v1.ack.ws01.a1b2: desk_unreadable")
    assert alerts.alert(SUBJECT, b"?", fresh=True) is None
    assert alerts.ack(subjects.ack("ws01", RECORD.id), b"?") is None
