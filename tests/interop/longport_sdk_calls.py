"""Run by the official SDK's own interpreter: makes every call once, writes what it heard as JSON, leaves by os._exit.

usage: longport_sdk_calls.py longport|longbridge OUTPUT
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from datetime import date, datetime
from pathlib import Path
from typing import Any

CODES = ("700.HK", "AAPL.US", "600519.SH", "1234.HK")


def _plain(value: Any) -> Any:
    """Decimals as texts, instants as epoch seconds."""
    if isinstance(value, datetime):
        return value.timestamp()
    return value if isinstance(value, (int, float)) or value is None else str(value)


def _fields(value: Any, *names: str) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in names}


def main() -> None:
    package, output = sys.argv[1:3]
    sdk = importlib.import_module(f"{package}.openapi")
    config = sdk.Config.from_apikey_env() if hasattr(sdk.Config, "from_apikey_env") else sdk.Config.from_env()
    context = sdk.QuoteContext(config)
    heard: dict[str, Any] = {}
    for code in CODES:
        heard[f"flow {code}"] = [_fields(line, "inflow", "timestamp") for line in context.capital_flow(code)]
    split = context.capital_distribution("700.HK")
    heard["distribution"] = {
        side: _fields(getattr(split, side), "large", "medium", "small") for side in ("capital_in", "capital_out")
    }
    names = ("symbol", "last_done", "prev_close", "turnover", "volume", "timestamp")
    heard["quotes"] = [_fields(quote, *names) for quote in context.quote(list(CODES))]
    names = ("symbol", "name_en", "currency", "lot_size")
    heard["static"] = [_fields(info, *names) for info in context.static_info(list(CODES))]
    heard["watchlist"] = {
        group.name: [security.symbol for security in group.securities] for group in context.watchlist()
    }
    days = context.trading_days(sdk.Market.HK, date(2026, 6, 1), date(2026, 6, 20))
    heard["days"] = [str(day) for day in days.trading_days]
    for name, code in (("unknown", "12345.HK"), ("no access", "6666.HK")):
        try:
            context.capital_flow(code)
        except sdk.OpenApiException as error:
            heard[name] = {"code": error.code, "message": error.message}
    Path(output).write_text(json.dumps(heard), encoding="utf-8")


if __name__ == "__main__":
    status = 1
    try:
        main()
        status = 0
    except Exception:  # noqa: BLE001 - whatever it was is printed, and the process must end
        traceback.print_exc()
        sys.stderr.flush()
    # The SDK's threads may outlive the interpreter.
    os._exit(status)
