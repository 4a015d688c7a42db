"""Rules on one line, in the reader's language and units."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from capflow_gui.domain.alert import parse_rule
from capflow_gui.present.language.catalogues import speak
from capflow_gui.present.rules.conditions import condition_words, level_text
from capflow_gui.present.sentences import measure_words, rule_words


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak("en")


@pytest.mark.parametrize(
    ("rule", "chinese", "of_hong_kong"),
    [
        ("net <= -150M", "净流入 ≤ −1.5亿", "淨流入 ≤ −1.5億"),
        ("main <= -15M", "主力 ≤ −1500万", "主力 ≤ −1500萬"),
        ("net/turnover <= -3%", "净流入占成交额 ≤ −3%", "淨流入佔成交額 ≤ −3%"),
        ("*: net change 5m <= -20M", "全部股票：近 5 分钟净流入 ≤ −2000万", "全部股票：近 5 分鐘淨流入 ≤ −2000萬"),
        ("700.HK: net drawdown >= 150M", "700.HK：净流入自高位回落 ≥ 1.5亿", "700.HK：淨流入從高位回落 ≥ 1.5億"),
        ("net crosses 0 band 5M", "净流入穿越 0（缓冲 500万）", "淨流入穿越 0（緩衝 500萬）"),
        ("net crosses -1M", "净流入穿越 −100万", "淨流入穿越 −100萬"),
        (
            "net change 5m unusual 3 floor 5M",
            "近 5 分钟净流入异常，偏离 ≥ 3 倍且 ≥ 500万",
            "近 5 分鐘淨流入異常，偏離 ≥ 3 倍且 ≥ 500萬",
        ),
        (
            "net divergence 30m price 0.5% flow 0.3%",
            "近 30 分钟净流入与股价背离，股价 ≥ 0.5%，占成交额 ≥ 0.3%",
            "近 30 分鐘淨流入與股價背離，股價 ≥ 0.5%，佔成交額 ≥ 0.3%",
        ),
    ],
)
def test_every_kind_of_rule_is_written_in_the_readers_language(rule: str, chinese: str, of_hong_kong: str) -> None:
    for language, words in (("zh_CN", chinese), ("zh_HK", of_hong_kong)):
        speak(language)
        assert rule_words(rule) == words
        assert measure_words(f"{rule} once") == words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("for 2m rearm 25%", "持续 2 分钟，退回 25% 后恢复"),
        ("again 50M cooldown 15m once", "每再增 5000万再提醒，15 分钟内不重复，每个交易日一次"),
        ("from 10:00 to 15:30", "10:00 起，到 15:30 止"),
        (
            "skip first 15m last 5m until 2026-12-31 early",
            "不含开盘 15 分钟和收盘前 5 分钟，有效至 2026-12-31，提前标记",
        ),
        ("skip first 15m", "不含开盘 15 分钟"),
        ("skip last 5m", "不含收盘前 5 分钟"),
    ],
)
def test_its_options_follow_and_can_be_left_out(options: str, words: str) -> None:
    speak("zh_CN")
    assert rule_words(f"net <= -2B {options}") == f"净流入 ≤ −20亿，{words}"
    assert measure_words(f"net <= -2B {options}") == "净流入 ≤ −20亿"


def test_units_of_ones_own_are_those_of_rules_too() -> None:
    speak("en", "万亿")
    assert rule_words("net <= -150M for 2m") == "net ≤ −1.5亿 for 2m"
    speak("zh_CN", "KMB")
    assert rule_words("net <= -150M") == "净流入 ≤ −150M"
    assert level_text(parse_rule("*: net/turnover <= -3%"), -0.03) == "−3%"


def test_what_cannot_be_read_stays_as_it_was_typed() -> None:
    speak("zh_CN")
    assert condition_words("net drawdown >= 150m") is None
    assert rule_words("*: net drawdown >= 150m") == "*: net drawdown ≥ 150m"


def test_amounts_are_typed_in_every_unit_whatever_the_language() -> None:
    assert parse_rule("*: net <= -1.5亿") == parse_rule("*: net <= -15000萬") == parse_rule("*: net <= -150M")
