"""Run by the official SDK's own interpreter: makes every call once, writes what it heard as JSON, leaves by os._exit.

usage: sdk_calls.py futu|moomoo PORT KEYFILE|- OUTPUT
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any


def _plain(value: Any) -> Any:
    """DataFrames as lists of rows; numpy scalars as Python's."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return [{key: _plain(cell) for key, cell in row.items()} for row in value.to_dict("records")]
    if isinstance(value, dict):
        return {str(key): _plain(cell) for key, cell in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(cell) for cell in value]
    if hasattr(value, "item"):
        return value.item()
    return value


def main() -> None:
    package, port, key, output = sys.argv[1:5]
    sdk = importlib.import_module(package)
    if key != "-":
        sdk.SysConfig.set_init_rsa_file(key)
        sdk.SysConfig.enable_proto_encrypt(True)
    context = sdk.OpenQuoteContext(host="127.0.0.1", port=int(port))
    heard: dict[str, Any] = {}

    def call(name: str, answer: Any) -> None:
        code, data = answer[0], answer[1]
        heard[name] = {"ok": code == sdk.RET_OK, "data": _plain(data)}

    for code in ("HK.00700", "US.AAPL", "SH.600519", "HK.01234"):
        call(f"intraday {code}", context.get_capital_flow(code, period_type=sdk.PeriodType.INTRADAY))
    for period in ("DAY", "WEEK", "MONTH"):
        kind = getattr(sdk.PeriodType, period)
        call(period, context.get_capital_flow("HK.00700", period_type=kind, start="2026-01-05", end="2026-06-10"))
    call("distribution HK.00700", context.get_capital_distribution("HK.00700"))
    call("distribution US.AAPL", context.get_capital_distribution("US.AAPL"))
    call("snapshot", context.get_market_snapshot(["HK.00700", "US.BRK.B", "SZ.300750", "HK.01234"]))
    call("snapshot unknown", context.get_market_snapshot(["HK.00700", "HK.99998"]))
    call("static", context.get_stock_basicinfo(sdk.Market.HK, sdk.SecurityType.STOCK, ["HK.00700", "HK.02800"]))
    call("funds", context.get_stock_basicinfo(sdk.Market.HK, sdk.SecurityType.ETF))
    call("groups", context.get_user_security_group(group_type=sdk.UserSecurityGroupType.ALL))
    call("group", context.get_user_security("HK core"))
    call("group unknown", context.get_user_security("no such group"))
    call("market state", context.get_market_state(["HK.00700", "US.AAPL", "SH.600519"]))
    call("trading days", context.request_trading_days(sdk.TradeDateMarket.HK, start="2026-12-20", end="2026-12-31"))
    call("trading days of a code", context.request_trading_days(start="2026-06-01", end="2026-06-30", code="US.AAPL"))
    call("global state", context.get_global_state())
    call("search", context.get_search_quote("tencent", max_count=5))
    call("unknown symbol", context.get_capital_flow("HK.99998"))
    call("no right", context.get_capital_flow("HK.06666"))
    Path(output).write_text(json.dumps(heard), encoding="utf-8")


if __name__ == "__main__":
    status = 1
    try:
        main()
        status = 0
    except Exception:  # noqa: BLE001 - whatever it was is printed, and the process must end
        traceback.print_exc()
        sys.stderr.flush()
    # The SDK's threads are not daemons and its close() waits for them.
    os._exit(status)
