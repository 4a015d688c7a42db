from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.alert_grammar import Kind, Rule, RuleEntry, Scope, level_rule, parse_rule
from capflow_gui.domain.flow import COLUMNS
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.present.reasons import reason_words

TENCENT = Symbol(Market.HK, "700")


@pytest.mark.parametrize(
    "text",
    [
        "700.HK: net <= -200M",
        "*: main <= -80M",
        "*: net/turnover <= -3%",
        "*: net change 5m <= -20M",
        "*: net drawdown >= 150M",
        "*: net crosses 0 band 5M",
        "*: net crosses 0",
        "@HK core: extra_large >= 1.5B",
        "@desk: one: net <= -5M",
        "*: net <= -200M for 2m rearm 25% again 100M cooldown 15m once",
        "*: net/turnover <= -3% rearm 0% again 0.5%",
        "BRK.B.US: small <= -80K",
    ],
)
def test_canonical_texts_stand_as_they_are(text: str) -> None:
    assert parse_rule(text).text == text


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("hk.00700:net<=-200M", "700.HK: net <= -200M"),
        (" * : NET ≤ −1500万 ", "*: net <= -15M"),
        ("*: net >= 2亿 once for 2m", "*: net >= 200M for 2m once"),
        ("*: net <= -200M for 1m rearm 10%", "*: net <= -200M"),
        ("*: net <= -80000 for 2m", "*: net <= -80K for 2m"),
        ("*: main / turnover >= 2.5 %", "*: main/turnover >= 2.5%"),
        ("@ HK core : net <= 1億", "@HK core: net <= 100M"),
        ("＊：net ≦ －２亿 for ２m", "*: net <= -200M for 2m"),
        ("７００。ＨＫ：net <= –200M", "700.HK: net <= -200M"),
        ("*: net/turnover <= −3％ rearm ５%", "*: net/turnover <= -3% rearm 5%"),
        ("\ufeff@港股（核心）\u200b: net ⩾ 1M", "@港股（核心）: net >= 1M"),
        ("*:\u00a0net drawdown ≥ 150M", "*: net drawdown >= 150M"),
    ],
)
def test_what_people_type_becomes_canonical(typed: str, canonical: str) -> None:
    assert parse_rule(typed).text == canonical


