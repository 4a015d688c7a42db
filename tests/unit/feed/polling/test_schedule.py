"""Whom the poller asks next, and when a market rests."""

from __future__ import annotations

import itertools
import statistics
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import ConnectionLost, NoLines, NoQuoteRight, RateLimited, RequestTimeout, UnknownSymbol
from capflow_gui.feed.polling.schedule import Schedule
from tests.reasons import said

HK = ZoneInfo("Asia/Hong_Kong")


def hk(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=HK).timestamp()


def symbols(count: int, market: Market = Market.HK) -> list[Symbol]:
    return [Symbol(market, str(code)) for code in range(1, count + 1)]


MORNING = hk("2022-06-08 10:00:00")
A, B, C = symbols(3)


def play(
    schedule: Schedule, seconds: float, *, market: float = MORNING, rate: float = 1.0, failing: dict | None = None
) -> list[tuple[float, Symbol]]:
    """Ask at the broker's pace: 30 in any 30.05 s, every reply at once. Gives (second, symbol) of each call."""
    asked: list[tuple[float, Symbol]] = []
    now = 0.0
    while now < seconds:
        free = asked[-30][0] + 30.05 if len(asked) >= 30 else 0.0
        now = max(now, free)
        at = market + now * rate
        symbol = schedule.pick(now, at, 1.0)
        if symbol is None:
            now = max(schedule.next_due(now, at, rate), now + 1e-3)
            continue
        schedule.sent(symbol)
        asked.append((now, symbol))
        if failing and symbol in failing:
            schedule.failed(symbol, failing[symbol], now, at)
        else:
            schedule.stored(symbol, now, at)
    return asked


def made(calendar: Calendar, all_symbols: list[Symbol], visible: int = 0, **options) -> Schedule:
    schedule = Schedule(calendar, **options)
    schedule.set_symbols(all_symbols, 0.0)
    schedule.set_visible(all_symbols[:visible])
    return schedule


def test_every_visible_row_is_in_the_first_burst(calendar: Calendar) -> None:
    everything = symbols(200)
    schedule = Schedule(calendar)
    schedule.set_symbols(everything, 0.0)
    shown = everything[150:180]
    schedule.set_visible(shown)
    burst = [symbol for at, symbol in play(schedule, 1.0) if at < 1.0]
    assert burst == shown


def test_a_symbol_in_flight_is_not_asked_twice(calendar: Calendar) -> None:
    schedule = made(calendar, [A])
    assert schedule.pick(0.0, MORNING, 1.0) == A
    schedule.sent(A)
    assert schedule.pick(0.0, MORNING, 1.0) is None
    schedule.dropped(A)
    assert schedule.pick(0.0, MORNING, 1.0) == A


def test_rows_on_screen_are_due_after_ten_seconds_and_others_after_thirty(calendar: Calendar) -> None:
    schedule = made(calendar, [A, B], visible=1)
    for symbol in (A, B):
        schedule.stored(symbol, 0.0, MORNING)
    assert schedule.pick(9.9, MORNING + 10, 1.0) is None
    assert schedule.pick(10.0, MORNING + 10, 1.0) == A
    assert schedule.due_at(A, 5.0, MORNING, 1.0) == 10.0
    schedule.sent(A)
    assert schedule.pick(29.9, MORNING + 10, 1.0) is None
    assert schedule.pick(30.0, MORNING + 10, 1.0) == B


def test_a_row_goes_first_from_when_it_comes_near_its_threshold(calendar: Calendar) -> None:
    schedule = made(calendar, [A, B])
    schedule.stored(A, 0.0, MORNING)
    schedule.stored(B, 1.0, MORNING + 1)
    for near, first in ((True, B), (False, A)):
        schedule.set_near(B, near)
        assert schedule.pick(31.5, MORNING + 31.5, 1.0) == first


