from __future__ import annotations

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.flow import MAIN
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.longport.flow import LongportFlowDecoder
from capflow_gui.wire.pb.longport.quote_pb2 import CapitalFlowLine, CapitalFlowResponse
from tests.unit.domain.lines import equal_lines

SYMBOL = Symbol.parse("700.HK")
START = 1655106960
AMOUNTS = st.one_of(
    st.just(""), st.decimals(-(10**12), 10**12, places=3).map(str), st.integers(-(10**12), 10**12).map(str)
)


def body_of(*amounts: str, symbol: str = "700.HK") -> bytes:
    lines = [CapitalFlowLine(inflow=text, timestamp=START + 60 * at) for at, text in enumerate(amounts)]
    return CapitalFlowResponse(symbol=symbol, capital_flow_lines=lines).SerializeToString()


def test_the_page_of_the_docs() -> None:
    amounts = ["-310255860.000"] + ["-314011220.000"] * 4
    series = LongportFlowDecoder("longport").decode(SYMBOL, body_of(*amounts))
    assert series.timestamps.tolist() == [START + 60 * at for at in range(5)]
    assert series.net.tolist() == [-310255860.0] + [-314011220.0] * 4
    assert np.isnan(series.values[MAIN:]).all()
    assert (series.source, series.last_valid, series.cumulative) == ("longport", None, True)


def test_an_empty_amount_is_missing_and_not_zero() -> None:
    series = LongportFlowDecoder("longport").decode(SYMBOL, body_of("1.000", "", "3.000"))
    assert np.array_equal(series.net, [1.0, np.nan, 3.0], equal_nan=True)


def test_the_same_answer_is_the_same_object() -> None:
    decoder = LongportFlowDecoder("longport")
    body = body_of("1", "2", "3")
    series = decoder.decode(SYMBOL, body)
    assert decoder.decode(SYMBOL, bytes(bytearray(body))) is series
    assert decoder.decode(Symbol.parse("AAPL.US"), body) is not series


@given(st.lists(st.lists(AMOUNTS, max_size=30), min_size=1, max_size=8), st.data())
def test_the_fast_way_never_differs(days: list[list[str]], data: st.DataObject) -> None:
    """A day grows, its newest lines are revised, lines vanish, another day begins: always what a fresh reader reads."""
    decoder = LongportFlowDecoder("longport")
    for day in days:
        for _ in range(3):
            shown = day[: data.draw(st.integers(0, len(day)))]
            if shown and data.draw(st.booleans()):
                shown[-1] = data.draw(AMOUNTS)
            if len(shown) > 1 and data.draw(st.booleans()):
                shown[-2] = data.draw(AMOUNTS)
            body = body_of(*shown)
            fresh = LongportFlowDecoder("longport").decode(SYMBOL, body)
            series = decoder.decode(SYMBOL, body)
            assert equal_lines(series, fresh)
            assert decoder.decode(SYMBOL, bytes(bytearray(body))) is series


def test_the_tail_is_read_alone() -> None:
    decoder = LongportFlowDecoder("longport")
    amounts = [f"{at}.000" for at in range(330)]
    decoder.decode(SYMBOL, body_of(*amounts[:-1]))
    kept = decoder._kept[SYMBOL]
    assert (kept.far_lines, len(kept.series)) == (327, 329)
    series = decoder.decode(SYMBOL, body_of(*amounts))
    assert series.net.tolist() == [float(text) for text in amounts]
    assert decoder._kept[SYMBOL].far_lines == 328


def test_a_revision_that_is_taken_back() -> None:
    decoder = LongportFlowDecoder("longport")
    for amounts in (("1.000", "2.000", "3.000", "4.000"), ("1.000", "2.000", "7.000", "4.000")):
        assert decoder.decode(SYMBOL, body_of(*amounts)).net.tolist() == [float(text) for text in amounts]
    assert decoder.decode(SYMBOL, body_of("1.000", "2.000", "3.000", "5.000")).net.tolist() == [1, 2, 3, 5]


def test_a_revised_newest_amount_shares_all_but_the_figures() -> None:
    decoder = LongportFlowDecoder("longport")
    before = decoder.decode(SYMBOL, body_of("1.000", "2.000", "3.000", "-4.000"))
    after = decoder.decode(SYMBOL, body_of("1.000", "2.000", "3.000", "-5.500"))
    assert (before.net.tolist(), after.net.tolist()) == ([1, 2, 3, -4], [1, 2, 3, -5.5])
    assert after.timestamps is before.timestamps
    assert not after.values.flags.writeable


@pytest.mark.parametrize("text", ["   4.0", "4_0.00", "4.0e00", "+4.000", "   nan", "4.0.00", "------", "\u0664.000"])
def test_a_newest_amount_of_other_characters_is_the_parsers(text: str) -> None:
    decoder = LongportFlowDecoder("longport")
    decoder.decode(SYMBOL, body_of("1.000", "2.000", "3.000", "-4.000"))
    body = body_of("1.000", "2.000", "3.000", text)
    assert outcome(decoder, body) == parsed(body)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.data())
def test_no_bytes_are_read_differently(amounts: list[str], data: st.DataObject) -> None:
    """Whatever a byte is changed to, the fast ways say what the parser says, or leave it to the parser."""
    first = body_of(*amounts)
    spoiled = bytearray(first)
    for _ in range(data.draw(st.integers(1, 3))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoiled)))
    for body in (bytes(spoiled), first[:cut], first + bytes(spoiled[:cut])):
        decoder = LongportFlowDecoder("longport")
        decoder.decode(SYMBOL, first)
        assert outcome(decoder, body) == parsed(body)
        assert outcome(LongportFlowDecoder("longport"), body) == parsed(body)


def outcome(decoder: LongportFlowDecoder, body: bytes) -> object:
    try:
        series = decoder.decode(SYMBOL, body)
    except RemoteProtocolError:
        return "refused"
    return series.timestamps.tolist(), list(map(repr, series.net.tolist()))


def parsed(body: bytes) -> object:
    """What protobuf says."""
    try:
        lines = CapitalFlowResponse.FromString(body).capital_flow_lines
        nets = [repr(float(line.inflow)) if line.inflow else "nan" for line in lines]
    except (DecodeError, ValueError):
        return "refused"
    stamps = [line.timestamp for line in lines]
    return (stamps, nets) if all(0 < stamp < 253402214400 for stamp in stamps) else "refused"


def test_few_answers_are_kept() -> None:
    decoder = LongportFlowDecoder("longport", kept=2)
    for code in ("1", "2", "3"):
        decoder.decode(Symbol.parse(f"{code}.HK"), body_of("1"))
    assert len(decoder._kept) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xff",
        CapitalFlowResponse(capital_flow_lines=[CapitalFlowLine(inflow="1")]).SerializeToString(),
        CapitalFlowResponse(capital_flow_lines=[CapitalFlowLine(inflow="1", timestamp=-5)]).SerializeToString(),
        CapitalFlowResponse(capital_flow_lines=[CapitalFlowLine(inflow="1", timestamp=10**15)]).SerializeToString(),
        body_of("1.000", "many"),
    ],
)
def test_what_is_no_capital_flow(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        LongportFlowDecoder("longport").decode(SYMBOL, body)
