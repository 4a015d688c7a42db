"""Whenever the program stops and starts again, or a symbol changes its source, alerts are neither repeated nor lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.paths import resource
from tests.unit.alerts.shelf import Shelf, StoreInMemory, open_store

SYMBOL = Symbol(Market.HK, "700")
CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
_FOUND = CALENDAR.now(Market.HK, 1654651860).day
assert _FOUND is not None
DAY: TradingDay = _FOUND
RULES = [
    "*: net <= -20M",
    "*: net <= -20M for 2m once",
    "*: net <= -10M again 5M cooldown 6m",
    "*: net change 3m <= -15M",
    "*: net drawdown >= 25M again 10M",
    "*: net crosses 0 band 4M",
]


def start(rule: str, shelf: Shelf, now: float) -> AlertBook:
    book = AlertBook(CALENDAR, RuleTable(rules=[parse_rule(rule)]))
    open_store(book, StoreInMemory(shelf), now)
    book.watch("opend", [SYMBOL])
    book.observe(
        SYMBOL, "opend", freshness=Freshness.LIVE, error=None, link=None, cycle_s=10, mono_now=0, market_now=now
    )
    return book


def reply(net: list[int], source: str = "opend") -> FlowSeries:
    values = np.full((6, len(net)), np.nan)
    values[0] = np.array(net) * 1e6
    stamps = DAY.labels()[: len(net)].copy()
    return FlowSeries(
        SYMBOL, source, Period.INTRADAY, stamps, values, session=DAY.day, confirmed=np.ones(len(net), np.bool_)
    )


def live(rule: str, net: list[int], stops: set[int], flushed: set[int]) -> list[tuple[str, int | None, float | None]]:
    """Poll every minute, starting anew after the minutes `stops`; a stop without a flush is a crash."""
    shelf = Shelf()
    book = start(rule, shelf, DAY.open - 60)
    told = []
    for minute in range(1, len(net) + 1):
        now = DAY.label(minute - 1) + 65
        told += [(each.change, each.time, each.value) for each in book.evaluate(reply(net[:minute]), DAY, None, now)]
        if minute in flushed:
            book.flush()
        if minute in stops:
            book = start(rule, shelf, now + 5)
    assert {record.state for record in shelf.records.values()} <= {AlertState.ACTIVE, AlertState.CLEARED}
    return told


MINUTES = st.sets(st.integers(1, 40), max_size=6)


@given(st.sampled_from(RULES), st.lists(st.integers(-40, 40), min_size=1, max_size=40), MINUTES, MINUTES)
def test_a_restart_changes_nothing(rule: str, net: list[int], stops: set[int], flushed: set[int]) -> None:
    assert live(rule, net, stops, flushed) == live(rule, net, set(), set())


@given(st.sampled_from(RULES), st.lists(st.integers(-40, 40), min_size=1, max_size=40), MINUTES)
def test_a_change_of_the_source_changes_nothing(rule: str, net: list[int], changes: set[int]) -> None:
    book = AlertBook(CALENDAR, RuleTable(rules=[parse_rule(rule)]), shared=True)
    told, source = [], "opend"
    for each in ("opend", "longport"):
        book.watch(each, [SYMBOL])
        facts = {"freshness": Freshness.LIVE, "error": None, "link": None, "cycle_s": 10}
        book.observe(SYMBOL, each, mono_now=0, market_now=DAY.open - 60, **facts)
    for minute in range(1, len(net) + 1):
        if minute in changes:
            source = "longport" if source == "opend" else "opend"
            book.watch(source, [SYMBOL])
        now = DAY.label(minute - 1) + 65
        events = book.evaluate(reply(net[:minute], source), DAY, None, now)
        told += [(each.change, each.time, each.value) for each in events]
    assert told == live(rule, net, set(), set())
