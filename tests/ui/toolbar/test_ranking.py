"""How well what is typed fits a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.ui.toolbar.ranking import FIRST_WORDS, INITIALS, INSIDE, NAME, OTHER_WORDS, SLIP, WHOLE, Asked


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
    assert Asked(typed).rank("Save the session as CSV", "Ctrl+E", "export file") == rank


def test_a_key_with_shift_is_found_as_it_is_said() -> None:
    assert Asked("shift+a").rank("Acknowledge all", "⇧A") == WHOLE
    assert Asked("⇧a").rank("Acknowledge all", "⇧A") == WHOLE


def test_chinese_is_found_by_any_part_of_a_name() -> None:
    assert Asked("提醒").rank("确认所有提醒") == INSIDE
    assert Asked("设置").rank("确认所有提醒") is None


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
    assert Asked("language").rank(name) == rank


WORDS = st.text("abc", min_size=1, max_size=9)


def apart(one: str, other: str) -> int:
    """Faults between two words: letters wrong, missing, too many, or two changed places; each counted once."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != against))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], against):
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


@given(st.text("abc", min_size=4, max_size=9), WORDS)
def test_a_slip_is_one_fault_in_the_beginning_of_a_word(typed: str, word: str) -> None:
    rank = Asked(typed).rank(f"zz {word}")
    if rank in (None, SLIP):
        assert (rank == SLIP) == any(apart(typed, word[:size]) <= 1 for size in range(len(word) + 1))
