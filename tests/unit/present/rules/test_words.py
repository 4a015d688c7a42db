from __future__ import annotations

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.domain.typed.rule_entry import new_entry, threshold_entry
from capflow_gui.present.rules.words import (
    RuleStanding,
    cannot_mute,
    entry_name,
    entry_scope,
    import_words,
    rule_sentence,
    said_already,
    standing_of,
    standing_words,
)
from capflow_gui.reason import Code, Reason

SYMBOLS = [Symbol.parse(code) for code in ("700.HK", "5.HK", "388.HK")]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "700.HK: net <= -200M",
            (
                "Alert when the net inflow of 700.HK since the open is at or below −200M HKD; "
                "armed again at or above −180M HKD."
            ),
        ),
        (
            "*: net/turnover <= -3% for 2m rearm 25%",
            (
                "Alert when the net inflow of all symbols is at or below −3% of the session's turnover so far "
                "for 2 confirmed minutes in a row; armed again at or above −2.25%."
            ),
        ),
        (
            "@HK core: main change 5m >= 20M cooldown 15m",
            (
                "Alert when the main inflow of the group HK core has changed over 5 trading minutes "
                "by 20M HKD or more; not again within 15 minutes; armed again at or below 18M HKD."
            ),
        ),
        (
            "*: net drawdown >= 150M again 50M once",
            (
                "Alert when the net inflow of all symbols has fallen by at least 150M HKD "
                "from its high of the session; again at each further 50M HKD; at most once a session."
            ),
        ),
        (
            "5.HK: net change 5m unusual 2.5 floor 5M",
            (
                "Alert when the net inflow of 5.HK has changed over 5 trading minutes by at least 2.5 deviations "
                "from what is usual at that time, and by at least 5M HKD; armed again at or below 2.25."
            ),
        ),
        (
            "5.HK: net divergence 30m price 0.5% flow 0.3%",
            (
                "Alert when the net inflow of 5.HK has fallen over 30 trading minutes by at least 0.3% of turnover "
                "while the price rose by at least 0.5%, or the reverse; armed again at or below 0.27%."
            ),
        ),
        (
            "5.HK: net <= -2M from 10:00 to 15:30 skip first 30m last 1m",
            (
                "Alert when the net inflow of 5.HK since the open is at or below −2M HKD; only from 10:00 to 15:30; "
                "not in the session's first 30 minutes and last 1 minute; armed again at or above −1.8M HKD."
            ),
        ),
        (
            "*: small crosses 0 band 5M skip first 15m early until 2026-12-31",
            (
                "Alert when the inflow of small orders of all symbols crosses 0 HKD, by more than 5M HKD; "
                "not in the session's first 15 minutes; marked early while the minute runs; until 2026-12-31."
            ),
        ),
    ],
)
def test_a_rule_is_a_sentence(rule: str, said: str) -> None:
    assert rule_sentence(parse_rule(rule), "HKD") == said


def test_a_rule_has_one_name_with_and_without_whom_it_is_for() -> None:
    for entry, name, scope in (
        (new_entry("@HK core: main <= -80M"), "main ≤ −80M", "the group HK core"),
        (threshold_entry(-2e8, None), "net ≤ −200M", "all without their own"),
        (threshold_entry(-2e8, SYMBOLS[0]), "net ≤ −200M", "700.HK"),
        (new_entry("*: main <= -80M").written("*: main <= x"), "*: main ≤ x", ""),
    ):
        assert (entry_name(entry), entry_scope(entry)) == (name, scope)


def test_where_a_rule_alerts_two_are_named_and_the_rest_counted() -> None:
    entry = new_entry("*: main <= -80M")
    assert (
        standing_words(entry, RuleStanding(alerting=tuple(SYMBOLS), watched=3)) == "Alerts on 700.HK, 5.HK and 1 more"
    )
    blocked = tuple((symbol, None) for symbol in SYMBOLS)
    assert standing_words(entry, RuleStanding(blocked=blocked, watched=3)) == "Cannot judge 700.HK and 2 more"
    why = ((SYMBOLS[1], Reason.of(Code.TURNOVER_UNKNOWN)),)
    assert standing_words(entry, RuleStanding(blocked=why, watched=3)).startswith("Cannot judge 5.HK: ")
    assert standing_words(entry, standing_of(entry, [], [])) == "No symbol of it is on the list"


def test_an_import_says_what_it_changes() -> None:
    entry = new_entry("*: main <= -80M")
    assert import_words(entry, None, ()) == ("New", "*: main ≤ −80M")
    assert import_words(entry.written("*: main <= -90M"), entry, ())[0] == "Replaces *: main ≤ −80M"


def test_a_rule_that_the_default_threshold_covers_says_so() -> None:
    default, text = threshold_entry(-2e6, None), "700.HK: net <= -2M"
    own, again = new_entry(text), new_entry(text, [new_entry(text).id])
    rules = [own, again, default]
    said = [standing_words(each, standing_of(each, [], [Symbol.parse("700.HK")], rules)) for each in rules]
    assert said == ["The default threshold covers this already", "Another rule says this already", "Waits"]
    assert said_already(parse_rule("700.HK: net <= -3M"), rules) == ""


def test_the_default_threshold_covers_no_symbol_with_a_threshold_of_its_own() -> None:
    rules = [threshold_entry(-2e6, None), threshold_entry(-1e6, Symbol.parse("700.HK"))]
    assert said_already(parse_rule("700.HK: net <= -2M"), rules) == ""
    assert said_already(parse_rule("5.HK: net <= -2M"), rules) == "The default threshold covers this already."


def test_why_a_rule_cannot_be_muted_for_a_symbol() -> None:
    symbol = Symbol.parse("700.HK")
    entries = (
        new_entry("5.HK: main <= -1M"),
        threshold_entry(-2e6, None),
        new_entry("@core: main <= -1M"),
        new_entry("*: main <= -1M").written("*: main <= -1Q"),
    )
    assert [cannot_mute(each, symbol) for each in entries] == [
        "Rule 5.HK: main ≤ −1M is for one symbol alone: Space switches it off.",
        "700.HK has a threshold of its own, so that for all is not judged there.",
        "Rule @core: main ≤ −1M is not for 700.HK.",
        "A rule that cannot be read is judged nowhere.",
    ]
