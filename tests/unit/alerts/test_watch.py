from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.alerts.evaluation import Evaluation, Look, Obstacle, Reply
from capflow_gui.alerts.past import PastKey
from capflow_gui.alerts.records import AlertRecords
from capflow_gui.alerts.watch import FIRST_ANSWER_S, OPENING_S, Unjudged, Watch, obstacle_to
from capflow_gui.domain.alert import Readings, RuleState, parse_rule
from capflow_gui.domain.alert_record import AlertChange, AlertState
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    CapflowError,
    ConnectionLost,
    NoLines,
    NoQuoteRight,
    PartFailed,
    RemoteProtocolError,
)
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.reason import Code, Reason
from tests.unit.alerts.test_book import DAY, series

SYMBOL = Symbol(Market.HK, "700")
SESSION = DAY.day.isoformat()


def watched(text: str = "*: net <= -200M", since: float = DAY.open - 60) -> tuple[Watch, AlertRecords]:
    records = AlertRecords()
    watch = Watch(parse_rule(text), "opend", SYMBOL, records, simulated=False)
    watch.enter(SESSION)
    watch.since = since
    return watch, records


def lines(*net: float) -> Readings:
    places = np.arange(len(net), dtype=np.int64)
    return Readings(DAY.labels()[: len(net)].copy(), places, np.array(net) * 1e6)


def judge(watch: Watch, *net: float, over: bool = False) -> list[tuple[AlertChange, int]]:
    return said(watch.judge(lines(*net), DAY, DAY.open + 60.0 * len(net) + 5, over=over))


def said(events: list[AlertEvent]) -> list[tuple[AlertChange, int]]:
    return [(each.change, -1 if each.time is None else int(DAY.index(each.time))) for each in events]


def verbatim(text: str) -> Reason:
    return Reason.of(Code.VERBATIM, text=text)


LOST = LinkState("opend", LinkPhase.LOST, 0.0, reason=verbatim("reset"))


