"""The system's languages mapped to ours, and the catalogues that ship."""

from __future__ import annotations

import gettext
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
