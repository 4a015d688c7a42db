from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.records import AlertStore
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert import RuleKey, RuleState, parse_rule
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import ConnectionLost, NoQuoteRight, StorageError
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.paths import resource
from capflow_gui.storage.alert_log import AlertLog
from capflow_gui.storage.database import Database

TENCENT = Symbol(Market.HK, "700")
MOBILE = Symbol(Market.HK, "941")
CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())


def trading_day(day: date = date(2022, 6, 8), market: Market = Market.HK) -> TradingDay:
    found = CALENDAR.day(market, day)
    assert found is not None
    return found


DAY, NEXT = trading_day(), trading_day(date(2022, 6, 9))
BEFORE = DAY.open - 600


def series(
    *net: float, day: TradingDay = DAY, symbol: Symbol = TENCENT, flagged: Mapping[int, Flag] | None = None
) -> FlowSeries:
    """A judged reply: lines from the open on, in millions; all but the last are confirmed."""
    values = np.full((6, len(net)), math.nan)
    values[0] = np.array(net) * 1e6
    flags = np.zeros(len(net), np.uint16)
    for place, flag in (flagged or {}).items():
        flags[place] = flag.value
    return FlowSeries(
        symbol,
        "opend",
        Period.INTRADAY,
        day.labels()[: len(net)].copy(),
        values,
        session=day.day if net else None,
        flags=Flag(int(np.bitwise_or.reduce(flags, initial=0))),
        line_flags=flags,
        confirmed=np.arange(len(net)) < len(net) - 1,
    )


class Watcher:
    """A book, and the market clock it is driven by."""

    def __init__(
        self, book: AlertBook | None = None, *, start: float = BEFORE, store: AlertStore | None = None, **rules: object
    ) -> None:
        self.book = book or AlertBook(CALENDAR, RuleTable(**({"default": -200e6} | rules)))  # type: ignore[arg-type]
        self.now = start
        if store is not None:
            self.book.use_store("opend", store, start)
        for symbol in (TENCENT, MOBILE):
            self.see(Freshness.NEVER_POLLED, -1e9, symbol)
            self.see(mono=-1e9, symbol=symbol)

    def tell(self, *net: float, turnover: float | None = None, **kind: object) -> list[tuple[str, str]]:
        """Judge a reply as of its newest line; what happened, with the minute or the reason."""
        told = series(*net, **kind)  # type: ignore[arg-type]
        day = kind.get("day", DAY)
        assert isinstance(day, TradingDay)
        if net:
            self.now = max(self.now, float(told.timestamps[-1]) + 5)
        return words(self.book.evaluate(told, day if net else None, turnover, self.now))

    def see(
        self, freshness: Freshness = Freshness.LIVE, mono: float = 0.0, symbol: Symbol = TENCENT, **facts: object
    ) -> list[tuple[str, str]]:
        given = {"error": None, "link": None, "planned_cycle_s": 10.0} | facts
        return words(
            self.book.observe(
                symbol,
                "opend",
                freshness=freshness,
                mono_now=mono,
                market_now=self.now,
                **given,  # type: ignore[arg-type]
            )
        )

    def states(self) -> list[AlertState]:
        return [record.state for record in self.book.records()]


def words(events: list[AlertEvent]) -> list[tuple[str, str]]:
    return [(("late " if each.late else "") + each.change, each.reason or _minute(each)) for each in events]


def _minute(event: AlertEvent) -> str:
    assert event.time is not None
    return str(int(trading_day(date.fromisoformat(event.record.session)).index(event.time)))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "capflow.db", simulated=False)
    yield database
    database.close()


def kept(database: Database) -> AlertStore:
    return AlertLog(database).for_source("opend", simulated=False)


def test_a_day_watched_from_its_open() -> None:
    watch = Watcher()
    assert watch.see(Freshness.NEVER_POLLED) == []
    assert watch.tell(0, -100, -210) == []  # the newest line is still moving
    assert watch.tell(0, -100, -210, -205) == [("raised", "2")]
    assert watch.tell(0, -100, -210, -205, -150, -1) == [("cleared", "4")]
    (record,) = watch.book.records()
    assert (record.rule, record.scope, record.state) == ("net <= -200M", "*", AlertState.CLEARED)
    assert (record.line_time, record.value, record.threshold) == (DAY.label(2), -210e6, -200e6)
    assert (record.session, record.late) == ("2022-06-08", False)
    assert record.cleared_at == watch.now


