"""`capflow alerts` on a profile's file and a receiver on loopback, in this process."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from capflow_gui.cli.main import main
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.storage.alert_log import AlertLog, Letter
from tests.stand_ins.hook import Hook, hook

RAISED = AlertRecord(
    "aa11",
    "opend",
    Symbol.parse("700.HK"),
    "net <= -200M",
    AlertState.ACTIVE,
    "2022-06-08",
    1654656060,
    -2.134e8,
    -2e8,
    1654656125.5,
)
OVER = replace(
    RAISED,
    id="bb22",
    symbol=Symbol.parse("5.HK"),
    session="2022-06-07",
    state=AlertState.CLEARED,
    seen=1,
    raised_at=1654570000.0,
)
Ask = Callable[..., tuple[int, str, str]]


class OnePost:
    """Sends everything to one channel."""

    def announced(self, event: AlertEvent, _at: float) -> list[Letter]:
        return [Letter(f"{event.record.id}.1", "team", event.record.id, "{}")]

    def acknowledged(self, _record: AlertRecord, _at: float) -> list[Letter]:
        return []

    def posted(self) -> None:
        pass


def write(path: Path, *records: AlertRecord, simulated: bool = False) -> None:
    log = AlertLog(path, simulated=simulated, post=OnePost(), wall=lambda: 1654656126.0)
    log.start(lambda _news: None)
    events = [
        AlertEvent(each.raised_at, AlertChange.RAISED, each, each.line_time, each.value, -2e8) for each in records
    ]
    log.save({}, [], records, [], events)
    log.ask(
        lambda connection: connection.execute(
            "UPDATE outbox SET state = 'sent', attempt = 1, receipt = 'id 7', done_at = 1654656127.0 "
            "WHERE record = 'aa11'"
        )
    ).result(timeout=10)
    log.close()


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A data folder with alerts of two sessions, and one of a simulator in the demo profile."""
    write(tmp_path / "data" / "capflow.db", RAISED, OVER)
    demo = replace(RAISED, id="cc33", simulated=True, raised_at=1654656200.0)
    write(tmp_path / "data" / "demo" / "capflow.db", demo, simulated=True)
    return tmp_path / "data"


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(*arguments: str) -> tuple[int, str, str]:
        folders = ["--data-dir", str(tmp_path / "data"), "--config-dir", str(tmp_path / "config")]
        try:
            status = main(["alerts", *arguments, *folders])
        except SystemExit as error:
            status = int(str(error.code))
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A webhook `team` in the settings, whose address is in the environment, and who listens there."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(
        '[channels.team]\nkind = "webhook"\naddress = "env:TEAM_HOOK"\n', encoding="utf-8"
    )
    with hook() as made:
        monkeypatch.setenv("TEAM_HOOK", made.url)
        yield made


@pytest.mark.usefixtures("profile")
def test_alerts_are_listed_oldest_first_with_what_became_of_their_messages(ask: Ask) -> None:
    status, out, _ = ask("--from", "2022-06-01", "--to", "2022-06-08", "--format", "json")
    found = json.loads(out)
    assert (status, [each["id"] for each in found]) == (0, ["bb22", "aa11", "cc33"])
    assert found[1]["deliveries"] == [
        {
            "channel": "team",
            "state": "sent",
            "attempts": 1,
            "created": "2022-06-08T02:42:06+00:00",
            "done": "2022-06-08T02:42:07+00:00",
            "receipt": "id 7",
            "reason": "",
            "digest": False,
        }
    ]
    assert [each["simulated"] for each in found] == [False, False, True]
    rows = list(csv.DictReader(io.StringIO(ask("--from", "2022-06-01", "--to", "2022-06-08", "--format", "csv")[1])))
    assert [row["id"] for row in rows] == ["bb22", "aa11", "cc33"]
    assert rows[1]["deliveries"] == "team:sent"
    table = ask("--from", "2022-06-01", "--to", "2022-06-08")[1].splitlines()
    assert len(table) == 4
    assert "SIMULATED" in table[3]


@pytest.mark.usefixtures("profile")
def test_dates_are_those_of_sessions_and_checked(ask: Ask) -> None:
    def ids(*arguments: str) -> list[str]:
        return [each["id"] for each in json.loads(ask(*arguments, "--format", "json")[1])]

    assert ids("--from", "2022-06-08", "--to", "2022-06-08") == ["aa11", "cc33"]
    assert ids("--to", "2022-06-07") == ["bb22"]
    assert ids() == []  # the last 365 days
    status, _, err = ask("--from", "2022-06-08", "--to", "2022-06-07")
    assert status == 2
    assert "2022-06-08 to 2022-06-07" in err


def test_without_alerts_that_is_said_to_people_and_nothing_created(ask: Ask, tmp_path: Path) -> None:
    dates = "--from", "2022-06-08", "--to", "2022-06-09"
    assert ask(*dates) == (0, "", "No alert was kept of the sessions from 2022-06-08 to 2022-06-09.\n")
    assert ask(*dates, "--format", "json") == (0, "[]\n", "")
    assert not (tmp_path / "data").exists()


def test_alerts_are_acknowledged_in_the_file_they_are_in(ask: Ask, profile: Path) -> None:
    assert ask("ack", "aa11", "cc33") == (0, "", "")
    for file in (profile / "capflow.db", profile / "demo" / "capflow.db"):
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT seen FROM alert_record WHERE seen = 0").fetchall() == []


def test_an_alert_that_is_not_known_is_a_usage_error_and_none_is_acknowledged(ask: Ask, profile: Path) -> None:
    status, _, err = ask("ack", "aa11", "dd44")
    assert (status, "'dd44': there is no such alert; `capflow alerts` lists them" in err) == (2, True)
    with closing(sqlite3.connect(profile / "capflow.db")) as connection:
        assert connection.execute("SELECT seen FROM alert_record WHERE id = 'aa11'").fetchone() == (0,)
    assert ask("ack")[0] == 2


def test_a_test_is_sent_and_its_result_printed(ask: Ask, receiver: Hook) -> None:
    status, out, _ = ask("test", "team")
    assert (status, out) == (0, "team: sent.\n")
    (key, body) = receiver.received[0]
    assert key.startswith("test-")
    assert "." not in key
    assert body["data"]["test"] is True


@pytest.mark.parametrize(("answer", "status", "words"), [(404, 4, "refused"), (503, 3, "not reached")])
def test_a_refusal_is_status_4_and_a_service_that_is_not_reached_3(
    ask: Ask, receiver: Hook, answer: int, status: int, words: str
) -> None:
    receiver.status = answer
    found, out, err = ask("test", "team")
    assert (found, out.startswith(f"team: {words}")) == (status, True)
    assert "hush" not in out + err


def test_a_secret_that_is_missing_is_named_by_its_setting(
    ask: Ask, receiver: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEAM_HOOK")
    status, out, _ = ask("test", "team")
    assert status == 4
    assert "channels.team.address" in out
    assert "TEAM_HOOK is not set" in out
    assert receiver.received == []


@pytest.mark.usefixtures("receiver")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("test", "phone"), "'phone': the settings have no such channel; one of: team"),
        (("test",), "name one channel"),
        (("test", "team", "phone"), "name one channel"),
    ],
)
def test_a_channel_that_is_not_known_is_a_usage_error(ask: Ask, arguments: tuple[str, ...], words: str) -> None:
    status, _, err = ask(*arguments)
    assert status == 2
    assert words in err
