from __future__ import annotations

import pytest

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.simulator.market.universe import GROUPS, INDEX, build_universe, named_listings


@pytest.mark.parametrize("count", [0, 1, 60, 400])
def test_a_number_of_symbols_is_that_many_and_an_index(count: int) -> None:
    universe = build_universe(count)
    assert sum(listing.has_flow for listing in universe.values()) == count
    assert [listing.kind for listing in universe.values() if not listing.has_flow] == [INDEX]


def test_a_list_is_taken_as_it_is_and_what_is_not_listed_is_made_up() -> None:
    tencent, stranger = Symbol.parse("700.HK"), Symbol.parse("ZZZZ.US")
    universe = build_universe([stranger, tencent])
    assert list(universe)[:2] == [stranger, tencent]
    assert universe[tencent].name == "Tencent Holdings"
    assert universe[stranger].name == "Made-up ZZZZ.US"
    assert universe[stranger].currency == "USD"


def test_codes_and_currencies_are_those_of_the_wire() -> None:
    listed = {str(listing.symbol): listing for listing in named_listings()}
    assert listed["700.HK"].wire_code == "00700"
    assert listed["AAPL.US"].wire_code == "AAPL"
    assert {listing.currency for listing in listed.values() if listing.symbol.market is Market.SH} == {"CNY"}
    assert len({listing.security_id for listing in listed.values()}) == len(listed)


def test_the_groups_name_markets_or_listed_symbols() -> None:
    listed, markets = {str(listing.symbol) for listing in named_listings()}, {market.value for market in Market}
    for name, _, members in GROUPS:
        assert set(members) <= listed or set(members) <= markets, name