@pytest.mark.parametrize(
    ("freshness", "error", "link", "reason"),
    [
        (Freshness.LIVE, None, LOST, Reason.of(Code.NOT_CONNECTED_BECAUSE, why=verbatim("reset"))),
        (Freshness.LIVE, None, LinkState("opend", LinkPhase.WAITING, 0.0), Reason.of(Code.NOT_CONNECTED)),
        (Freshness.ERROR, None, None, Reason.of(Code.NO_ANSWER)),
        (Freshness.ERROR, NoLines("opend", 1.0), None, Reason.of(Code.NO_LINES)),
        (Freshness.ERROR, ConnectionLost("opend", verbatim("reset")), None, verbatim("reset")),
        (Freshness.ERROR, RemoteProtocolError(verbatim("a frame too long")), None, verbatim("a frame too long")),
        (Freshness.ERROR, PartFailed(Reason.of(Code.LINK_DOWN)), None, Reason.of(Code.LINK_DOWN)),
        (Freshness.ERROR, CapflowError("odd"), None, verbatim("odd")),
        (Freshness.NO_PERMISSION, NoQuoteRight("opend", 3, "没有权限"), None, verbatim("没有权限")),
        (Freshness.NEVER_POLLED, None, None, Reason.of(Code.NO_ANSWER_YET)),
        (Freshness.STALE, None, None, Reason.of(Code.TIME_STANDS)),
        (Freshness.PREVIOUS_SESSION, None, None, Reason.of(Code.PREVIOUS_SESSION)),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_of_judging(
    freshness: Freshness, error: CapflowError | None, link: LinkState | None, reason: Reason
) -> None:
    obstacle = obstacle_to(freshness, error, link)
    assert obstacle is not None
    assert obstacle.reason == reason
    assert obstacle.at_once is (freshness is Freshness.STALE)
    waits = {Freshness.PREVIOUS_SESSION: OPENING_S, Freshness.NEVER_POLLED: FIRST_ANSWER_S}
    assert obstacle.patience_s == waits.get(freshness, 0.0)


def test_what_is_wrong_with_the_source_is_in_the_way_where_it_may_be_the_cause() -> None:
    silent = Reason.of(Code.SOURCE_SILENT, source="opend", since="09:40:00")
    gone = Reason.of(Code.SOURCE_RIGHT_LOST, source="opend", why=verbatim("level 2"))
    for freshness, problem, reason in (
        (Freshness.STALE, silent, silent),
        (Freshness.NO_PERMISSION, gone, gone),
        (Freshness.ERROR, gone, Reason.of(Code.NO_ANSWER)),
    ):
        obstacle = obstacle_to(freshness, None, None, problem)
        assert obstacle is not None
        assert obstacle.reason == reason
    assert obstacle_to(Freshness.LIVE, None, None, silent) is None


@pytest.mark.parametrize("freshness", [Freshness.LIVE, Freshness.LUNCH, Freshness.CLOSED, Freshness.HALTED])
def test_nothing_stands_in_the_way_of_a_good_or_a_resting_symbol(freshness: Freshness) -> None:
    assert obstacle_to(freshness, None, LinkState("opend", LinkPhase.READY, 0.0)) is None


def test_a_level_is_raised_and_cleared_once() -> None:
    watch, records = watched()
    assert judge(watch, 0, -210) == [(AlertChange.RAISED, 1)]
    assert watch.unwritten
    assert watch.alert is not None
    record = records[watch.alert]
    assert (record.line_time, record.value, record.session) == (DAY.label(1), -210e6, SESSION)
    assert judge(watch, 0, -210, -220) == []
    assert judge(watch, 0, -210, -220, -100) == [(AlertChange.CLEARED, 3)]
    assert watch.alert is None
    assert records[record.id].state is AlertState.CLEARED
    assert judge(watch, 0, -210, -220, -100) == []


def test_what_is_told_is_noted_for_the_store() -> None:
    watch, records = watched()
    told = watch.judge(lines(-100, -210, -100), DAY, DAY.open + 185.0, over=False)
    assert len(told) == 2
    assert records.take_events(simulated=False) == told


def test_an_escalation_tells_of_the_same_record_once_more() -> None:
    watch, records = watched("*: net <= -200M again 100M")
    judge(watch, -210)
    records.acknowledge()
    assert judge(watch, -210, -310) == [(AlertChange.ESCALATED, 1)]
    (record,) = records.newest_first()
    assert (record.told, record.seen, record.escalations, record.waiting) == (2, 1, 1, True)


def test_a_late_watch_tells_of_the_breach_that_stands_and_logs_the_rest() -> None:
    watch, records = watched(since=DAY.open + 3600)
    assert judge(watch, -210, -100, -220) == [(AlertChange.RAISED, 2)]
    assert records.newest_first()[0].late
    calm, _ = watched(since=DAY.open + 3600)
    assert judge(calm, -210, -100) == []
    assert calm.state is not None


def test_after_the_close_a_late_watch_raises_nothing() -> None:
    watch, records = watched(since=DAY.close + 60)
    assert judge(watch, -210, over=True) == []
    assert records.newest_first() == ()


def test_a_record_of_an_earlier_run_whose_state_was_lost_goes_on_or_ends() -> None:
    watch, records = watched()
    judge(watch, 0, -210)
    kept = watch.alert
    again = Watch(watch.rule, "opend", SYMBOL, records, simulated=False)
    again.enter(SESSION)
    again.since, again.alert = DAY.open + 600, kept
    assert judge(again, 0, -210, -220) == []
    assert again.alert == kept
    over = Watch(watch.rule, "opend", SYMBOL, records, simulated=False)
    over.enter(SESSION)
    over.since, over.alert = DAY.open + 600, kept
    assert judge(over, 0, -210, -100) == [(AlertChange.CLEARED, -1)]


def test_crossings_end_one_another() -> None:
    watch, records = watched("*: net crosses 0")
    assert judge(watch, 5, -5, 5) == [(AlertChange.RAISED, 1), (AlertChange.CLEARED, 2), (AlertChange.RAISED, 2)]
    assert [record.standing for record in records.newest_first()].count(True) == 1


def test_the_same_event_told_again_is_the_same_record_and_waits_again() -> None:
    watch, records = watched()
    judge(watch, 0, -210)
    first = watch.alert
    assert said(watch.end(AlertState.CLEARED, 0.0, Reason.of(Code.RULE_CHANGED), seen=True)) == [
        (AlertChange.CLEARED, -1)
    ]
    assert not records.newest_first()[0].waiting
    watch.state = RuleState()
    assert judge(watch, 0, -210) == [(AlertChange.RAISED, 1)]
    assert watch.alert == first
    (record,) = records.newest_first()
    assert (record.told, record.waiting) == (2, True)


def test_what_cannot_be_judged_is_said_once_and_withdrawn() -> None:
    watch, records = watched()
    why, other = Obstacle(Reason.of(Code.NO_ANSWER)), Obstacle(Reason.of(Code.TIME_STANDS), at_once=True)
    assert said(watch.look(why, DAY.open, clear=False)) == [(AlertChange.CANNOT_JUDGE, -1)]
    assert watch.look(other, DAY.open + 23, clear=False) == watch.look(None, DAY.open + 23, clear=False) == []
    (record,) = records.newest_first()
    assert (record.reason, record.cannot_judge, math.isnan(record.value)) == (other.reason, True, True)
    assert said(watch.look(None, DAY.open + 24, clear=True)) == [(AlertChange.JUDGED_AGAIN, -1)]
    assert watch.look(None, DAY.open + 25, clear=True) == []
    assert records[record.id].reason == other.reason
    assert said(watch.look(other, DAY.open + 26, clear=False)) == [(AlertChange.CANNOT_JUDGE, -1)]


@pytest.mark.parametrize(("later", "records"), [(90.0, 1), (130.0, 2)])
def test_what_another_program_said_a_moment_ago_is_not_said_under_another_id(later: float, records: int) -> None:
    at, why = DAY.open + 600.0, Obstacle(Reason.of(Code.TIME_STANDS))
    other, theirs = watched()
    other.look(why, at, clear=False)
    watch, ours = watched()
    ours.merge(theirs.newest_first())
    assert [each.change for each in watch.look(why, at + later, clear=False)] == [AlertChange.CANNOT_JUDGE]
    assert len(ours.newest_first()) == records
    assert {each.told for each in ours.newest_first()} == {1}


def test_a_rule_is_judged_again_on_a_reply_that_can_be_judged_alone() -> None:
    watch, _ = watched()
    flagged = Reason.of(Code.NO_LINES)
    watch.replies.add(flagged, DAY.open, 1)
    assert said(watch.look(Obstacle(flagged), DAY.open + 2, clear=True)) == [(AlertChange.CANNOT_JUDGE, -1)]
    assert watch.look(None, DAY.open + 3, clear=True) == []
    watch.replies.add(None, DAY.open + 4, 1)
    assert said(watch.look(None, DAY.open + 4, clear=True)) == [(AlertChange.JUDGED_AGAIN, -1)]


@pytest.mark.parametrize(("code", "waits"), [(Code.NO_LINES, 0.0), (Code.TURNOVER_UNKNOWN, 60.0)])
def test_three_replies_in_a_row_and_a_turnover_two_cycles(code: Code, waits: float) -> None:
    replies, why = Unjudged(), Reason.of(code)
    assert replies.said(1000.0) is None
    for received, count in ((0.0, 0), (0.0, 0), (1.0, 1), (2.0, 1)):
        assert replies.said(1000.0) is None
        replies.add(why, received, count)
    assert (replies.since, replies.count) == (0.0, 3)
    assert replies.said(waits) == Obstacle(why, waits)
    assert replies.said(waits - 0.1) is None


def test_a_watch_covers_the_records_of_its_rule_symbol_and_session() -> None:
    watch, records = watched()
    judge(watch, 0, -210)
    (record,) = records.newest_first()
    assert watch.covers(record)
    other = Watch(parse_rule("*: net <= -100M"), "opend", SYMBOL, records, simulated=False)
    assert not other.covers(record)
    watch.enter("2022-06-09")
    assert not watch.covers(record)
    watch.enter("")
    assert watch.covers(record)


def test_nothing_is_said_of_a_rule_that_has_expired() -> None:
    for until, changes in (("2022-06-08", [(AlertChange.CANNOT_JUDGE, -1)]), ("2022-06-07", [])):
        watch, _ = watched(f"*: net <= -200M until {until}")
        assert said(watch.look(Obstacle(verbatim("why")), DAY.open + 60.0, clear=False)) == changes


def test_which_earlier_sessions_a_rule_is_judged_by() -> None:
    watch, _ = watched("*: main change 5m unusual 3 floor 5M")
    assert watch.past_key(DAY.day) == PastKey("opend", SYMBOL, DAY.day, "main", 5)
    watch, _ = watched("*: divergence 5m price 1% flow 1%")
    assert watch.past_key(DAY.day) == PastKey("opend", SYMBOL, DAY.day)


def ahead(watch: Watch, *net: float, after_s: float = 5.0) -> list[tuple[AlertChange, int]]:
    """What the lines would do with the last one, whose minute is not over."""
    return said(watch.look_ahead(lines(*net), DAY.label(len(net) - 1) + after_s))


def test_an_early_mark_is_amended_when_its_minute_ends_past_the_level() -> None:
    watch, records = watched()
    assert ahead(watch, 0, -210) == []  # nothing was evaluated yet
    judge(watch, 0, 0)
    assert ahead(watch, 0, 0, -210) == [(AlertChange.EARLY, 2)]
    assert ahead(watch, 0, 0, -220) == []
    (early,) = records.newest_first()
    assert (early.early, early.waiting, early.told, early.value) == (True, False, 0, -210e6)
    assert judge(watch, 0, 0, -230) == [(AlertChange.RAISED, 2)]
    (alert,) = records.newest_first()
    assert (alert.id, alert.early, alert.waiting, alert.told, alert.value) == (early.id, False, True, 1, -230e6)
    assert (watch.alert, watch.early, watch.held) == (alert.id, None, [alert.id])
    assert [each.change for each in records.take_events(simulated=False)] == [AlertChange.RAISED]


def test_an_early_mark_is_withdrawn_when_its_minute_ends_short_of_the_level() -> None:
    watch, records = watched()
    judge(watch, 0, 0)
    ahead(watch, 0, 0, -210)
    (withdrawn,) = watch.judge(lines(0, 0, -150), DAY, DAY.open + 240.0, over=False)
    assert (withdrawn.change, withdrawn.time, withdrawn.value) == (AlertChange.WITHDRAWN, DAY.label(2), -150e6)
    assert withdrawn.reason == Reason.of(Code.EARLY_WITHDRAWN)
    (record,) = records.newest_first()
    assert (record.withdrawn, record.waiting, record.standing) == (True, False, False)
    assert ahead(watch, 0, 0, -150, -201) == [(AlertChange.EARLY, 3)]


def test_an_early_mark_is_withdrawn_when_an_earlier_minute_raises_the_rule() -> None:
    watch, records = watched()
    judge(watch, 0)
    assert ahead(watch, 0, -190, -210) == [(AlertChange.EARLY, 2)]
    assert judge(watch, 0, -205) == [(AlertChange.WITHDRAWN, 2), (AlertChange.RAISED, 1)]
    assert [record.told for record in records.newest_first() if record.standing] == [1]


def test_what_stands_or_lies_long_ago_is_not_marked_early() -> None:
    watch, _ = watched()
    judge(watch, 0)
    assert ahead(watch, 0, -210, after_s=180.1) == []  # the source stands
    judge(watch, 0, -210)
    assert ahead(watch, 0, -210, -220) == []


def test_an_early_mark_ends_with_its_watch() -> None:
    watch, _ = watched()
    judge(watch, 0)
    ahead(watch, 0, -210)
    assert said(watch.end(AlertState.ENDED, DAY.close, Reason.of(Code.SESSION_ENDED))) == [(AlertChange.WITHDRAWN, 1)]
    assert watch.held == []


@given(st.lists(st.sampled_from([0.0, -150.0, -190.0, -205.0, -300.0]), min_size=1, max_size=25), st.data())
def test_every_early_mark_is_raised_or_withdrawn_once_and_alerts_are_those_without_it(
    net: list[float], data: st.DataObject
) -> None:
    early, plain = watched("*: net <= -200M early")[0], watched("*: net <= -200M")[0]
    marked, alerts = list[tuple[AlertChange, int]](), list[tuple[AlertChange, int]]()
    for count in range(1, len(net) + 1):
        now = data.draw(st.sampled_from([0.0, -205.0]))
        marked += judge(early, *net[:count]) + ahead(early, *net[:count], now)
        alerts += judge(plain, *net[:count])
    assert [each for each in marked if each[0] not in (AlertChange.EARLY, AlertChange.WITHDRAWN)] == alerts
    open_mark: int | None = None
    for change, minute in marked:
        if change is AlertChange.EARLY:
            assert open_mark is None
            open_mark = minute
        elif change in (AlertChange.RAISED, AlertChange.WITHDRAWN) and minute == open_mark:
            open_mark = None
    assert open_mark in (None, len(net))


def test_what_waits_is_kept_in_order_and_bounded() -> None:
    watch, _ = watched()
    look = Look(None, clear=True, market_now=1.0)
    replies = [evaluation() for _ in range(101)]
    for item in (look, replies[0], replies[0], Look(None, clear=True, market_now=2.0), look):
        watch.wait(item)
    assert watch.waiting == [look, replies[0], look]
    for item in replies:
        watch.wait(item)
    assert len(watch.waiting) == 100
    assert watch.waiting[-2:] == [replies[95], replies[100]]
    watch.enter(SESSION)
    assert watch.waiting == []


def test_a_rule_that_waits_for_a_minute_says_that_it_cannot_be_judged() -> None:
    watch, records = watched()
    assert [watch.look_while_waiting(DAY.open, mono) for mono in (5.0, 65.0)] == [[], []]
    assert said(watch.look_while_waiting(DAY.open, 65.1)) == [(AlertChange.CANNOT_JUDGE, -1)]
    assert watch.look_while_waiting(DAY.open, 66.0) == []
    assert [each.reason for each in records.newest_first()] == [Reason.of(Code.STILL_READING)]


@pytest.mark.parametrize(("since", "number"), [(DAY.open, 1), (DAY.close, 0)])
def test_replies_that_cannot_be_judged_are_said_by_who_watched_before_the_close(since: float, number: int) -> None:
    watch, _ = watched(since=since)
    assert not watch.is_obstructed
    watch.replies.add(verbatim("why"), DAY.open, 3)
    assert watch.is_obstructed
    assert len(watch.look_at_replies(DAY, DAY.open + 60, clear=False)) == number
    watch.replies.add(None, DAY.open + 90, 1)
    assert len(watch.look_at_replies(DAY, DAY.open + 90, clear=True)) == number


def evaluation(*net: float) -> Evaluation:
    state = {"goes_on": True, "is_current": True, "is_closed": False, "is_over": False, "is_clear": True}
    state |= {"session": DAY.day.isoformat(), "received": DAY.open + 90.0}
    return Evaluation(Reply(series(*net, 0), DAY, None), DAY.open + 90.0, 1, **state)


def test_a_watch_of_another_source_goes_on_from_where_one_stands_that_got_further() -> None:
    old, records = watched()
    assert judge(old, 0, -210, -210) == [(AlertChange.RAISED, 1)]
    new = Watch(old.rule, "longport", SYMBOL, records, simulated=False)
    assert new.follow(old)
    assert (new.session, new.state, new.since, new.alert) == (SESSION, old.state, old.since, old.alert)
    assert new.unwritten
    assert judge(new, 0, -210, -210, -50) == [(AlertChange.CLEARED, 3)]
    assert not new.follow(old)
