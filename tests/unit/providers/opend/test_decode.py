"""The fast ways of reading a capital-flow answer, held to the protobuf parser."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from capflow_gui.domain.flow import MAIN, FlowSeries, Period
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import CapflowError, RemoteProtocolError, UnknownSymbol
from capflow_gui.providers.opend import decode as opend_decode
from capflow_gui.providers.opend.decode import FlowDecoder
from capflow_gui.providers.opend.flow import Lines, read_flow
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as pb
from tests.unit.domain.lines import equal_lines

TENCENT = Symbol(Market.HK, "700")
OPEN = 1654651800  # 2022-06-08 09:30 in Hong Kong
HONG_KONG = timedelta(hours=8)
NUMBERS = ("inFlow", "timestamp", "mainInFlow", "superInFlow", "bigInFlow", "midInFlow", "smlInFlow")


def wall(timestamp: float) -> str:
    return (datetime.fromtimestamp(timestamp, UTC) + HONG_KONG).strftime("%Y-%m-%d %H:%M:%S")


def answer(count: int, *, main: bool = False, last: float = 0.0, **s2c: object) -> pb.Response:
    """A day of `count` minutes as OpenD writes it; `last` moves the newest line."""
    message = pb.Response(retType=0, retMsg="", errCode=0)
    for minute in range(count):
        classes = [(minute * 7919 % 1000) * 1e4 + place + (last if minute == count - 1 else 0.0) for place in range(4)]
        item = message.s2c.flowItemList.add(
            inFlow=sum(classes), time=wall(OPEN + 60 * minute), timestamp=OPEN + 60 * minute
        )
        item.superInFlow, item.bigInFlow, item.midInFlow, item.smlInFlow = classes
        if main:
            item.mainInFlow = classes[0]
    message.s2c.lastValidTime = wall(OPEN + 60 * count)
    for name, value in s2c.items():
        setattr(message.s2c, name, value)
    return message


def decode(decoder: FlowDecoder, body: bytes, period: Period = Period.INTRADAY) -> FlowSeries:
    return decoder.decode(TENCENT, period, body, hashlib.sha1(body).digest())


@dataclass
class Outcome:
    """What reading gave: lines, or an error's kind and words."""

    lines: Lines | None = None
    error: str = ""


def outcome(read: Callable[[], Lines]) -> Outcome:
    try:
        return Outcome(lines=read())
    except CapflowError as error:
        return Outcome(error=f"{type(error).__name__}: {error}")


def by_decoder(decoder: FlowDecoder, body: bytes, period: Period) -> Outcome:
    def read() -> Lines:
        series = decode(decoder, body, period)
        return Lines(series.timestamps, series.values, series.last_valid)

    return outcome(read)


@lru_cache(maxsize=4)  # the same bytes are read through several decoders, one after the other
def by_protobuf(body: bytes, period: Period) -> Outcome:
    return outcome(lambda: read_flow("opend", body, Market.HK, period))


def assert_same(decoder: FlowDecoder, body: bytes, period: Period) -> None:
    fast = by_decoder(decoder, body, period)
    slow = by_protobuf(body, period)
    assert fast.error == slow.error
    if fast.lines is not None and slow.lines is not None:
        assert np.array_equal(fast.lines.timestamps, slow.lines.timestamps)
        assert np.array_equal(fast.lines.values, slow.lines.values, equal_nan=True)
        assert fast.lines.last_valid == slow.lines.last_valid


FIGURES = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -0.0, 1e9, -4960940.0])
TIMES = st.sampled_from(
    ["2022-06-08 09:30:00", "2022-06-08 09:30:00.123", "2022-06-08", "", "bad", "2022-13-41 99:00:00", "é" * 10 + "."]
)
STAMPS = st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e11, 1654651800.4]) | st.integers(
    OPEN, OPEN + 23400
).map(float)


