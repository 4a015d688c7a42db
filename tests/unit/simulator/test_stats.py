from __future__ import annotations

import json

from capflow_gui.simulator.stats import Stats


def test_requests_are_counted_by_interface_and_symbol_with_their_times() -> None:
    stats = Stats(started_wall=0.0, started=100.0)
    stats.record(3211, ["700.HK"], 100.5, refused=False)
    stats.record(3211, ["AAPL.US"], 101.25, refused=True)
    stats.record(3203, ["700.HK", "AAPL.US"], 102.0, refused=False)
    assert (stats.requests, stats.refused) == (3, 1)
    assert stats.calls(3211).arrivals == [0.5, 1.25]
    assert (stats.calls(3211, "AAPL.US").requests, stats.calls(3211, "AAPL.US").refused) == (1, 1)
    assert stats.calls(3203, "700.HK").requests == 1


def test_what_is_written_names_the_interface_or_its_number() -> None:
    stats = Stats(started_wall=7.0, started=0.0)
    stats.record(3211, ["700.HK"], 1.23456, refused=False)
    stats.record(9999, [], 2.0, refused=False)
    written = json.loads(json.dumps(stats.as_json()))
    assert written["interfaces"]["3211"]["name"] == "capital_flow"
    assert written["interfaces"]["3211"]["symbols"]["700.HK"]["arrivals"] == [1.235]
    assert written["interfaces"]["9999"]["name"] == "9999"
    assert written["started"] == 7.0
