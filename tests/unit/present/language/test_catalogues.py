"""The system's languages mapped to ours, and the catalogues that ship."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from capflow_gui.paths import resource
from capflow_gui.present.language.catalogues import LANGUAGES, language_of, speak
from capflow_gui.present.language.texts import _, english, language, ngettext, pgettext
from capflow_gui.present.numbers import age, compact, full_day, unit_for, units
from capflow_gui.present.reasons import reason_in_english, reason_words
from capflow_gui.reason import Code, Reason


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak("en")


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        (["zh-Hans-CN"], "zh_CN"),
        (["zh_CN.UTF-8"], "zh_CN"),
        (["zh-SG"], "zh_CN"),
        (["zh"], "zh_CN"),
        (["zh-Hans-HK"], "zh_CN"),
        (["zh-Hant-HK"], "zh_HK"),
        (["zh_HK"], "zh_HK"),
        (["zh-TW"], "zh_HK"),
        (["zh-Hant"], "zh_HK"),
        (["zh_MO.UTF-8"], "zh_HK"),
        (["yue-Hant-HK"], "zh_HK"),
        (["de-DE", "zh-TW", "en-US"], "zh_HK"),
        (["en-GB", "zh-TW"], "en"),
        (["C"], "en"),
        ([], "en"),
    ],
)
def test_the_script_decides_then_the_country(wanted: list[str], spoken: str) -> None:
    assert language_of(wanted) == spoken


def test_texts_figures_and_days_follow_the_language() -> None:
    assert (_("Alerts"), compact(-263.2e6), age(134.0)) == ("Alerts", "−263.2M", "2m 14s")
    speak("zh_CN")
    assert (_("Alerts"), compact(-263.2e6), age(134.0)) == ("提醒", "−2.63亿", "2分14秒")
    assert (ngettext("{count:,} rule", "{count:,} rules", 2), pgettext("the whole list", "All")) == (
        "{count:,} 条规则",
        "全部",
    )
    speak("zh_HK")
    assert (_("Threshold"), compact(-15e6), unit_for(1e8).suffix, language()) == ("門檻", "−1,500萬", "億", "zh_HK")


def test_units_can_be_others_than_the_languages() -> None:
    speak("zh_CN", "KMB")
    assert (compact(-263.2e6), units()) == ("−263.2M", "KMB")


def test_programs_are_told_in_english() -> None:
    speak("zh_HK")
    reason = Reason.of(Code.SESSION_ENDED)
    assert reason_words(reason) != "session ended"
    assert reason_in_english(reason) == "session ended"
    with english():
        assert full_day.__name__
        assert _("Alerts") == "Alerts"
    assert _("Alerts") != "Alerts"


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_translation_has_the_fields_of_its_text(code: str) -> None:
    with resource(f"i18n/{code}/LC_MESSAGES/capflow.mo").open("rb") as file:
        catalogue: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    counted = {key[0]: told for key, told in catalogue.items() if isinstance(key, tuple)}
    texts = {str(key).rpartition("\x04")[2]: told for key, told in catalogue.items() if not isinstance(key, tuple)}
    texts.pop("")
    assert len(texts) > 2000
    assert {text: told for text, told in texts.items() if fields(told) != fields(text)} == {}
    # Of one, English needs no number.
    assert {text: told for text, told in counted.items() if not fields(text) <= fields(told)} == {}


def catalogue(code: str) -> dict[str, str]:
    """The texts of a language, one form of those that are counted."""
    with resource(f"i18n/{code}/LC_MESSAGES/capflow.mo").open("rb") as file:
        found: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {str(key[0] if isinstance(key, tuple) else key).rpartition("\x04")[2]: told for key, told in found.items()}


# A term in English, and what it is called in both languages, wherever it stands.
GLOSSARY = {
    "net inflow": ("净流入", "淨流入"),
    "net outflow": ("净流出", "淨流出"),
    "turnover": ("成交额", "成交額"),
    "extra-large": ("特大单", "特大單"),
    "alerts?": ("提醒", "提醒"),
    "rules?": ("规则", "規則"),
    "thresholds?": ("阈值", "門檻"),
    "cannot (be judged|judge)": ("(无法|不)判断", "(無法|不)判斷"),
    "watchlist": ("自选股", "自選股"),
    "groups?": ("分组", "分組"),
    "sources?(?! is at)": ("数据源", "數據來源"),
    "brokers?": ("券商", "券商"),
    "quota": ("额度", "額度"),
    "quote rights?": ("行情权限", "行情權限"),
    "halted": ("停牌", "停牌"),
    "stale": ("无更新", "無更新"),
    "confirmed": ("确认", "確認"),
    "revis(ed|ions?)": ("修订", "修訂"),
    "play(ed|s)? back|playback": ("回放", "重播"),
    "exports?|exported": ("导出", "匯出"),
    "imports?|imported": ("导入", "匯入"),
    "settings?": ("设置", "設定"),
    "profiles?": ("配置", "配置"),
    "layouts?": ("布局", "佈局"),
    "channels?": ("渠道", "渠道"),
    "crosshair": ("十字", "十字"),
}
# Where the word means another thing, or is of another program.
OTHER_MEANING = {
    "No turnover rate, which is a share of the company's shares.",
    "after the metric: <=, >=, change, drawdown, crosses, divergence, /turnover",
    "only /turnover may stand here",
    "Group settings → Bots → Custom bot gives it.",
    "Group settings → Bots → Custom gives it.",
    "Group → Add group bot gives it.",
    "Topic of the group",
    "The number of a chat or group, or @name. Write to the bot once, or add it to the group.",
    "only commas group thousands, and the decimal mark is a point",
    "Channel settings → Integrations → Webhooks gives it.",
    "Your apps → Incoming Webhooks gives it, for one Slack channel.",
}


@pytest.mark.parametrize(("code", "place"), [("zh_CN", 0), ("zh_HK", 1)])
def test_a_term_is_called_the_same_everywhere(code: str, place: int) -> None:
    texts = {text: told for text, told in catalogue(code).items() if text not in OTHER_MEANING}
    for term, words in GLOSSARY.items():
        named = re.compile(rf"\b(?:{term})\b", re.IGNORECASE)
        of_term = {text: told for text, told in texts.items() if named.search(re.sub(r"\{[^{}]*\}|`[^`]*`", "", text))}
        assert of_term, term
        assert {text: told for text, told in of_term.items() if not re.search(words[place], told)} == {}


@pytest.mark.parametrize(
    ("code", "of_elsewhere"),
    [
        # Traditional characters, and how one is addressed.
        ("zh_CN", "[個們這來說時數據設請選單]|[「」您]"),
        # Words of the mainland and of Taiwan, and simplified characters.
        (
            "zh_HK",
            r"""添加(?!群)|令牌|端口|變量|命令|當前|應答|演示|自帶|什麼|上漲|默認|質量|軟體|網路|資訊|設定檔案|快訊|登錄|
            信息|[个们这来说时数据设请选单]|[“”您]""",
        ),
    ],
)
def test_no_word_is_that_of_another_place(code: str, of_elsewhere: str) -> None:
    known = {"language", "theme"}  # words to search for, of every language
    searched = re.compile(r"chinese|K M B")
    found = {text: told for text, told in catalogue(code).items() if text and re.search(of_elsewhere, told, re.VERBOSE)}
    assert {text: told for text, told in found.items() if not searched.search(text) and text not in known} == {}
