"""What the server of a desk stores is set back, cut short or damaged, as after a power cut: the collector mends it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from capflow_gui.domain.session import Calendar
from capflow_gui.monitor import Monitor
from capflow_gui.wire.desk import subjects
from tests.desk_bus import Bus, bus
from tests.desk_publisher import until
from tests.integration.test_desk_whole_way import FIRST, LIST, SECOND, THIRD, collecting, same, watching

__all__ = ["bus"]
LOG = r"WARNING capflow_gui\.(providers\.link: desk|desk\.bus: the bus)"


def alerts_of(monitor: Monitor) -> set[str]:
    return {record.id for record in monitor.alerts}


def replied_since(monitor: Monitor, at: float) -> bool:
    """Whether every symbol of the collector has a reply that is later than a monotonic second."""
    return all((monitor.row(symbol).polled_at or 0.0) > at for symbol in monitor.symbols)


async def test_a_store_that_was_set_back_is_told_from_a_newer_one(
    bus: Bus, sessions: Calendar, tmp_path: Path, expect_log
):
    """Its numbers are given a second time. No window keeps what is gone, and no alert is missing or told twice."""
    for line in (LOG, "the bus was set back: the last [0-9]+ of", "the bus lost what it held"):
        expect_log(line)
    store, older = bus.folder / "store", bus.folder / "older"
    polling, mine = collecting(bus, sessions, tmp_path / "collector"), [FIRST, SECOND]
    async with polling as polled, watching(bus, "ws01", mine, sessions, tmp_path / "ws01") as shown:
        await until(lambda: same(shown, polled, FIRST) and same(shown, polled, SECOND))
        bus.kill()
        shutil.copytree(store, older)
        bus.start()
        shown.add_symbols([THIRD])
        await until(lambda: all(same(shown, polled, symbol) for symbol in LIST))
        await until(lambda: alerts_of(shown) == alerts_of(polled) and len(alerts_of(polled)) == len(LIST))
        bus.kill()
        shutil.rmtree(store)
        shutil.copytree(older, store)
        bus.start()
        async with watching(bus, "ws02", list(LIST), sessions, tmp_path / "ws02") as another:
            for monitor in (shown, another):
                await until(lambda monitor=monitor: all(same(monitor, polled, symbol) for symbol in LIST))
                await until(lambda monitor=monitor: alerts_of(monitor) == alerts_of(polled))


def cut(part: float) -> Callable[[Path], None]:
    def damage(block: Path) -> None:
        os.truncate(block, int(block.stat().st_size * part))

    return damage


def overwrite(block: Path) -> None:
    with block.open("r+b") as file:
        file.seek(block.stat().st_size // 2)
        file.write(b"\xff" * 64)


def forget_the_stream(block: Path) -> None:
    (block.parents[1] / "meta.inf").unlink()


async def test_a_store_that_is_damaged_is_filled_again(bus: Bus, sessions: Calendar, tmp_path: Path, expect_log):
    """One damage after the other, while the collector polls on."""
    for line in (LOG, "the bus was set back: the last [0-9]+ of", "the bus lost what it held"):
        expect_log(line)
    polling = collecting(bus, sessions, tmp_path / "collector")
    async with polling as polled, watching(bus, "ws01", list(LIST), sessions, tmp_path / "ws01") as shown:
        await until(lambda: all(same(shown, polled, symbol) for symbol in LIST))
        for damage in (cut(0.0), cut(0.6), overwrite, forget_the_stream):
            bus.kill()
            damage(next((bus.folder / "store").glob(f"jetstream/*/streams/{subjects.FLOW_STREAM}/msgs/*.blk")))
            bus.start()
            began = asyncio.get_running_loop().time()
            await until(lambda began=began: replied_since(polled, began))
            await until(lambda: all(same(shown, polled, symbol) for symbol in LIST))
        async with watching(bus, "ws02", list(LIST), sessions, tmp_path / "ws02") as another:
            await until(lambda: all(same(another, polled, symbol) for symbol in LIST))
            await until(lambda: alerts_of(another) == alerts_of(polled))
