from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from capflow_gui import __version__
from capflow_gui.cli.options import build_parser
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol

TENCENT = Symbol.parse("700.HK")


def parsed(*arguments: str) -> dict[str, object]:
    return vars(build_parser().parse_args(arguments))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args(arguments)
    assert left.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("fetch 700.HK --formt json", "; did you mean --format?"),
        ("watch 700.HK --interval=5 --recrod", "; did you mean --record?"),
        ("fecth 700.HK", "; did you mean fetch?"),
        ("fetch 700.HK --format tabel", "; did you mean table?"),
        ("--log-level inof", "; did you mean info?"),
    ],
)
def test_what_is_misspelt_is_guessed(capsys: pytest.CaptureFixture[str], words: str, meant: str) -> None:
    assert meant in refused(capsys, *words.split())


def test_an_option_that_is_like_none_is_not_guessed_by_its_dashes(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean" not in refused(capsys, "watch", "700.HK", "--scenario", "calm")


def test_no_verb_is_the_desktop() -> None:
    assert parsed() == {
        "verb": "desktop",
        "profile": None,
        "config_dir": None,
        "data_dir": None,
        "log_level": None,
        "lang": None,
        "screenshot": None,
        "after": 5.0,
        "self_test": False,
        "layout": None,
    }
    assert parsed("--self-test")["self_test"] is True


def test_demo() -> None:
    found = parsed("demo", "--scenario", "flush", "--speed", "60", "--symbols", "12", "--screenshot", "a.png")
    assert found["verb"] == "demo"
    assert (found["scenario"], found["speed"], found["symbols"]) == ("flush", 60.0, 12)
    assert (found["screenshot"], found["after"]) == (Path("a.png"), 5.0)


def test_fetch() -> None:
    found = parsed(
        "fetch", "hk.00700", "AAPL.US", "--source", "demo:", "--period", "week", "--start", "2022-06-08", "--end",
        "2022-06-09", "--format", "csv",
    )  # fmt: skip
    assert found["symbols"] == [TENCENT, Symbol.parse("AAPL.US")]
    assert found["period"] is Period.WEEK
    assert (found["start"], found["end"]) == (date(2022, 6, 8), date(2022, 6, 9))
    assert (found["source"], found["format"]) == ("demo:", "csv")
    assert parsed("fetch", "700.HK")["period"] is Period.INTRADAY
    assert parsed("fetch", "700.HK")["format"] == "table"


def test_watch() -> None:
    found = parsed(
        "watch", "700.HK", "--source", "demo:", "--source", "opend://127.0.0.1:11111", "--rule", "*: net <= -200M",
        "--rule", "@a b: main <= -8万", "--for", "60", "--interval", "5", "--ignore-calendar", "--record",
        "--format", "jsonl",
    )  # fmt: skip
    assert found["record"]
    assert parsed("watch", "5.HK", "--deliver", "phone", "--deliver", "team")["deliver"] == ["phone", "team"]
    assert found["sources"] == ["demo:", "opend://127.0.0.1:11111"]
    assert found["rules"] == [parse_rule("*: net <= -200M"), parse_rule("@a b: main <= -80K")]
    assert (found["duration"], found["interval"], found["ignore_calendar"], found["format"]) == (60, 5, True, "jsonl")
    bare = parsed("watch", "700.HK")
    assert not bare["record"]
    assert bare["deliver"] == []
    assert (bare["sources"], bare["rules"], bare["duration"], bare["format"]) == ([], [], None, "text")


def test_alerts() -> None:
    found = parsed("alerts", "--from", "2022-06-01", "--format", "csv")
    assert (found["action"], found["names"], found["start"], found["format"]) == (None, [], date(2022, 6, 1), "csv")
    found = parsed("alerts", "ack", "aa11", "bb22")
    assert (found["action"], found["names"], found["end"], found["format"]) == ("ack", ["aa11", "bb22"], None, "table")
    assert parsed("alerts", "test", "phone")["names"] == ["phone"]


def test_replay() -> None:
    found = parsed("replay", "2022-06-08", "700.HK", "--speed", "60", "--rule", "*: net <= -200M", "--format", "jsonl")
    assert (found["date"], found["symbols"], found["speed"]) == (date(2022, 6, 8), [Symbol.parse("700.HK")], 60.0)
    assert found["rules"] == [parse_rule("*: net <= -200M")]
    bare = parsed("replay", "2022-06-08", "--speed", "max")
    assert (bare["symbols"], bare["speed"], bare["source"], bare["format"]) == ([], None, None, "text")


def test_check_rule() -> None:
    found = parsed("check-rule", "*: net <= -200M", "700.HK", "--from", "2022-06-01", "--source", "opend")
    assert (found["rule"], found["symbols"]) == (parse_rule("*: net <= -200M"), [Symbol.parse("700.HK")])
    assert (found["start"], found["end"], found["source"]) == (date(2022, 6, 1), None, "opend")
    assert parsed("check-rule", "*: net <= -200M")["symbols"] == []


def test_lists_of_one_run_are_not_those_of_the_next() -> None:
    parsed("watch", "700.HK", "--source", "demo:", "--rule", "*: net <= -2M")
    assert parsed("watch", "700.HK")["sources"] == []


def test_simulate() -> None:
    found = parsed(
        "simulate", "--opend-port", "11111", "--rsa-key", "k.pem", "--cipher", "cbc", "--scenario", "calm", "--symbols",
        "700.HK,AAPL.US", "--speed", "0", "--seed", "7", "--clock", "2022-06-08T02:47:25+00:00", "--rate-limit", "10/5",
        "--keep-alive", "3", "--fault", "drop:3", "--fault", "gap", "--stats", "s.json",
    )  # fmt: skip
    assert found["opend_port"] == 11111
    assert (found["rsa_key"], found["cipher"], found["stats"]) == (Path("k.pem"), "cbc", Path("s.json"))
    assert (found["symbols"], found["speed"], found["seed"]) == ("700.HK,AAPL.US", 0.0, 7)
    assert found["clock"] == datetime(2022, 6, 8, 2, 47, 25, tzinfo=UTC)
    assert (found["rate_limit"], found["keep_alive"], found["faults"]) == ((10, 5.0), 3.0, ["drop:3", "gap"])
    bare = parsed("simulate")
    assert (bare["opend_port"], bare["rate_limit"], bare["faults"]) == (0, "vendor", [])
    assert parsed("simulate", "--rate-limit", "off")["rate_limit"] is None


@pytest.mark.parametrize("verb", [[], ["demo"], ["fetch", "700.HK"], ["watch", "700.HK"], ["simulate"]])
def test_options_that_hold_everywhere_hold_before_and_after_the_verb(verb: list[str]) -> None:
    options = ["--config-dir", "c", "--data-dir", "d", "--log-level", "debug"]
    for found in (parsed(*options, *verb), parsed(*verb, *options)):
        assert (found["config_dir"], found["data_dir"], found["log_level"]) == (Path("c"), Path("d"), "debug")


@pytest.mark.parametrize("arguments", [["--version"], ["fetch", "--version"], ["simulate", "--version"]])
def test_version(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args(arguments)
    assert left.value.code == 0
    assert capsys.readouterr().out == f"capflow {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fetch"], "SYMBOL"),
        (["fetch", "700"], "write it as 700.HK"),
        (["fetch", "700.HK", "--start", "8.6.2022"], "'8.6.2022' is not a date"),
        (["fetch", "700.HK", "--end", "2022-02-30"], "'2022-02-30' is not a date"),
        (["fetch", "700.HK", "--period", "hour"], "'hour' is none of intraday, day, week, month"),
        (["fetch", "700.HK", "--format", "xml"], "xml"),
        (["watch", "700.HK", "--rule", "@\udcff: net <= -1"], "is not UTF-8"),
        (["watch", "700.HK", "--for", "nan"], "'nan' is not a number of seconds"),
        (["watch", "700.HK", "--interval", "-1"], "'-1' is not a number of seconds"),
        (["simulate", "--opend-port", "70000"], "port"),
        (["simulate", "--rate-limit", "30"], "write it as 30/30"),
        (["simulate", "--rate-limit", "0/30"], "'0'"),
        (["simulate", "--clock", "noon"], "'noon' is not an instant"),
        (["simulate", "--clock", "2022-06-08T10:47:25"], "no zone"),
        (["simulate", "--speed", "-1"], "speed"),
        (["simulate", "--seed", "one"], "'one' is not a whole number"),
        (["demo", "--symbols", "0"], "number of symbols"),
        (["demo", "--symbols", "²"], "number of symbols"),
        (["frobnicate"], "frobnicate"),
        (["--self"], "--self"),
    ],
)
def test_bad_usage_names_the_fault(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert words in refused(capsys, *arguments)


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["fetch"], "usage: capflow fetch SYMBOL … [option …]   (capflow fetch --help lists the options)"),
        (
            ["simulate", "--speed", "x"],
            "usage: capflow simulate [option …]   (capflow simulate --help lists the options)",
        ),
        (
            ["archive"],
            "usage: capflow archive info|verify|prune|compact [option …]   (capflow archive --help lists the options)",
        ),
        (["replay"], "usage: capflow replay DATE [SYMBOL …] [option …]   (capflow replay --help lists the options)"),
        (
            ["check-rule"],
            "usage: capflow check-rule RULE [SYMBOL …] [option …]   (capflow check-rule --help lists the options)",
        ),
        (
            ["watch", "700.HK", "--bogus"],
            "usage: capflow watch SYMBOL … [option …]   (capflow watch --help lists the options)",
        ),
        (["frobnicate"], "usage: capflow VERB … [option …]   (capflow --help lists the options)"),
    ],
)
def test_the_fault_comes_first_and_one_line_of_usage_last(
    capsys: pytest.CaptureFixture[str], arguments: list[str], usage: str
) -> None:
    said, last = refused(capsys, *arguments).splitlines()
    assert ": error: " in said
    assert last == usage


