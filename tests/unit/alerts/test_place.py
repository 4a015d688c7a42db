from __future__ import annotations

import math

from msgspec import structs

from capflow_gui.alerts.evaluation import Evaluation, Obstacle, Reply
from capflow_gui.alerts.place import Place
from capflow_gui.alerts.records import AlertRecords
from capflow_gui.alerts.watch import Watch
from capflow_gui.archive.model import Outage
from capflow_gui.domain.alert import RuleState, parse_rule
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.reason import Code, Reason
from tests.unit.alerts.test_book import DAY, NEXT, TENCENT, series

WHY = Reason.of(Code.NO_ANSWER)


def place() -> tuple[Place, list[Outage]]:
    noted: list[Outage] = []
    return Place("opend", TENCENT, noted.append), noted


def test_what_is_in_the_way_is_said_after_its_patience_and_noted_once() -> None:
    found, noted = place()
    assert found.is_clear
    for mono, said in ((0.0, False), (20.0, False), (20.1, True), (30.0, True)):
        found.wait(Obstacle(WHY), mono, 1000.0 + mono, patience_s=20.0)
        assert (found.outside is not None, found.is_clear) == (said, False)
    found.wait(Obstacle(Reason.of(Code.TIME_STANDS)), 31.0, 1031.0, patience_s=20.0)
    assert found.outside == Obstacle(Reason.of(Code.TIME_STANDS))
    found.wait(None, 32.0, 1032.0, patience_s=20.0)
    assert found.is_clear
    assert noted == [Outage("opend", TENCENT, 1020.1, end, WHY) for end in (None, 1032.0)]
    found.end_outage(1040.0)
    assert len(noted) == 2


def test_what_took_two_cycles_to_find_is_said_at_once() -> None:
    found, noted = place()
    found.wait(Obstacle(WHY, at_once=True), 0.0, 1000.0, patience_s=20.0)
    assert [each.start for each in noted] == [1000.0]


def test_a_session_without_a_line_is_given_its_opening_minutes() -> None:
    found, noted = place()
    found.has_no_line = True
    for mono in (0.0, 180.0):
        found.wait(None, mono, 1000.0, patience_s=20.0)
        assert noted == []
    found.wait(None, 180.1, 1000.0, patience_s=20.0)
    assert [each.reason.code for each in noted] == [Code.NO_LINES]


def test_what_was_known_when_a_line_was_confirmed_stays_for_the_session() -> None:
    found, _ = place()
    first, second = Turnover(1e6, DAY.open + 60.0, 99.0), Turnover(2e6, DAY.open + 120.0, 98.0)
    found.take(Reply(series(0, 0, 0), DAY, first))
    found.take(Reply(series(0, 0, 0, 0), DAY, second))
    assert found.then == {DAY.label(0): first, DAY.label(1): first, DAY.label(2): second}
    broken = structs.replace(series(0, 0, 0, 0, 0), flags=Flag.SCALE)
    found.take(Reply(broken, DAY, None))
    assert DAY.label(3) not in found.then
    found.take(Reply(series(0, 0, day=NEXT), NEXT, None))
    assert found.then == {NEXT.label(0): None}


def test_what_was_recorded_goes_before_what_is_known_and_is_taken_once_a_session() -> None:
    found, _ = place()
    live, recorded = Turnover(1e6, DAY.open, 99.0), {DAY.label(0): Turnover(2e6, DAY.open, 98.0)}
    found.take(Reply(series(0, 0, 0), DAY, live))
    found.take_recorded(recorded)
    found.take_recorded(recorded)
    assert found.then == {DAY.label(0): recorded[DAY.label(0)], DAY.label(1): live}
    found.take(Reply(series(0, 0, day=NEXT), NEXT, None))
    found.take_recorded(recorded)
    assert found.then == {NEXT.label(0): None} | recorded