def test_with_nothing_hidden_due_the_quota_goes_to_what_is_seen(calendar: Calendar) -> None:
    schedule = made(calendar, symbols(500), visible=30)
    for symbol in symbols(500)[30:40]:
        schedule.set_near(symbol, True)
    heavy = set(symbols(500)[:40])
    asked = play(schedule, 6000.0)
    ages = [age for symbol in heavy for age in _ages(asked, symbol, since=2000.0)]
    assert statistics.mean(ages) <= 50.0  # round-robin: 250
    assert sorted(ages)[int(len(ages) * 0.95)] <= 100.0


def _ages(asked: list[tuple[float, Symbol]], symbol: Symbol, since: float) -> list[float]:
    """The symbol's age at every second of the steady state."""
    stamps = [at for at, each in asked if each == symbol]
    ages = []
    for begin, end in itertools.pairwise(stamps):
        if begin >= since:
            ages.extend(second for second in range(int(end - begin)))
    return ages


@settings(max_examples=25, deadline=None)
@given(count=st.integers(31, 120), seen=st.floats(0, 1), near=st.floats(0, 1))
def test_hidden_rows_are_never_older_than_three_rounds(
    calendar: Calendar, count: int, seen: float, near: float
) -> None:
    everything = symbols(count)
    schedule = made(calendar, everything, visible=int(seen * count))
    for symbol in everything[int(seen * count) :: 3][: int(near * count)]:
        schedule.set_near(symbol, True)
    asked = play(schedule, 6.0 * count)
    for symbol in everything:
        stamps = [0.0, *(at for at, each in asked if each == symbol), 6.0 * count]
        assert max(b - a for a, b in itertools.pairwise(stamps)) <= 3 * count + 31


def test_the_whole_quota_is_used_while_something_is_due(calendar: Calendar) -> None:
    asked = play(made(calendar, symbols(60), visible=20), 600.0)
    assert len(asked) in (600, 601)


@pytest.mark.parametrize("error", [NoQuoteRight("s", -1, "行情权限不足"), RequestTimeout("s", said())])
def test_a_failing_symbol_delays_nobody_by_more_than_a_slot(calendar: Calendar, error: Exception) -> None:
    everything = symbols(40)
    bad = everything[3]
    asked = play(made(calendar, everything, visible=20), 600.0, failing={bad: error})
    assert len(asked) in (600, 601)
    assert sum(symbol == bad for _, symbol in asked) <= 20
    healthy = play(made(calendar, everything, visible=20), 600.0)
    for symbol in everything:
        if symbol != bad:
            worst = max(_ages(asked, symbol, 60.0), default=0)
            assert worst <= max(_ages(healthy, symbol, 60.0), default=0) + 2


def test_an_unknown_symbol_is_asked_once_a_day_unless_the_user_asks(calendar: Calendar) -> None:
    schedule = made(calendar, [A])
    unknown = UnknownSymbol("s", -1, "未知股票")
    assert [symbol for _, symbol in play(schedule, 600.0, failing={A: unknown})] == [A]
    schedule.ask_again(A)
    assert schedule.pick(700.0, MORNING, 1.0) == A
    schedule.failed(A, unknown, 700.0, MORNING)
    assert schedule.pick(800.0, MORNING, 1.0) is None
    assert schedule.due_at(A, 800.0, MORNING, 1.0) is None
    assert schedule.pick(800.0, hk("2022-06-09 09:30:00"), 1.0) == A


@pytest.mark.parametrize("error", [ConnectionLost("s", said()), RateLimited("s", -1, "频率太高", 30.0)])
def test_what_is_not_the_symbols_fault_is_not_held_against_it(calendar: Calendar, error: Exception) -> None:
    schedule = made(calendar, [A])
    schedule.sent(A)
    schedule.failed(A, error, 1.0, MORNING)  # type: ignore[arg-type]
    assert schedule.pick(1.0, MORNING, 1.0) == A


def day_of(calendar: Calendar, begin: str, end: str) -> list[str]:
    """The exchange times at which one symbol was asked."""
    start = hk(begin)
    asked = play(made(calendar, [A]), hk(end) - start, market=start)
    return [datetime.fromtimestamp(start + at, HK).strftime("%H:%M:%S") for at, _ in asked]


