"""Alerts of a desk beside the window's own: told once, counted once, acknowledged for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.alerts.records import AlertRecords
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.intake.shared_alerts import SharedAlerts
from capflow_gui.providers.base import PushedAlert
from capflow_gui.reason import Code, Reason

TENCENT = Symbol.parse("700.HK")
NOW = 1780886400.0
RECORD = AlertRecord(
    "a1b2", "opend", TENCENT, "net <= -200M", AlertState.ACTIVE, "2026-06-08", 1780882800, -3e8, -2e8, NOW - 60
)
OWN = replace(RECORD, id="own", raised_at=NOW - 90)


@dataclass
class Collector:
    acknowledged: list[str] = field(default_factory=list)
    tell: Callable[[PushedAlert], None] = print

    def on_alert(self, callback: Callable[[PushedAlert], None]) -> None:
        self.tell = callback

    def acknowledge(self, record: AlertRecord) -> None:
        self.acknowledged.append(record.id)

    def push(
        self,
        record: AlertRecord,
        change: AlertChange = AlertChange.RAISED,
        *,
        fresh: bool = True,
        before: AlertRecord | None = None,
    ) -> None:
        self.tell(PushedAlert(record, change, fresh, before))


class Rig:
    def __init__(self) -> None:
        self.collector = Collector()
        self.told: list[AlertEvent] = []
        self.changed: list[Symbol] = []
        self.kept = AlertRecords()
        sources = [SimpleNamespace(pushing=None), SimpleNamespace(pushing=self.collector, name="desk")]
        self.alerts = SharedAlerts(sources, self.kept, {"desk": NOW}.__getitem__, self.told.extend, self.changed.extend)

    def acknowledge(self, ids: set[str] | None) -> None:
        """As the monitor does."""
        self.alerts.acknowledge(ids)
        self.kept.acknowledge(ids)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_records_are_kept_and_told_as_the_profiles_own(rig: Rig):
    rig.kept.keep(OWN)
    rig.collector.push(RECORD)
    assert [(each.id, each.desk) for each in rig.kept.newest_first()] == [("a1b2", "desk"), ("own", "")]
    assert rig.changed == [TENCENT]
    assert rig.kept.take_unwritten(simulated=False) == [OWN, replace(RECORD, desk="desk")]
    (event,) = rig.kept.take_events(simulated=False)  # what the channels are sent
    assert (event.record.desk, event.announced, rig.told) == ("desk", True, [event])


def test_an_alert_that_was_there_before_is_shown_and_not_told(rig: Rig):
    rig.collector.push(RECORD, fresh=False)
    assert (rig.told, rig.kept.take_events(simulated=False)) == ([], [])
    assert rig.kept.standing(TENCENT) == replace(RECORD, desk="desk")


def test_an_alert_that_is_out_of_memory_is_not_told_again_when_it_is_acknowledged(rig: Rig):
    over = [
        replace(RECORD, id=f"old{number}", state=AlertState.CLEARED, raised_at=NOW - 5000 + number)
        for number in range(1200)
    ]
    for record in over:
        rig.collector.push(record, AlertChange.CLEARED)
    oldest = over[0]
    assert rig.kept.get(oldest.id) is None
    rig.told.clear()
    rig.kept.take_unwritten(simulated=False)
    rig.kept.take_events(simulated=False)
    rig.collector.push(replace(oldest, seen=1, seen_by="ws02"), AlertChange.CLEARED, before=oldest)
    assert (rig.told, rig.kept.take_events(simulated=False)) == ([], [])
    (written,) = rig.kept.take_unwritten(simulated=False)
    assert (written.id, written.seen_by, written.desk) == (oldest.id, "ws02", "desk")


def test_what_is_here_already_is_not_written_again(rig: Rig):
    rig.collector.push(RECORD)
    before = rig.kept.change_count
    rig.collector.push(RECORD, fresh=False)
    assert rig.kept.change_count == before


def test_what_a_rule_of_this_profile_raised_itself_stays_its_own(rig: Rig):
    rig.kept.keep(replace(RECORD, value=-2.5e8))
    rig.collector.push(RECORD)
    assert rig.kept[RECORD.id] == replace(RECORD, value=-2.5e8)
    assert rig.told == []


def test_acknowledging_reaches_everybody_and_is_not_taken_back_by_what_is_on_the_way(rig: Rig):
    rig.collector.push(RECORD)
    rig.acknowledge({"own"})
    assert rig.collector.acknowledged == []
    rig.acknowledge({"a1b2", "own"})
    rig.acknowledge({"a1b2"})
    assert rig.collector.acknowledged == ["a1b2"]
    rig.collector.push(RECORD)
    assert rig.kept["a1b2"].acknowledged
    rig.collector.push(replace(RECORD, told=2, seen=1, seen_by="ws02", seen_at=NOW), AlertChange.ESCALATED)
    assert (rig.kept["a1b2"].acknowledged, rig.kept["a1b2"].seen_by) == (False, "ws02")
    rig.acknowledge(None)
    assert rig.collector.acknowledged == ["a1b2", "a1b2"]
    assert rig.kept["a1b2"].seen_by == ""  # whoever did so before was told of one announcement alone
    rig.collector.push(replace(RECORD, told=2, seen=2, seen_by="ws01", seen_at=NOW))
    assert rig.kept["a1b2"].seen_by == "ws01"


def test_what_an_earlier_run_kept_is_acknowledged_for_everybody_too(rig: Rig):
    rig.kept.keep(replace(RECORD, desk="desk"))
    rig.kept.keep(replace(RECORD, id="gone", desk="of earlier settings"))
    rig.acknowledge(None)
    assert rig.collector.acknowledged == ["a1b2"]
    assert rig.kept["gone"].acknowledged


def test_snoozing_is_the_windows_own_matter(rig: Rig):
    rig.collector.push(replace(RECORD, snoozed_until=NOW + 60, snoozes=1))  # the collector's own
    assert not rig.kept["a1b2"].snoozed
    rig.kept.snooze({"a1b2"}, lambda _record: NOW + 900)
    rig.acknowledge(None)  # all but what is snoozed
    assert rig.collector.acknowledged == []
    rig.collector.push(replace(RECORD, told=2), AlertChange.ESCALATED)
    assert (rig.kept["a1b2"].snoozed_until, rig.kept["a1b2"].waiting) == (NOW + 900, False)
    assert [event.announced for event in rig.told] == [True, False]
    rig.kept.wake({"desk": NOW + 901}.get, lambda *_session: True)
    assert rig.kept["a1b2"].waiting


def test_an_alert_that_was_ended_without_need_stands_again_and_is_told_no_more(rig: Rig):
    """A collector that took over did not hold it at its first reply."""
    rig.collector.push(RECORD)
    doubted = replace(RECORD, state=AlertState.CLEARED, cleared_at=NOW, reason=Reason.of(Code.JUDGED_AGAIN))
    rig.collector.push(doubted, AlertChange.CLEARED)
    rig.collector.push(RECORD)
    assert rig.kept["a1b2"].standing
    assert [event.change for event in rig.told] == [AlertChange.RAISED, AlertChange.CLEARED]
    rig.collector.push(doubted, AlertChange.CLEARED)
    rig.collector.push(replace(RECORD, told=2), AlertChange.ESCALATED)
    assert rig.told[-1].change is AlertChange.ESCALATED


def test_a_rule_that_cannot_be_judged_has_no_figure(rig: Rig):
    rig.collector.push(replace(RECORD, cannot_judge=True, value=float("nan")), AlertChange.CANNOT_JUDGE)
    (event,) = rig.told
    assert (event.time, event.value, event.at) == (None, None, NOW)


@given(st.lists(st.sampled_from(range(5)), max_size=20))
def test_over_any_order_and_repetition_each_step_of_an_alert_is_told_once(order: list[int]):
    """After a repair, or a takeover, everything may come again, and older than what is here."""
    steps = [
        (RECORD, AlertChange.RAISED),
        (replace(RECORD, told=2), AlertChange.ESCALATED),
        (replace(RECORD, told=3), AlertChange.ESCALATED),
        (replace(RECORD, told=3, state=AlertState.CLEARED), AlertChange.CLEARED),
        (replace(RECORD, told=3, state=AlertState.ENDED), AlertChange.CLEARED),
    ]
    rig = Rig()
    for place in order:
        rig.collector.push(*steps[place])
    told = [(event.record.state, event.record.told) for event in rig.told]
    assert len(told) == len(set(told))
