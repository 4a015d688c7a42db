from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.alert_grammar import WHOLE_SESSION, Kind, PartOfSession, Rule, Scope
from capflow_gui.domain.flow import COLUMNS
from capflow_gui.domain.lists.groups import LONGEST_NAME
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.rule import parse_rule
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
        "*: net <= -200M from 10:00 to 15:30",
        "*: net <= -200M to 09:45",
        "*: net crosses 0 once skip first 15m last 5m until 2026-12-31 early",
        "*: net change 5m unusual 3 floor 5M",
        "*: main change 5m unusual 3.5 floor 5M rearm 20% again 1 once",
        "*: net divergence 30m price 0.5% flow 0.3% again 0.2%",
        "@core: 9:30: net <= -200M from 10:00 skip last 5m",
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
        ("*: divergence 30m price .5% flow 0.3%", "*: net divergence 30m price 0.5% flow 0.3%"),
        ("*: net CHANGE 5m UNUSUAL 3.0 FLOOR 5000K", "*: net change 5m unusual 3 floor 5M"),
        ("*: net >= 2M once a session from 9:30", "*: net >= 2M once from 09:30"),
        ("*：net >= 2M until 2026–12–31 to 15：30 SKIP LAST 5m", "*: net >= 2M to 15:30 skip last 5m until 2026-12-31"),
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


def test_a_group_is_named_in_letters_alone() -> None:
    """What is pasted may hold line breaks and halves of characters, which no file can keep."""
    rule = parse_rule("@HK\ncore\ud83d\x00: net <= -2M")
    assert (rule.text, rule.version) == ("@HK core: net <= -2M", parse_rule("@HK core: net <= -2M").version)
    with pytest.raises(InvalidInput):
        parse_rule("@\ud83d\x00: net <= -2M")
    longest = "@HK core" + "x" * (LONGEST_NAME - 7)
    assert parse_rule(f"{longest}\n: net <= -2M").text == f"{longest}: net <= -2M"


@pytest.mark.parametrize(
    ("text", "fault", "word"),
    [
        ("net <= -200M", "net", "scope"),
        ("", "", "scope"),
        ("7x.HK: net <= -2M", "7x.HK", "Hong Kong"),
        ("700: net <= -2M", "700", "market"),
        ("@ : net <= -2M", "@", "no name"),
        (f"@{'HK core ' * 5}x: net <= -2M", "@HK core", "at most 40"),
        (f" @{'x' * 100_000}: net <= -2M", "@x", "at most 40"),
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
        ("*: net <= -2M from 10", "10", "time of day"),
        ("*: net change 5m unusual floor 5M", "floor", "deviations"),
        ("*: net change 5m unusual 0 floor 5M", "0", "deviations"),
        ("*: net change 5m unusual 3M floor 5M", "3M", "deviations"),
        ("*: net change 5m unusual 2000 floor 5M", "2000", "1000"),
        ("*: net change 5m unusual 3", "", "floor"),
        ("*: net change 5m unusual 3 floor 0", "0", "more than zero"),
        ("*: net change 5m unusual 3 floor 5M again 1M", "1M", "more than zero"),
        ("*: net change 5m unusual 3 floor 5M again 0", "0", "more than zero"),
        ("*: net divergence price 0.5% flow 0.3%", "price", "minutes"),
        ("*: net divergence 30m flow 0.3%", "flow", "a price and a flow"),
        ("*: net divergence 30m price 0.5%", "", "a price and a flow"),
        ("*: net divergence 30m price 5M flow 0.3%", "5M", "per cent"),
        ("*: net divergence 30m price 0% flow 0.3%", "0%", "100%"),
        ("*: net divergence 30m price 1% flow -1%", "-1%", "100%"),
        ("*: divergence <= -2M", "<=", "minutes"),
        ("*: net <= -2M from 24:00", "24:00", "time of day"),
        ("*: net <= -2M to 10:60", "10:60", "time of day"),
        ("*: net <= -2M from 10:00 to 10:00", "10:00", "later"),
        ("*: net <= -2M to 10:00 from 11:00", "11:00", "later"),
        ("*: net <= -2M skip 15m", "15m", "first or the last"),
        ("*: net <= -2M skip first 15", "15", "minutes"),
        ("*: net <= -2M until tomorrow", "tomorrow", "date"),
        ("*: net <= -2M until 2026-02-30", "2026-02-30", "date"),
        ("@core net <= -2M from 10:00", "@core", "scope"),
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


AMOUNTS = st.floats(min_value=-1e13, max_value=1e13)
POSITIVE = st.floats(min_value=1e-3, max_value=1e13)
GROUPS = st.from_regex(r"[A-Za-z\u4e00-\u4eff][A-Za-z0-9 :]{0,8}[A-Za-z]", fullmatch=True)

TIMES = st.one_of(st.none(), st.integers(0, 1439).map(lambda minute: time(*divmod(minute, 60))))
SKIPPED = st.integers(0, 400)
PARTS = st.one_of(
    st.just(WHOLE_SESSION),
    st.builds(PartOfSession, TIMES, TIMES, SKIPPED, SKIPPED).filter(
        lambda part: part.begin is None or part.end is None or part.begin < part.end
    ),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from(Kind))
    scope = draw(st.one_of(st.just(Scope()), st.just(Scope(symbol=TENCENT)), st.builds(Scope, group=GROUPS)))
    percents = st.integers(-10_000, 10_000).map(lambda whole: whole / 10_000)
    positive_percents, deviations = percents.filter(lambda share: share > 0), st.integers(1, 99).map(lambda n: n / 8)
    of_kind = {
        Kind.SHARE: percents,
        Kind.DRAWDOWN: POSITIVE,
        Kind.UNUSUAL: deviations,
        Kind.DIVERGENCE: positive_percents,
    }
    level = draw(of_kind.get(kind, AMOUNTS))
    plain = kind in (Kind.LEVEL, Kind.SHARE, Kind.CHANGE)
    operator = draw(st.sampled_from(["<=", ">="])) if plain else ">="
    step = {Kind.SHARE: positive_percents, Kind.DIVERGENCE: positive_percents, Kind.UNUSUAL: deviations}.get(
        kind, POSITIVE
    )
    looks_back = kind in (Kind.CHANGE, Kind.UNUSUAL, Kind.DIVERGENCE)
    rule = Rule(
        scope,
        draw(st.sampled_from(COLUMNS)),
        kind,
        operator,
        level,
        minutes=draw(st.integers(1, 400)) if looks_back else 0,
        floor=draw(POSITIVE) if kind is Kind.UNUSUAL else 0.0,
        price=draw(positive_percents) if kind is Kind.DIVERGENCE else 0.0,
        band=draw(st.one_of(st.just(0.0), POSITIVE)) if kind is Kind.CROSSES else 0.0,
        hold=draw(st.integers(1, 400)),
        cooldown=draw(st.integers(0, 400)),
        once=draw(st.booleans()),
        part=draw(PARTS),
        until=draw(st.one_of(st.none(), st.dates())),
        early=draw(st.booleans()),
    )
    if kind is Kind.CROSSES:
        return rule
    rearm = draw(st.integers(0, 1000).map(lambda whole: whole / 1000))
    return replace(rule, rearm=rearm, again=draw(st.one_of(st.none(), step)))


@given(rules())
def test_every_rule_reads_back_from_its_text(rule: Rule) -> None:
    assert parse_rule(rule.text) == rule


@given(st.text(max_size=40) | st.text(alphabet="*:@ netmailuskpdvgcrf<=>-0159MKB%.for m/：－２≦\u200b", max_size=40))
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