def evaluation(told: FlowSeries, turnover: Turnover) -> Evaluation:
    state = {"goes_on": True, "is_current": True, "is_closed": False, "is_over": False, "is_clear": True}
    state |= {"session": DAY.day.isoformat(), "received": float(told.timestamps[-1])}
    return Evaluation(Reply(told, DAY, turnover), float(told.timestamps[-1]), 1, **state)


def test_of_a_reply_its_unconfirmed_lines_are_looked_at_for_early_marks() -> None:
    found, _ = place()
    watch = Watch(parse_rule("*: net/turnover <= -3% early"), "opend", TENCENT, AlertRecords(), simulated=False)
    watch.enter(DAY.day.isoformat())
    at = evaluation(series(0, 0, -40), Turnover(1e9, DAY.label(2)))
    found.take(at.reply)
    assert found.look_ahead(watch, at, UsualChanges()) == []  # nothing was evaluated yet
    watch.state = RuleState(upto=DAY.label(1))
    (event,) = found.look_ahead(watch, at, UsualChanges())
    assert (event.change, event.time, event.value) == (AlertChange.EARLY, DAY.label(2), -0.04)


def test_stale_figures_are_noted_from_the_first_reply_that_was() -> None:
    """A dry run knows by it which replies were not judged."""
    stands = Obstacle(Reason.of(Code.TIME_STANDS), at_once=True)
    found, noted = place()
    found.hold(980.0, held=False)
    assert not found.is_held
    found.wait(stands, 0.0, 1000.0, patience_s=20.0)
    found.wait(None, 30.0, 1030.0, patience_s=20.0)
    found.hold(1050.0, held=True)
    assert found.is_held
    found.wait(stands, 51.0, 1051.0, patience_s=20.0)
    assert [each.start for each in noted if each.end is None] == [1000.0, 1050.0]


def test_what_a_rule_measures_now_is_that_of_the_newest_line_of_its_session() -> None:
    found, _ = place()
    rule = parse_rule("*: net/turnover <= -3%")
    session = DAY.day.isoformat()
    assert math.isnan(found.measure(rule, session, UsualChanges())), "no reply"
    found.take(evaluation(series(0, 0, -40), Turnover(1e9, DAY.label(2))).reply)
    assert found.measure(rule, session, UsualChanges()) == -0.04
    assert math.isnan(found.measure(rule, "2020-01-02", UsualChanges())), "another session's"
    later = parse_rule("*: net change 30m <= -3M")
    assert math.isnan(found.measure(later, session, UsualChanges())), "its lines are too few"


def test_a_divergence_is_marked_early_by_the_price_of_now() -> None:
    found, _ = place()
    watch = Watch(
        parse_rule("*: divergence 1m price 1% flow 1% early"), "opend", TENCENT, AlertRecords(), simulated=False
    )
    watch.enter(DAY.day.isoformat())
    found.take(Reply(series(0, 0, 0), DAY, Turnover(1e9, DAY.label(2), 100.0)))
    watch.state = RuleState(upto=DAY.label(1))
    now = evaluation(series(0, 0, -40), Turnover(1e9, DAY.label(2), 102.0))
    found.take(now.reply)
    assert [each.change for each in found.look_ahead(watch, now, UsualChanges())] == [AlertChange.EARLY]


def test_states_that_moved_are_taken_once() -> None:
    found, _ = place()
    for number, simulated in enumerate((False, True)):
        watch = Watch(parse_rule("*: net <= -1M"), "opend", TENCENT, AlertRecords(), simulated=simulated)
        watch.state, watch.unwritten = RuleState(upto=number), True
        found.watches[str(number), ""] = watch
    found.watches["unmoved", ""] = Watch(parse_rule("*: net <= -1M"), "opend", TENCENT, AlertRecords(), simulated=False)
    assert [state.upto for _, state in found.take_moved(simulated=True)] == [1]
    assert [list(found.take_moved(simulated=True)), len(list(found.take_moved(simulated=False)))] == [[], 1]
