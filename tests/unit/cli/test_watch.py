"""`capflow watch` from its arguments to its exit status."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.cli.main import main
from capflow_gui.cli.watch import Replies
from capflow_gui.storage.database import Database
from tests.forked import COMMAND
from tests.integration.hurried_clock import HurriedClock, PatientClock
from tests.stand_ins.hook import hook
from tests.unit.cli.test_simulate import running

ROOT = Path(__file__).parents[3]


@pytest.fixture
def watch(tmp_path: Path, monkeypatch, capsys):
    # A second of `--for` is one in which the program ran.
    monkeypatch.setattr("capflow_gui.cli.watch.SystemClock", PatientClock)
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_args, **_named: tmp_path / "state")

    def run(*arguments: str) -> tuple[int, list[dict], str]:
        folders = ["--config-dir", str(tmp_path / "config"), "--data-dir", str(tmp_path / "data")]
        status = main(["watch", *arguments, "--format", "jsonl", *folders])
        out, err = capsys.readouterr()
        return status, [json.loads(line) for line in out.splitlines()], err

    return run


def of(events: list[dict], kind: str) -> list[dict]:
    return [event for event in events if event["type"] == kind]


def test_it_prints_what_happens_and_a_summary(watch) -> None:
    status, events, err = watch("700.HK", "HK.09988", "--source", "demo:", "--for", "3", "--rule", "*: net <= -20M")
    assert status == 0
    assert "SIMULATED" in err
    assert [event["state"] for event in of(events, "link")] == ["connecting", "ready"]
    assert {event["symbol"] for event in of(events, "flow")} == {"700.HK", "9988.HK"}
    flow = of(events, "flow")[0]
    assert list(flow)[:5] == ["type", "at", "symbol", "source", "session"]
    (raised,) = of(events, "alert")
    assert (raised["symbol"], raised["state"], raised["late"]) == ("700.HK", "raised", True)
    assert raised["value"] <= -20e6
    (summary,) = of(events, "summary")
    assert events[-1] is summary
    assert summary["refused"] == 0
    assert summary["flows"] == len(of(events, "flow"))


def test_a_cycle_is_the_time_between_replies_that_came_while_it_was_watched() -> None:
    replies = Replies(0.0)
    for now, came in ((0.1, False), (0.3, True), (5.3, True), (10.3, True)):
        replies = replies.with_one(now, came=came)
    assert (replies.count, replies.cycle_s, replies.last) == (3, 5.0, 10.3)


def test_an_alert_is_told_once_over_restarts(watch) -> None:
    arguments = ["700.HK", "--source", "demo:", "--for", "1.5", "--rule", "700.HK: net <= -20M"]
    _, first, _ = watch(*arguments)
    _, second, _ = watch(*arguments)
    (raised,) = of(first, "alert")
    assert (raised["state"], of(first, "standing"), of(second, "alert")) == ("raised", [], [])
    (standing,) = of(second, "standing")
    same = ("symbol", "source", "rule", "state", "value", "threshold", "time", "late")
    assert [standing[name] for name in same] == [raised[name] for name in same]
    assert (standing["acknowledged"], standing["raised_at"] <= standing["at"]) == (False, True)


def test_what_stands_since_before_is_told_where_the_rule_is_the_runs_own(watch) -> None:
    arguments = ["700.HK", "--source", "demo:", "--for", "1.5"]
    watch(*arguments, "--rule", "700.HK: net <= -20M")
    _, events, _ = watch(*arguments, "--rule", "700.HK: net <= -200B")
    assert of(events, "standing") == []


def test_alerts_are_delivered_before_it_ends_and_marked_where_a_simulator_made_them(
    watch, tmp_path: Path, monkeypatch, expect_log
) -> None:
    """A channel that nobody answers is said, and no secret gets into a file or a sentence."""
    (tmp_path / "config").mkdir()
    tables = [f'[channels.{name}]\nkind = "webhook"\naddress = "env:{name}_HOOK"\n' for name in ("team", "gone")]
    (tmp_path / "config" / "settings.toml").write_text("".join(tables))
    expect_log("not_delivered channel=gone")
    with hook() as receiver:
        monkeypatch.setenv("team_HOOK", receiver.url)
        monkeypatch.setenv("gone_HOOK", "http://127.0.0.1:1/hush-hush-nobody")
        channels = ["--deliver", "team", "--deliver", "gone"]
        arguments = ["700.HK", "--source", "demo:", "--for", "1.5", "--rule", "*: net <= -20M", *channels]
        status, events, err = watch(*arguments)
    ((_, body),) = receiver.received
    assert (status, len(of(events, "alert"))) == (0, 1)
    assert (body["data"]["symbol"], body["data"]["simulated"]) == ("700.HK", True)
    assert body["data"]["title"].startswith("SIMULATED ")
    assert "alerts do not reach gone: " in err
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"not_delivered channel=gone" in written
    assert b"hush" not in written + err.encode()


def test_a_source_that_is_lost_is_delivered_and_listed(watch, tmp_path: Path, monkeypatch, capsys, expect_log) -> None:
    """Nobody listens at its address. No rule is needed, and no market is open."""
    expect_log("opend: nothing_listens")
    monkeypatch.setattr("capflow_gui.cli.watch.SystemClock", lambda: HurriedClock(12.0))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('[channels.team]\nkind = "webhook"\naddress = "env:TEAM_HOOK"\n')
    with hook() as receiver:
        monkeypatch.setenv("TEAM_HOOK", receiver.url)
        lost = ["--source", "opend://127.0.0.1:1", "--ignore-calendar", "--for", "20", "--deliver", "team"]
        status, events, _ = watch("700.HK", *lost)
        assert (status, of(events, "alert")) == (3, [])
        ((key, body),) = receiver.received
    data = body["data"]
    assert data["title"].startswith("OpenD is lost, and no rule is judged on it: ")
    assert (data["symbol"], data["source"], data["state"]) == (None, "opend", "blocked")
    assert main(["alerts", "--format", "json", "--data-dir", str(tmp_path / "data")]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["id"], listed["symbol"], listed["deliveries"][0]["state"]) == (key.rpartition("-")[0], None, "sent")


def test_a_channel_that_is_not_known_or_off_is_a_usage_error(watch, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('[channels.say]\nkind = "command"\ncommand = ["say"]\n')
    for name, words in (("phone", "the settings have no such channel"), ("say", "this channel is off")):
        status, events, err = watch("700.HK", "--source", "demo:", "--for", "1", "--deliver", name)
        assert (status, events) == (2, [])
        assert words in err


def test_the_rules_are_told_once_as_they_were_understood(watch) -> None:
    rules = ["--rule", "*: net <= –２亿 again 100M", "--rule", "700.HK: net/turnover <= -3%"]
    _, events, err = watch("700.HK", "--source", "demo:", "--for", "1", *rules)
    told = [line for line in err.splitlines() if line.startswith("rule ")]
    assert told == [
        "rule *: net <= -200M again 100M · level −200,000,000 · again 100,000,000",
        "rule 700.HK: net/turnover <= -3%",
    ]
    assert "rule" not in {event["type"] for event in events}


def test_a_rule_for_a_symbol_that_is_not_watched_is_a_usage_error(watch) -> None:
    status, events, err = watch("700.HK", "--source", "demo:", "--rule", "9988.HK: net <= -1")
    assert (status, events) == (2, [])
    assert "9988.HK is not watched" in err
    assert "add 9988.HK to the symbols" in err


def test_a_rule_for_a_group_without_watched_members_is_warned_of(watch, tmp_path: Path) -> None:
    _, _, err = watch("700.HK", "--source", "demo:", "--for", "2", "--rule", "@nobody knows it: net <= -1")
    assert "@nobody knows it: its members cannot be had, so that its rules cannot alert" in err
    _, _, err = watch("SPY.US", "--source", "demo:", "--for", "2", "--rule", "@港股核心: net <= -1")
    assert "so that its rules cannot alert" in err
    own = '[[watchlist.groups]]\nname = "nobody knows it"\nsymbols = ["700.HK", "5.HK"]\n'
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "settings.toml").write_text(own)
    _, events, err = watch("700.HK", "--source", "demo:", "--for", "2", "--rule", "@nobody knows it: net <= 900B")
    assert "cannot alert" not in err
    assert {event["symbol"] for event in of(events, "alert")} == {"700.HK"}


def test_a_group_without_members_is_warned_of_once_over_reconnects(watch, tmp_path: Path, expect_log) -> None:
    expect_log("next attempt in")
    arguments = ["--opend-port", "0", "--fault", "reset:every=4,interface=3211"]
    with running(tmp_path / "simulator", *arguments) as (_, port):
        rules = ["--rule", "@nobody knows it: net <= -1"]
        _, events, err = watch("700.HK", "9988.HK", "--source", f"opend://127.0.0.1:{port}", "--for", "5", *rules)
    assert [event["state"] for event in of(events, "link")].count("ready") > 1
    assert err.count("its members cannot be had") == 1


def test_every_symbol_rejected_is_status_4(watch) -> None:
    status, events, err = watch("99999.HK", "--source", "demo:", "--for", "1")
    assert status == 4
    assert of(events, "error")[0]["kind"] == "UnknownSymbol"
    assert err.count("99999.HK:") == 1


def test_one_symbol_rejected_is_a_partial_failure(watch) -> None:
    status, _, err = watch("99999.HK", "700.HK", "--source", "demo:", "--for", "1")
    assert status == 0
    assert "99999.HK:" in err


def test_no_connection_is_status_3(watch, expect_log) -> None:
    expect_log("WARNING capflow_gui.providers")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    status, events, err = watch("700.HK", "--source", f"opend://127.0.0.1:{port}", "--for", "1")
    assert status == 3
    assert {"connecting", "waiting"} <= {event["state"] for event in of(events, "link")}
    assert "could not connect" in err
    assert f"nothing listens at 127.0.0.1:{port}" in err
    assert "nothing_listens" not in err


def test_why_it_could_not_connect_is_said_though_it_is_trying_once_more(watch, expect_log, monkeypatch) -> None:
    expect_log("WARNING capflow_gui.providers")
    monkeypatch.setattr("capflow_gui.cli.watch.SystemClock", lambda: HurriedClock(6.0))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def close_the_first() -> None:
            """The next waits without an answer until the end."""
            server.accept()[0].close()

        closing = threading.Thread(target=close_the_first)
        closing.start()
        status, events, err = watch("700.HK", "--source", f"opend://127.0.0.1:{port}", "--for", "3")
        closing.join()
    assert status == 3
    assert [event["state"] for event in of(events, "link")] == ["connecting", "waiting", "connecting"]
    assert "could not connect" in err
    assert ": not connected" not in err


def test_a_key_that_cannot_be_read_ends_it_at_once(watch, expect_log) -> None:
    expect_log("key_file_unreadable")
    status, events, err = watch("700.HK", "--source", "opend://127.0.0.1:1?rsa-key=/does/not/exist")
    assert status == 2
    assert of(events, "link")[-1]["state"] == "failed"
    assert "/does/not/exist" in err


def test_two_sources_are_told_apart(watch, expect_log) -> None:
    expect_log("WARNING capflow_gui.providers")
    status, events, _ = watch("700.HK", "--source", "demo:", "--source", "opend://127.0.0.1:9", "--for", "1.5")
    assert status == 0
    assert {event["source"] for event in of(events, "link")} == {"demo", "opend"}


@pytest.mark.parametrize(
    "arguments",
    [["700.HK"], ["700.HK", "--source", "longport:"], ["700.HK", "--source", "nonsense"]],
)
def test_a_source_that_cannot_be_is_a_usage_error(watch, arguments: list[str]) -> None:
    status, events, err = watch(*arguments)
    assert status == 2
    assert events == []
    assert "error" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send one process Ctrl-C")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_an_interrupt_ends_it_cleanly_with_the_summary(tmp_path: Path, number: signal.Signals) -> None:
    folders = ["--config-dir", str(tmp_path), "--data-dir", str(tmp_path / "data")]
    command = [*COMMAND, "watch", "700.HK", "--source", "demo:"]
    with subprocess.Popen(
        [*command, "--format", "jsonl", *folders], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["type"] != "flow":
            pass
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["type"] == "summary"
    assert "Traceback" not in err


def test_it_runs_where_qt_cannot_be_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from capflow_gui.cli.main import main\n"
        f"sys.exit(main(['watch', '700.HK', '--source', 'demo:', '--for', '0.5', '--data-dir', {str(tmp_path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert "net" in done.stdout


def test_a_part_of_capflow_that_failed_ends_it_with_one_sentence(watch, monkeypatch, expect_log) -> None:
    expect_log("ERROR capflow_gui.feed.supervisor: demo polling stopped unexpectedly")

    def fail(*_arguments: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr("capflow_gui.feed.polling.schedule.Schedule.pick", fail)
    status, events, err = watch("700.HK", "--source", "demo:", "--for", "60")
    assert status == 1
    assert events[-1]["type"] == "summary"
    (error,) = of(events, "error")
    assert (error["symbol"], error["source"], error["kind"]) == (None, None, "PartFailed")
    assert [line for line in err.splitlines() if "Capflow itself has failed (demo polling: KeyError)" in line]
    assert "OpenD" not in err


def test_a_quota_that_is_used_up_is_said_once(watch, monkeypatch) -> None:
    monkeypatch.setattr("capflow_gui.cli.watch._QUIET_S", 0.3)
    monkeypatch.setattr("capflow_gui.cli.watch._LOOK_S", 0.1)
    status, _, err = watch("700.HK", "--source", "demo:", "--interval", "0.01", "--for", "3")
    assert status == 0
    assert err.count("demo: its quota of 30 requests in 30 s is used up; the next in ") == 1


def test_what_is_not_recorded_though_it_was_asked_for_is_said(watch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    Database.open(tmp_path / "data" / FILE_NAME, SCHEMA, simulated=False).close()
    status, _, err = watch("700.HK", "--source", "demo:", "--record", "--for", "1")
    assert status == 0
    assert err.count("Not recorded: ") == err.count("records real sources only") == 1
