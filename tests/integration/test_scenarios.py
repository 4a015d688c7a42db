"""The days the simulator ships, each seen as the user sees it: freshness, flags, alerts and the row's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.present.row_sentence import row_sentence
from capflow_gui.simulator.market.scenario import SCENARIOS, SEED_DAY
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig

TENCENT, APPLE, CNOOC = (Symbol.parse(text) for text in ("700.HK", "AAPL.US", "883.HK"))
MARKET_SPEED = 60.0


@dataclass
class Seen:
    """What a row said until `until` (wall clock of the exchange), at a default threshold of `part` of the turnover."""

    name: str
    until: str
    part: float = -0.01
    symbol: Symbol = TENCENT
    freshness: list[Freshness] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    alerts: list[tuple[str, str]] = field(default_factory=list)
    flagged: bool = False
    row: Row | None = None

    @property
    def changes(self) -> list[str]:
        return [change for change, _ in self.alerts]


def turnover(name: str, symbol: Symbol) -> float:
    """The whole day's."""
    simulator = OpendSimulator(SimulatorConfig(scenario=name))
    session = simulator.market.session(symbol, SCENARIOS[name].start)
    return float(simulator.market.day(symbol, session).turnover[-1])


@pytest.fixture
def see(watched):
    async def run(seen: Seen) -> Seen:
        zone = "America/New_York" if seen.symbol.market.value == "US" else "Asia/Hong_Kong"
        start = datetime.fromtimestamp(SCENARIOS[seen.name].start, ZoneInfo(zone))
        hour, minute = map(int, seen.until.split(":"))
        end = start.replace(hour=hour, minute=minute, second=0).timestamp()
        rules = RuleTable(default=seen.part * turnover(seen.name, seen.symbol))
        config = SimulatorConfig(scenario=seen.name, speed=MARKET_SPEED)
        async with watched([str(seen.symbol)], config=config, rules=rules, pace=Pace(1.0, 1.0)) as rig:
            await rig.until(lambda: rig.monitor.row(seen.symbol).series is not None)

            def over() -> bool:
                row = rig.monitor.row(seen.symbol)
                words = str(row_sentence(row, rig.monitor.links[0], rig.monitor.market_now(), 0.0, zone))
                seen.flagged |= row.flagged
                if row.freshness not in seen.freshness[-1:]:
                    seen.freshness.append(row.freshness)
                    seen.words.append(words)
                return rig.monitor.market_now() >= end

            await rig.until(over, 900.0)
            for event in rig.events:
                if isinstance(event, AlertEvent) and event.record.symbol == seen.symbol and event.time is not None:
                    at = datetime.fromtimestamp(event.time, ZoneInfo(zone))
                    seen.alerts.append((str(event.change), f"{at:%H:%M}"))
            seen.row = rig.monitor.row(seen.symbol)
        return seen

    return run


async def test_a_calm_day_raises_nothing(see) -> None:
    seen = await see(Seen("calm", "10:40"))
    assert (seen.freshness, seen.flagged, seen.alerts) == ([Freshness.LIVE], False, [])
    assert seen.words[0].startswith("Live")


async def test_a_slow_bleed_is_raised_once_and_stands(see) -> None:
    seen = await see(Seen("slow-bleed", "11:30"))
    assert (seen.freshness, seen.flagged, seen.changes) == ([Freshness.LIVE], False, ["raised"])


async def test_a_flush_is_raised_within_its_minutes_and_cleared_after_the_recovery(see) -> None:
    seen = await see(Seen("flush", "11:35"))
    assert seen.changes[:2] == ["raised", "cleared"]
    assert "10:31" <= seen.alerts[0][1] <= "10:41"
    assert seen.alerts[0][1] < seen.alerts[1][1]


async def test_a_sign_flip_is_raised_after_lunch(see) -> None:
    seen = await see(Seen("sign-flip", "15:00"))
    assert seen.freshness == [Freshness.LUNCH, Freshness.LIVE]
    assert seen.words[0].startswith("Lunch")
    assert seen.changes == ["raised"]
    assert seen.alerts[0][1] > "13:30"