@pytest.mark.parametrize(
    ("text", "fault", "word"),
    [
        ("net <= -200M", "net", "scope"),
        ("", "", "scope"),
        ("7x.HK: net <= -2M", "7x.HK", "Hong Kong"),
        ("700: net <= -2M", "700", "market"),
        ("@ : net <= -2M", "@", "no name"),
        ("*: nte <= -2M", "nte", "metric"),
        ("*: ", "", "metric"),
        ("*: net < -2M", "< -2M", "comparison"),
        ("*: net -2M", "-2M", "comparison"),
        ("*: net rises 5m <= -2M", "rises", "not understood"),
        ("*: net <= ", "", "amount"),
        ("*: net <= -200m", "m", "minutes"),
        ("*: net <= -3%", "-3%", "turnover"),
        ("*: net/volume <= -3%", "volume", "turnover"),
        ("*: net/turnover <= -3", "-3", "per cent"),
        ("*: net change 5M <= -2M", "M <=", "minutes"),
        ("*: net change <= -2M", "<= -2M", "minutes"),
        ("*: net change 0m <= -2M", "0m", "minutes"),
        ("*: net change 99999999999m <= -2M", "9999", "minutes"),
        ("*: net drawdown <= 5M", "<=", "grows"),
        ("*: net drawdown >= 0", "0", "zero"),
        ("*: net crosses 0 band 0", "0", "zero"),
        ("*: net crosses 0 rearm 5%", "rearm", "crossing"),
        ("*: net <= -2M for 2", "2", "minutes"),
        ("*: net <= -2M fro 2m", "fro", "not understood"),
        ("*: net <= -2M once once", "once", "twice"),
        ("*: net <= -2M rearm 110%", "110%", "100%"),
        ("*: net <= -2M rearm 10", "10", "per cent"),
        ("*: net <= -2M again -5M", "-5M", "zero"),
        ("*: net/turnover <= -2% again 5M", "5M", "per cent"),
        ("*: net <= -2M 5", "5", "not understood"),
        ("*: net <= -200.000", "-200.000", "two ways"),
        ("*: net <= -200 000 for 2m", "-200 000", "commas"),
        ("*：net <= –200.000", "–200.000", "two ways"),
        ("\u200b７x.HK: net <= -2M", "７x.HK", "Hong Kong"),
        ("*: net\u200b <= －２00m", "m", "minutes"),
        ("*: net change 5x <= -2M", "x", "takes minutes"),
        ("*: net/turnover <= -2% again 0%", "0%", "more than zero"),
        ("920748.BJ: net <= -2M", "920748", "Beijing"),
    ],
)
def test_a_bad_rule_is_pointed_at(text: str, fault: str, word: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_rule(text)
    error = caught.value
    assert error.text == text
    assert word in reason_words(error.reason)
    assert error.position is not None
    assert text[error.position :].startswith(fault)
    if not fault:
        assert not text[error.position :].strip()


def test_a_figure_at_its_level_is_past_it() -> None:
    assert parse_rule("*: net <= -2M").past(-2e6)
    assert not parse_rule("*: net <= -2M").past(-1.9e6)
    assert parse_rule("*: net >= 2M").past(2e6)
    assert not parse_rule("*: net >= 2M").past(1.9e6)


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


AMOUNTS = st.floats(min_value=-1e13, max_value=1e13)
POSITIVE = st.floats(min_value=1e-3, max_value=1e13)
GROUPS = st.from_regex(r"[A-Za-z\u4e00-\u4eff][A-Za-z0-9 :]{0,8}[A-Za-z]", fullmatch=True)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from(Kind))
    scope = draw(st.one_of(st.just(Scope()), st.just(Scope(symbol=TENCENT)), st.builds(Scope, group=GROUPS)))
    percents = st.integers(-10_000, 10_000).map(lambda whole: whole / 10_000)
    level = draw({Kind.SHARE: percents, Kind.DRAWDOWN: POSITIVE}.get(kind, AMOUNTS))
    operator = ">=" if kind in (Kind.DRAWDOWN, Kind.CROSSES) else draw(st.sampled_from(["<=", ">="]))
    step = percents.filter(lambda share: share > 0) if kind is Kind.SHARE else POSITIVE
    rule = Rule(
        scope,
        draw(st.sampled_from(COLUMNS)),
        kind,
        operator,
        level,
        minutes=draw(st.integers(1, 400)) if kind is Kind.CHANGE else 0,
        band=draw(st.one_of(st.just(0.0), POSITIVE)) if kind is Kind.CROSSES else 0.0,
        hold=draw(st.integers(1, 400)),
        cooldown=draw(st.integers(0, 400)),
        once=draw(st.booleans()),
    )
    if kind is Kind.CROSSES:
        return rule
    rearm = draw(st.integers(0, 1000).map(lambda whole: whole / 1000))
    return replace(rule, rearm=rearm, again=draw(st.one_of(st.none(), step)))


@given(rules())
def test_every_rule_reads_back_from_its_text(rule: Rule) -> None:
    assert parse_rule(rule.text) == rule


@given(st.text(max_size=40) | st.text(alphabet="*:@ netmai<=>-0159MKB%.for m/：－２≦\u200b", max_size=40))
def test_any_text_is_a_rule_or_a_fault_inside_it(text: str) -> None:
    fault: InvalidInput | None = None
    rule: Rule | None = None
    try:
        rule = parse_rule(text)
    except InvalidInput as error:
        fault = error
    if rule is not None:
        assert parse_rule(rule.text) == rule
    else:
        assert fault is not None
        assert reason_words(fault.reason)
        assert fault.suggestion is None or reason_words(fault.suggestion)
        assert fault.position is not None
        assert 0 <= fault.position <= len(text)


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
