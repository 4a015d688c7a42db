from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

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
    shares.left("b")
    assert (shares.wanted({"shard0"}, 101.5), shares.is_free("shard1")) == (["shard1"], True)
    # Whoever was stopped counts no longer for the shares.
    shares.heard(STANDBY, "c", 101.6)
    assert shares.surplus({"shard0", "shard1"}, 101.7) == "shard1"
    shares.heard("shard1", "c", 101.8)
    shares.left("b")  # it comes after the new holder's
    assert not shares.is_free("shard1")


def test_one_that_waits_without_a_shard_is_given_one() -> None:
    shares = Shares("a", 3, 100.0)
    shares.heard(STANDBY, "b", 101.0)
    assert shares.surplus({"shard0", "shard1", "shard2"}, 101.0) == "shard2"
    shares.give("shard2", 101.0)
    assert shares.surplus({"shard0", "shard1"}, 101.0) is None
    shares.heard("shard2", "b", 102.0)
    assert shares.surplus({"shard0", "shard1", "shard2"}, 102.0) is None
    # A third one waits, and there are as many shards as collectors.
    shares.heard(STANDBY, "c", 103.0)
    assert shares.surplus({"shard0", "shard1"}, 103.0) == "shard1"
    assert shares.surplus({"shard0"}, 103.0) is None


def test_one_of_two_that_has_three_of_four_gives_one_to_the_other() -> None:
    """Two that join at the same time may take three and one."""
    shares = Shares("a", 4, 100.0)
    shares.heard("shard3", "b", 101.0)
    mine = {"shard0", "shard1", "shard2"}
    assert shares.surplus(mine, 101.0) == "shard2"
    shares.give("shard2", 101.0)
    assert shares.wanted({"shard0"}, 101.1) == ["shard1", "shard3"]  # not the one that is another's
    assert shares.surplus(mine, 101.1) is None  # nobody has it yet
    shares.heard("shard2", "b", 101.2)
    assert shares.surplus(mine - {"shard2"}, 101.2) is None
    assert shares.wanted(mine - {"shard2"}, 101.2) == []


def test_nothing_is_given_to_one_that_is_silent_or_by_more_than_one_at_a_time() -> None:
    shares = Shares("a", 4, 100.0)
    shares.heard("shard3", "b", 101.0)
    mine = {"shard0", "shard1", "shard2"}
    assert shares.surplus(mine, 101.0 + SILENT_S) is None
    shares.heard("shard2", "b", 110.0)
    shares.heard("shard3", "b", 110.0)
    shares.heard(STANDBY, "c", 110.0)
    # Both have two: that of the greater name gives one up.
    assert shares.surplus({"shard0", "shard1"}, 110.0) is None
    other = Shares("b", 4, 100.0)
    for name in ("shard0", "shard1"):
        other.heard(name, "a", 110.0)
    other.heard(STANDBY, "c", 110.0)
    assert other.surplus({"shard2", "shard3"}, 110.0) == "shard3"


@settings(max_examples=40, deadline=None)
@given(
    held=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    order=st.lists(st.integers(0, 4), min_size=60, max_size=60),
)
def test_collectors_come_to_shares_that_differ_by_one_at_most(held: list[int], order: list[int]) -> None:
    """However the shards were divided at first: as leases does it, with every beat heard at once."""
    names = ["a", "b", "c", "d", "e"]
    everybody = [Shares(name, len(held), 0.0) for name in names]
    holder = {f"shard{place}": names[who] for place, who in enumerate(held)}
    now = 0.0
    for turn in (*order, *range(5), *range(5), *range(5), *range(5)):
        now += 0.5
        for shares in everybody:
            for name, who in holder.items():
                shares.heard(name, who, now)
            for each in set(names) - set(holder.values()):
                shares.heard(STANDBY, each, now)
        me, shares = names[turn], everybody[turn]
        mine = {name for name, who in holder.items() if who == me}
        surplus = shares.surplus(mine, now)
        if surplus is not None:
            shares.give(surplus, now)
            del holder[surplus]
            for taker, other in zip(names, everybody, strict=True):
                its = {name for name, who in holder.items() if who == taker}
                if taker != me and surplus in other.wanted(its, now):
                    holder[surplus] = taker
                    break
        assert len(holder) == len(held)
    counts = Counter(holder.values())
    sizes = [counts[name] for name in names]
    assert max(sizes) - min(sizes) <= 1


def test_one_that_is_not_heard_any_longer_counts_no_longer() -> None:
    shares = Shares("a", 2, 100.0)
    shares.heard(STANDBY, "b", 101.0)
    shares.heard("shard7", "b", 101.0)
    assert shares.surplus({"shard0", "shard1"}, 108.0) is None
    assert shares.wanted({"shard0"}, 108.0) == ["shard1"]
