from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from capflow_gui.domain.alert_grammar import Scope, level_rule
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.domain.typed.rule_entry import RuleEntry

TENCENT = Symbol(Market.HK, "700")


def test_a_figure_at_its_level_is_past_it() -> None:
    assert parse_rule("*: net <= -2M").past(-2e6)
    assert not parse_rule("*: net <= -2M").past(-1.9e6)
    assert parse_rule("*: net >= 2M").past(2e6)
    assert not parse_rule("*: net >= 2M").past(1.9e6)


def test_what_is_unusual_or_diverges_is_so_on_either_side() -> None:
    for text in ("*: net change 5m unusual 3 floor 5M", "*: divergence 5m price 1% flow 3%"):
        rule = parse_rule(text)
        assert rule.is_two_sided
        assert all(map(rule.past, (rule.level, -rule.level)))
        assert not rule.past(-rule.level / 2)
    assert not parse_rule("*: net >= 3").is_two_sided


def test_a_figure_at_its_rearm_level_is_back() -> None:
    assert parse_rule("*: net <= -2M").is_back(-1.8e6)
    assert not parse_rule("*: net <= -2M").is_back(-1.9e6)
    assert parse_rule("*: net >= 2M").is_back(1.8e6)
    assert not parse_rule("*: net >= 2M").is_back(1.9e6)
    unusual = parse_rule("*: net change 5m unusual 3 floor 5M")
    assert all(map(unusual.is_back, (unusual.rearm_level, -unusual.rearm_level)))
    assert not any(map(unusual.is_back, (unusual.level, -unusual.level)))


def test_whom_a_scope_covers() -> None:
    assert Scope().covers(TENCENT)
    assert Scope(symbol=TENCENT).covers(TENCENT)
    assert not Scope(symbol=TENCENT).covers(Symbol(Market.HK, "5"))
    assert Scope(group="core").covers(TENCENT, {"core"})
    assert not Scope(group="core").covers(TENCENT, {"rest"})


def test_the_threshold_of_the_watchlist_is_a_level_rule() -> None:
    assert level_rule(-200e6).text == "*: net <= -200M"
    assert level_rule(-150e6, TENCENT) == parse_rule("700.HK: net <= -150M")


@pytest.mark.parametrize(
    ("text", "level"),
    [("*: net <= -200M", -180e6), ("*: net >= 100M rearm 25%", 75e6), ("*: net <= 100M", 110e6), ("*: net <= 0", 0.0)],
)
def test_the_rearm_level_lies_behind_the_level(text: str, level: float) -> None:
    assert parse_rule(text).rearm_level == pytest.approx(level)


def test_a_rule_is_known_by_what_it_is_and_its_version_by_its_text() -> None:
    default, own = level_rule(-200e6), level_rule(-200e6, Symbol(Market.HK, "700"))
    assert (default.id, own.id) == ("default", "own:700.HK")
    assert level_rule(-300e6).id == "default"
    assert level_rule(-300e6).version != default.version != own.version
    # As text, wherever it was typed, it is the same rule.
    typed = parse_rule("*: net<=-200000K")
    assert (typed.id, typed.version) == (default.id, default.version)


@pytest.mark.parametrize(
    "text", ["*: net >= 200M", "*: net <= -200M for 2m", "@core: net <= -200M", "*: main <= -80M", "*: net crosses 0"]
)
def test_any_other_rule_has_an_id_of_its_own(text: str) -> None:
    rule = parse_rule(text)
    assert rule.id == f"rule:{rule.version}"
    assert parse_rule(rule.text).id == rule.id


def test_an_id_of_its_own_stays_whatever_the_text_is() -> None:
    rule = replace(level_rule(-200e6), own_id="r1")
    assert (rule.id, replace(rule, level=-1e6).id) == ("r1", "r1")
    assert rule.version == level_rule(-200e6).version


def test_a_rule_that_is_off_or_muted_covers_nothing_there() -> None:
    rule, other = level_rule(-200e6), Symbol(Market.HK, "5")
    assert RuleEntry(rule).covers(TENCENT)
    assert not RuleEntry(rule, enabled=False).covers(TENCENT)
    muted = RuleEntry(rule, muted=frozenset({TENCENT}))
    assert (muted.covers(TENCENT), muted.covers(other)) == (False, True)
    assert not RuleEntry(parse_rule("@core: net <= -1M")).covers(TENCENT, {"rest"})


MORNING, AFTERNOON = 1654651800, 1654664400  # 2022-06-08, 09:30 and 13:00 in Hong Kong
DAY = TradingDay(
    Market.HK,
    date(2022, 6, 8),
    "Asia/Hong_Kong",
    ((MORNING, MORNING + 150 * 60), (AFTERNOON, AFTERNOON + 180 * 60)),
)


@pytest.mark.parametrize(
    ("options", "first", "last"),
    [
        ("", 0, 330),
        ("from 10:00", 30, 330),
        ("to 15:30", 0, 300),
        ("from 08:00 to 17:00", 0, 330),
        ("skip first 15m last 5m", 15, 325),
        ("from 09:40 to 15:59 skip first 15m last 5m", 15, 325),
        ("from 11:00 to 14:00 skip first 15m last 5m", 90, 210),
    ],
)
def test_part_of_a_session_is_told_by_time_of_day_and_trading_minutes(options: str, first: int, last: int) -> None:
    rule = parse_rule(f"*: net <= -1M {options}")
    assert rule.part.labels(DAY) == (DAY.label(first), DAY.label(last))


def test_the_canonical_text_has_every_option_in_its_order() -> None:
    text = "*: net/turnover <= -3% for 2m rearm 25% again 1% cooldown 15m once from 10:00 until 2026-12-31 early"
    assert parse_rule(text).text == text
    assert parse_rule("*: net crosses 5M band 1M to 15:30 skip first 5m last 9m").condition == (
        "net crosses 5M band 1M to 15:30 skip first 5m last 9m"
    )
    for condition in (
        "net drawdown >= 1M",
        "net change 5m <= -1M",
        "net change 5m unusual 2.5 floor 5M again 1",
        "net divergence 30m price 0.5% flow 0.3% again 0.1%",
    ):
        assert parse_rule(f"*: {condition}").condition == condition