def test_lunch_is_asked_once_after_it_settled_and_wakes_two_minutes_early(calendar: Calendar) -> None:
    asked = day_of(calendar, "2022-06-08 11:59:00", "2022-06-08 13:00:10")
    assert [at for at in asked if "12:00:00" < at < "12:58:00"] == ["12:02:00"]
    assert next(at for at in asked if at >= "12:58:00") == "12:58:00"


def test_the_close_is_asked_at_pace_until_the_auction_settled_then_rests(calendar: Calendar) -> None:
    asked = day_of(calendar, "2022-06-08 15:59:00", "2022-06-08 23:00:00")
    after = [at for at in asked if at >= "16:00:00"]
    assert after[-1] >= "16:12:00"
    assert after[-2] < "16:12:00"
    assert len(after) == pytest.approx(25, abs=2)


def test_a_market_that_never_answered_is_asked_even_when_closed(calendar: Calendar) -> None:
    assert len(day_of(calendar, "2022-06-11 15:00:00", "2022-06-11 18:00:00")) == 1


def test_a_day_that_was_slept_through_is_fetched_once(calendar: Calendar) -> None:
    schedule = made(calendar, [A])
    schedule.stored(A, 0.0, hk("2022-06-08 11:00:00"))
    night = hk("2022-06-08 22:00:00")
    asked = play(schedule, 3600.0, market=night)
    assert len(asked) == 1
    assert schedule.resting(night + 3600) == {A}


def test_a_reply_that_another_must_confirm_is_no_rest(calendar: Calendar) -> None:
    """The first reply after the close of a source that says no last valid time."""
    schedule = made(calendar, [A])
    evening = hk("2022-06-08 20:00:00")
    for now, again in ((0.0, True), (30.0, True), (60.0, False)):
        assert schedule.pick(now, evening + now, 1.0) == A
        schedule.stored(A, now, evening + now, again=again)
        assert schedule.pick(now + 29.0, evening + now + 29.0, 1.0) is None
        assert schedule.resting(evening + now) == (frozenset() if again else {A})
    assert schedule.pick(3600.0, evening + 3600.0, 1.0) is None


def test_the_next_morning_begins_two_minutes_before_the_open(calendar: Calendar) -> None:
    schedule = made(calendar, [A])
    evening = hk("2022-06-08 20:00:00")
    schedule.stored(A, 0.0, evening)
    assert schedule.due_at(A, 0.0, evening, 1.0) == hk("2022-06-09 09:28:00") - evening
    assert schedule.due_at(A, 0.0, evening, 60.0) == (hk("2022-06-09 09:28:00") - evening) / 60
    assert schedule.due_at(A, 0.0, evening, 0.0) is None
    assert not schedule.awake(Market.HK, evening)
    assert schedule.awake(Market.HK, hk("2022-06-09 09:28:00"))


def test_markets_rest_apart(calendar: Calendar) -> None:
    apple = Symbol(Market.US, "AAPL")
    schedule = made(calendar, [A, apple])
    schedule.stored(A, 0.0, MORNING)
    schedule.stored(apple, 0.0, MORNING)
    assert schedule.resting(MORNING) == {apple}
    assert schedule.pick(100.0, MORNING + 100, 1.0) == A


def test_ignoring_the_calendar_asks_closed_markets_at_full_pace(calendar: Calendar) -> None:
    schedule = made(calendar, symbols(40), visible_s=0.0, others_s=0.0, ignore_calendar=True)
    assert len(play(schedule, 300.0, market=hk("2022-06-11 15:00:00"))) in (300, 301)


def test_symbols_keep_their_history_when_the_list_changes(calendar: Calendar) -> None:
    schedule = made(calendar, [A, B])
    schedule.stored(A, 0.0, MORNING)
    schedule.stored(B, 0.0, MORNING)
    schedule.set_symbols([C, B], 5.0)
    schedule.stored(A, 5.0, MORNING)  # gone, and no harm done
    assert schedule.pick(6.0, MORNING, 1.0) == C
    schedule.sent(C)
    assert schedule.pick(6.0, MORNING, 1.0) is None


