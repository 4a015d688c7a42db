from __future__ import annotations

from dataclasses import replace

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert import level_rule, parse_rule
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.level import Choice, Share
from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry

TENCENT = Symbol(Market.HK, "700")
MOBILE = Symbol(Market.HK, "941")


def test_a_symbols_own_threshold_goes_before_the_one_for_all() -> None:
    table = RuleTable(-200e6, {TENCENT: -100e6, MOBILE: None})
    assert (table.threshold(TENCENT), table.threshold(MOBILE)) == ((-100e6, True), (None, True))
    assert table.threshold(Symbol(Market.HK, "5")) == (-200e6, False)
    assert table.rules_for(TENCENT) == (level_rule(-100e6, TENCENT),)
    assert table.rules_for(MOBILE) == ()


def test_what_is_chosen_is_in_force_from_then_on() -> None:
    table = RuleTable(-200e6)
    table.set_threshold(TENCENT, Choice.NONE)
    table.set_threshold(MOBILE, -1e6)
    table.set_threshold(None, Share(-0.03))
    assert table.threshold(TENCENT) == (None, True)
    assert table.threshold(MOBILE) == (-1e6, True)
    table.set_threshold(MOBILE, Choice.INHERIT)
    assert table.threshold(MOBILE) == (Share(-0.03), False)
    table.set_threshold(None, Choice.NONE)
    assert table.threshold(MOBILE) == (None, False)


def test_further_rules_hold_where_their_scope_covers() -> None:
    core = parse_rule("@core: main <= -80M")
    table = RuleTable(rules=[core, parse_rule("941.HK: net <= -1M")], groups=lambda symbol: {"core"} & {str(symbol)})
    assert [rule.text for rule in table.rules_for(MOBILE)] == ["941.HK: net <= -1M"]
    member = RuleTable(rules=[core], groups=lambda _symbol: {"core"})
    assert member.rules_for(TENCENT) == (core,)


def test_a_rule_that_says_what_the_threshold_says_is_that_threshold() -> None:
    table = RuleTable(-200e6, rules=[parse_rule("*: net<=-200000K")])
    assert table.rules_for(TENCENT) == (level_rule(-200e6),)


def test_a_rule_for_one_symbol_that_says_what_the_default_says_alerts_once() -> None:
    table = RuleTable(-200e6, rules=[parse_rule("700.HK: net <= -200M"), parse_rule("700.HK: net <= -300M")])
    assert [rule.text for rule in table.rules_for(TENCENT)] == ["*: net <= -200M", "700.HK: net <= -300M"]


def test_only_rules_on_a_class_want_classes() -> None:
    assert not RuleTable(-200e6).wants_classes(TENCENT)
    table = RuleTable(rules=[parse_rule("700.HK: main <= -80M")])
    assert (table.wants_classes(TENCENT), table.wants_classes(MOBILE)) == (True, False)


def test_a_share_for_all_is_the_default_rule_in_every_currency() -> None:
    table = RuleTable(Share(-0.03), {MOBILE: -1e6})
    for symbol in (TENCENT, Symbol(Market.US, "AAPL"), Symbol(Market.SH, "600519")):
        (rule,) = table.rules_for(symbol)
        assert (rule.id, rule.text) == ("default", "*: net/turnover <= -3% rearm 50% skip first 30m")
    assert [rule.text for rule in table.rules_for(MOBILE)] == ["941.HK: net <= -1M"]
    before = table.rules_for(TENCENT)[0]
    table.default = -200e6
    after = table.rules_for(TENCENT)[0]
    assert (after.id, after.version == before.version) == ("default", False)


def entry(text: str, own_id: str, *, enabled: bool = True, muted: frozenset[Symbol] = frozenset()) -> RuleEntry:
    return RuleEntry(replace(parse_rule(text), own_id=own_id), enabled, muted)


