"""Typed text is folded, and places in it lead back to what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.typed.text import TypedText, fold, folded
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
