"""Layers of settings: what a later one says wins, setting by setting."""

from __future__ import annotations

from capflow_gui.settings import Appearance, OpendSettings, Settings, Thresholds
from capflow_gui.settings.layers import built, names, nested, overlaid


def test_a_later_layer_wins_setting_by_setting() -> None:
    below = {"log_level": "debug", "opend": {"host": "a", "port": 1}}
    above = {"opend": {"port": 2}, "source": "opend"}
    assert overlaid(Settings, below, above) == {
        "log_level": "debug", "opend": {"host": "a", "port": 2}, "source": "opend",
    }  # fmt: skip
    assert below == {"log_level": "debug", "opend": {"host": "a", "port": 1}}


def test_a_list_and_a_map_are_one_setting_each() -> None:
    below = {"thresholds": {"symbols": {"700.HK": "-1M"}}, "watchlist": {"symbols": ["700.HK", "5.HK"]}}
    above = {"thresholds": {"symbols": {"5.HK": "-2M"}}, "watchlist": {"symbols": ["9988.HK"]}}
    assert overlaid(Settings, below, above) == above


def test_a_key_nobody_knows_is_left_out() -> None:
    assert overlaid(Settings, {"nonsense": 1, "opend": {"nonsense": 2}}) == {"opend": {}}


def test_what_is_absent_has_its_default() -> None:
    made = built(Settings, {"opend": {"port": 22222}, "appearance": {"scheme": "light"}})
    assert made == Settings(opend=OpendSettings(port=22222), appearance=Appearance(scheme="light"))


def test_a_struct_is_read_back_from_its_tables() -> None:
    settings = Settings(source="longport", thresholds=Thresholds("-5M", {"700.HK": "none"}))
    document = nested(settings)
    assert document["thresholds"] == {"default": "-5M", "symbols": {"700.HK": "none"}}
    assert built(Settings, document) == settings


def test_names_are_dotted_and_in_the_order_of_the_types() -> None:
    document = {"window": {"sort": "net"}, "opend": {"port": 1, "host": "a"}, "log_level": "info"}
    assert names(Settings, document) == ["log_level", "opend.host", "opend.port", "window.sort"]
