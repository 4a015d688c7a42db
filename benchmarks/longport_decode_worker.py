"""One side of `longport_decode.py`: `ours full|minute|tail|same` or `longbridge -`, under our interpreter or the SDK's.

Ours: the bytes of a 390-line answer to a FlowSeries. Answers alternate: `full` changes an early line, `tail` the newest
one, `same` nothing; `minute` brings one line more each time, until after 60 the first comes again. The SDK's: the
objects its call gave to one array of times and one of amounts.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from array import array
from collections.abc import Callable

OPEN = 1654781400  # 2022-06-09 09:30 in New York
LINES = 390


def measure(calls: int, call: Callable[[], object]) -> None:
    """Time `calls` calls and print the sums."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        call()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)


def ours(kind: str) -> Callable[[], object]:
    """The provider's decoder."""
    from capflow_gui.domain.symbol import Symbol
    from capflow_gui.providers.longport.flow import LongportFlowDecoder
    from capflow_gui.wire.pb.longport.quote_pb2 import CapitalFlowLine, CapitalFlowResponse

    def body(changed: int | None = None, lines: int = LINES) -> bytes:
        amounts = [-310255860 + minute * 7919 * 1000 + (5000 if minute == changed else 0) for minute in range(lines)]
        items = [
            CapitalFlowLine(inflow=f"{amount}.000", timestamp=OPEN + 60 * minute)
            for minute, amount in enumerate(amounts)
        ]
        return CapitalFlowResponse(symbol="AAPL.US", capital_flow_lines=items).SerializeToString()

    bodies = {
        "full": [body(), body(3)],
        "minute": [body(lines=lines) for lines in range(LINES - 60, LINES)],
        "tail": [body(), body(LINES - 1)],
        "same": [body(), body()],  # two objects: an answer never is the last one's
    }[kind]
    answers, symbol, decoder = itertools.cycle(bodies), Symbol.parse("AAPL.US"), LongportFlowDecoder("longport")
    return lambda: decoder.decode(symbol, next(answers))


def longbridge() -> Callable[[], object]:
    """What a caller of the SDK writes."""
    from longbridge.openapi import Config, QuoteContext

    lines = QuoteContext(Config.from_apikey_env()).capital_flow("AAPL.US")
    if len(lines) < LINES:
        raise RuntimeError(f"{len(lines)} lines")
    lines = lines[:LINES]
    return lambda: (
        array("q", (int(line.timestamp.timestamp()) for line in lines)),
        array("d", (float(line.inflow) for line in lines)),
    )


if __name__ == "__main__":
    work = ours(sys.argv[2]) if sys.argv[1] == "ours" else longbridge()
    for line in sys.stdin:
        measure(int(line), work)
    # The SDK's threads may outlive the interpreter.
    os._exit(0)
