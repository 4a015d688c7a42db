"""What the templates of rules do on the simulator's days; the figures are in the user guide."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from capflow_gui.domain.alert import Readings, RuleState, Step, advance, level_rule, parse_rule
from capflow_gui.domain.flow import Floats, Ints
from capflow_gui.domain.measures.readings import in_part
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market
from capflow_gui.domain.typed.level import OFFERED
from capflow_gui.domain.typed.rule_entry import TEMPLATES
from capflow_gui.paths import resource
from capflow_gui.present.rules.words import TEMPLATE_WORDS
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.market.universe import build_universe

CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
SYMBOLS = 24
SESSIONS_A_WEEK = 5
SEEDS = (1, 2, 3)


@cache
def days(name: str) -> tuple[TradingDay, list[tuple[Ints, Floats]]]:
    """A scenario's session, and of each symbol net inflow in it, and that as a share of the turnover so far."""
    universe, scenario = build_universe(), find_scenario(name)
    day = CALENDAR.day(Market.HK, CALENDAR.session_date(Market.HK, scenario.start))
    assert day is not None
    symbols = [symbol for symbol in universe if symbol.market is Market.HK][:SYMBOLS]
    found = []
    for seed in SEEDS:
        market = SimulatedMarket(universe, scenario, seed, CALENDAR)
        for symbol in symbols:
            flow = market.day(symbol, day)
            net = flow.flows.sum(axis=0)
            found.append((net, net / np.maximum(flow.turnover, 1.0)))
    return day, found


def raised(template: str, name: str) -> tuple[float, float]:
    """Alerts a symbol and week of such days; and of the days with an outflow, where it came before half of that."""
    rule, (day, found) = parse_rule(f"*: {TEMPLATES[template]}"), days(name)
    labels, indexes, alerts, outflows, early = day.labels(), np.arange(len(day.labels())), 0, 0, 0
    for net, share in found:
        _, said = advance(rule, RuleState(), in_part(rule, Readings(labels, indexes, share), day))
        fired = [int(np.searchsorted(labels, each.time)) for each in said if each.step is Step.RAISED]
        alerts += len(fired)
        low = int(net.argmin())
        if share[low] <= -0.015:
            outflows += 1
            early += bool(fired) and net[fired[0]] >= net[low] / 2
    return alerts / len(found) * SESSIONS_A_WEEK, early / outflows


@pytest.mark.parametrize(("template", "figure"), [("Conservative", "0.1"), ("Normal", "0.8"), ("Nervous", "2.1")])
def test_what_is_told_of_a_template_is_what_it_does(template: str, figure: str) -> None:
    assert f"{raised(template, 'calm')[0]:.1f}" == figure
    assert TEMPLATE_WORDS[template].startswith(f"About {figure} alerts a symbol and week of calm days; ")
    assert (f"{raised(template, 'flush')[1]:.0%}" in TEMPLATE_WORDS[template]) is (template == "Normal")


def test_the_threshold_that_is_offered_is_the_normal_template() -> None:
    assert level_rule(OFFERED).condition == TEMPLATES["Normal"]


@pytest.mark.parametrize(("template", "most"), [("Conservative", 0.2), ("Normal", 1.0), ("Nervous", 2.5)])
def test_on_calm_days_a_template_is_as_quiet_as_its_name(template: str, most: float) -> None:
    a_week, _ = raised(template, "calm")
    assert a_week <= most


@pytest.mark.parametrize("name", ["flush", "slow-bleed"])
@pytest.mark.parametrize(("template", "least"), [("Normal", 0.9), ("Nervous", 0.99)])
def test_money_that_leaves_is_told_before_half_of_it_has_left(name: str, template: str, least: float) -> None:
    a_week, early = raised(template, name)
    assert a_week >= 4.5
    assert early >= least