def test_a_late_start_is_one_late_alert() -> None:
    watch = Watcher(start=DAY.open + 3600)
    assert watch.tell(0, -210, -100, -220, -230, -1) == [("late raised", "3")]
    assert watch.tell(0, -210, -100, -220, -230, -240, -1) == []
    assert watch.book.records()[0].late


def test_the_first_poll_after_an_open_that_was_waited_for_is_not_late() -> None:
    watch = Watcher()
    assert watch.tell(-5, -6, day=trading_day(date(2022, 6, 7))) == []
    assert watch.tell(0, -210, -100, -220, -1) == [("raised", "1"), ("cleared", "2"), ("raised", "3")]


def test_yesterdays_lines_before_the_open_are_never_judged() -> None:
    watch = Watcher(start=NEXT.open - 300)
    assert watch.tell(0, -210, -220, -1) == []
    assert watch.book.records() == ()
    ignoring = Watcher(AlertBook(CALENDAR, RuleTable(-200e6), ignore_calendar=True), start=NEXT.open - 300)
    assert ignoring.tell(0, -210, -220, -1) == [("late raised", "1")]


def test_a_new_session_ends_the_old_one_and_rearms() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    assert watch.tell(0, -210, -1, day=NEXT) == [("cleared", "session ended"), ("raised", "1")]
    assert watch.states() == [AlertState.ACTIVE, AlertState.ENDED]


def test_a_session_ends_when_its_last_line_is_confirmed() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    whole = series(*([-210.0] * len(DAY.labels())))
    assert words(watch.book.evaluate(whole, DAY, None, DAY.close + 300)) == []
    final = FlowSeries(
        TENCENT, "opend", Period.INTRADAY, whole.timestamps, whole.values, session=DAY.day,
        confirmed=np.ones(len(whole), np.bool_),
    )  # fmt: skip
    assert words(watch.book.evaluate(final, DAY, None, DAY.close + 725)) == [("cleared", "session ended")]


def test_a_session_ends_half_an_hour_after_its_close_at_the_latest() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.now = DAY.close + 1799
    assert watch.see(Freshness.CLOSED) == []
    watch.now = DAY.close + 1800
    assert watch.see(Freshness.CLOSED) == [("cleared", "session ended")]


def test_what_is_raised_after_the_close_stands_until_midnight() -> None:
    watch = Watcher(start=DAY.close + 3600)
    assert watch.tell(0, -210, -1) == [("late raised", "1")]
    assert watch.see(Freshness.CLOSED) == []
    watch.now = DAY.close + 8 * 3600 + 1
    assert watch.see(Freshness.CLOSED) == [("cleared", "session ended")]


def test_an_escalation_asks_for_attention_again() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net <= -200M again 100M")])
    watch.tell(0, -210, -1)
    assert watch.book.acknowledge()
    assert watch.states() == [AlertState.ACKNOWLEDGED]
    assert not watch.book.acknowledge()
    assert watch.tell(0, -210, -310, -1) == [("escalated", "2")]
    (record,) = watch.book.records()
    assert (record.state, record.escalations, record.line_time) == (AlertState.ACTIVE, 1, DAY.label(1))


def test_acknowledging_some() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.tell(0, -210, -1, symbol=MOBILE)
    first = watch.book.standing(TENCENT)
    assert first is not None
    assert watch.book.acknowledge([first.id])
    assert watch.book.standing(TENCENT) != first
    assert [record.state for record in watch.book.records() if record.symbol == MOBILE] == [AlertState.ACTIVE]


def test_crossings_follow_one_another() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net crosses 0")])
    assert watch.tell(5, -5, 5, 0) == [("raised", "1"), ("cleared", "2"), ("raised", "2")]


def test_a_new_level_is_judged_at_once_and_the_old_one_is_over() -> None:
    watch = Watcher()
    watch.tell(0, -150, -160, -1)
    assert words(watch.book.set_default(-140e6)) == [("late raised", "1")]
    assert words(watch.book.set_default(-140e6)) == []
    assert words(watch.book.set_override(TENCENT, -300e6)) == [("cleared", "the rule was changed")]
    assert watch.book.threshold(TENCENT) == (-300e6, True)
    assert words(watch.book.inherit(TENCENT)) == [("late raised", "1")]
    assert words(watch.book.set_override(TENCENT, None)) == [("cleared", "the rule was changed")]
    assert watch.book.threshold(TENCENT) == (None, True)
    assert watch.book.threshold(MOBILE) == (-140e6, False)