async def test_outflow_beside_a_rising_price_is_raised_all_the_same(see) -> None:
    seen = await see(Seen("divergence", "11:30"))
    assert seen.changes == ["raised"]
    assert seen.row.quote.change > 0


async def test_a_dump_before_the_close_is_raised_and_the_day_ends_closed(see) -> None:
    seen = await see(Seen("close-dump", "16:20", -0.005))
    assert seen.freshness == [Freshness.LIVE, Freshness.CLOSED]
    assert seen.changes == ["raised"]
    assert "15:50" <= seen.alerts[0][1] <= "16:00"


async def test_a_half_day_ends_at_noon_without_lunch(see) -> None:
    seen = await see(Seen("half-day", "12:20"))
    assert seen.freshness == [Freshness.LIVE, Freshness.CLOSED]
    assert seen.words[1].startswith("Closed")
    assert seen.row.series.timestamps[-1] == seen.row.day.close


async def test_a_night_in_new_york_is_one_session_over_midnight_in_hong_kong(see) -> None:
    seen = await see(Seen("us-midnight", "12:40", symbol=APPLE))
    assert (seen.freshness, seen.flagged, seen.changes) == ([Freshness.LIVE], False, ["raised"])
    assert str(seen.row.series.session) == "2026-06-10"


async def test_the_day_after_the_clocks_changed_begins_an_hour_earlier_for_hong_kong(see) -> None:
    seen = await see(Seen("dst-day", "10:20", symbol=APPLE))
    assert (seen.freshness, seen.flagged) == ([Freshness.LIVE], False)
    opened = datetime.fromtimestamp(int(seen.row.series.timestamps[0]), ZoneInfo("Asia/Hong_Kong"))
    assert f"{opened:%H:%M}" == "21:30"


async def test_a_freeze_is_stale_and_live_again(see) -> None:
    seen = await see(Seen("freeze", "10:40"))
    assert seen.freshness == [Freshness.LIVE, Freshness.STALE, Freshness.LIVE]
    assert seen.words[1].startswith("Stale")


async def test_the_demo_has_a_frozen_row(see) -> None:
    seen = await see(Seen("default", "14:45", symbol=CNOOC))
    assert seen.freshness == [Freshness.LIVE, Freshness.STALE, Freshness.LIVE]


async def test_a_net_that_swings_around_its_threshold_alerts_once_in_an_hour(see) -> None:
    seen = await see(Seen("seesaw", "11:25", -0.02))
    assert (seen.freshness, seen.changes) == ([Freshness.LIVE], ["raised"])


async def test_forty_symbols_that_fall_in_the_same_minute_alert_each_once(watched) -> None:
    config = SimulatorConfig(scenario="storm", speed=5.0, symbols=100)
    listings = OpendSimulator(config).market.listings.items()
    fit = (s for s, each in listings if s.market.value == "HK" and each.permitted and each.halts_at is None)
    names = [str(symbol) for symbol in fit][:40]
    async with watched(names, config=config, rules=RuleTable(default=Share(-0.03)), pace=Pace(1.0, 1.0)) as rig:

        def raised() -> list[AlertEvent]:
            return [each for each in rig.events if isinstance(each, AlertEvent) and each.change == "raised"]

        await rig.until(lambda: len(raised()) >= 40, 900.0)
        again = rig.clock.monotonic()
        await rig.until(lambda: rig.all_seen_since(again), 300.0)
        assert {str(each.record.symbol) for each in raised()} == set(names)
        assert len(raised()) == 40
        minutes = {datetime.fromtimestamp(each.time, ZoneInfo("Asia/Hong_Kong")).strftime("%H:%M") for each in raised()}
        assert minutes == {"10:31"}
        assert not rig.simulator.stats.calls(3211).refused


def test_every_scenario_there_is_has_a_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in SCENARIOS if name != SEED_DAY and f'"{name}"' not in text] == []
