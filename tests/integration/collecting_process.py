"""A collector of a desk as a process of its own, on a simulated broker of its own, until it is ended.

python -m tests.integration.collecting_process NAME PORT_OF_THE_BUS
"""

from __future__ import annotations

import asyncio
import sys

from capflow_gui.clock import SystemClock
from capflow_gui.desk.bus import BusAccess, together
from capflow_gui.desk.collector import Collector, CollectorConfig
from capflow_gui.desk.serving.configuration import COLLECTOR
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.simulator.opend.server import SimulatorConfig
from capflow_gui.sources import open_demo
from tests.desk_bus import SECRETS

LEASE_S, BEAT_S = 2.0, 0.2
LIST = tuple(map(Symbol.parse, ("700.HK", "5.HK", "388.HK")))


async def collect(name: str, port: int) -> None:
    """Poll every symbol once a second."""
    clock, calendar = SystemClock(), Calendar.from_json(resource("sessions.json").read_bytes())

    async def secret() -> str:
        return SECRETS[COLLECTOR]

    async with open_demo("opend", clock, SimulatorConfig(symbols=list(LIST))) as source:
        monitor = Monitor([source], [], calendar=calendar, clock=clock, pace=Pace(1.0, 1.0, True))
        config = CollectorConfig(name, 1, LIST, {"opend": "opend"}, lease_s=LEASE_S, beat_s=BEAT_S)
        access = BusAccess(DeskConfig("127.0.0.1", port, COLLECTOR), secret)
        # `gather` would end with the first that is cancelled, while the collector still gives its shards back.
        await together(monitor.run(), Collector(monitor, config, access, clock).run())


if __name__ == "__main__":
    asyncio.run(collect(sys.argv[1], int(sys.argv[2])))
