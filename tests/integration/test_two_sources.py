"""One watchlist on both simulated brokers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.credentials import AppKey
from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.calibration import Kind
from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import Flag, Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.errors import NoData
from capflow_gui.feed.board import Freshness, Subscription
from capflow_gui.feed.events import AlertEvent, Event
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.row_sentence import row_sentence, source_words
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.quota.quota_file import QuotaFile
from capflow_gui.reason import Code, Reason
from capflow_gui.simulator.longport.server import LongportConfig as LongportServerConfig
from capflow_gui.simulator.longport.server import LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.integration.conftest import collect, make_source
from tests.integration.hurried_clock import HurriedClock

CODES = (700, 3690, 981, 1810, 9618, 941, 2318, 388, 1299, 883)
SYMBOLS = [Symbol.parse(f"{code}.HK") for code in CODES]
TENCENT, MEITUAN = SYMBOLS[:2]
HKEX, AIA = SYMBOLS[7:9]
MORNING = SimulatorConfig(clock="2026-06-10T10:30:00+08:00")


@dataclass
class Pair:
    opend: OpendSimulator
    longport: LongportSimulator
    monitor: Monitor
    clock: HurriedClock
    subscription: Subscription
    questions: FeedQuestions
    events: list[Event] = field(default_factory=list)

    async def until(self, condition: Callable[[], object], within_s: float = 120.0) -> None:
        deadline = self.clock.monotonic() + within_s
        while not condition():
            assert self.clock.monotonic() < deadline, f"{self.sources()} {self.monitor.links} {self.monitor.troubles}"
            await self.clock.sleep_until(self.clock.monotonic() + 0.2)

    def sources(self) -> dict[str, str]:
        """Whose figures each row shows; nothing for rows without."""
        rows = [self.monitor.row(symbol) for symbol in self.monitor.symbols]
        return {str(row.symbol): row.series.source for row in rows if row.series is not None}

    def at(self, source: str) -> set[str]:
        return {symbol for symbol, name in self.sources().items() if name == source}


@asynccontextmanager
async def pair(
    calendar: Calendar,
    visible: Sequence[Symbol],
    *,
    own: dict[Symbol, str] | None = None,
    rules: RuleTable | None = None,
    speed: float = 20.0,
    longport: LongportServerConfig | None = None,
) -> AsyncIterator[Pair]:
    clock = HurriedClock(speed)
    async with (
        OpendSimulator(MORNING, clock=clock, calendar=calendar) as first,
        LongportSimulator(
            longport or LongportServerConfig(), market=first.market, market_clock=first.market_clock, clock=clock
        ) as second,
    ):
        account = second.account
        secrets = AppKey(account.app_key, account.app_secret, account.access_token)
        config = LongportConfig(second.http_url, second.ws_url, second.tcp, transport="websocket")
        provider = LongportProvider(config, KeyLogin(secrets, clock), clock)
        limits = Limiters(
            "longport/test", provider.capabilities.limits, clock=clock, file=QuotaFile(None), one_quota=True
        )
        sources = [make_source("opend", first.port, clock), Source("longport", provider, limits)]
        monitor = Monitor(sources, SYMBOLS, calendar=calendar, clock=clock, rules=rules, own_sources=own or {})
        both = Pair(first, second, monitor, clock, monitor.subscribe("pair", events=True), FeedQuestions(monitor.feeds))
        both.subscription.show(visible)
        running = asyncio.create_task(monitor.run(), name="monitor")
        hearing = asyncio.create_task(collect(both.subscription, both.events), name="events")
        try:
            yield both
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            both.subscription.close()
            await hearing


async def test_each_symbol_is_asked_at_one_source_and_says_which(sessions: Calendar) -> None:
    async with pair(sessions, SYMBOLS[:3], own={SYMBOLS[5]: "opend"}) as both:
        await both.until(lambda: len(both.sources()) == len(SYMBOLS))
        expected = {str(symbol) for symbol in (*SYMBOLS[:3], SYMBOLS[5])}
        assert both.at("opend") == expected
        assert both.at("longport") == {str(symbol) for symbol in SYMBOLS} - expected
        await both.clock.sleep_until(both.clock.monotonic() + 60)
        assert both.at("opend") == expected
        asked = {feed.name: set(map(str, feed.watched)) for feed in both.monitor.feeds}
        assert asked["opend"] == expected
        rows = {row.source: row for row in map(both.monitor.row, both.monitor.symbols)}
        assert (rows["opend"].classes, rows["longport"].classes) == (True, False)
        assert all(row.freshness is Freshness.LIVE for row in rows.values())
        budgets = {budget.source: budget for budget in both.monitor.budgets}
        assert (budgets["opend"].open_symbols, budgets["longport"].open_symbols) == (4, 6)
        assert (budgets["opend"].limit, budgets["longport"].limit) == (30, 10)
        assert all(budget.cycle_s is not None and not budget.refused for budget in budgets.values())


async def test_a_row_keeps_its_figures_until_the_other_source_answers(sessions: Calendar) -> None:
    async with pair(sessions, SYMBOLS[:3]) as both:
        await both.until(lambda: len(both.sources()) == len(SYMBOLS))
        moving = SYMBOLS[7]
        both.opend.faults.add(f"server-failure:{moving}")
        both.monitor.choose_source(moving, "opend")
        assert moving in both.monitor.feeds[0].watched
        polled_at = both.monitor.row(moving).polled_at
        assert polled_at is not None
        await both.clock.sleep_until(both.clock.monotonic() + 40)
        row = both.monitor.row(moving)
        assert row.polled_at is not None
        assert row.polled_at > polled_at
        assert row.series is not None
        assert (row.series.source, row.source) == ("longport", "longport")
        both.opend.faults.clear()
        await both.until(lambda: str(moving) in both.at("opend"))
        assert moving not in both.monitor.feeds[1].watched


async def test_the_symbols_of_a_lost_link_go_to_the_other_and_come_back(
    sessions: Calendar, expect_log: Callable[[str], None]
) -> None:
    expect_log("opend: ")
    async with pair(sessions, SYMBOLS[:3]) as both:
        await both.until(lambda: len(both.sources()) == len(SYMBOLS))
        # Longer than the 10 s a link may be down before its symbols move: else the two race.
        both.opend.faults.add("refuse:600")
        both.monitor.reconnect("opend")
        await both.until(lambda: len(both.at("longport")) == len(SYMBOLS))
        assert both.monitor.row(TENCENT).instead_of == "opend"
        assert Reason.of(Code.SOURCE_DOWN, source="opend") in both.monitor.troubles
        both.opend.faults.clear()
        both.monitor.reconnect("opend")
        await both.until(lambda: len(both.at("opend")) == 3)
        assert both.monitor.row(TENCENT).instead_of is None
        assert Code.SOURCE_DOWN not in [trouble.code for trouble in both.monitor.troubles]


async def test_an_alert_outlives_a_change_of_source(sessions: Calendar) -> None:
    rules = RuleTable(overrides={TENCENT: 1e12})  # whatever flows, it is below
    async with pair(sessions, SYMBOLS[:3], rules=rules) as both:
        await both.until(lambda: both.monitor.row(TENCENT).alert is not None)
        for source in ("longport", "opend"):
            both.monitor.choose_source(TENCENT, source)
            await both.until(lambda source=source: str(TENCENT) in both.at(source))
        said = [event.change for event in both.events if isinstance(event, AlertEvent)]
        assert said == ["raised"]
        assert [record.state for record in both.monitor.alerts] == [AlertState.ACTIVE]


async def test_a_symbol_one_source_refuses_is_asked_at_the_other(sessions: Calendar) -> None:
    async with pair(sessions, SYMBOLS[:3]) as both:
        refused = SYMBOLS[8]
        both.longport.faults.add(f"unknown-symbol:{refused}")
        await both.until(lambda: str(refused) in both.at("opend"))
        assert both.monitor.row(refused).error is None


async def test_history_is_answered_by_the_source_that_has_it(sessions: Calendar) -> None:
    # Slowly enough for the simulator to draw a year of days within the time-out on a busy machine.
    async with pair(sessions, SYMBOLS[:1], speed=5.0) as both:
        await both.until(lambda: str(MEITUAN) in both.at("longport"))
        await both.until(lambda: all(link.phase is LinkPhase.READY for link in both.monitor.links))
        assert Period.DAY in both.monitor.row(MEITUAN).periods

        def answered() -> bool:
            # A hurried clock gives a year of days less than a second to be made: one that came late is asked again.
            both.monitor.request_history(MEITUAN, Period.DAY)
            return both.monitor.history(MEITUAN, Period.DAY).series is not None

        await both.until(answered)
        series = both.monitor.history(MEITUAN, Period.DAY).series
        assert series is not None
        assert series.source == "opend"


async def test_groups_of_both_brokers_are_listed_with_their_source(sessions: Calendar) -> None:
    async with pair(sessions, SYMBOLS[:1]) as both:
        await both.until(lambda: all(link.phase is LinkPhase.READY for link in both.monitor.links))
        groups = await both.questions.groups()
        assert {group.source for group in groups} == {"opend", "longport"}
        for source in ("opend", "longport"):
            group = next(each for each in groups if each.source == source)
            assert isinstance(await both.questions.group_symbols(group.name, source), list)


@pytest.mark.parametrize(
    ("fault", "flag", "words"),
    [
        ("per-minute", Flag.PER_MINUTE, "lines look like amounts per minute"),
        ("scale", Flag.SCALE, "amounts are in units of 10,000"),
    ],
)
async def test_amounts_that_are_not_what_they_are_taken_for_are_flagged(
    sessions: Calendar, fault: str, flag: Flag, words: str
) -> None:
    async with pair(sessions, [], own=dict.fromkeys(SYMBOLS, "longport")) as both:
        both.longport.faults.add(fault)
        await both.until(lambda: both.monitor.row(AIA).calibration is not None, 300)
        row = both.monitor.row(AIA)
        assert row.series is not None
        assert row.series.flags & flag
        said = row_sentence(row, None, both.monitor.market_now("longport"), 0.0, "Asia/Hong_Kong")
        assert (said.state, words in said.text) == ("Check failed", True)


async def test_lines_per_minute_are_found_out_within_minutes_and_judged_by_no_rule(sessions: Calendar) -> None:
    rules = RuleTable(default=-1.0)
    async with pair(sessions, [AIA], own=dict.fromkeys(SYMBOLS, "longport"), rules=rules) as both:
        both.longport.faults.add("per-minute")
        await both.until(lambda: both.monitor.row(AIA).flagged, 120)
        found = both.monitor.row(AIA).calibration
        assert found is not None
        assert found.kind is Kind.PER_MINUTE

        def blocked() -> str:
            alert = both.monitor.row(AIA).alert
            return reason_words(alert.reason) if alert is not None and alert.cannot_judge and alert.reason else ""

        await both.until(blocked)
        assert "the reply failed its checks (per minute)" in blocked()
        with pytest.raises(NoData, match="no_totals"):
            await both.questions.compare(AIA)


async def test_classes_without_lines_come_from_snapshots_and_no_rule_takes_them_for_others(sessions: Calendar) -> None:
    rule = parse_rule("388.HK: main <= -1")
    async with pair(sessions, [TENCENT, HKEX], own={HKEX: "longport"}, rules=RuleTable(rules=[rule])) as both:

        def told() -> ClassFlow:
            return both.monitor.row(HKEX).class_flow or ClassFlow()

        await both.until(lambda: len(told()))
        row, first = both.monitor.row(HKEX), told()
        assert (row.source, row.classes) == ("longport", False)
        held = both.longport.view.distribution(HKEX, float(first.times[-1]))
        known = [into - out for into, out in zip(held.inflow, held.outflow, strict=True)]
        assert first.net[:, -1] == pytest.approx(known)
        await both.until(lambda: len(told()) > len(first))
        assert row.series is not None
        assert not np.isfinite(row.series.main).any()
        assert both.monitor.row(TENCENT).class_flow is None

        def blocked() -> str:
            alert = both.monitor.row(HKEX).alert
            return reason_words(alert.reason) if alert is not None and alert.cannot_judge and alert.reason else ""

        await both.until(blocked)
        assert blocked() == "Longport gives no main figures for 388.HK"


async def test_the_verdict_on_good_amounts_is_said(sessions: Calendar) -> None:
    async with pair(sessions, []) as both:
        await both.until(lambda: both.monitor.row(TENCENT).calibration is not None, 300)
        row = both.monitor.row(TENCENT)
        assert not row.flagged
        said = source_words(row)
        assert said.startswith("Longport, order sizes from snapshots, newest 10:3")
        assert "unit fits the turnover" in said


async def test_both_sources_of_one_symbol_are_compared(sessions: Calendar) -> None:
    async with pair(sessions, SYMBOLS[:3]) as both:
        await both.until(lambda: len(both.sources()) == len(SYMBOLS))
        await both.until(lambda: both.monitor.row(MEITUAN).quote is not None)
        compared = await both.questions.compare(MEITUAN)
        assert compared.sources == ("opend", "longport")
        assert compared.turnover is not None
        found = compared.comparison
        assert found.common > 50
        assert found.sign_agreement is not None
        assert found.sign_agreement > 0.8
        assert found.correlation is not None
        assert found.correlation > 0.8
        assert (abs(found.lag) <= 1, found.scale) == (True, 0)
        assert np.nanmax(np.abs(found.first)) < 0.5