def test_invisible_marks_and_wide_digits_are_read() -> None:
    found = parsed(
        "fetch", "\ufeff７００。ＨＫ", "US.AAPL\u200b,HK.00700", "--period", "day", "--start", "２０２２-06–08\u200f",
    )  # fmt: skip
    assert found["symbols"] == [TENCENT, Symbol.parse("AAPL.US")]
    assert found["start"] == date(2022, 6, 8)
    assert parsed("simulate", "--rate-limit", "３０/30\u200b")["rate_limit"] == (30, 30.0)
    assert parsed("watch", "700.HK", "--for", "\u00a05")["duration"] == 5.0


def test_a_bad_rule_has_a_caret_under_its_fault(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "watch", "700.HK", "--rule", "*: net <= -200m")
    rule, mark = said.splitlines()[1:3]
    assert rule.strip() == "*: net <= -200m"
    assert rule[mark.index("^")] == "m"
    assert "minutes" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("alerts", "--format", "json", "ack", "a1", "a2"),
        ("alerts", "ack", "--format", "json", "a1", "a2"),
        ("alerts", "ack", "a1", "--format=json", "a2"),
        ("alerts", "ack", "a1", "a2", "--format", "json"),
        ("alerts", "--format", "json", "ack", "--", "a1", "a2"),
    ],
)
def test_options_stand_before_between_and_behind_the_arguments_of_a_verb(arguments: tuple[str, ...]) -> None:
    found = parsed(*arguments)
    assert (found["action"], found["names"], found["format"]) == ("ack", ["a1", "a2"], "json")


def test_symbols_may_stand_on_both_sides_of_an_option() -> None:
    found = parsed("fetch", "700.HK", "--format", "json", "5.HK")
    assert found["symbols"] == [TENCENT, Symbol.parse("5.HK")]


def test_an_option_without_its_value_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("alerts", "ack", "a1", "--format"), ("alerts", "ack", "--format", "--from", "2022-06-08", "a1")):
        assert "argument --format: expected one argument" in refused(capsys, *arguments)
