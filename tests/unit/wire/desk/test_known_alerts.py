"""What is known of shared alerts takes bounded room, however long a program runs."""

from __future__ import annotations

from dataclasses import replace

from capflow_gui.domain.alert_record import AlertChange, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk.known_alerts import FIRST_LOOK, KEPT_S, KnownAlerts
from capflow_gui.wire.desk.messages import SharedAlert

RECORD = AlertRecord(
    "", "opend", Symbol.parse("700.HK"), "net <= -200M", AlertState.CLEARED, "2026-06-08", 0, -3e8, -2e8, 0.0
)

APART_S = KEPT_S / 500


def shared(number: int, raised_at: float, state: AlertState = AlertState.CLEARED) -> SharedAlert:
    return SharedAlert(replace(RECORD, id=f"a{number}", raised_at=raised_at, state=state), AlertChange.CLEARED)


def test_alerts_that_are_over_are_forgotten_when_the_bus_keeps_them_no_longer():
    known = KnownAlerts()
    assert known.keep(shared(0, 0.0, AlertState.ACTIVE)) == []
    forgotten: list[str] = []
    for number in range(1, 2 * FIRST_LOOK):
        forgotten += known.keep(shared(number, number * APART_S))
        assert len(known) <= FIRST_LOOK
    newest = (2 * FIRST_LOOK - 1) * APART_S
    assert "a0" in known  # it stands
    assert set(forgotten).isdisjoint(known)
    assert {f"a{number}" for number in range(2 * FIRST_LOOK) if number * APART_S >= newest - KEPT_S} <= known.keys()
    assert len(forgotten) > FIRST_LOOK / 2


def test_the_newest_that_was_said_of_an_alert_is_known():
    known = KnownAlerts()
    known.keep(shared(1, 1.0))
    again = shared(1, 2.0, AlertState.ACTIVE)
    assert known.keep(again) == []
    assert dict(known) == {"a1": again}
