"""How well what is typed fits a name."""

from __future__ import annotations

import pytest

from capflow_gui.ui.toolbar.ranking import FIRST_WORDS, INITIALS, INSIDE, NAME, OTHER_WORDS, SLIP, WHOLE, fit


@pytest.mark.parametrize(
    ("typed", "rank"),
    [
        ("", NAME),
        ("Save the", NAME),
        ("ＳＡＶＥ", NAME),
        ("save the session as csv", WHOLE),
        ("ctrl+e", WHOLE),
        ("csv save", FIRST_WORDS),
        ("ession", INSIDE),
        ("export csv", OTHER_WORDS),
        ("sacsv", INITIALS),
        ("stsac", INITIALS),
        ("sessoin", SLIP),
        ("sesion", SLIP),
        ("sesssion", SLIP),
        ("seszion", SLIP),
        ("sezzion", None),
        ("vsc", None),
        ("rules", None),
        ("csv rules", None),
    ],
)
def test_the_rank(typed: str, rank: int | None) -> None:
    assert fit(typed, "Save the session as CSV", "Ctrl+E", "export file") == rank


def test_a_key_with_shift_is_found_as_it_is_said() -> None:
    assert fit("shift+a", "Acknowledge all", "⇧A") == WHOLE
    assert fit("⇧a", "Acknowledge all", "⇧A") == WHOLE


def test_chinese_is_found_by_any_part_of_a_name() -> None:
    assert fit("提醒", "确认所有提醒") == INSIDE
    assert fit("设置", "确认所有提醒") is None


@pytest.mark.parametrize(
    ("name", "rank"),
    [
        ("Setting: Language", WHOLE),
        ("设置：Language", WHOLE),
        ("Setting: Languages of texts", NAME),
        ("Setting: Longport: language", FIRST_WORDS),
    ],
)
def test_what_a_name_is_of_is_told_from_its_kind(name: str, rank: int) -> None:
    assert fit("language", name) == rank
