from __future__ import annotations

import json
from dataclasses import dataclass, field

from msgspec.structs import replace

from capflow_gui.present.desk.status_lines import addresses, to_json, to_table
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.messages import Beat, SourceBeat

SOURCE = SourceBeat(
    "opend", "opend", True, True, 1.6e9, 1.0, "ready", None, 3, 30, 30.0, 20.0, "700.HK", 1.0, 0, 9, 1, 0
)
BEAT = Beat(1, "shard0", 2, "a-1", 7, 12, 5.0, 3, 40, (SOURCE,), (Reason.of(Code.CLOSED).to_json(),))
WAITS = Beat(1, "standby", 2, "b-2", 0, 12, 5.0, 3, 0, ())


@dataclass
class Status:
    beats: tuple[Beat, ...] = (BEAT, WAITS)
    states: int = 40
    missing: tuple[str, ...] | None = ("shard1",)
    lag: dict[str, float] = field(default_factory=lambda: {"shard0": 12.0})
    update: Reason | None = None


def test_a_person_reads_who_holds_what_and_what_is_wrong() -> None:
    said = to_table(Status())
    for words in (
        "shard0: a-1, symbols 40, windows 3, newest reply 12 s ago",
        "opend SIMULATED: ready, quota 3 of 30 in 30 s, cycle 20 s",
        "Capflow closed the connection",
        "b-2 waits for a shard\n",
        "Without a holder: shard1",
        "Symbols on the bus: 40",
    ):
        assert words in said
    assert "b-2 waits: every shard has a holder" in to_table(Status(missing=()))
    full = Reason.of(Code.BUS_FULL, why="insufficient resources")
    assert reason_words(full) in to_table(Status((replace(WAITS, troubles=(full.to_json(),)),), 0, None, {}))
    assert "no collector is heard" in to_table(Status((), 0, None, {}))
    said = to_table(Status(lag={}))
    assert "windows 3, no reply yet\n" in said
    assert "Nothing is polled" not in said


def test_a_desk_without_symbols_says_how_to_name_some() -> None:
    idle = replace(BEAT, symbols=0)
    assert to_table(Status((idle, WAITS), 0, (), {})).endswith(
        "Nothing is polled: name symbols behind the command, in its watchlist, or in a window.\n"
    )
    for status in (Status((WAITS,), 0, (), {}), Status((idle,), 1, (), {}), Status((), 0, None, {})):
        assert "Nothing is polled" not in to_table(status)


def test_a_program_reads_the_same() -> None:
    said = json.loads(to_json(Status()))
    (shard,) = said["shards"]
    assert (shard["holder"], shard["lag_s"], shard["troubles"]) == ("a-1", 12.0, ["Capflow closed the connection"])
    assert shard["sources"][0]["simulated"] is True
    assert json.loads(to_json(Status((), 0, None, {})))["without_holder"] is None


def test_a_newer_collector_is_not_called_absent() -> None:
    newer = Reason.of(Code.DESK_NEWER, found=2, known=1)
    said = to_table(Status((), 0, None, {}, newer))
    assert reason_words(newer) in said
    assert "no collector is heard" not in said
    assert json.loads(to_json(Status((), 0, None, {}, newer)))["update"] == reason_words(newer)
    assert json.loads(to_json(Status()))["update"] is None


def test_a_certificate_that_ends_soon_is_said_once() -> None:
    ends = Reason.of(Code.DESK_EXPIRES, address="desk.example:4222", day="2026-06-01")
    words = reason_words(ends)
    assert to_table(Status(), ends).count(words) == 1
    assert to_table(Status((replace(BEAT, troubles=(ends.to_json(),)),)), ends).count(words) == 1
    assert json.loads(to_json(Status(), ends))["certificate"] == words
    assert json.loads(to_json(Status()))["certificate"] is None


def test_a_source_that_cannot_be_asked_says_why() -> None:
    source = replace(SOURCE, phase="waiting", reason=Reason.of(Code.NOT_ENCRYPTED).to_json())
    status = Status((replace(BEAT, sources=(source,)),))
    words = reason_words(Reason.of(Code.NOT_ENCRYPTED))
    assert f"  opend: {words}\n" in to_table(status)
    (shard,) = json.loads(to_json(status))["shards"]
    assert (shard["sources"][0]["link"], shard["sources"][0]["why"]) == ("waiting", words)


class Folder:
    windows = ("ws01", "ws02")

    def address(self, user: str, host: str, port: int) -> str:
        return f"desk://{user}@{host}:{port}"


def test_each_window_has_an_address() -> None:
    said = addresses("h", 4222, Folder())
    assert "  desk://ws01@h:4222\n  desk://ws02@h:4222\n" in said