def test_a_rule_of_the_profile_is_changed_in_its_place_and_keeps_its_id() -> None:
    table = RuleTable(entries=[entry("*: net <= -1M", "a"), entry("*: main <= -1M", "b")])
    table.set_entry(entry("*: net <= -2M", "a"))
    table.set_entry(entry("*: small <= -2M", "c"))
    assert [(rule.id, rule.text) for rule in table.rules_for(TENCENT)] == [
        ("a", "*: net <= -2M"),
        ("b", "*: main <= -1M"),
        ("c", "*: small <= -2M"),
    ]
    assert table.wants_classes(TENCENT)
    for _ in range(2):
        table.remove_entry("b")
    assert [each.rule.id for each in table.entries] == ["a", "c"]
    assert [rule.id for rule in table.rules_for(TENCENT)] == ["a", "c"]


def test_rules_that_were_read_anew_take_the_place_of_all_others() -> None:
    table = RuleTable(entries=[entry("*: net <= -1M", "a")])
    assert [rule.id for rule in table.rules_for(TENCENT)] == ["a"]
    table.set_entries([entry("*: net <= -2M", "b")])
    assert [rule.id for rule in table.rules_for(TENCENT)] == ["b"]


def test_a_rule_that_is_off_or_muted_for_a_symbol_is_not_in_force_there() -> None:
    table = RuleTable(entries=[entry("*: main <= -1M", "a", muted=frozenset({MOBILE}))])
    assert [rule.id for rule in table.rules_for(TENCENT)] == ["a"]
    assert table.rules_for(MOBILE) == ()
    assert (table.wants_classes(TENCENT), table.wants_classes(MOBILE)) == (True, False)
    table.set_entry(entry("*: main <= -1M", "a", enabled=False))
    assert table.rules_for(TENCENT) == ()
    assert not table.wants_classes(TENCENT)
    assert len(table.entries) == 1


def test_a_rule_of_the_profile_that_says_what_the_threshold_says_is_that_threshold() -> None:
    table = RuleTable(-200e6, entries=[entry("*: net <= -200M", "a"), entry("*: net <= -300M", "b")])
    assert [rule.id for rule in table.rules_for(TENCENT)] == ["default", "b"]


def test_what_is_shown_are_the_rules_in_their_order_then_the_thresholds() -> None:
    table = RuleTable(Share(-0.03), {MOBILE: -1e6, TENCENT: None}, entries=[new_entry("*: main <= -1M")])
    assert table.shown[:1] == table.entries
    assert [(entry.id, entry.text) for entry in table.shown[1:]] == [
        ("default", "*: net/turnover <= -3% rearm 50% skip first 30m"),
        ("own:941.HK", "941.HK: net <= -1M"),
    ]
    assert table.shown[1].muted == {TENCENT}
    assert RuleTable().shown == ()


def test_a_rule_covers_the_symbols_it_is_in_force_for() -> None:
    table = RuleTable(groups=lambda symbol: {"core"} if symbol == TENCENT else set())
    for text, covered in (("*: net <= -1M", (MOBILE, TENCENT)), ("@core: net <= -1M", (TENCENT,))):
        assert table.covered(new_entry(text), [MOBILE, TENCENT]) == covered


def test_the_default_threshold_covers_those_without_a_threshold_of_their_own() -> None:
    table = RuleTable(default=-2e6, overrides={TENCENT: -1e6})
    assert [table.covered(entry, [MOBILE, TENCENT]) for entry in table.shown] == [(MOBILE,), (TENCENT,)]


def test_a_new_rule_goes_to_its_place_and_a_changed_one_stays_in_its_own() -> None:
    first, second, third = (new_entry(f"*: main <= -{number}M") for number in (1, 2, 3))
    table = RuleTable(entries=[first, second])
    table.set_entry(third, 1)
    assert table.entries == (first, third, second)
    changed = third.written("*: main <= -4M")
    table.set_entry(changed, 0)
    assert table.entries == (first, changed, second)
    table.remove_entry(second.id)
    table.set_entry(second, 7)
    assert table.entries == (first, changed, second)


def test_a_rule_that_cannot_be_read_is_kept_and_judges_nothing() -> None:
    spoilt = new_entry("700.HK: main <= -1M").written("700.HK: main <= -1Q")
    table = RuleTable(entries=[spoilt])
    assert table.entries == (spoilt,)
    assert table.rules_for(TENCENT) == ()
    assert not table.wants_classes(TENCENT)
