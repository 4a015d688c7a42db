from __future__ import annotations

import contextlib
import math
from dataclasses import replace as with_field

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.domain.alert_record import AlertChange, AlertRecord, AlertState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import LocalProtocolError, RemoteProtocolError, UpdateNeeded
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import messages
from capflow_gui.wire.desk.messages import (
    Beat,
    Interest,
    SharedAlert,
    SourceBeat,
    decode_ack,
    decode_alert,
    decode_beat,
    decode_interest,
    encode_ack,
    encode_alert,
    encode_beat,
    encode_interest,
)

SYMBOLS = st.builds(Symbol, st.sampled_from(Market), st.from_regex(r"[A-Z0-9]{1,8}(\.[A-Z])?", fullmatch=True))
SOURCE = SourceBeat(
    name="opend", kind="opend", simulated=False, classes=True, market_now=1.6e9, rate=1.0, phase="ready", reason=None,
    used=3, limit=30, window_s=30.0, cycle_s=None, next_symbol="700.HK", oldest_s=1.5, refused=0, requests=9,
    open=2, resting=0,
)  # fmt: skip
BEAT = Beat(1, "shard0", 2, "desk-1", 7, 1234, 55.5, 3, 2, (SOURCE,), (Reason.of(Code.CLOSED).to_json(),))
RECORD = AlertRecord(
    "00ab", "opend", Symbol.parse("BRK.B.US"), "net <= -200M", AlertState.ACTIVE, "2022-06-08", 1654651860, math.nan,
    -2e8, 1654651900.5, reason=Reason.of(Code.NOT_CONNECTED_BECAUSE, why=Reason.of(Code.CLOSED)), cannot_judge=True,
    rule_id="r1", version="2", told=2, seen=1, simulated=True, snoozed_until=1654652000.0, snoozes=3,
)  # fmt: skip


def test_a_beat_comes_back_whole() -> None:
    assert decode_beat(encode_beat(BEAT)) == BEAT
    with pytest.raises(RemoteProtocolError, match="numbers"):
        decode_beat(encode_beat(replace(BEAT, sources=(replace(SOURCE, cycle_s=math.inf),))))


@pytest.mark.parametrize(
    "beat",
    [
        replace(BEAT, sources=(replace(SOURCE, next_symbol="700"),)),
        replace(BEAT, sources=(replace(SOURCE, reason="{"),)),
        replace(BEAT, troubles=("[]",)),
    ],
    ids=["symbol", "reason", "trouble"],
)
def test_a_beat_that_no_collector_says_is_refused(beat: Beat) -> None:
    with pytest.raises(RemoteProtocolError, match="reason or symbol"):
        decode_beat(encode_beat(beat))


# As they are typed: of Hong Kong and the mainland they are numbers.
TYPED = st.sampled_from(("700.HK", "80700.HK", "600519.SH", "000001.SZ", "D05.SG", "BRK.B.US", "A_B-C.US")).map(
    Symbol.parse
)


@given(st.lists(TYPED, max_size=5, unique=True), st.lists(TYPED, max_size=5, unique=True), st.floats(0, 120))
def test_an_interest_comes_back_whole(watched: list[Symbol], shown: list[Symbol], lease_s: float) -> None:
    wanted = Interest(tuple(watched), tuple(shown), lease_s, "a1b2")
    assert decode_interest(encode_interest(wanted)) == wanted


def test_an_interest_in_one_symbol_twice_is_one_in_it_once() -> None:
    tencent, berkshire = Symbol.parse("700.HK"), Symbol.parse("BRK.B.US")
    wanted = Interest((tencent, berkshire, tencent), (berkshire,), 30.0)
    assert decode_interest(encode_interest(wanted)) == Interest((tencent, berkshire), (berkshire,), 30.0)


def test_an_interest_in_too_much_or_for_too_long_is_refused() -> None:
    many = tuple(Symbol(Market.US, f"A{number}") for number in range(messages.MOST_SYMBOLS + 1))
    with pytest.raises(LocalProtocolError):
        encode_interest(Interest(many, (), 30.0))
    for lease in (1e9, math.nan, -1.0):
        with pytest.raises(RemoteProtocolError, match="lease"):
            decode_interest(encode_interest(Interest((), (), lease)))
    plain = [1, [f"A{number}.US" for number in range(10_000)], [], 30.0]
    with pytest.raises(RemoteProtocolError, match="ValidationError"):
        decode_interest(msgspec.msgpack.encode(plain))


