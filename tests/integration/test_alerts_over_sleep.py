"""What becomes of alerts while the computer sleeps, and when its clock is set: the source's own time alone counts."""

from __future__ import annotations

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert_record import AlertChange, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import AlertEvent
from capflow_gui.simulator.opend.server import SimulatorConfig
from tests.integration.conftest import Rig

TENCENT = Symbol.parse("700.HK")
LEVEL = 1e12  # whatever flows, it is below
MORNING = "2026-06-10T10:00:00+08:00"
HOUR = 3600.0


def sleep(rig: Rig, seconds: float) -> None:
    """The wall clock and the market go on; the monotonic clock stands."""
    rig.clock.asleep += seconds
    rig.simulator.market_clock.set(rig.simulator.market_clock.now() + seconds)


def changes(rig: Rig) -> list[AlertChange]:
    return [event.change for event in rig.events if isinstance(event, AlertEvent) and not event.record.cannot_judge]


async def raised(rig: Rig) -> str:
    """The id of the alert, once it stands and the source's time is settled."""
    await rig.until(lambda: rig.monitor.row(TENCENT).alert is not None)
    await rig.until(lambda: rig.monitor.feeds[0].market.ask_after_s == 60.0)
    return rig.monitor.row(TENCENT).alert.id


async def test_what_is_snoozed_waits_again_soon_after_a_sleep_and_what_is_acknowledged_does_not(watched) -> None:
    """Of a jump of more than an hour the source is asked twice."""
    async with watched(["700.HK"], config=SimulatorConfig(clock=MORNING), rules=RuleTable(default=LEVEL)) as rig:
        number = await raised(rig)
        rig.monitor.snooze([number], 60)
        sleep(rig, 0.5 * HOUR)
        await rig.until(lambda: rig.simulator.stats.connections == 2)
        since = rig.clock.monotonic()
        await rig.until(lambda: rig.all_seen_since(since))
        assert rig.monitor.row(TENCENT).alert.snoozed
        sleep(rig, 1.2 * HOUR)
        woke = rig.clock.monotonic()
        await rig.until(lambda: rig.monitor.row(TENCENT).alert.waiting, 30.0)
        assert rig.clock.monotonic() - woke < 10.0
        rig.monitor.acknowledge([number])
        sleep(rig, 0.5 * HOUR)
        await rig.until(lambda: rig.simulator.stats.connections == 4)
        since = rig.clock.monotonic()
        await rig.until(lambda: rig.all_seen_since(since))
        assert rig.monitor.row(TENCENT).alert.acknowledged
        assert changes(rig) == [AlertChange.RAISED]


@pytest.mark.parametrize("minutes", [15, None])
async def test_after_a_night_the_old_alert_is_over_and_the_new_session_has_its_own(
    watched, minutes: float | None
) -> None:
    async with watched(["700.HK"], config=SimulatorConfig(clock=MORNING), rules=RuleTable(default=LEVEL)) as rig:
        number = await raised(rig)
        rig.monitor.snooze([number], minutes)
        sleep(rig, 24 * HOUR)
        await rig.until(lambda: changes(rig).count(AlertChange.RAISED) == 2)
        assert changes(rig) == [AlertChange.RAISED, AlertChange.CLEARED, AlertChange.RAISED]
        old = next(record for record in rig.monitor.alerts if record.id == number)
        # What was to wait again before its session ended does; what was put off until the next session is done.
        assert (old.state, old.snoozed, old.waiting) == (AlertState.ENDED, False, minutes is not None)
        assert rig.monitor.row(TENCENT).alert.waiting


@pytest.mark.parametrize("hours", [30.0, -3.0])
async def test_a_clock_that_is_set_changes_no_alert(watched, hours: float) -> None:
    async with watched(["700.HK"], config=SimulatorConfig(clock=MORNING), rules=RuleTable(default=LEVEL)) as rig:
        number = await raised(rig)
        rig.monitor.snooze([number], 15)
        before = rig.monitor.row(TENCENT).alert
        rig.clock.asleep += hours * HOUR
        await rig.until(lambda: rig.simulator.stats.connections == 2)
        since = rig.clock.monotonic()
        await rig.until(lambda: rig.all_seen_since(since))
        assert rig.monitor.row(TENCENT).alert == before
        assert changes(rig) == [AlertChange.RAISED]
