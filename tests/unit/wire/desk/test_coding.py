from __future__ import annotations

import math

import msgspec
import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RemoteProtocolError, UpdateNeeded
from capflow_gui.wire.desk.coding import LONGEST_MESSAGE, VERSION, decoded, encoder, is_second, symbol_of


class Said(msgspec.Struct, array_like=True):
    version: int
    word: str


DECODER = msgspec.msgpack.Decoder(Said)


def test_a_message_of_this_version_is_read_and_what_a_later_one_adds_is_left_out() -> None:
    assert decoded(DECODER, encoder.encode([VERSION, "word", "later"])) == Said(VERSION, "word")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        encoder.encode([VERSION, 5]),
        encoder.encode([VERSION]),
        encoder.encode(["1", "word"]),
        encoder.encode({}),
        b"\x91" * 50_000,
        b"\x92\x01\xa1\xff",
        bytes(LONGEST_MESSAGE + 1),
    ],
)
def test_whatever_else_comes_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decoded(DECODER, payload)


def test_a_newer_version_is_an_error_of_its_own() -> None:
    with pytest.raises(UpdateNeeded, match="found=2 known=1"):
        decoded(DECODER, encoder.encode([VERSION + 1]))


def test_seconds_and_symbols() -> None:
    assert [is_second(at) for at in (0.0, 1.6e9, -1.0, math.nan, math.inf, 1e12)] == [True, True] + [False] * 4
    assert symbol_of("BRK.B", "US") == Symbol.parse("BRK.B.US")
    for code, market in (("A*", "US"), ("A", "XX")):
        with pytest.raises(RemoteProtocolError):
            symbol_of(code, market)