ODD = [
    "A*.US",
    "A>.US",
    ">",
    "*.HK",
    "7 00.HK",
    "00700.HK",
    "AAPL.HK",
    "700.XX",
    "700",
    "",
    "brk.b.US",
    "A-.US",
    "A\n.US",
]


def test_names_of_no_symbol_are_left_out_of_an_interest_and_counted() -> None:
    """Those of one window, and of nobody else: the others of its list are polled all the same."""
    plain = [1, ["700.HK", *ODD, "700.HK"], [*ODD, "BRK.B.US"], 30.0]
    tencent, berkshire = Symbol.parse("700.HK"), Symbol.parse("BRK.B.US")
    assert decode_interest(msgspec.msgpack.encode(plain)) == Interest((tencent,), (berkshire,), 30.0, left_out=len(ODD))


def test_a_window_that_says_no_name_of_its_own_is_understood_and_one_that_is_none_is_not() -> None:
    tencent = Symbol.parse("700.HK")
    assert decode_interest(msgspec.msgpack.encode([1, ["700.HK"], [], 30.0])) == Interest((tencent,), (), 30.0)
    with pytest.raises(RemoteProtocolError, match="window"):
        decode_interest(msgspec.msgpack.encode([1, ["700.HK"], [], 30.0, "a b"]))


def test_an_acknowledgement_comes_back_whole() -> None:
    ack = decode_ack(encode_ack(2, 1654651900.5))
    assert (ack.told, ack.at) == (2, 1654651900.5)
    with pytest.raises(RemoteProtocolError, match="time"):
        decode_ack(encode_ack(2, math.nan))


def test_an_alert_comes_back_whole() -> None:
    shared = SharedAlert(RECORD, AlertChange.ESCALATED, "ws01", 1654651950.0)
    found = decode_alert(encode_alert(shared))
    assert math.isnan(found.record.value)
    assert replace(found, record=with_field(found.record, value=0.0)) == replace(
        shared, record=with_field(RECORD, value=0.0)
    )
    plain = replace(shared, record=with_field(RECORD, value=1.5, reason=None), acknowledged_by=None)
    assert decode_alert(encode_alert(plain)) == plain


@pytest.mark.parametrize(
    "record",
    [
        with_field(RECORD, raised_at=math.inf),
        with_field(RECORD, id="a.b"),
        with_field(RECORD, cleared_at=-1.0),
        with_field(RECORD, value=-math.inf),
        with_field(RECORD, threshold=math.nan),
    ],
)
def test_an_alert_that_no_collector_raises_is_refused(record: AlertRecord) -> None:
    with pytest.raises(RemoteProtocolError, match="alert"):
        decode_alert(encode_alert(SharedAlert(record, AlertChange.RAISED)))


def test_an_alert_with_a_reason_that_is_none_is_refused() -> None:
    payload = encode_alert(SharedAlert(RECORD, AlertChange.RAISED)).replace(b'{"code"', b'["code"')
    with pytest.raises(RemoteProtocolError, match="reason"):
        decode_alert(payload)


DECODERS = (decode_beat, decode_interest, decode_ack, decode_alert)
GOOD = (
    encode_beat(BEAT),
    encode_interest(Interest((Symbol.parse("700.HK"),), (), 30.0)),
    encode_ack(1, 5.0),
    encode_alert(SharedAlert(RECORD, AlertChange.RAISED)),
)


@pytest.mark.parametrize("decode", DECODERS)
def test_a_newer_version_is_an_error_of_its_own(decode: object) -> None:
    with pytest.raises(UpdateNeeded, match="found=2"):
        decode(msgspec.msgpack.encode([2, {"anything": "else"}]))  # type: ignore[operator]


@given(st.binary(max_size=80) | st.recursive(st.none() | st.integers(-9, 9) | st.text(max_size=3), st.lists).map(
    lambda plain: msgspec.msgpack.encode([1, plain]))
)  # fmt: skip
def test_garbage_is_an_error_of_ours(payload: bytes) -> None:
    for decode in DECODERS:
        refused(decode, payload)


@given(st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=3))
def test_a_message_that_was_changed_is_read_or_an_error_of_ours(good: bytes, changes: list[tuple[int, int]]) -> None:
    payload = bytearray(good)
    for place, bits in changes:
        payload[place % len(payload)] ^= bits
    for decode in DECODERS:
        refused(decode, bytes(payload))


def refused(decode: object, payload: object) -> None:
    """It is read, or refused in one way."""
    with contextlib.suppress(RemoteProtocolError):
        decode(payload)  # type: ignore[operator]
