"""What of a desk is passed on."""

from __future__ import annotations

from capflow_gui.ui.arrangement.passed_on import passed_on


def test_the_users_own_is_left_out_wherever_it_stands_and_the_symbols_of_charts_stay() -> None:
    desk = {
        "geometry": "0 0 800 600 normal A",
        "tab": "@My secret group",
        "compared": ["700.HK"],
        "grid": {"view": 4, "tiles": [{"symbol": "700.HK", "pinned": True}]},
        "torn": [{"kind": "wall", "group": "@Mine"}, {"kind": "chart", "symbol": "3690.HK"}, 3],
        "panels": {"log": {"open": True, "view": {"text": "token"}}, "budget": {"view": {"source": "longport"}}},
    }
    assert passed_on(desk) == {
        "geometry": "0 0 800 600 normal A",
        "grid": {"view": 4, "tiles": [{"symbol": "700.HK"}]},
        "torn": [{"kind": "wall"}, {"kind": "chart", "symbol": "3690.HK"}, 3],
        "panels": {"log": {"open": True, "view": {}}, "budget": {"view": {}}},
    }
    assert desk["tab"] == "@My secret group"
