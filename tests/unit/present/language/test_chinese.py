"""Spaces in Chinese sentences: beside Latin letters and digits alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from capflow_gui.present.language.catalogues import speak
from capflow_gui.present.language.texts import _, ngettext, one_after_other, pgettext
from capflow_gui.present.names import channel_title
from capflow_gui.present.numbers import full_day
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason

# Fields that are figures, never words.
_FIGURE = r"\{(?:minutes|first|last|amount|percent|count)\}"


@pytest.fixture(autouse=True)
def _mainland() -> Iterator[None]:
    speak("zh_CN")
    yield
    speak("en")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("科技", "已把 3 只股票加入科技。"),
        ("Tech", "已把 3 只股票加入 Tech。"),
        ("科技 A", "已把 3 只股票加入科技 A。"),
        ("A 股", "已把 3 只股票加入 A 股。"),
    ],
)
def test_a_word_that_is_put_in_has_a_space_beside_latin_letters_alone(name: str, told: str) -> None:
    assert _("Added {what} to {group}.").format(what="3 只股票", group=name) == told


def test_fields_beside_each_other_and_formats_are_filled_in() -> None:
    assert pgettext("one after the other", "{first} {second}").format(first="已保存。", second="请重试。") == (
        "已保存。请重试。"
    )
    many = ngettext("{what} is in {group} already.", "{what} are in {group} already.", 3)
    assert many.format(what="小米和美团", group="科技") == "小米和美团已在科技中。"
    assert _("Calls of the last {seconds:.0f} s").format(seconds=30.0) == "最近 30 秒的请求"


def test_sentences_follow_each_other_without_a_space() -> None:
    assert one_after_other(["已移除。", "", "请重试。"]) == "已移除。请重试。"
    assert one_after_other(["OpenD", "已断开"]) == "OpenD 已断开"
    speak("en")
    assert one_after_other(["Removed.", "", "Try again."]) == "Removed. Try again."
    assert one_after_other([]) == ""


@pytest.mark.parametrize(
    ("language", "told"), [("zh_CN", "2026年11月20日\xa0周五"), ("zh_HK", "2026年11月20日\xa0週五")]
)
def test_a_date_keeps_its_space(language: str, told: str) -> None:
    speak(language)
    assert full_day(date(2026, 11, 20)) == told


def test_the_channel_that_capflow_adds_is_called_in_the_readers_language() -> None:
    lost = Reason.of(Code.NOT_DELIVERED, channel="desktop", why=Reason.of(Code.CHANNEL_OFF))
    assert reason_words(lost).startswith("提醒无法送达桌面：")
    assert channel_title("phone") == "phone"
    speak("en")
    assert reason_words(lost).startswith("alerts do not reach desktop: ")


@pytest.mark.parametrize("language", ["zh_CN", "zh_HK"])
def test_a_figure_has_spaces_in_every_sentence(language: str) -> None:
    texts = (Path(__file__).parents[4] / "packaging" / "texts" / f"{language}.po").read_text("utf-8")
    tight = re.compile(f"[\u4e00-\u9fff]{_FIGURE}|{_FIGURE}[\u4e00-\u9fff]")
    durations = ":02d}"  # `5分08秒` is one figure
    assert [line for line in texts.splitlines() if tight.search(line) and durations not in line] == []
