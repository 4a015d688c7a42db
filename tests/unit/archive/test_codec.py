from __future__ import annotations

import base64
import contextlib
import dataclasses
import zlib
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.archive.codec import (
    _FINAL,
    _sealed,
    decode_final,
    decode_finals,
    decode_last_lines,
    decode_many_last_lines,
    decode_state,
    decode_states,
    encode_final,
    encode_final_day,
    encode_state,
    encode_states,
)
from capflow_gui.archive.final import final_day
from capflow_gui.archive.model import DayKey, FinalDay, State
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code

from .recorded import KEY, day_of, facts, market_day, said, sessions

DAY = day_of(KEY)

SESSION = date(2026, 6, 10)
READERS: dict[str, Callable[[bytes], object]] = {
    "state": decode_state,
    "states": decode_states,
    "final": lambda body: decode_final(KEY, body),
}

# What the first version wrote of the first six states of a day: the last state, all of them, and the final lines.
FIRST_VERSION = {
    "state": (
        "AXO4QwWxAwYAAAAEAAAAAQAAAAAAAAAAAAAAAACHFnGsL4raQXsUnqwvitpBAABArC+K2kEUrkfC0vOcQQAAAKQvitpBAwAAAMy+"
        "KGoAAAAAAAAAAPRhXUEAAACAvAJWQQAAAADj3kpBAAAAAJYmQUEAAAAAJnU+QQAAAAAACe/A"
    ),
    "states": (
        "AWo/v9PbBgAAABEAAgICAgICEQAEAAIAAgAAAAAAAQMDYgAkNE1ePQOCMgqWVuvr6uzrIQCeBRcCDgIZABAQAAAAACAA+AEgAPgB"
        "AABBADZ8UdQ8PDw8PAACBQAA1gAcAABiAMcAACQAegAAMgB1AAADAAIAAABBADB8UdQAeAB4ABEABAECAQIBEQAEAQACAQACAQBB"
        "ADB8UdR4AAB4AAB4AAABAAAAAAADAOgc/IQokDgYb+cEHRkdBsUCCxMEFCADDgMAiEAE1ISEfDTkPsWJgwGt9gEJDgEHDAMRAwCI"
        "9PgsfNQgPNsvsIE7i4hdAAQGAgwTAgwDAHRAJLfnS1woOd1crhnvvJgCChECDRQAAwAAAQAAAgECARAABgAA"
    ),
    "final": (
        "AWaLqM1iBAAAAAAACwAAQKwvitpBhxZxrC+K2kEAABEAAgABAIQABAkAAAAAAEEAMHxR1Hh4eAAAAAAArhAAHtgsAMa9NQAAAAAA"
        "5vMMAFR7FwAsTSIAAAAAADreBQB4AhcAJnUeAAAAAABsOQ8Adt38/7gH//8GAAAAAgAAAAADAgBjANgKT149A6DWAVUA1mIkMgMc"
        "x3p1AkEAqHxR1HgRAAYEAAAAAAIAAAABAAIBAAAAAA=="
    ),
}
# What the second version wrote of the same.
SECOND_VERSION_FINAL = (
    "AmZrFLPjBAAAAAAACwAAQKwvitpBhxZxrC+K2kEAABEAAgABAIQABAkAAAAAAEEAMHxR1Hh4eAAAAAAArhAAHtgsAMa9NQAAAAAA"
    "5vMMAFR7FwAsTSIAAAAAADreBQB4AhcAJnUeAAAAAABsOQ8Adt38/7gH//8GAAAAAgAAAAADAgBjANgKT149A6DWAVUA1mIkMgMc"
    "x3p1AkEAqHxR1HgAAjEAJEgBDxEABgQAAAAAAgAAAAEAAgEAAAAA"
)


def sealed(head: bytes, content: bytes | bytearray) -> bytes:
    """A body with the checksum that fits it."""
    return head + zlib.crc32(content, zlib.crc32(head)).to_bytes(4, "little") + bytes(content)


def day_facts(day: FinalDay) -> list[object]:
    names = (name for name in FinalDay.__slots__ if name not in {"series", "moments", "replies"})
    arrays = [getattr(day, name) for name in names]
    return [facts(day.series), said(day.moments), day.replies, *((each.dtype.str, each.tobytes()) for each in arrays)]


def bodies(states: list[State]) -> dict[str, bytes]:
    return {"state": encode_state(states[0]), "states": encode_states(states), "final": encode_final(states, KEY, DAY)}


@given(sessions())
def test_a_final_day_comes_back_exactly(states: list[State]) -> None:
    assert day_facts(decode_final(KEY, encode_final(states, KEY, DAY))) == day_facts(final_day(states, KEY, DAY))


@given(sessions())
def test_a_state_comes_back_exactly(states: list[State]) -> None:
    for state in states:
        alone = replace(state, same=0, same_received=None, same_wall=None)
        assert said(decode_state(encode_state(state))) == said(alone)


@given(sessions())
def test_the_states_of_a_session_come_back_exactly(states: list[State]) -> None:
    assert [said(state) for state in decode_states(encode_states(states))] == [said(state) for state in states]