def test_a_row_off_screen_is_not_promised_more_than_its_interval(calendar: Calendar) -> None:
    schedule = made(calendar, symbols(5), visible=1)
    schedule.set_near(B, True)
    cycles = schedule.planned_cycles(MORNING, 1.0)
    assert [schedule.planned_cycle(each, cycles) for each in (A, B, C)] == [10.0, 30.0, 30.0]
    asked = [at for at, each in play(schedule, 300.0) if each == B]
    assert max(later - earlier for earlier, later in itertools.pairwise(asked)) <= 31


def test_the_planned_cycle_follows_the_load(calendar: Calendar) -> None:
    few = made(calendar, symbols(5), visible=3)
    assert few.planned_cycles(MORNING, 1.0) == (10.0, 30.0, 30.0)
    assert few.load(MORNING) == (3, 0, 2)
    assert few.has_priority(A)
    assert not few.has_priority(symbols(5)[4])
    many = made(calendar, symbols(500), visible=40)
    heavy_s, _, light_s = many.planned_cycles(MORNING, 1.0)
    asked = play(many, 6000.0)
    for symbol, planned in ((A, heavy_s), (symbols(500)[-1], light_s)):
        stamps = [at for at, each in asked if each == symbol and at > 2000]
        real = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
        assert real == pytest.approx(planned, rel=0.25)
    assert made(calendar, []).planned_cycles(MORNING, 1.0) == (10.0, 30.0, 30.0)


def test_the_load_follows_screen_threshold_list_and_market(calendar: Calendar) -> None:
    schedule = made(calendar, [*symbols(5), *symbols(2, Market.US)], visible=1)
    assert schedule.load(MORNING) == (1, 0, 4)
    schedule.set_near(B, True)
    assert schedule.load(MORNING) == (1, 1, 3)
    schedule.set_visible([A, B])
    assert schedule.load(MORNING) == (2, 0, 3)
    assert schedule.load(hk("2022-06-08 22:00:00")) == (0, 0, 2)
    schedule.set_symbols([A], 0.0)
    assert schedule.load(MORNING) == (1, 0, 0)


def test_it_is_at_rest_when_all_is_stored_refused_for_a_while_or_unknown_today(calendar: Calendar) -> None:
    evening = hk("2022-06-08 20:00:00")
    schedule = made(calendar, [A, B, C])
    assert not schedule.at_rest(10.0, evening)
    schedule.stored(A, 10.0, evening)
    schedule.failed(B, UnknownSymbol("s", str(B)), 10.0, evening)
    schedule.failed(C, NoQuoteRight("s", str(C)), 10.0, evening)
    assert schedule.at_rest(11.0, evening + 1)
    assert not schedule.at_rest(10_000.0, evening + 1)  # time to ask again
    assert not schedule.at_rest(11.0, hk("2022-06-09 10:00:00"))
    assert made(calendar, []).at_rest(0.0, MORNING)


def test_more_symbols_cost_what_the_plan_of_a_longer_list_says(calendar: Calendar) -> None:
    few, many = made(calendar, symbols(100), visible=20), made(calendar, symbols(150), visible=20)
    assert few.planned_cycles(MORNING, 1.0, 50) == many.planned_cycles(MORNING, 1.0)
    assert few.planned_cycles(MORNING, 1.0, 50) > few.planned_cycles(MORNING, 1.0)


@pytest.mark.parametrize(
    ("friday", "wakes"),
    [("2026-10-30", "2026-11-02 14:28"), ("2026-03-06", "2026-03-09 13:28")],
    ids=["autumn", "spring"],
)
def test_new_york_is_asked_again_by_its_own_clock_after_the_change(calendar: Calendar, friday: str, wakes: str) -> None:
    """Over a weekend on which the clocks change, the open is an hour earlier or later in UTC."""
    apple = Symbol(Market.US, "AAPL")
    schedule = made(calendar, [apple])
    evening = datetime.fromisoformat(f"{friday} 23:00:00+00:00").timestamp()
    schedule.stored(apple, 0.0, evening)
    due = schedule.due_at(apple, 0.0, evening, 1.0)
    assert due is not None
    assert evening + due == datetime.fromisoformat(f"{wakes}:00+00:00").timestamp()


