from __future__ import annotations

from datetime import date

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.serve.arguments import (
    Arguments,
    BadArgument,
    CheckArguments,
    ExportArguments,
    FlowArguments,
    HistoryArguments,
    TopicArguments,
    WatchlistArguments,
    read_arguments,
    read_rule,
    read_symbols,
)


def test_by_name_by_place_and_not_at_all() -> None:
    assert read_arguments(FlowArguments, None, "flow.get") == FlowArguments()
    assert read_arguments(FlowArguments, {"newest": 3}, "flow.get") == FlowArguments(newest=3)
    by_place = read_arguments(HistoryArguments, [["700.HK"], "week", "2022-06-08"], "flow.history")
    assert by_place == HistoryArguments(symbols=["700.HK"], period="week", start=date(2022, 6, 8))
    assert by_place.per == "week"
    named = {"symbols": ["700.HK"], "from": "2022-06-08", "to": "2022-06-09"}
    assert read_arguments(ExportArguments, named, "archive.export").end == date(2022, 6, 9)


@pytest.mark.parametrize(
    ("kind", "params", "argument", "sentence"),
    [
        (FlowArguments, {"symbol": []}, "symbol", "symbol is not known: m takes symbols, source, newest."),
        (Arguments, {"x": 1}, "x", "x is not known: m takes no arguments."),
        (HistoryArguments, {}, "symbols", "symbols is missing: m takes symbols, period, start, end, source."),
        (FlowArguments, {"newest": "3"}, "newest", "newest has to be a whole number, and is a text."),
        (FlowArguments, {"newest": -1}, "newest", "newest has to be a whole number of at least 0."),
        (FlowArguments, {"symbols": "700.HK"}, "symbols", "symbols has to be a list, and is a text."),
        (FlowArguments, {"symbols": [1]}, "symbols", "symbols[0] has to be a text, and is a whole number."),
        (FlowArguments, {"symbols": ["x" * 65]}, "symbols", "symbols[0] has to have at most 64 characters."),
        (WatchlistArguments, {"symbols": ["700.HK"] * 501}, "symbols", "symbols has to have at most 500 entries."),
        (HistoryArguments, {"symbols": []}, "symbols", "symbols has to have at least 1 entries."),
        (FlowArguments, {"newest": 2.5}, "newest", "newest has to be a whole number, and is a number."),
        (HistoryArguments, {"symbols": ["x"], "start": "8 June"}, "start", "start: write a date as 2022-06-08."),
        (
            TopicArguments,
            {"topics": ["news"]},
            "topics",
            "topics[0] has to be one of the words it takes, and is 'news'.",
        ),
        (CheckArguments, {"rule": "x", "from": 5}, "from", "from has to be a date, and is a whole number."),
        (FlowArguments, [1, 2, 3, 4], None, "m takes 3 arguments at most, and was given 4."),
    ],
)
def test_the_sentence_names_the_argument(
    kind: type[Arguments], params: dict[str, object] | list[object], argument: str | None, sentence: str
) -> None:
    with pytest.raises(BadArgument) as refused:
        read_arguments(kind, params, "m")
    assert str(refused.value) == sentence
    assert refused.value.argument == argument


def test_symbols_in_either_brokers_style_each_once() -> None:
    assert read_symbols(["HK.00700", "700.hk", "BRK.B.US"]) == [Symbol.parse("700.HK"), Symbol.parse("BRK.B.US")]
    for text, words in (("700", "700.HK"), ("000001.SH", "index"), ("x.HK", "not a Hong Kong code")):
        with pytest.raises(BadArgument, match=words) as refused:
            read_symbols([text])
        assert refused.value.argument == "symbols"


def test_a_rule_that_cannot_be_read_says_where() -> None:
    assert read_rule("*: net <= -200M").text == "*: net <= -200M"
    with pytest.raises(BadArgument, match=r"rule: .*at character 8") as refused:
        read_rule("*: net = 5M")
    assert refused.value.argument == "rule"
