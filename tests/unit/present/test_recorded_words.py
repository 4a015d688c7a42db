"""Recorded sessions in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.archive.quality import quality_of
from capflow_gui.present.recorded_words import (
    QUALITY_HEADERS,
    completeness,
    day_words,
    full_day,
    no_session,
    played_sentence,
    quality_rows,
    quality_summary,
    recorded_sentence,
    room_words,
    session_facts,
    session_time,
    spreadsheet_cell,
    tab_separated,
    window_title,
)
from capflow_gui.present.sentences import Sentence, Tone
from tests.ui.boards import NOW
from tests.ui.recorded_days import TENCENT, flagged, recorded

DAY = date(2026, 11, 19)


def test_a_day_says_whether_it_is_whole() -> None:
    whole, part = recorded().summary, recorded(lines=214).summary
    assert completeness(whole) == "complete"
    assert completeness(part) == "incomplete, until 14:11"
    assert session_facts(whole) == "OpenD · complete · 780 polls"
    assert str(recorded_sentence(whole)) == "Recorded · last received 16:08:00"


def test_a_time_on_another_date_than_the_sessions_carries_its_weekday() -> None:
    summary = recorded().summary
    late = replace(summary, last_received=summary.last_received + 17 * 3600 + 1200)
    assert str(recorded_sentence(late)) == "Recorded · last received Fri 09:28:00"
    assert completeness(replace(late, complete=False)) == "incomplete, until Fri 09:28"
    assert session_time(summary.last_received, summary.day, seconds=False) == "16:08"


def test_a_day_of_the_strip_is_heard_with_all_that_is_seen() -> None:
    whole = recorded().summary
    assert day_words(DAY, whole, newest=False, shown=True, compared=False) == (
        "Thu 19 Nov 2026 · OpenD · complete · 780 polls · shown"
    )
    assert day_words(DAY, None, newest=False, shown=False, compared=False) == "Thu 19 Nov 2026 · nothing recorded"
    assert day_words(DAY, None, newest=True, shown=True, compared=False).endswith("the newest session, live · shown")
    assert day_words(DAY, whole, newest=False, shown=False, compared=True).endswith(" · compared")


def test_absence_names_symbol_and_day() -> None:
    assert no_session(TENCENT, DAY) == f"Nothing is recorded of 700.HK on {full_day(DAY)}."


def test_quality_is_told_in_a_line_and_a_table() -> None:
    session = flagged(recorded())
    quality = quality_of(session.summary, session.series, session.states, session.gaps)
    assert quality_summary(quality) == (
        "780 polls, 322 unchanged · 331 lines, none missing · 1 revision · 1 gap · flags: sum"
    )
    rows = quality_rows(quality, session.summary.day)
    assert [row[:2] for row in rows] == [("Revision", "10:30"), ("Gap", "11:10"), ("Flag: sum", "13:50")]
    assert rows[1][2:] == ("11:10:00", "11:28:00", "healed 11:29:20")
    assert all(len(row) == len(QUALITY_HEADERS) for row in rows)


def test_without_states_revisions_are_not_claimed_to_be_none() -> None:
    session = recorded()
    said = quality_summary(quality_of(session.summary, session.series, (), ()))
    assert "revisions not kept · no gaps · flags: none" in said


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=4))
def test_a_copied_table_has_a_row_a_line_and_no_formula(rows: list[list[str]]) -> None:
    text = tab_separated(("A", "B"), rows)
    lines = text.split("\n")
    assert lines[0] == "A\tB"
    assert len(lines) == len(rows) + 2
    for line in lines[1:-1]:
        cells = line.split("\t")
        assert len(cells) == 2
        assert not any(cell[:1] in ("=", "@") for cell in cells)


@pytest.mark.parametrize("text", ["=1+1", "-2+3+cmd|' /C calc'!A0", "@sum(a1)", "+cmd", "-", "=", "+1M+cmd"])
def test_a_text_that_begins_like_a_figure_is_no_formula_either(text: str) -> None:
    assert spreadsheet_cell(text) == f"'{text}"


def test_signed_figures_stay_figures_in_a_copied_table() -> None:
    assert tab_separated(("A",), [("+1.2M",), ("−3.4M",), ("+cmd",)]) == "A\n+1.2M\n−3.4M\n'+cmd\n"


def test_the_room_of_an_archive_is_what_it_takes_and_what_it_will() -> None:
    assert room_words(812_000, 3_400_000_000) == "812 kB on disk, about 3.4 GB once it is full."


def test_the_sentence_begins_with_playback_and_its_time() -> None:
    day = recorded(day=date(2026, 11, 20)).summary.day
    said = played_sentence(NOW, day, Sentence("Live", "true at 14:31:58", tone=Tone.LIVE))
    assert str(said) == "Playback 14:32:08 · then: live"
    said = played_sentence(NOW, day, Sentence("Previous session, Wed 10 Jun", ""))
    assert str(said) == "Playback 14:32:08 · then: previous session, Wed 10 Jun"


def test_the_window_is_named_by_what_is_not_real_or_not_now() -> None:
    assert window_title() == "Capflow"
    assert window_title("SIMULATED", "PLAYBACK") == "SIMULATED · PLAYBACK – Capflow"