def test_a_symbol_that_comes_from_another_source_has_waited_since_its_answer_there(calendar: Calendar) -> None:
    old = symbols(200)
    schedule = made(calendar, old)
    for place, symbol in enumerate(old):
        schedule.stored(symbol, float(place) / 10, MORNING)
    moved, fresh = Symbol(Market.HK, "7078"), Symbol(Market.HK, "7123")
    schedule.set_symbols([*old, fresh, moved], 50.0, {moved: 10.0})
    assert schedule.pick(50.0, MORNING + 50, 0.2) == moved


def test_a_symbol_without_lines_is_asked_again_at_its_pace_and_does_not_rest(calendar: Calendar) -> None:
    schedule = made(calendar, [A], visible=1)
    asked = play(schedule, 60.0, failing={A: NoLines("s", MORNING)})
    assert [round(second) for second, _ in asked] == [0, 10, 20, 30, 40, 50]
    assert schedule.resting(hk("2022-06-08 17:00:00")) == frozenset()


@pytest.mark.parametrize(("at", "later"), [("10:00:00", 5.0), ("20:00:00", 100.0)], ids=["awake", "at rest"])
def test_who_is_to_be_asked_again_is_asked_now(calendar: Calendar, at: str, later: float) -> None:
    begin = hk(f"2022-06-08 {at}")
    schedule = made(calendar, [A])
    schedule.stored(A, 0.0, begin)
    assert schedule.pick(later, begin + later, 1.0) is None
    schedule.ask_again(A)
    assert schedule.pick(later, begin + later, 1.0) == A


def test_a_symbol_off_screen_at_rest_comes_last_and_only_if_it_may(calendar: Calendar) -> None:
    schedule, evening = made(calendar, [A, B, C]), hk("2022-06-08 18:00:00")
    schedule.set_visible([C])
    schedule.stored(B, 0.0, evening)
    schedule.stored(C, 0.0, evening)
    assert schedule.by_priority(evening, resting=True) == [C, A, B]
    assert schedule.by_priority(evening, resting=False) == [C, A]


_STEPS = st.tuples(
    st.sampled_from(
        ["stored", "again", "unknown", "timeout", "sent", "dropped", "ask", "show", "near", "far", "wait", "back"]
    ),
    st.sampled_from([A, B, *symbols(2, Market.US)]),
    st.sampled_from([1.0, 20.0, 600.0, 5 * 3600.0]),
)


@settings(max_examples=60)
@given(steps=st.lists(_STEPS, max_size=25))
def test_who_is_asked_and_who_rests_depends_on_no_earlier_question(calendar: Calendar, steps: list) -> None:
    """What is remembered between questions, who rests and in which order the others wait, is never out of date."""
    everything = [A, B, *symbols(2, Market.US)]
    schedule, now, market = made(calendar, everything), 0.0, hk("2022-06-08 11:50:00")

    def asked() -> list[object]:
        return [
            schedule.resting(market),
            schedule.next_symbol(now, market, 1.0),
            schedule.next_due(now, market, 1.0),
            schedule.pick(now, market, 1.0),
        ]

    remembered = asked()
    for step, symbol, seconds in steps:
        match step:
            case "stored" | "again":
                schedule.stored(symbol, now, market, again=step == "again")
            case "unknown":
                schedule.failed(symbol, UnknownSymbol("x", -1, "no"), now, market)
            case "timeout":
                schedule.failed(symbol, RequestTimeout("x", said("")), now, market)
            case "sent":
                schedule.sent(symbol)
            case "dropped":
                schedule.dropped(symbol)
            case "ask":
                schedule.ask_again(symbol)
            case "show":
                schedule.set_visible([symbol])
            case "near" | "far":
                schedule.set_near(symbol, step == "near")
            case "wait":
                now, market = now + seconds, market + seconds
            case _:
                now, market = now + 1.0, market - seconds
        remembered = asked()
        schedule._split = None
        assert remembered == asked()
    schedule.set_symbols(everything, now)
    assert remembered == asked()
