from __future__ import annotations

import re
from pathlib import Path

import pytest

from capflow_gui.domain.session import Calendar, Phase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.simulator.market.scenario import SCENARIOS, SEED_DAY, find_scenario
from capflow_gui.simulator.market.universe import named_listings

README = Path(__file__).parents[4] / "README.md"
TENCENT = Symbol.parse("700.HK")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_starts_while_a_market_trades_and_is_told_in_a_line(calendar: Calendar, name: str) -> None:
    scenario = find_scenario(name)
    markets = (Market.HK, Market.US, Market.SH)
    assert any(calendar.now(market, scenario.start).phase in (Phase.OPEN, Phase.LUNCH) for market in markets)
    assert scenario.line
    assert "\n" not in scenario.line


def test_the_readme_names_every_scenario_there_is() -> None:
    (said,) = re.findall(
        r"`--scenario` plays one of these days: (.*?)\. `", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert re.findall(r"`([a-z-]+)`", said) == list(SCENARIOS)


def test_an_unknown_scenario_names_the_others() -> None:
    with pytest.raises(InvalidInput) as caught:
        find_scenario("crash")
    assert "flush" in str(caught.value)


def test_figures_stand_still_while_frozen_and_move_before_and_after() -> None:
    freeze = find_scenario("freeze").freezes[0]
    assert find_scenario("freeze").frozen_at(TENCENT, freeze.start + 1) == freeze.start
    assert find_scenario("freeze").frozen_at(TENCENT, freeze.start - 1) is None
    assert find_scenario("freeze").frozen_at(TENCENT, freeze.end) is None


def test_every_listing_has_a_shape_of_its_own_on_a_day_with_a_story() -> None:
    shape = find_scenario("flush").shape
    listings = [listing for listing in named_listings() if listing.has_flow]
    shapes = [shape(listing) for listing in listings]
    assert None not in shapes
    assert len(set(map(repr, shapes))) > len(listings) / 2


def test_the_seed_day_has_no_story() -> None:
    assert all(find_scenario(SEED_DAY).shape(listing) is None for listing in named_listings())
