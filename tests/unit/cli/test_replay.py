"""`capflow replay` from its arguments to its exit status, on a real archive file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.cli.main import main
from capflow_gui.domain.symbol import Symbol
from tests.integration.hurried_clock import PatientClock
from tests.unit.archive.files import compact, damage, forget_states
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import simulated_polls

RULE = "*: net change 5m <= -20M"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two symbols on 8 June, one on 9 June, of which the states are compacted."""
    data = tmp_path_factory.mktemp("profile")
    mobile = Symbol.parse("941.HK")
    keep(
        data,
        simulated_polls(every_s=60.0),
        simulated_polls(mobile, every_s=120.0, source="longport"),
        simulated_polls(session=date(2022, 6, 9), every_s=60.0),
    )
    return data


@pytest.fixture
def replay(profile: Path, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str, data: Path = profile) -> tuple[int, str, str]:
        status = main(["replay", *arguments, "--config-dir", str(data), "--data-dir", str(data)])
        return status, *capsys.readouterr()

    return run


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_it_prints_what_watch_would_have_and_marks_it_as_playback(replay) -> None:
    status, out, err = replay("2022-06-08", "--rule", RULE, "--format", "jsonl")
    assert status == 0
    assert err.startswith(f"rule {RULE}")
    found = objects(out)
    assert all(each["playback"] is True for each in found)
    assert {(each["symbol"], each["source"]) for each in found if each["type"] == "flow"} == {
        ("700.HK", "opend"),
        ("941.HK", "longport"),
    }
    first = next(each for each in found if each["type"] == "alert")
    assert (first["state"], first["time"], first["threshold"]) == ("raised", "2022-06-08T09:35:00+08:00", -20e6)
    assert first["at"] == "2022-06-08T01:36:00.000Z"
    summary = found[-1]
    assert summary["type"] == "summary"
    assert (summary["requests"], summary["refused"], summary["reconnects"]) == (0, 0, 0)
    assert summary["flows"] == sum(each["type"] == "flow" for each in found)
    assert summary["alerts"] == sum(each.get("state") == "raised" for each in found)
    assert [each["at"] for each in found] == sorted(each["at"] for each in found)


def test_two_runs_are_the_same_to_the_byte(replay) -> None:
    runs = {replay("2022-06-08", "700.HK", "--rule", RULE, "--format", "jsonl")[1] for _ in range(2)}
    assert len(runs) == 1


def test_text_says_playback_on_each_line(replay) -> None:
    _, out, _ = replay("2022-06-08", "700.HK", "--rule", RULE)
    assert all(line.startswith("PLAYBACK  ") for line in out.splitlines())
    assert "PLAYBACK  09:36:00  700.HK     opend  RAISED net change 5m <= -20M at 09:35: −28.1M\n" in out


def test_a_symbol_or_a_source_can_be_named(replay) -> None:
    _, out, _ = replay("2022-06-08", "HK.00941", "--format", "jsonl")
    assert {each["symbol"] for each in objects(out)[:-1]} == {"941.HK"}
    _, out, _ = replay("2022-06-08", "--source", "opend", "--format", "jsonl")
    assert {each["source"] for each in objects(out)[:-1]} == {"opend"}


def test_what_is_not_recorded_is_named_and_the_rest_is_played(replay) -> None:
    status, out, err = replay("2022-06-09", "941.HK")
    assert (status, out) == (4, "")
    assert "Nothing is recorded of 941.HK on 2022-06-09. There is: 1 session, 2022-06-08 (Longport)." in err
    status, out, err = replay("2022-06-09", "941.HK", "700.HK")
    assert status == 0
    assert out
    status, out, err = replay("2022-06-07")
    assert (status, out) == (4, "")
    assert "Nothing is recorded on 2022-06-07. There is: 2 sessions, 2022-06-08 to 2022-06-09" in err


def test_a_profile_that_recorded_nothing(replay, tmp_path: Path) -> None:
    status, _, err = replay("2022-06-08", data=tmp_path)
    assert status == 4
    assert err.count("\n") == 1


