from __future__ import annotations

from capflow_gui.domain.flag import Flag
from capflow_gui.domain.symbol import Market
from capflow_gui.present.names import flag_list, market_name, shortened, source_title


def test_brokers_have_titles_and_others_their_own_name() -> None:
    assert [source_title(name) for name in ("opend", "longport", "abc")] == ["OpenD", "Longport", "abc"]


def test_every_flag_has_a_name_of_its_own() -> None:
    every = flag_list(sum(flag.value for flag in Flag))
    assert len(every) == len(set(every)) == len(list(Flag))
    assert flag_list(0) == []


def test_the_flags_that_are_set_are_named() -> None:
    for flag in Flag:
        assert len(flag_list(flag.value)) == 1
    assert set(flag_list((Flag.SUM | Flag.GRID).value)) == {*flag_list(Flag.SUM.value), *flag_list(Flag.GRID.value)}


def test_of_a_long_text_the_beginning_is_quoted() -> None:
    assert shortened("HK core") == "HK core"
    assert shortened("x" * 24) == "x" * 24
    assert shortened("x" * 25) == "x" * 23 + "…"


def test_the_two_exchanges_of_mainland_china_are_one_market() -> None:
    assert [market_name(market) for market in (Market.SH, Market.SZ, Market.HK)] == ["CN", "CN", "HK"]