def test_a_symbol_that_leaves_takes_its_alerts_along() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    assert words(watch.book.forget_symbol(TENCENT)) == [("cleared", "no longer watched")]
    assert watch.book.standing(TENCENT) is None
    assert watch.tell(0, -210, -1) == [("late raised", "1")]


def test_a_restart_neither_repeats_nor_loses(database: Database) -> None:
    watch = Watcher(store=kept(database))
    watch.tell(0, -210, -1)
    watch.tell(0, -210, -1, symbol=MOBILE)
    watch.book.acknowledge([record.id for record in watch.book.records() if record.symbol == TENCENT])
    watch.book.flush()

    again = Watcher(store=kept(database), start=DAY.open + 1800)
    assert again.book.records() == watch.book.records()
    assert again.tell(0, -210, -220, -1) == []
    assert again.tell(0, -210, -220, -100, -250, -1) == [("cleared", "3"), ("raised", "4")]
    standing = again.book.standing(MOBILE)
    assert standing is not None
    assert standing.state is AlertState.ACTIVE


def test_a_restart_on_another_day_ends_what_stood(database: Database) -> None:
    watch = Watcher(store=kept(database))
    watch.tell(0, -210, -1)
    again = Watcher(store=kept(database), start=NEXT.open - 60)
    assert again.states() == [AlertState.ENDED]
    assert again.tell(0, -210, -1, day=NEXT) == [("raised", "1")]


def test_another_programs_rule_is_shown_and_left_alone(database: Database) -> None:
    Watcher(store=kept(database)).tell(0, -210, -1)
    other = Watcher(default=-100e6, store=kept(database), start=DAY.open + 120)
    assert other.states() == [AlertState.CLEARED]
    assert other.book.standing(TENCENT) is None
    assert kept(database).load()[1][0].state is AlertState.ACTIVE


class FullDisk:
    """A store that fails from the first write on."""

    def load(self) -> tuple[dict[RuleKey, RuleState], list[AlertRecord]]:
        return {}, []

    def new_id(self) -> int:
        raise StorageError("disk full")

    def commit(
        self, states: Mapping[RuleKey, RuleState], forgotten: Collection[RuleKey], records: Collection[AlertRecord]
    ) -> None:
        raise StorageError("disk full")


def test_a_store_that_fails_stops_no_alert(expect_log: object) -> None:
    expect_log("not being saved: disk full")  # type: ignore[operator]
    watch = Watcher(store=FullDisk())
    assert watch.tell(0, -210, -100, -220, -1) == [("raised", "1"), ("cleared", "2"), ("raised", "3")]
    assert len({record.id for record in watch.book.records()}) == 2
    assert watch.book.troubles == ("Alerts are not being saved: disk full",)


LOST = LinkState("opend", LinkPhase.LOST, 0.0, reason="connection reset")
NO_RIGHT = NoQuoteRight("opend", 3, "no HK LV1 quote right")


@pytest.mark.parametrize(
    ("freshness", "facts", "waits", "reason"),
    [
        (Freshness.LIVE, {"link": LOST}, 20, "not connected: connection reset"),
        (Freshness.NO_PERMISSION, {"error": NO_RIGHT}, 20, "no HK LV1 quote right"),
        (Freshness.ERROR, {"error": ConnectionLost("opend", "reset")}, 20, "reset"),
        (Freshness.NEVER_POLLED, {}, 20, "no answer yet"),
        (Freshness.NEVER_POLLED, {"planned_cycle_s": 30.0}, 60, "no answer yet"),
        (Freshness.STALE, {}, -1, "the source's time is not moving"),
        (Freshness.PREVIOUS_SESSION, {}, 180, "the source still gives the previous session"),
    ],
)
def test_what_cannot_be_judged_for_two_cycles_is_said_once(
    freshness: Freshness, facts: dict[str, object], waits: float, reason: str
) -> None:
    watch = Watcher(start=DAY.open + 600)
    if waits > 0:
        assert watch.see(freshness, 0.0, **facts) == []
        assert watch.see(freshness, waits, **facts) == []
    assert watch.see(freshness, waits + 1, **facts) == [("blocked", reason)]
    assert watch.see(freshness, waits + 2, **facts) == []
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert (standing.state, standing.blocked, standing.reason) == (AlertState.BLOCKED, True, reason)
    assert watch.see(Freshness.LIVE, waits + 3) == [("cleared", "judged again")]
    assert watch.book.standing(TENCENT) is None
    # And a second time it counts from the beginning.
    assert watch.see(freshness, waits + 4, **facts) == ([] if waits > 0 else [("blocked", reason)])


