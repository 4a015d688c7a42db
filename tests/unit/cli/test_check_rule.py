"""`capflow check-rule` from its arguments to its exit status, on a real archive file."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.cli.main import main
from capflow_gui.domain.symbol import Symbol
from tests.unit.archive.files import compact, damage, forget_states
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import simulated_polls

RULE = "*: net change 5m <= -20M"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("profile")
    keep(
        data,
        simulated_polls(every_s=60.0),
        simulated_polls(Symbol.parse("941.HK"), every_s=120.0, source="longport"),
        simulated_polls(session=date(2022, 6, 9), every_s=60.0),
    )
    compact(data / FILE_NAME)
    return data


@pytest.fixture
def command(profile: Path, capsys: pytest.CaptureFixture[str]):
    def run(verb: str, *arguments: str, data: Path = profile) -> tuple[int, str, str]:
        status = main([verb, *arguments, "--config-dir", str(data), "--data-dir", str(data)])
        return status, *capsys.readouterr()

    return run


DATES = ("--from", "2022-06-01", "--to", "2022-06-30")


def test_it_prints_what_the_rule_would_have_done_and_a_summary(command) -> None:
    status, out, _ = command("check-rule", RULE, *DATES, "--format", "jsonl")
    assert status == 0
    *found, summary = [json.loads(line) for line in out.splitlines()]
    assert found[0] == {
        "type": "raised",
        "symbol": "700.HK",
        "source": "opend",
        "session": "2022-06-08",
        "time": "2022-06-08T09:35:00+08:00",
        "value": -28090810.0,
        "threshold": -20e6,
        "reason": "",
    }
    assert {each["type"] for each in found} == {"raised", "cleared"}
    assert summary == {
        "type": "summary",
        "sessions": 2,
        "symbols": 2,
        "raised": sum(each["type"] == "raised" for each in found),
        "unjudged": 0,
    }


@pytest.mark.parametrize("rule", [RULE, "*: net <= -20M again 5M", "*: main >= 20M", "700.HK: net crosses 0 band 5M"])
def test_it_agrees_with_a_replay_event_for_event(command, rule: str) -> None:
    _, out, _ = command("check-rule", rule, "--from", "2022-06-08", "--to", "2022-06-08", "--format", "jsonl")
    names = ("symbol", "source", "time", "value", "threshold", "reason")
    tried = [(each["type"], *(each[name] for name in names)) for each in map(json.loads, out.splitlines()[:-1])]
    _, out, _ = command("replay", "2022-06-08", "--rule", rule, "--format", "jsonl")
    played = [
        (each["state"], *(each[name] for name in names))
        for each in map(json.loads, out.splitlines())
        if each["type"] == "alert"
    ]
    assert sorted(tried, key=str) == sorted(played, key=str)
    assert tried


def test_the_final_lines_alone_will_do(command, tmp_path: Path) -> None:
    keep(tmp_path, simulated_polls(every_s=60.0), simulated_polls(session=date(2022, 6, 9), every_s=3600.0))
    compact(tmp_path / FILE_NAME)
    day = ("--from", "2022-06-08", "--to", "2022-06-08")
    before = command("check-rule", RULE, *day, data=tmp_path)
    forget_states(tmp_path / FILE_NAME)
    assert command("check-rule", RULE, *day, data=tmp_path) == before
    assert "raised" in before[1]


def test_a_table_for_people(command) -> None:
    _, out, _ = command("check-rule", "*: net <= -20M", "700.HK", "--from", "2022-06-08", "--to", "2022-06-08")
    lines = out.splitlines()
    assert lines[0].split() == ["session", "symbol", "source", "time", "what", "value", "threshold"]
    assert lines[1] == "2022-06-08  700.HK  OpenD   09:31  raised   −34.8M     −20.0M"
    assert lines[-2] == "2022-06-08  700.HK  OpenD   –      cleared       –     −20.0M  session ended"
    assert lines[-1] == "Raised 3 times in 1 session of 1 symbol."


def test_a_rule_that_never_fires(command) -> None:
    status, out, _ = command("check-rule", "*: net <= -900B", *DATES)
    assert (status, out) == (0, "Never raised in 2 sessions of 2 symbols.\n")


def test_a_scope_a_symbol_or_a_source_limits_it(command) -> None:
    def symbols(*arguments: str) -> set[str]:
        _, out, _ = command("check-rule", *arguments, *DATES, "--format", "jsonl")
        return {each["symbol"] for each in map(json.loads, out.splitlines()[:-1])}

    assert symbols("*: net >= 1K") == {"700.HK", "941.HK"}
    assert symbols("*: net >= 1K", "941.HK") == {"941.HK"}
    assert symbols("941.HK: net >= 1K") == {"941.HK"}
    assert symbols("*: net >= 1K", "--source", "opend") == {"700.HK"}
    assert symbols("@core: net >= 1K", "941.HK") == {"941.HK"}


def test_a_session_that_could_not_be_judged_is_said(command, tmp_path: Path) -> None:
    day, polls = simulated_polls(every_s=60.0)
    keep(tmp_path, (day, [poll for poll in polls if poll.received > day.close + 740]))
    _, out, _ = command("check-rule", RULE, *DATES, data=tmp_path)
    assert "unjudged" in out
    assert "it was recorded after the close only" in out
    assert out.endswith("Never raised in 1 session of 1 symbol; not judged: 1.\n")


def test_nothing_recorded(command, tmp_path: Path) -> None:
    status, _, err = command("check-rule", RULE, "9988.HK", *DATES)
    assert status == 4
    assert "Nothing is recorded of 9988.HK" in err
    status, _, err = command("check-rule", RULE, data=tmp_path)
    assert status == 4


def test_without_dates_a_simulated_market_is_tried_up_to_its_newest_session(command, tmp_path: Path) -> None:
    keep(tmp_path, simulated_polls(every_s=600.0), simulated=True)
    status, out, err = command("check-rule", RULE, data=tmp_path)
    assert status == 0
    assert "SIMULATED" in err
    assert "in 1 session" in out
    status, _, err = command("check-rule", RULE)
    assert status == 4
    assert "There is: 2 sessions" in err


def test_a_group_without_symbols_is_a_usage_error(command) -> None:
    status, _, err = command("check-rule", "@core: net <= -20M")
    assert status == 2
    assert "name its symbols" in err


def test_both_commands_count_their_dates_from_the_same_day(command, tmp_path: Path) -> None:
    keep(tmp_path, simulated_polls(session=date(2099, 6, 8), every_s=3600.0))
    for asked in (("check-rule", "*: net <= -1T"), ("export", "700.HK")):
        status, _, err = command(*asked, data=tmp_path)
        assert status == 0
        assert "Nothing is recorded" not in err


def test_an_own_group_is_tried_on_its_members(command, profile: Path) -> None:
    def symbols(*arguments: str) -> set[str]:
        _, out, _ = command("check-rule", "@core: net >= 1K", *arguments, *DATES, "--format", "jsonl")
        return {each["symbol"] for each in map(json.loads, out.splitlines()[:-1])}

    try:
        (profile / "settings.toml").write_text('[[watchlist.groups]]\nname = "core"\nsymbols = ["941.HK", "5.HK"]\n')
        assert symbols() == {"941.HK"}
        assert symbols("700.HK", "941.HK") == {"941.HK"}
        assert command("check-rule", "@core: net >= 1K", "700.HK", *DATES)[0] == 2
        (profile / "settings.toml").write_text('[[watchlist.groups]]\nname = "core"\n')
        assert command("check-rule", "@core: net >= 1K", *DATES)[0] == 2
    finally:
        (profile / "settings.toml").unlink()


def test_what_cannot_be_read_is_named_and_not_said_to_be_unrecorded(command, profile: Path, tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    shutil.copy(profile / FILE_NAME, file)
    forget_states(file)
    damage(file, "UPDATE final SET body = x'00' WHERE day IN (SELECT id FROM day WHERE session = '2022-06-09')")
    status, out, said = command("check-rule", RULE, "700.HK", *DATES, "--format", "jsonl", data=tmp_path)
    assert status == 0
    assert json.loads(out.splitlines()[-1])["sessions"] == 1
    assert "700.HK at OpenD, session 2022-06-09: what was recorded is damaged." in said
    day = ("--from", "2022-06-09", "--to", "2022-06-09")
    status, _, said = command("check-rule", RULE, "700.HK", *day, "--format", "jsonl", data=tmp_path)
    assert status == 1
    assert "session 2022-06-09: what was recorded is damaged." in said
    assert "Nothing is recorded" not in said
    damage(file, "UPDATE day SET zone = 'Mars' WHERE session = '2022-06-09'")
    status, _, said = command("check-rule", RULE, "700.HK", *day, "--format", "jsonl", data=tmp_path)
    assert status == 1
    assert "700.HK at OpenD, session 2022-06-09: its entry is damaged.\n" in said
    assert "Nothing is recorded" not in said