@st.composite
def items(draw: st.DrawFn) -> pb.CapitalFlowItem:
    item = pb.CapitalFlowItem()
    for name in NUMBERS:
        if draw(st.integers(0, 9)) or name == "inFlow":
            setattr(item, name, draw(STAMPS if name == "timestamp" else FIGURES))
    if draw(st.integers(0, 9)):
        item.time = draw(TIMES)
    return item


@st.composite
def odd_answers(draw: st.DrawFn) -> bytes:
    """Answers with some lines out of the ordinary, fields doubled, reordered or unknown to us."""
    message = answer(draw(st.integers(0, 12)), main=draw(st.booleans()), last=draw(st.sampled_from([0.0, 5.0])))
    for _ in range(draw(st.integers(0, 3))):
        message.s2c.flowItemList.insert(draw(st.integers(0, len(message.s2c.flowItemList))), draw(items()))
    if draw(st.booleans()):
        message.s2c.lastValidTimestamp = draw(STAMPS)
    if draw(st.booleans()):
        message.s2c.lastValidTime = draw(TIMES)
    if draw(st.booleans()):
        message.retMsg = draw(st.sampled_from(["", "ok", "x" * 127, "x" * 128, "成功"]))
    message.errCode = draw(st.sampled_from([0, 1, 127, 128, -1]))
    if draw(st.integers(0, 9)) == 0:
        message.retType = -1
    body = message.SerializeToString()
    return body + draw(st.sampled_from([b"", b"", b"", body[-40:], b"\x98\x06\x01", b"\x22\x00", b"\x12\x01z"]))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(odd_answers()))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        what = draw(st.sampled_from(["flip", "set", "cut", "insert", "drop", "swap"]))
        if what == "flip" and body:
            body[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "set" and body:
            body[at] = draw(st.integers(0, 255))
        elif what == "cut":
            del body[at:]
        elif what == "insert":
            body[at:at] = draw(st.binary(min_size=1, max_size=3))
        elif what == "drop":
            del body[at : at + draw(st.integers(1, 90))]
        elif len(body) > 160:
            body[-80:-3], body[-157:-80] = body[-157:-80], body[-80:-3]
    return bytes(body)


@settings(max_examples=200)
@given(st.lists(odd_answers() | mutated(), min_size=1, max_size=4), st.sampled_from(Period))
def test_no_bytes_are_read_differently(bodies: list[bytes], period: Period) -> None:
    decoder = FlowDecoder("opend")
    for body in bodies:
        assert_same(decoder, body, period)


@pytest.mark.parametrize("main", [False, True])
@pytest.mark.parametrize("period", [Period.INTRADAY, Period.DAY])
def test_no_single_byte_is_taken_on_trust(main: bool, period: Period) -> None:
    """Every byte of a regular answer changed, and every way of cutting it short, read afresh and as a tail."""
    body = answer(4, main=main, lastValidTimestamp=OPEN + 240.0).SerializeToString()
    head = body.index(b"\x0a")
    # One line less, and as long as the body itself: two ways to go on.
    befores = [answer(3, main=main), answer(4, main=main, last=5.0, lastValidTimestamp=OPEN + 240.0)]
    bodies = [before.SerializeToString() for before in befores]
    spoilt = [body[:cut] for cut in range(len(body))]
    for at, byte in enumerate(body):
        others = range(256) if at <= head + 1 else {byte ^ 1, byte ^ 0x80, 0x00, 0x0A, 0x12, 0x19, 0x29, 0xFF}
        spoilt += [body[:at] + bytes((other,)) + body[at + 1 :] for other in others]
    for wrong in spoilt:
        assert_same(FlowDecoder("opend"), wrong, period)
        for before in bodies:
            decoder = FlowDecoder("opend")
            decode(decoder, before, period)
            assert_same(decoder, wrong, period)


def short_last_item() -> bytes:
    message = answer(12)
    message.s2c.flowItemList.add(inFlow=7.0, timestamp=OPEN + 900)
    message.s2c.ClearField("lastValidTime")
    return message.SerializeToString()


@settings(max_examples=150)
@given(st.integers(3, 14), st.data())
@example(12, None)
def test_a_day_that_grows_is_read_the_same(start: int, data: st.DataObject | None) -> None:
    """Every poll of a growing, revised, sometimes spoilt day, through one decoder."""
    decoder = FlowDecoder("opend")
    if data is None:
        decode(decoder, answer(start).SerializeToString())
        assert_same(decoder, short_last_item(), Period.INTRADAY)
        return
    count = start
    for _ in range(5):
        count = max(0, count + data.draw(st.integers(-1, 3)))
        message = answer(count, last=data.draw(st.sampled_from([0.0, 1.0, -9.0])))
        kind = data.draw(st.sampled_from(["plain", "revised", "short", "stamp"]))
        if kind == "revised" and count:
            message.s2c.flowItemList[data.draw(st.integers(0, count - 1))].midInFlow = 12.5
        elif kind == "short" and count:
            message.s2c.flowItemList[count - 1].ClearField("bigInFlow")
        elif kind == "stamp" and count:
            message.s2c.flowItemList[count - 1].timestamp = 0.0
        body = message.SerializeToString()
        if data.draw(st.integers(0, 3)) == 0:
            at = data.draw(st.integers(0, len(body) - 1))
            body = body[:at] + bytes((data.draw(st.integers(0, 255)),)) + body[at + 1 :]
        assert_same(decoder, body, Period.INTRADAY)


def test_the_fast_ways_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ordinary answers never reach the parser, and a moved tail is read as a tail."""
    monkeypatch.setattr(opend_decode, "read_flow", None)
    decoder = FlowDecoder("opend")
    assert len(decode(decoder, answer(331).SerializeToString())) == 331
    assert len(decode(decoder, answer(246, main=True).SerializeToString(), Period.DAY)) == 246
    monkeypatch.setattr(opend_decode, "_read_all", None)
    for count, last in ((331, 3.0), (332, 0.0), (334, 1.0), (333, 0.0), (333, 5.0), (334, 2.0)):
        series = decode(decoder, answer(count, last=last).SerializeToString())
        assert len(series) == count
        assert equal_lines(series, decode(FlowDecoderByParser(), answer(count, last=last).SerializeToString()))


class FlowDecoderByParser(FlowDecoder):
    """The same, with the parser alone."""

    def __init__(self) -> None:
        super().__init__("opend")

    def decode(self, symbol: Symbol, period: Period, body: bytes, digest: bytes) -> FlowSeries:
        lines = read_flow("opend", body, symbol.market, period)
        return FlowSeries(symbol, "opend", period, lines.timestamps, lines.values, lines.last_valid, digest=digest)


def test_an_unchanged_answer_is_the_same_object() -> None:
    decoder = FlowDecoder("opend")
    body = answer(20).SerializeToString()
    series = decode(decoder, body)
    assert decode(decoder, body) is series
    assert series.digest == hashlib.sha1(body).digest()
    assert decoder.decode(Symbol(Market.HK, "1"), Period.INTRADAY, body, series.digest) is not series
    assert decode(decoder, body, Period.DAY) is not series


def test_a_refusal_is_not_remembered() -> None:
    decoder = FlowDecoder("opend")
    series = decode(decoder, answer(20).SerializeToString())
    with pytest.raises(UnknownSymbol) as refused:
        decode(decoder, pb.Response(retType=-1, retMsg="未知股票 HK.99999").SerializeToString())
    assert refused.value.message == "未知股票 HK.99999"
    assert decode(decoder, answer(20).SerializeToString()) is series


def test_only_the_last_symbols_are_remembered() -> None:
    decoder = FlowDecoder("opend", kept=2)
    body = answer(5).SerializeToString()
    digest = hashlib.sha1(body).digest()
    first, second, third = (Symbol(Market.HK, str(code)) for code in (1, 2, 3))
    kept = {symbol: decoder.decode(symbol, Period.INTRADAY, body, digest) for symbol in (first, second)}
    assert decoder.decode(first, Period.INTRADAY, body, digest) is kept[first]
    decoder.decode(third, Period.INTRADAY, body, digest)
    assert decoder.decode(first, Period.INTRADAY, body, digest) is kept[first]
    assert decoder.decode(second, Period.INTRADAY, body, digest) is not kept[second]


def test_intraday_main_is_computed_and_the_brokers_is_kept_for_days() -> None:
    body = answer(5, main=True).SerializeToString()
    intraday, daily = decode(FlowDecoder("opend"), body), decode(FlowDecoder("opend"), body, Period.DAY)
    assert np.array_equal(intraday.main, intraday.values[2] + intraday.values[3])
    assert np.array_equal(daily.main, daily.values[2])
    assert daily.last_valid is None
    plain = decode(FlowDecoder("opend"), answer(5).SerializeToString(), Period.WEEK)
    assert np.isnan(plain.main).all()


def test_missing_is_not_zero() -> None:
    message = answer(4)
    message.s2c.flowItemList[1].ClearField("superInFlow")
    message.s2c.flowItemList[2].superInFlow = 0.0
    message.s2c.flowItemList[3].ClearField("inFlow")
    series = decode(FlowDecoder("opend"), message.SerializePartialToString())
    assert np.isnan(series.values[2]).tolist() == [False, True, False, False]
    assert np.isnan(series.values[MAIN]).tolist() == [False, True, False, False]
    assert np.isnan(series.net).tolist() == [False, False, False, True]


def test_times_come_from_the_exchanges_wall_where_there_is_no_timestamp() -> None:
    message = answer(2)
    for item in message.s2c.flowItemList:
        item.ClearField("timestamp")
    body = message.SerializeToString()
    assert decode(FlowDecoder("opend"), body).timestamps.tolist() == [OPEN, OPEN + 60]
    apple = Symbol(Market.US, "AAPL")
    series = FlowDecoder("opend").decode(apple, Period.INTRADAY, body, b"")
    assert series.timestamps.tolist() == [OPEN + 12 * 3600, OPEN + 12 * 3600 + 60]  # EDT is 12 h behind Hong Kong
    message.s2c.flowItemList[1].ClearField("time")
    with pytest.raises(RemoteProtocolError, match="line_without_time"):
        decode(FlowDecoder("opend"), message.SerializeToString())


def test_last_valid_prefers_the_timestamp() -> None:
    assert decode(FlowDecoder("opend"), answer(3).SerializeToString()).last_valid == OPEN + 180
    both = answer(3, lastValidTimestamp=OPEN + 181.0)
    assert decode(FlowDecoder("opend"), both.SerializeToString()).last_valid == OPEN + 181
    neither = answer(3)
    neither.s2c.ClearField("lastValidTime")
    assert decode(FlowDecoder("opend"), neither.SerializeToString()).last_valid is None


def test_an_empty_day() -> None:
    series = decode(FlowDecoder("opend"), answer(0).SerializeToString())
    assert len(series) == 0
    assert series.values.shape == (6, 0)


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"\x08\x00", b"\x08\x00\x22", b"\x08\x00\x22\xff\xff\xff\xff\xff", b"\x12\x02\xff\xff"]
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode(FlowDecoder("opend"), body)


def test_signalling_nan_makes_no_noise() -> None:
    body = bytearray(answer(3).SerializeToString())
    item = replace_first(body, struct.pack("<d", 7919e4 % 1e7 + 0.0), struct.pack("<Q", 0x7FF0000000000001))
    assert_same(FlowDecoder("opend"), item, Period.INTRADAY)


def replace_first(body: bytearray, old: bytes, new: bytes) -> bytes:
    assert old in body
    return bytes(body).replace(old, new, 1)
