"""What is read of a day of which a part is damaged, and how the damage is named."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from msgspec.structs import replace

from capflow_gui.archive import open_archive
from capflow_gui.archive.bodies import Bodies
from capflow_gui.archive.codec import decode_state, encode_final
from capflow_gui.archive.model import apply
from capflow_gui.domain.flow import Flag
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code

from .files import DAY_BEFORE, SESSION, TENCENT, damage, forget_states, whole_day
from .recorded import KEY, day_of

DAY = day_of(KEY)

FLIP = "UPDATE {} SET body = CAST(substr(body, 1, 20) || x'5a5a' || substr(body, 23) AS BLOB) WHERE day = 2"
DAMAGES: dict[str, tuple[str, str]] = {
    "final lines": (FLIP.format("final"), "its lines cannot be read (what was recorded is damaged)"),
    "a journal": (FLIP.format("journal"), "its states cannot be read (what was recorded is damaged)"),
    "a state": (FLIP.format("state"), "its states cannot be read (what was recorded is damaged)"),
    "no final lines": ("DELETE FROM final WHERE day = 2", "its lines are missing"),
    "no journal": ("DELETE FROM journal WHERE day = 2", "its states cannot be read (state 1 is missing)"),
    "no last state": ("DELETE FROM state WHERE day = 2", "its lines are not those its states end with"),
    "another type": (
        "UPDATE final SET body = CAST(x'ff20' AS TEXT) WHERE day = 2",
        "its lines cannot be read (what was recorded is",
    ),
    "periods": ("UPDATE day SET periods = '[[5, 1]]' WHERE id = 2", "its entry is damaged"),
    "a zone": ("UPDATE day SET zone = 'Mars/Olympus' WHERE id = 2", "its entry is damaged"),
    "a whole state": (
        "UPDATE head SET body = (SELECT body FROM state WHERE day = head.day AND number = 1)",
        "its lines are not those its states end with",
    ),
    "other periods": (
        "UPDATE day SET periods = json_array(json_extract(periods, '$[0]')) WHERE id = 2",
        "lines outside its trading periods: 180",
    ),
    "a date": ("UPDATE day SET session = '2026-06-10x' WHERE id = 2", "its entry is damaged"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_named(copy: Path, name: str) -> None:
    statement, words = DAMAGES[name]
    with open_archive(copy) as archive:
        assert list(archive.verify()) == []
    damage(copy, statement)
    with open_archive(copy) as archive:
        found = [reason_words(each) for each in archive.verify()]
    session = "2026-06-10x" if name == "a date" else "2026-06-10"
    symbol = "941.HK" if name == "a whole state" else "700.HK"
    assert len(found) == 1
    assert found[0].startswith(f"{symbol} at OpenD, session {session}: {words}")


@pytest.mark.parametrize("name", ["final lines", "no final lines", "another type"])
def test_damaged_lines_are_read_from_the_states(copy: Path, name: str) -> None:
    damage(copy, DAMAGES[name][0])
    with open_archive(copy) as archive:
        day = archive.day(TENCENT, SESSION)
        assert day is not None
        assert len(day.series) == len(day.final().series) == 331
        assert len(list(archive.finals())) == 3


@pytest.mark.parametrize("name", ["a journal", "no journal"])
def test_where_the_states_are_damaged_the_lines_are_read_all_the_same(copy: Path, name: str) -> None:
    damage(copy, DAMAGES[name][0])
    with open_archive(copy) as archive:
        day = archive.day(TENCENT, SESSION)
        assert day is not None
        assert len(day.series) == 331
        with pytest.raises(StorageError):
            day.states()


def test_where_nothing_of_a_day_can_be_read_it_says_so(copy: Path) -> None:
    damage(copy, FLIP.format("final"))
    forget_states(copy)
    with open_archive(copy) as archive:
        with pytest.raises(StorageError):
            archive.day(TENCENT, SESSION)
        assert len(list(archive.finals([Symbol.parse(TENCENT)]))) == 1


def test_lines_of_another_day_are_found(copy: Path) -> None:
    """A checksum fits, and yet they are not what the states lead to."""
    key, _ = whole_day(TENCENT, DAY_BEFORE)
    with open_archive(copy) as archive:
        day = archive.day(TENCENT, DAY_BEFORE)
    assert day is not None
    damage(copy, "UPDATE final SET body = ? WHERE day = 2", encode_final(day.states()[:-1], key, day.summary.day))
    with open_archive(copy) as archive:
        assert [each.get("what").code for each in archive.verify()] == [Code.LINES_DIFFER]


def test_one_figure_that_is_not_what_the_states_lead_to_is_found(copy: Path) -> None:
    with open_archive(copy) as archive:
        day = archive.day(TENCENT, SESSION)
    assert day is not None
    states = day.states()
    number = max(number for number, state in enumerate(states) if len(state.places))
    values = states[number].values.copy()
    values[0, -1] += 0.01
    states[number] = replace(states[number], values=values)
    final = encode_final(states, day.summary.key, day.summary.day)
    damage(copy, "UPDATE final SET body = ? WHERE day = 2", final)
    with open_archive(copy) as archive:
        assert [each.get("what").code for each in archive.verify()] == [Code.LINES_DIFFER]


def test_it_is_told_how_far_the_reading_is(copy: Path) -> None:
    told: list[tuple[int, int]] = []
    with open_archive(copy) as archive:
        assert list(archive.verify(lambda done, days: told.append((done, days)))) == []
    assert told == [(done, 3) for done in range(3)]


def test_a_day_that_is_gone_has_no_bodies(copy: Path) -> None:
    with open_archive(copy) as archive, archive._reading() as connection:
        assert Bodies.read(connection, KEY, 99) is None


def test_a_session_that_runs_is_read_from_the_rows_that_are_there(copy: Path) -> None:
    with open_archive(copy) as archive, archive._reading() as connection:
        day, whole = (Bodies.read(connection, KEY, number) for number in (2, 3))
    assert day is not None
    assert whole is not None
    assert whole.series().received == whole.states()[-1].received
    # Opened again: the final lines, and a state after them.
    (last,) = day.rows
    body = whole.rows[-1][1]
    again = dataclasses.replace(day, open=True, rows=[last, (last[0] + 1, body, 0, None, None)])
    with pytest.raises(StorageError) as caught:
        dataclasses.replace(day, rows=[(last[0] + 2, body, 0, None, None)], journal=None, open=True).series()
    assert caught.value.reason.code is Code.STATES_MISSING
    assert again.series().received == apply(KEY, None, decode_state(body)).received
    for empty in (dataclasses.replace(whole, head=None, rows=[]), dataclasses.replace(day, final=None, rows=[])):
        with pytest.raises(StorageError):
            empty.series()
        with pytest.raises(StorageError):
            dataclasses.replace(empty, journal=None).final_day(DAY)


def test_a_damaged_whole_state_is_named(copy: Path) -> None:
    damage(copy, "UPDATE head SET body = CAST(x'ff20' AS BLOB)")
    with open_archive(copy) as archive:
        assert [each.get("symbol") for each in archive.verify()] == ["941.HK"]


def test_lines_off_the_minutes_that_a_check_named_are_no_damage(copy: Path) -> None:
    with open_archive(copy) as archive:
        summary = archive.sessions(TENCENT, start=SESSION)[0]
        with archive._reading() as connection:
            day = Bodies.read(connection, KEY, 2)
    assert day is not None
    hours = dataclasses.replace(summary.day, periods=summary.day.periods[:1])
    assert [each.code for each in day.faults(hours)] == [Code.LINES_OUTSIDE]
    states = [replace(each, flags=Flag.GRID) for each in day.states()]
    final = encode_final(states, KEY, DAY)
    assert dataclasses.replace(day, final=final, journal=None, rows=[]).faults(hours) == []