def test_a_session_without_states_comes_back() -> None:
    assert decode_states(encode_states([])) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("symbol", "source", "cents"),
    [
        ("AAPL.US", "opend", False),
        ("AAPL.US", "opend", True),
        ("AAPL.US", "longport", False),
        ("700.HK", "opend", False),
        ("600519.SH", "opend", True),
    ],
)
def test_a_day_polled_every_30_seconds_takes_little_room(symbol: str, source: str, cents: bool) -> None:
    states, last = market_day(symbol, SESSION, source=source, cents=cents)
    key = DayKey(source, Symbol.parse(symbol), SESSION)
    journal, final = encode_states(states), encode_final(states, key, day_of(key))
    assert len(journal) <= 30_000
    assert len(final) <= 12_000
    assert facts(decode_final(key, final).series) == facts(last)
    assert [said(state) for state in decode_states(journal)] == [said(state) for state in states]


@given(sessions(), st.sampled_from(sorted(READERS)), st.data())
def test_cut_or_changed_bytes_are_refused(states: list[State], kind: str, data: st.DataObject) -> None:
    body = bodies(states)[kind]
    place = data.draw(st.integers(0, len(body) - 1))
    changed = bytearray(body)
    changed[place] ^= data.draw(st.integers(1, 255))
    for wrong in (body[:place], bytes(changed), body + b"\0"):
        with pytest.raises(StorageError) as caught:
            READERS[kind](wrong)
        assert caught.value.reason.code in {Code.RECORDING_DAMAGED, Code.RECORDING_NEWER}


@given(sessions(), st.sampled_from(sorted(READERS)), st.data())
def test_bytes_made_up_to_look_sound_are_refused_or_read(states: list[State], kind: str, data: st.DataObject) -> None:
    """The checksum fits what it is about: nothing but StorageError may come of it."""
    body = bodies(states)[kind]
    content = bytearray(body[6:])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    forged = sealed(body[:2], content)
    with contextlib.suppress(StorageError):
        READERS[kind](forged)


@given(st.binary(max_size=40), st.sampled_from(sorted(READERS)))
def test_any_bytes_are_refused(body: bytes, kind: str) -> None:
    with pytest.raises(StorageError):
        READERS[kind](body)


def test_a_body_is_of_one_kind_and_one_version() -> None:
    states, _ = market_day("700.HK", SESSION)
    body = encode_state(states[0])
    for reader in (decode_states, lambda body: decode_final(KEY, body)):
        with pytest.raises(StorageError) as caught:
            reader(body)
        assert caught.value.reason.code is Code.RECORDING_DAMAGED
    with pytest.raises(StorageError) as caught:
        decode_state(sealed(b"\3" + body[1:2], body[6:]))
    assert caught.value.reason.code is Code.RECORDING_NEWER


def test_what_the_first_version_wrote_is_read_and_has_no_prices() -> None:
    bodies = {kind: base64.b64decode(text) for kind, text in FIRST_VERSION.items()}
    states = [
        replace(state, turnover=state.turnover and state.turnover._replace(price=None))
        for state in market_day("700.HK", SESSION)[0][:6]
    ]
    assert said(decode_state(bodies["state"])) == said(states[-1])
    assert [said(state) for state in decode_states(bodies["states"])] == [said(state) for state in states]
    assert day_facts(decode_final(KEY, bodies["final"])) == day_facts(before_held_was_kept(states))


def test_what_the_second_version_wrote_is_read_and_does_not_say_what_was_held() -> None:
    states = market_day("700.HK", SESSION)[0][:6]
    found = decode_final(KEY, base64.b64decode(SECOND_VERSION_FINAL))
    assert day_facts(found) == day_facts(before_held_was_kept(states))
    with pytest.raises(ValueError, match="held"):
        encode_final_day(found)


def before_held_was_kept(states: list[State]) -> FinalDay:
    day = final_day(states, KEY, DAY)
    return dataclasses.replace(day, moments=dataclasses.replace(day.moments, held=None))


def test_a_reply_longer_than_any_is_not_kept() -> None:
    states, _ = market_day("700.HK", SESSION)
    endless = replace(states[0], length=(1 << 20) + 1)
    for encode in (encode_state, lambda state: encode_states([state]), lambda state: encode_final([state], KEY, DAY)):
        with pytest.raises(StorageError) as caught:
            encode(endless)
        assert caught.value.reason.code is Code.REPLY_TOO_LONG


def test_a_length_in_a_body_that_looks_sound_is_not_believed() -> None:
    states, _ = market_day("700.HK", SESSION)
    content = bytearray(encode_states(states)[6:])
    content[:4] = b"\xff\xff\xff\x00"
    forged = sealed(b"\2j", content)
    with pytest.raises(StorageError):
        decode_states(forged)


def test_a_place_behind_the_last_line_is_refused() -> None:
    states, _ = market_day("700.HK", SESSION)
    first = states[0]
    beyond = replace(first, places=first.places + first.length)
    with pytest.raises(StorageError) as caught:
        decode_state(encode_state(beyond))
    assert caught.value.reason.code is Code.RECORDING_DAMAGED


def test_the_last_lines_alone_are_those_of_the_final_day() -> None:
    states, _ = market_day("700.HK", date(2022, 6, 8))
    body = encode_final(states, KEY, DAY)
    assert facts(decode_last_lines(KEY, body)) == facts(decode_final(KEY, body).series)
    damaged = (b"", body[:-1], _sealed(_FINAL, b"\x01"))
    for wrong in damaged:
        with pytest.raises(StorageError):
            decode_last_lines(KEY, wrong)
    whole, *others = decode_many_last_lines([(KEY, each) for each in (body, *damaged)])
    assert whole is not None
    assert facts(whole) == facts(decode_last_lines(KEY, body))
    assert others == [None, None, None]
    day, *others = decode_finals([(KEY, each) for each in (body, *damaged)])
    assert day is not None
    assert facts(day.series) == facts(whole)
    assert others == [None, None, None]