def test_a_session_of_which_the_final_lines_are_left_alone_cannot_be_played(replay, tmp_path: Path) -> None:
    # A session is over for good once there is a later one.
    keep(tmp_path, simulated_polls(every_s=300.0), simulated_polls(session=date(2022, 6, 9), every_s=3600.0))
    compact(tmp_path / FILE_NAME)
    status, _, err = replay("2022-06-08", data=tmp_path)
    assert status == 0
    forget_states(tmp_path / FILE_NAME)
    status, _, err = replay("2022-06-08", data=tmp_path)
    assert status == 4
    assert "700.HK at OpenD, session 2022-06-08: only its final lines are kept, which cannot be played." in err
    damage(tmp_path / FILE_NAME, "UPDATE day SET zone = 'Mars' WHERE session = '2022-06-08'")
    status, _, err = replay("2022-06-08", "700.HK", data=tmp_path)
    assert (status, err) == (1, "700.HK at OpenD, session 2022-06-08: its entry is damaged.\n")


def test_a_simulated_profile_says_so(replay, tmp_path: Path) -> None:
    keep(tmp_path, simulated_polls(every_s=600.0), simulated=True)
    assert "SIMULATED" in replay("2022-06-08", data=tmp_path)[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["2022-06-8x"], "is not a date"),
        (["2022-06-08", "--speed", "0"], "'0' is not a speed above 0, or max"),
        (["2022-06-08", "--speed", "fast"], "'fast' is not a speed above 0, or max"),
        (["2022-06-08", "--rule", "*: net <= 3m"], "3m"),
    ],
)
def test_bad_usage(replay, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        replay(*arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_rule_nobody_can_meet_is_a_usage_error(replay) -> None:
    status, _, err = replay("2022-06-08", "941.HK", "--rule", "700.HK: net <= -20M")
    assert status == 2
    assert "add 700.HK to the symbols" in err
    status, _, err = replay("2022-06-08", "--rule", "@core: net <= -20M")
    assert status == 2
    assert "name its symbols" in err


def test_the_symbols_named_are_the_members_of_a_group(replay) -> None:
    _, out, _ = replay("2022-06-08", "700.HK", "--rule", "@core: net change 5m <= -20M", "--format", "jsonl")
    assert {each["rule"] for each in objects(out) if each["type"] == "alert"} == {"@core: net change 5m <= -20M"}


def test_a_speed_waits_as_long_as_the_market_did(replay, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    day, polls = simulated_polls(every_s=45.0)
    keep(tmp_path, (day, polls[:10]))
    waits: list[float] = []

    class NotedClock(PatientClock):
        async def sleep_until(self, deadline: float) -> None:
            waits.append(deadline)

    monkeypatch.setattr("capflow_gui.cli.replay.SystemClock", NotedClock)
    _, timed, _ = replay("2022-06-08", "--speed", "60", "--format", "jsonl", data=tmp_path)
    assert [round(each - waits[0], 6) for each in waits] == [0.75 * i for i in range(len(polls[:10]))]
    assert timed == replay("2022-06-08", "--format", "jsonl", data=tmp_path)[1]
    summary = objects(timed)[-1]
    assert (summary["type"], summary["at"]) == ("summary", iso(polls[9].received))


def test_a_rule_of_a_symbol_that_is_not_recorded_is_refused(replay) -> None:
    status, out, err = replay("2022-06-08", "--rule", "AAPL.US: net <= -1M")
    assert (status, out) == (4, "")
    assert "Nothing is recorded of AAPL.US on 2022-06-08." in err


def test_an_own_group_has_its_members_and_no_others(replay, profile: Path) -> None:
    rule = "@core: net change 5m <= -20M"

    def alerting(*arguments: str) -> set[str]:
        _, out, _ = replay("2022-06-08", *arguments, "--rule", rule, "--format", "jsonl")
        return {each["symbol"] for each in objects(out) if each["type"] == "alert"}

    try:
        (profile / "settings.toml").write_text('[[watchlist.groups]]\nname = "core"\nsymbols = ["700.HK"]\n')
        assert alerting() == {"700.HK"}
        assert alerting("700.HK", "941.HK") == {"700.HK"}
        status, _, err = replay("2022-06-08", "941.HK", "--rule", rule)
        assert status == 2
        assert "@core is not among the symbols" in err
    finally:
        (profile / "settings.toml").unlink()
