"""Typed text is folded, and places in it lead back to what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.typed.text import TypedText, cut, fold, folded, seen
from capflow_gui.reason import Code, Reason


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("７００．ＨＫ", "700.HK"),
        ("700。HK", "700.HK"),
        ("＊：net ≦ －２億", "*:net ≤ -2億"),
        ("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-" * 10),
        ("a\u00a0b\u202fc\u3000d", "a b c d"),
        ("\ufeff7\u200b0\u200e0\u2069.\u200dHK\ufe0f\u00ad", "700.HK"),
        ("٧٠٠", "700"),
        ("10²½①", "10²½①"),
        ("ﬁ", "fi"),
        ("1’200", "1'200"),
        ("", ""),
    ],
)
def test_what_keyboards_and_web_pages_write_is_folded(typed: str, text: str) -> None:
    assert TypedText(typed).text == text


@given(st.text())
def test_every_place_leads_to_the_character_it_was_folded_from(typed: str) -> None:
    found = TypedText(typed)
    for at, character in enumerate(found.text):
        assert character in fold(typed[found.place(at)])
    assert found.place(len(found.text)) == len(typed)


@pytest.mark.parametrize(
    ("typed", "start", "end", "expected"),
    [("@ 港股（核心） :", 1, 9, "港股（核心）"), ("\ufeff ab\u200b c ", 0, 6, "ab\u200b c"), ("  ", 0, 2, "")],
)
def test_a_part_can_be_had_as_it_was_typed(typed: str, start: int, end: int, expected: str) -> None:
    assert TypedText(typed).as_typed(start, end) == expected


def test_a_whole_text_is_folded_and_trimmed() -> None:
    assert folded("\ufeff １２７．０．０．１\u200b\u00a0") == "127.0.0.1"
    assert folded(" a \u3000 b\n") == "a b"


def test_a_fault_points_into_what_was_typed() -> None:
    reason, way_out = Reason.of(Code.AMOUNT_MISSING), Reason.of(Code.AMOUNT_EXAMPLES)
    fault = TypedText("\u200b７x").fault(1, reason, way_out)
    assert (fault.text, fault.position, fault.reason, fault.suggestion) == ("\u200b７x", 2, reason, way_out)


FAMILY, FLAG, ENGLAND = "👨\u200d👩\u200d👧", "🇭🇰", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
THUMB, HEART, KEYCAP, E_ACUTE = "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3", "e\u0301"
WHOLE = [FAMILY, FLAG, ENGLAND, THUMB, HEART, KEYCAP, E_ACUTE, "👩🏽\u200d🚀", "🏳\ufe0f\u200d🌈"]


@pytest.mark.parametrize("one", WHOLE)
def test_what_is_seen_as_one_character_is_not_cut(one: str) -> None:
    text = f"HK{one}{one}core"
    allowed = {text[:end] for end in (0, 1, 2, 2 + len(one), *range(2 + 2 * len(one), len(text) + 1))}
    for most in range(1, len(text) + 2):
        found = cut(text, most)
        assert found in allowed
        assert len(found) == max(len(each) for each in allowed if len(each) <= most)


def test_a_single_character_that_is_longer_than_all_the_room_is_cut() -> None:
    assert cut(FAMILY, 3) == FAMILY[:3]
    assert cut("", 3) == ""


@pytest.mark.parametrize("one", [*WHOLE, "🫨"])
def test_an_emoji_is_seen_whole(one: str) -> None:
    assert seen(f"HK {one}") == f"HK {one}"


@pytest.mark.parametrize("text", ["H\u200dK", "\u200d👨", "👨\u200d", "👨\u200dK", "H\u200b", "\U000e0067x", "\u202e"])
def test_what_cannot_be_seen_is_a_space(text: str) -> None:
    assert " " in seen(text)
    assert seen(text).isprintable()


@pytest.mark.parametrize("one", [HEART, ENGLAND, FAMILY])
def test_an_emoji_at_the_end_of_a_part_is_whole(one: str) -> None:
    typed = TypedText(f"@HK {one}: net")
    assert typed.as_typed(1, typed.text.index(":")) == f"HK {one}"
