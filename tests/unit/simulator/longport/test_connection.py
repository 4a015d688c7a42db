"""What faults do to a connection to the simulated Longport."""

from __future__ import annotations

import pytest

from capflow_gui.wire.events import Broken, Unmatched, Unreadable
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.longport.protocol import Answer, ClosedByServer, Rejected
from tests.unit.simulator.longport.client import connected, one, simulated


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("drop:1", type(None)),
        ("reset:1", type(None)),
        ("drop-mid-frame:1", Broken),
        ("close-code:4,every=1", ClosedByServer),
        ("verify", Answer),
        ("gzip", Answer),
        ("bad-gzip:every=1", Unreadable),
        ("unparsable:1", Answer),
        ("wrong-magic:1", Broken),
        ("huge-length:1", Broken),
        ("garbage:1", Broken),
        ("unknown-serial:1", Unmatched),
        ("delay:0.01", Answer),
        ("reorder", Answer),
        ("pieces", Answer),
        ("rate-refusal:1", Rejected),
        ("unknown-symbol:700.HK", Rejected),
        ("no-right:700.HK", Rejected),
        ("server-failure", Rejected),
        ("error-code:301603", Rejected),
        ("kicked", ClosedByServer),
        ("refuse:1", type(None)),
    ],
)
async def test_every_fault_does_what_it_says(fault: str, expected: type) -> None:
    async with simulated() as simulator, connected(simulator) as client:
        simulator.faults.add(fault)
        try:
            event = await client.ask(Command.CAPITAL_FLOW, one("700.HK"))
        except ConnectionError:
            event = None
        assert isinstance(event, expected)
        if fault.startswith("close-code"):
            assert event == ClosedByServer(4, "simulated")
        if fault.startswith("error-code"):
            assert isinstance(event, Rejected)
            assert event.code == 301603
