"""Alerts of a desk beside the window's own: told once, counted once, acknowledged for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.intake.shared_alerts import SharedAlerts
from capflow_gui.providers.base import PushedAlert

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

    def push(self, record: AlertRecord, change: AlertChange = AlertChange.RAISED, *, fresh: bool = True) -> None:
        self.tell(PushedAlert(record, change, fresh))


class Rig:
    def __init__(self) -> None:
        self.collector = Collector()
        self.told: list[AlertEvent] = []
        self.changed: list[Symbol] = []
        sources = [SimpleNamespace(pushing=None), SimpleNamespace(pushing=self.collector)]
        self.alerts = SharedAlerts(sources, lambda: NOW, self.told.extend, self.changed.extend)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_records_stand_among_the_windows_own_newest_first(rig: Rig):
    own = (OWN,)
    assert rig.alerts.joined(own) is own
    rig.collector.push(RECORD)
    old = replace(RECORD, id="old", raised_at=NOW - 90_000.0, state=AlertState.ENDED)
    rig.collector.push(old, AlertChange.CLEARED, fresh=False)
    assert [each.id for each in rig.alerts.joined(own)] == ["a1b2", "own"]
    assert rig.changed == [TENCENT, TENCENT]


def test_an_alert_that_was_there_before_is_shown_and_not_told(rig: Rig):
    rig.collector.push(RECORD, fresh=False)
    assert rig.told == []
    assert rig.alerts.standing(TENCENT) == RECORD


def test_a_row_shows_what_waits_first(rig: Rig):
    assert rig.alerts.standing(TENCENT) is None
    rig.collector.push(replace(RECORD, id="seen", seen=1, raised_at=NOW))
    rig.collector.push(RECORD)
    standing = rig.alerts.standing(TENCENT)
    assert standing is not None
    assert standing.id == "a1b2"


def test_acknowledging_reaches_everybody_and_is_not_taken_back_by_what_is_on_the_way(rig: Rig):
    rig.collector.push(RECORD)
    assert not rig.alerts.acknowledge({"own"})
    assert rig.alerts.acknowledge({"a1b2", "own"})
    assert rig.collector.acknowledged == ["a1b2"]
    rig.collector.push(RECORD)
    assert rig.alerts.joined(())[0].acknowledged
    rig.collector.push(replace(RECORD, told=2), AlertChange.ESCALATED)
    assert not rig.alerts.joined(())[0].acknowledged
    assert rig.alerts.acknowledge(None)
    assert rig.collector.acknowledged == ["a1b2", "a1b2"]
    rig.collector.push(replace(RECORD, told=2, seen=2, seen_by="ws02", seen_at=NOW))
    assert rig.alerts.joined(())[0].seen_by == "ws02"


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