@pytest.mark.parametrize(
    ("told", "rule", "waits", "reason"),
    [
        ({"flagged": {0: Flag.SUM, 1: Flag.SUM}}, "*: net <= -1M", 20, "newest lines failed their checks (sum)"),
        ({"flagged": {0: Flag.SCALE}}, "*: net <= -1M", 20, "the reply failed its checks (scale)"),
        ({}, "*: large <= -1M", 20, "opend gives no large figures"),
        ({}, "*: net/turnover <= -3%", 60, "the turnover is not known"),
    ],
)
def test_lines_that_cannot_be_judged_are_said(told: dict[str, object], rule: str, waits: float, reason: str) -> None:
    watch = Watcher(default=None, rules=[parse_rule(rule)])
    watch.tell(0, -5, -6, **told)
    assert watch.see(mono=0) == watch.see(mono=waits) == []
    ((change, said),) = watch.see(mono=waits + 1)
    assert change == "blocked"
    assert reason in said


def test_a_row_with_no_line_yet_is_given_the_opening_minutes() -> None:
    watch = Watcher(start=DAY.open + 5)
    watch.tell()
    assert watch.see(mono=0) == watch.see(mono=170) == []
    assert watch.see(mono=181) == [("blocked", "the reply has no line of a session")]


@pytest.mark.parametrize("freshness", [Freshness.LUNCH, Freshness.CLOSED, Freshness.PREVIOUS_SESSION, Freshness.ERROR])
def test_nothing_is_missed_while_the_market_rests(freshness: Freshness) -> None:
    watch = Watcher(start=DAY.periods[0][1] + 60)
    assert [watch.see(freshness, mono, link=LOST) for mono in (0, 100, 5000)] == [[], [], []]


def test_a_halted_symbol_is_not_a_fault() -> None:
    watch = Watcher(start=DAY.open + 600)
    assert [watch.see(Freshness.HALTED, mono) for mono in (0, 100, 5000)] == [[], [], []]


def test_what_was_blocked_at_the_close_ends_with_the_session() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.see(Freshness.STALE)
    watch.now = DAY.close + 1800
    assert watch.see(Freshness.CLOSED) == [("cleared", "session ended")]
    assert watch.states() == [AlertState.ENDED]


def test_an_acknowledged_blocked_rule_stays_known_as_such() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.see(Freshness.STALE)
    watch.book.acknowledge()
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert (standing.state, standing.blocked) == (AlertState.ACKNOWLEDGED, True)


def test_an_alert_stands_before_what_cannot_be_judged() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.see(Freshness.STALE, 100)
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert standing.state is AlertState.ACTIVE
    watch.book.acknowledge([standing.id])
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert standing.state is AlertState.BLOCKED


def test_a_blocked_rule_of_the_last_run_is_history(database: Database) -> None:
    watch = Watcher(store=kept(database), start=DAY.open + 600)
    watch.see(Freshness.STALE)
    again = Watcher(store=kept(database), start=DAY.open + 700)
    assert again.states() == [AlertState.CLEARED]
    assert again.book.records()[0].blocked


def test_rules_of_a_group_hold_for_its_members() -> None:
    groups = {TENCENT: {"core"}}
    watch = Watcher(
        default=None, rules=[parse_rule("@core: net <= -200M")], groups=lambda symbol: groups.get(symbol, set())
    )
    assert watch.tell(0, -210, -1, symbol=MOBILE) == []
    assert watch.tell(0, -210, -1) == [("raised", "1")]


def test_one_rule_given_twice_is_one_rule() -> None:
    watch = Watcher(rules=[parse_rule("*: net <= -200M"), parse_rule("*: net<=-200000K")])
    assert watch.tell(0, -210, -1) == [("raised", "1")]


def test_memory_holds_a_bounded_history() -> None:
    watch = Watcher()
    net = [0.0]
    for _ in range(150):
        net += [-210, -100]
    for symbol in (Symbol(Market.HK, str(code)) for code in range(1, 9)):
        watch.now = BEFORE
        watch.see(symbol=symbol)
        watch.tell(*net, symbol=symbol)
    assert 500 <= len(watch.book.records()) <= 1001
