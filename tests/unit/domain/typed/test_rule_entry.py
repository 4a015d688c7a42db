from __future__ import annotations

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.domain.typed.rule_entry import RuleEntry, Unread, free_id, is_threshold_id, new_entry, threshold_entry
from capflow_gui.errors import InvalidInput

TENCENT, MOBILE = Symbol.parse("700.HK"), Symbol.parse("941.HK")


def test_a_new_rule_has_the_id_of_its_text_and_keeps_it_when_the_text_changes() -> None:
    made = new_entry("*: main<=-80000K")
    assert made.rule is not None
    assert (made.id, made.text) == (f"rule:{made.rule.version}", "*: main <= -80M")
    changed = made.written("*: main <= -90M")
    assert changed.rule is not None
    assert (changed.id, changed.text, changed.rule.version == made.rule.version) == (made.id, "*: main <= -90M", False)
    twin = new_entry("*: main <= -80M", {made.id, f"{made.id}-2"})
    assert twin.id == f"{made.id}-3"
    assert free_id("a", ()) == "a"


def test_what_was_chosen_beside_the_text_stays_when_it_changes() -> None:
    made = RuleEntry(
        new_entry("*: main <= -80M").rule, False, frozenset({TENCENT}), ("phone",), "22:00-07:00", {"x": 1}
    )
    changed = made.written("*: large <= -1M")
    assert (changed.enabled, changed.muted, changed.channels) == (False, {TENCENT}, ("phone",))
    assert (changed.quiet, changed.kept) == ("22:00-07:00", {"x": 1})


def test_a_text_that_cannot_be_read_is_kept_with_its_fault_and_judges_nothing() -> None:
    made = new_entry("*: main <= -80M")
    spoilt = made.written("*: main <= -80Q")
    assert (spoilt.id, spoilt.text, spoilt.rule) == (made.id, "*: main <= -80Q", None)
    assert isinstance(spoilt.unread, Unread)
    assert spoilt.unread.fault.position == 14
    assert not spoilt.covers(TENCENT)
    assert spoilt.written("*: main <= -80M") == made
    with pytest.raises(InvalidInput):
        new_entry("*: main")


def test_an_entry_covers_what_its_scope_says_while_it_is_on_and_not_muted() -> None:
    rule = new_entry("@core: main <= -80M").rule
    assert RuleEntry(rule).covers(TENCENT, {"core"})
    assert not RuleEntry(rule).covers(TENCENT)
    assert not RuleEntry(rule, enabled=False).covers(TENCENT, {"core"})
    assert not RuleEntry(rule, muted=frozenset({TENCENT})).covers(TENCENT, {"core"})


def test_thresholds_are_entries_under_ids_of_their_own() -> None:
    default, own = threshold_entry(Share(-0.03), None, [MOBILE]), threshold_entry(-2e8, TENCENT)
    assert [(each.id, each.text, each.is_threshold) for each in (default, own)] == [
        ("default", "*: net/turnover <= -3% rearm 50% skip first 30m", True),
        ("own:700.HK", "700.HK: net <= -200M", True),
    ]
    assert default.covers(TENCENT)
    assert not default.covers(MOBILE)
    assert not new_entry("*: main <= -80M").is_threshold
    assert not is_threshold_id("rule:own:")
