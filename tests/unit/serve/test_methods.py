"""The table of methods: whole, typed, and all that the command line gives."""

from __future__ import annotations

import argparse

import msgspec

from capflow_gui.cli.options import build_parser
from capflow_gui.serve.methods import BY_NAME, METHODS

# Verbs whose data no method gives, and why.
NOT_SERVED = {
    "demo": "a window",
    "simulate": "a market for tests, which runs until it is ended",
    "replay": "plays in time what archive.export gives with every state",
    "serve": "this",
    "desk": "runs a server of its own",
    "doctor": "looks at this computer",
}
# Methods that give what no verb prints, and why.
OF_A_PROGRAM_THAT_RUNS = {
    *("initialize", "watchlist.get", "watchlist.set", "rules.list", "quota.get", "health.get", "unsubscribe"),
}


def verbs() -> set[str]:
    (action,) = (each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction))
    return set(action.choices)


def test_every_verb_that_gives_data_has_its_method() -> None:
    served = {method.command for method in METHODS if method.command}
    assert verbs() - served - NOT_SERVED.keys() == set(), "give these a method, or say above why not"
    assert served & NOT_SERVED.keys() == set()


def test_every_method_has_its_verb() -> None:
    without = {method.name for method in METHODS if not method.command}
    assert without == OF_A_PROGRAM_THAT_RUNS
    assert {method.command for method in METHODS if method.command} <= verbs()


def test_the_table_is_whole() -> None:
    assert len(BY_NAME) == len(METHODS)
    for method in METHODS:
        assert method.summary.endswith(".")
        assert method.result
        schema = msgspec.json.schema(method.arguments)
        assert schema["$ref"].startswith("#/$defs/")
    assert {method.name for method in METHODS if method.answer is None} == {"initialize", "subscribe", "unsubscribe"}


def test_what_changes_something_is_marked() -> None:
    assert {method.name for method in METHODS if not method.reads} == {"watchlist.set", "alerts.acknowledge"}


def test_who_reads_figures_is_told_what_they_mean() -> None:
    for method in METHODS:
        if "flow objects" in method.result or "objects of fetch" in method.result:
            assert "currency" in method.summary
            assert "null is missing" in method.summary
    for name in ("flow.get", "watchlist.get"):
        for words in ("running totals", "SIMULATED", "provisional", "stale"):
            assert words in BY_NAME[name].summary
