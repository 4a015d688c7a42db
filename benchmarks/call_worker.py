"""One side of `call.py`: `call_worker.py ours|futu PORT`. Runs under our interpreter or the official SDK's."""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable

# In turn, so that minutes of market time pass between two calls for one symbol: no answer is like the last one.
CODES = ("AAPL", "NVDA", "TSLA", "MSFT", "AMZN", "META", "GOOGL", "BRK.B", "BABA", "SPY", "PZZA", "RYAN")
SYMBOLS = [f"US.{code}" for code in CODES]


def measure(calls: int, call: Callable[[], object]) -> None:
    """Time `calls` calls, one after another, and print the sums."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        call()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)


def futu(port: int) -> None:
    """The official SDK: a DataFrame a call."""
    import futu as sdk

    context = sdk.OpenQuoteContext(host="127.0.0.1", port=port)
    symbols = itertools.cycle(SYMBOLS)

    def call() -> object:
        code, data = context.get_capital_flow(next(symbols), period_type=sdk.PeriodType.INTRADAY)
        if code != sdk.RET_OK:
            raise RuntimeError(data)
        return data

    for line in sys.stdin:
        measure(int(line), call)
    os._exit(0)  # the SDK's threads would hold the exit


def ours(port: int) -> None:
    """Capflow's provider: a FlowSeries a call, on the ordinary event loop."""
    import asyncio

    from capflow_gui.clock import SystemClock
    from capflow_gui.domain.symbol import Symbol
    from capflow_gui.providers.opend.link import OpendConfig
    from capflow_gui.providers.opend.provider import OpendProvider

    symbols = itertools.cycle([Symbol.parse(text) for text in SYMBOLS])

    async def main() -> None:
        clock = SystemClock()
        provider = OpendProvider(OpendConfig(port=port), clock)
        life = asyncio.create_task(provider.run())
        await provider.wait_ready(clock.monotonic() + 10)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            calls = int(line)
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(calls):
                await provider.get_capital_flow(next(symbols))
            print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)

    asyncio.run(main())


if __name__ == "__main__":
    {"ours": ours, "futu": futu}[sys.argv[1]](int(sys.argv[2]))
