"""The user's own groups: every change gives new groups, and names are told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.alert_grammar import Scope
from capflow_gui.domain.lists.groups import LONGEST_NAME, Group, Groups, free_name, group_name
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code

A, B, C, D, E = (Symbol(Market.HK, str(code)) for code in range(1, 6))
CORE, TECH = Group("HK core", (A, B, C), "violet"), Group("Tech", (C, D))
GROUPS = Groups((CORE, TECH))


def test_new_members_go_to_the_end_and_old_ones_stay() -> None:
    assert CORE.with_symbols([D, A, D]).symbols == (A, B, C, D)
    assert CORE.with_symbols([]) == CORE


@pytest.mark.parametrize(
    ("put", "before", "order"),
    [
        ([C], A, (C, A, B)),
        ([A, C], B, (A, C, B)),
        ([D, B], A, (D, B, A, C)),
        ([A], A, (A, B, C)),
        ([A, B], A, (B, A, C)),
        ([A], E, (B, C, A)),
    ],
)
def test_members_are_put_in_front_of_another(put: list[Symbol], before: Symbol, order: tuple[Symbol, ...]) -> None:
    assert CORE.with_symbols(put, before).symbols == order


def test_a_member_taken_out_of_one_group_stays_in_the_others() -> None:
    after = GROUPS.taken_out("HK core", [C, E])
    assert [group.symbols for group in after] == [(A, B), (C, D)]
    assert after.of(C) == {"Tech"}
    assert GROUPS.of(C) == {"HK core", "Tech"}
    assert CORE.without([E]) is CORE


def test_what_leaves_the_list_leaves_every_group() -> None:
    assert [group.symbols for group in GROUPS.keep_only([A, D])] == [(A,), (D,)]
    assert GROUPS.keep_only([A, B, C, D, E]) is GROUPS


def test_groups_are_ordered_renamed_and_deleted() -> None:
    added = GROUPS.with_group(Group("New"), 1)
    assert [group.name for group in added] == ["HK core", "New", "Tech"]
    assert [group.name for group in GROUPS.with_group(Group("New"))] == ["HK core", "Tech", "New"]
    assert [group.name for group in added.moved("HK core", 2)] == ["New", "Tech", "HK core"]
    assert [group.name for group in added.without("New")] == ["HK core", "Tech"]
    assert GROUPS.changed("Tech", replace(TECH, name="Internet")).get("Internet") == Group("Internet", (C, D))
    assert (len(added), added.symbols) == (3, (A, B, C, D))


def test_a_change_of_a_group_that_is_gone_changes_nothing() -> None:
    assert GROUPS.get(None) is None
    assert (GROUPS.put("x", [A]), GROUPS.taken_out("x", [A]), GROUPS.moved("x", 0)) == (GROUPS, GROUPS, GROUPS)
    assert GROUPS.put("Tech", [A], C).get("Tech") == Group("Tech", (A, C, D))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("  \t", Code.GROUP_WITHOUT_NAME),
        ("\u200b", Code.GROUP_WITHOUT_NAME),
        ("x" * (LONGEST_NAME + 1), Code.GROUP_NAME_LONG),
        ("hk  CORE", Code.GROUP_NAME_TAKEN),
        ("all", Code.GROUP_NAME_TAKEN),
    ],
)
def test_a_name_that_cannot_be_told_is_refused(typed: str, code: Code) -> None:
    with pytest.raises(InvalidInput) as caught:
        group_name(typed, ["HK core"])
    assert caught.value.reason.code is code


def test_a_name_is_kept_as_typed_with_its_white_space_folded() -> None:
    assert group_name("  HK\n核心  list ", []) == "HK 核心 list"


def test_a_name_of_a_broker_is_kept_as_far_as_it_can_be() -> None:
    assert free_name("HK core", []) == "HK core"
    assert free_name("HK core", ["hk core", "HK core 2"]) == "HK core 3"
    assert free_name("All", []) == "All 2"
    assert free_name("\t", []) == "Group"
    assert free_name("x" * 60, ["x" * LONGEST_NAME]) == "x" * (LONGEST_NAME - 2) + " 2"


FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    "name", [FAMILY, "🇭🇰", "👍🏽", "❤\ufe0f", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"]
)
def test_an_emoji_of_several_characters_is_a_name_that_a_rule_finds(name: str) -> None:
    assert group_name(f" HK\u200b {name}", []) == f"HK {name}"
    assert parse_rule(f"@{name}: net <= -200M").scope == Scope(group=name)
    assert free_name("x" * (LONGEST_NAME - 1) + name, []) == "x" * (LONGEST_NAME - 1)


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=60))
def test_a_rule_finds_a_group_by_the_name_it_was_given(typed: str) -> None:
    name = free_name(typed, [])
    assert parse_rule(f"@{name}: net <= -200M").scope == Scope(group=name)
