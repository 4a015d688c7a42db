from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from capflow_gui.alerts.evaluation import Reply, Stretch
from capflow_gui.alerts.place import Place
from capflow_gui.alerts.records import AlertRecords
from capflow_gui.alerts.sessions import Sessions
from capflow_gui.alerts.watch import Watch
from capflow_gui.domain.alert import RuleState, parse_rule
from capflow_gui.domain.session import SESSION_END_S, Calendar, Phase
from capflow_gui.domain.symbol import Market, Symbol
from tests.unit.alerts.test_book import CALENDAR, DAY, NEXT, TENCENT, series

RULE = parse_rule("*: net <= -200M")


def place(*, final: bool = False) -> Place:
    found = Place("opend", TENCENT, lambda _outage: None)
    if final:
        whole = series(*[0.0] * (DAY.minutes + 1))
        found.reply = Reply(msgspec.structs.replace(whole, confirmed=whole.confirmed | True), DAY, None)
    return found


def watch(session: str) -> Watch:
    found = Watch(RULE, "opend", TENCENT, AlertRecords(), simulated=False)
    found.enter(session)
    return found


def test_the_current_session_is_the_one_of_the_exchanges_date() -> None:
    sessions = Sessions(CALENDAR, ignore_calendar=False)
    assert sessions.today(TENCENT, DAY.open) == "2022-06-08"
    assert [sessions.is_current(DAY, at) for at in (DAY.open - 60, DAY.close + 60, NEXT.open)] == [True, True, False]
    assert [sessions.is_closed(DAY, at) for at in (DAY.close - 1, DAY.close)] == [False, True]
    assert sessions.phase(TENCENT, DAY.open) is Phase.OPEN
    assert sessions.phase(TENCENT, DAY.close + 60) is Phase.CLOSED
    assert sessions.next_open(TENCENT, DAY.open) == sessions.next_open(TENCENT, DAY.close) == NEXT.open


def test_a_market_goes_on_with_what_it_does_until_that_or_the_day_changes() -> None:
    sessions = Sessions(CALENDAR, ignore_calendar=False)
    market = TENCENT.market
    evening, night = sessions.stretch(market, DAY.close + 60), sessions.stretch(market, DAY.close + 3600)
    assert evening == night == Stretch(CALENDAR, Phase.CLOSED, DAY.day)
    assert sessions.stretch(market, NEXT.open - 60) == Stretch(CALENDAR, Phase.PRE_OPEN, NEXT.day)
    assert sessions.stretch(market, DAY.open) == Stretch(CALENDAR, Phase.OPEN, DAY.day)
    always = Sessions(CALENDAR, ignore_calendar=True)
    assert always.stretch(market, DAY.close + 60) == Stretch(CALENDAR, Phase.OPEN, DAY.day)


def test_a_place_is_quiet_where_time_alone_brings_nothing() -> None:
    sessions = Sessions(CALENDAR, ignore_calendar=False)
    one, at, over = place(), DAY.open + 600, float(NEXT.open - 3600)
    found = watch(DAY.day.isoformat())
    one.watches[found.rule_id, found.version] = found

    def quiet(at: float = at, *, todays_over: bool = False) -> bool:
        return sessions.quiet(one, at, todays_over=todays_over) == sessions.stretch(TENCENT.market, at)

    assert not quiet()  # it waits for a connection
    found.since = at
    assert not quiet()  # and for the first reply of its session
    found.state = RuleState()
    assert quiet()
    assert not quiet(todays_over=True)
    found.unjudged = "1"
    assert not quiet()
    found.unjudged, one.since = None, 5.0
    assert not quiet()  # something is in the way
    one.since = None
    assert not quiet(DAY.close + 60)  # its session is to be ended
    assert quiet(DAY.close + 60, todays_over=True)
    assert not quiet(float(NEXT.open + 60))  # it is in the session before
    assert quiet(over, todays_over=True)


def test_without_a_calendar_any_session_that_is_served_is_current() -> None:
    sessions = Sessions(CALENDAR, ignore_calendar=True)
    assert sessions.is_current(DAY, NEXT.open)
    assert not sessions.is_closed(DAY, NEXT.open)
    assert sessions.phase(TENCENT, DAY.close + 60) is Phase.OPEN
    held = watch("2022-06-08")
    assert not sessions.is_over(held, NEXT.open, todays_over=False)
    assert not sessions.is_over(held, NEXT.open, todays_over=False, serving=DAY)
    assert sessions.is_over(held, DAY.open, todays_over=False, serving=NEXT)
    assert not sessions.is_todays_over(place(final=True), NEXT.open)


@pytest.mark.parametrize(
    ("at", "final", "over"),
    [
        (DAY.close - 1.0, True, False),
        (DAY.close, False, False),
        (DAY.close, True, True),
        (DAY.close + SESSION_END_S, False, True),
        (DAY.close + 86_400.0 * 3, True, False),  # a Saturday has no session
    ],
)
def test_a_session_is_over_with_its_last_line_or_half_an_hour_after_the_close(
    at: float, final: bool, over: bool
) -> None:
    assert Sessions(CALENDAR, ignore_calendar=False).is_todays_over(place(final=final), at) is over


def test_a_watch_is_over_with_its_session() -> None:
    sessions = Sessions(CALENDAR, ignore_calendar=False)
    assert sessions.is_over(watch("2022-06-07"), DAY.open, todays_over=False)
    assert sessions.is_over(watch("2022-06-08"), DAY.open, todays_over=False, serving=NEXT)
    assert not sessions.is_over(watch("2022-06-09"), DAY.open, todays_over=True)
    assert [sessions.is_over(watch("2022-06-08"), DAY.open, todays_over=each) for each in (False, True)] == [
        False,
        True,
    ]


def test_a_session_goes_on_until_it_would_be_ended() -> None:
    sessions, day = Sessions(CALENDAR, ignore_calendar=False), DAY.day.isoformat()
    assert sessions.goes_on(TENCENT, day, DAY.close + SESSION_END_S - 1.0)
    assert not sessions.goes_on(TENCENT, day, DAY.close + SESSION_END_S)
    assert not sessions.goes_on(TENCENT, day, float(NEXT.open))
    holiday = DAY.open - 5 * 86400.0  # 2022-06-03
    assert sessions.goes_on(TENCENT, "2022-06-03", holiday)  # nothing says when it ended
    assert sessions.goes_on(TENCENT, day, holiday)
    assert Sessions(CALENDAR, ignore_calendar=True).goes_on(TENCENT, day, float(NEXT.open))


def test_the_next_session_opens_by_the_exchanges_clock_when_summer_time_begins_or_ends(calendar: Calendar) -> None:
    """An alert that is snoozed until then waits for an hour less, or more, than over another weekend."""
    sessions, apple = Sessions(calendar, ignore_calendar=False), Symbol.parse("AAPL.US")
    for friday, monday, hours in (("2026-03-06", "2026-03-09", 64.5), ("2026-10-30", "2026-11-02", 66.5)):
        close, opens = (
            datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=calendar.zone(Market.US)).timestamp()
            for day, at in ((friday, "16:00"), (monday, "09:30"))
        )
        assert sessions.next_open(apple, close) == opens
        assert opens - close == hours * 3600.0
