"""A document read setting by setting: what can be used is, and the rest is named."""

from __future__ import annotations

import pytest

from capflow_gui.present.sentences import reason_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import OpendSettings, Settings
from capflow_gui.settings.reader import Reader
from capflow_gui.settings.types import GroupSettings

BASE = Settings(opend=OpendSettings(port=22222))


def test_values_are_converted_and_nested_as_they_were() -> None:
    reader = Reader(BASE)
    document = {"opend": {"port": 1234, "rsa_key": ""}, "watchlist": {"symbols": ["HK.00700", "700.HK", "5.HK"]}}
    assert reader.read(document) == {
        "opend": {"port": 1234, "rsa_key": None},
        "watchlist": {"symbols": ["700.HK", "5.HK"]},
    }
    assert reader.faults == []


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            {"opend": {"port": 0}},
            "Setting opend.port: 0 cannot be used: write a whole number from 1 to 65535; the default (22222) is used.",
        ),
        (
            {"log_level": "warn"},
            (
                "Setting log_level: 'warn' cannot be used: did you mean 'warning'? "
                "It is one of critical, debug, error, info, warning; the default ('info') is used."
            ),
        ),
        ({"opend": 5}, "Setting opend: 5 cannot be used: write a [opend] table; the defaults are used."),
        ({"source": True}, None),
    ],
)
def test_what_cannot_be_used_is_said_with_what_holds_instead(document: dict[str, object], sentence: str | None) -> None:
    reader = Reader(BASE)
    read = reader.read(document)
    assert all(not value or name not in document for name, value in read.items())
    assert reader.fallbacks == len(reader.faults) == 1
    if sentence is not None:
        assert reason_sentence(reader.faults[0].told) == sentence
    else:
        assert reason_sentence(reader.faults[0].told).startswith("Setting source: true cannot be used: ")
        assert reason_sentence(reader.faults[0].told).endswith("none is used.")


def test_a_bad_entry_costs_itself_alone() -> None:
    reader = Reader(BASE)
    document = {"thresholds": {"symbols": {"700.HK": "-1M", "5.HK": "+1M", "x": "-2M"}}}
    assert reader.read(document) == {"thresholds": {"symbols": {"700.HK": "-1M"}}}
    left_out = "thresholds.symbols", Reason.of(Code.ENTRY_LEFT_OUT)
    assert [(fault.name, fault.instead) for fault in reader.faults] == [left_out] * 2


def test_a_key_nobody_knows_gets_a_guess_and_is_no_fallback() -> None:
    reader = Reader(BASE)
    assert reader.read({"opend": {"prot": 1}}) == {"opend": {}}
    assert reason_sentence(reader.faults[0].told) == (
        "Setting opend.prot is not known: did you mean opend.port? It is kept and has no effect."
    )
    assert reader.fallbacks == 0


def test_what_is_to_be_skipped_is_not_looked_at() -> None:
    reader = Reader(BASE, skip={"opend.port"})
    assert reader.read({"opend": {"port": "rubbish"}}) == {"opend": {}}
    assert reader.faults == []


def test_a_group_that_cannot_be_used_costs_itself_alone_and_a_bad_part_that_part() -> None:
    groups = [
        {"name": " HK  core ", "symbols": ["HK.00700", "x!", "700.HK"], "color": "violet"},
        {"name": "hk core"},
        {"symbols": ["5.HK"]},
        "Tech",
        {"name": "US", "color": "amber", "sort": "net", "symbols": "AAPL.US"},
    ]
    reader = Reader(BASE)
    read = reader.read({"watchlist": {"groups": groups}})["watchlist"]["groups"]
    assert read == [GroupSettings("HK core", ["700.HK"], "violet"), GroupSettings("Tech"), GroupSettings("US")]
    assert [fault.name for fault in reader.faults] == [
        "watchlist.groups.HK core.symbols",
        "watchlist.groups",
        "watchlist.groups",
        "watchlist.groups.US",
        "watchlist.groups.US.color",
        "watchlist.groups.US.symbols",
    ]
    assert reader.fallbacks == 6
    reader = Reader(BASE)
    assert reader.read({"watchlist": {"groups": "core"}}) == {"watchlist": {}}
    assert reader.read({"watchlist": {"groups": [7]}}) == {"watchlist": {"groups": []}}
