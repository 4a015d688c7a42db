from __future__ import annotations

from collections import Counter

from capflow_gui.desk.shards import SILENT_S, STANDBY, Shares, shard_of
from capflow_gui.domain.symbol import Market, Symbol


def test_a_symbol_has_one_shard_and_shards_are_about_as_large() -> None:
    symbols = [Symbol(Market.HK, str(code)) for code in range(1, 1001)]
    sizes = Counter(shard_of(symbol, 3) for symbol in symbols)
    assert sorted(sizes) == ["shard0", "shard1", "shard2"]
    assert min(sizes.values()) > 280
    assert shard_of(Symbol.parse("700.HK"), 3) == shard_of(Symbol.parse("HK.00700"), 3)
    assert {shard_of(symbol, 1) for symbol in symbols} == {"shard0"}


def test_a_collector_alone_takes_every_shard() -> None:
    shares = Shares("a", 3, 100.0)
    assert shares.wanted(set(), 100.0) == ["shard0", "shard1", "shard2"]
    assert shares.wanted({"shard0"}, 100.0) == ["shard1", "shard2"]
    assert shares.surplus({"shard0", "shard1", "shard2"}, 100.0) is None


def test_of_two_collectors_each_takes_half_and_none_takes_what_is_beaten() -> None:
    shares = Shares("a", 2, 100.0)
    shares.heard("shard1", "b", 101.0)
    assert shares.wanted(set(), 101.0) == ["shard0", "shard1"]
    assert shares.wanted({"shard0"}, 101.0) == []
    assert shares.surplus({"shard0"}, 101.0) is None


def test_a_shard_that_nobody_beats_for_is_taken_over() -> None:
    shares = Shares("a", 2, 100.0)
    for at in range(101, 111):
        shares.heard("shard0", "a", at)
        shares.heard("shard1", "b", min(at, 106.0))
    assert shares.wanted({"shard0"}, 106.0 + SILENT_S - 0.1) == []
    assert shares.wanted({"shard0"}, 106.0 + SILENT_S) == ["shard1"]


def test_a_shard_that_was_given_back_is_wanted_at_once() -> None:
    shares = Shares("a", 2, 100.0)
    shares.heard("shard0", "a", 101.0)
    shares.heard("shard1", "b", 101.0)
    assert (shares.wanted({"shard0"}, 101.5), shares.is_free("shard1")) == ([], False)
    shares.left("shard1", "b")
    assert (shares.wanted({"shard0"}, 101.5), shares.is_free("shard1")) == (["shard1"], True)
    # Whoever was stopped counts no longer for the shares.
    shares.heard(STANDBY, "c", 101.6)
    assert shares.surplus({"shard0", "shard1"}, 101.7) == "shard1"
    shares.heard("shard1", "c", 101.8)
    shares.left("shard1", "b")  # it comes after the new holder's
    assert not shares.is_free("shard1")


def test_one_that_waits_without_a_shard_is_given_one() -> None:
    shares = Shares("a", 3, 100.0)
    shares.heard(STANDBY, "b", 101.0)
    assert shares.surplus({"shard0", "shard1", "shard2"}, 101.0) == "shard2"
    assert shares.surplus({"shard0", "shard1"}, 101.0) is None
    shares.heard("shard2", "b", 102.0)
    assert shares.surplus({"shard0", "shard1", "shard2"}, 102.0) is None
    # A third one waits, and there are as many shards as collectors.
    shares.heard(STANDBY, "c", 103.0)
    assert shares.surplus({"shard0", "shard1"}, 103.0) == "shard1"
    assert shares.surplus({"shard0"}, 103.0) is None


def test_one_that_is_not_heard_any_longer_counts_no_longer() -> None:
    shares = Shares("a", 2, 100.0)
    shares.heard(STANDBY, "b", 101.0)
    shares.heard("shard7", "b", 101.0)
    assert shares.surplus({"shard0", "shard1"}, 108.0) is None
    assert shares.wanted({"shard0"}, 108.0) == ["shard1"]
