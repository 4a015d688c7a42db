"""One side of `decode.py`: `decode_worker.py ours|futu full|tail|same`. Runs under our interpreter or the SDK's.

The work: the bytes of one 390-line intraday answer, header included, to what a caller of the client gets, the SHA-1
check included. Two answers alternate: `full` changes an early line, `tail` the newest one, `same` nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import struct
import sys
import time
from collections.abc import Callable, Iterator

OPEN = 1654781400  # 2022-06-09 09:30 in New York
LINES = 390
HEADER = struct.Struct("<2sIBBII20s8s")


def measure(calls: int, call: Callable[[], object]) -> None:
    """Time `calls` calls and print the sums."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        call()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)


def varint(number: int) -> bytes:
    """Protobuf's variable-length integer."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes((number,))


def body(early: float = 0.0, newest: float = 0.0, lines: int = LINES) -> bytes:
    """An answer as OpenD lays it out, made without either side's code."""
    items = bytearray()
    for minute in range(lines):
        moved = early if minute == 3 else newest if minute == lines - 1 else 0.0
        classes = [(minute * 7919 % 1000) * 1e4 + place * 0.25 + moved for place in range(4)]
        stamp = OPEN + 60 * minute
        wall = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(stamp - 4 * 3600)).encode()
        item = struct.pack("<Bd", 0x09, sum(classes)) + b"\x12\x13" + wall + struct.pack("<Bd", 0x19, stamp)
        item += b"".join(
            struct.pack("<Bd", tag, value) for tag, value in zip((0x29, 0x31, 0x39, 0x41), classes, strict=True)
        )
        items += b"\x0a" + varint(len(item)) + item
    s2c = bytes(items) + b"\x12\x13" + wall
    return b"\x08\x00\x12\x00\x18\x00\x22" + varint(len(s2c)) + s2c


def answers(kind: str) -> Iterator[bytes]:
    """Frames, for ever, of which each differs from the one before as `kind` says."""
    pair = {"full": [body(), body(early=5.0)], "tail": [body(), body(newest=5.0)], "same": [body()]}[kind]
    frames = [
        HEADER.pack(b"FT", 3211, 0, 0, 1, len(each), hashlib.sha1(each, usedforsecurity=False).digest(), bytes(8))
        + each
        for each in pair
    ]
    return itertools.cycle(frames)


def ours(frames: Iterator[bytes]) -> Callable[[], object]:
    """Frame decoder, digest, FlowSeries."""
    from capflow_gui.domain.flow import Period
    from capflow_gui.domain.symbol import Symbol
    from capflow_gui.providers.opend.decode import FlowDecoder
    from capflow_gui.wire.opend.frame import FrameDecoder, open_body

    symbol, stream, decoder = Symbol.parse("AAPL.US"), FrameDecoder(), FlowDecoder("opend")

    def call() -> object:
        found, _ = stream.receive(next(frames))
        return decoder.decode(symbol, Period.INTRADAY, open_body(found[0]), found[0].digest)

    return call


def futu(frames: Iterator[bytes]) -> Callable[[], object]:
    """The SDK's own functions in the order its client calls them, and the DataFrame its caller gets."""
    import pandas as pd
    from futu.common.utils import parse_rsp
    from futu.quote.quote_query import GetCapitalFlowQuery

    classes = ["super_in_flow", "big_in_flow", "mid_in_flow", "sml_in_flow"]
    columns = ["last_valid_time", "in_flow", *classes, "main_in_flow", "capital_flow_item_time"]

    def call() -> object:
        code, words, rows = GetCapitalFlowQuery.unpack(parse_rsp(next(frames), 0, False).rsp_pb)
        if code != 0 or len(rows) != LINES:
            raise RuntimeError(words)
        return pd.DataFrame(rows, columns=columns)

    return call


if __name__ == "__main__":
    side = ours if sys.argv[1] == "ours" else futu
    work = side(answers(sys.argv[2]))
    for line in sys.stdin:
        measure(int(line), work)
