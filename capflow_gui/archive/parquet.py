"""Recorded sessions as Parquet files, by source, market and session: `source=opend/market=HK/session=…/700.parquet`.

pyarrow is wanted for it, an extra of Capflow's: `capflow-gui[parquet]`.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from capflow_gui.archive.reader import RecordedDay, facts_of
from capflow_gui.domain.flow import COLUMNS


def is_there() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write(day: RecordedDay, folder: Path) -> Path:
    """Write one session below `folder`, in one step, and give the file. Raises OSError.

    Missing figures are null. The table's metadata, `capflow`, says whose lines they are.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    arrays, facts = day.as_arrays(), facts_of(day)
    count = len(day.series)

    def text(value: str) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), pa.array([value]))

    times = pa.array(arrays["timestamp"].astype("datetime64[s]")).cast(pa.timestamp("s", tz=facts["zone"]))
    table = pa.table(
        {
            "symbol": text(facts["symbol"]),
            "time": times,
            "timestamp": arrays["timestamp"],
            **{name: pa.array(arrays[name], from_pandas=True) for name in COLUMNS},
            "provisional": arrays["provisional"],
            "flags": arrays["flags"],
            "currency": text(facts["currency"]),
            "currency_assumed": pa.array(np.full(count, facts["currency_assumed"])),
            "cumulative": pa.array(np.full(count, facts["cumulative"])),
            "simulated": pa.array(np.full(count, facts["simulated"])),
        }
    ).replace_schema_metadata({"capflow": json.dumps(facts)})
    symbol = day.summary.key.symbol
    place = folder / f"source={facts['source']}" / f"market={symbol.market.value}" / f"session={facts['session']}"
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{symbol.code}.parquet"
    half = place / f".{symbol.code}.half"
    try:
        parquet.write_table(table, half, compression="zstd")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path
