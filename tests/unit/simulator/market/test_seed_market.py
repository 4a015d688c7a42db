"""The seed day serves what the API page prints, as it stands, and nothing more."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from capflow_gui.domain.flow import Period
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.market.seed_market import NotPrintedError, SeedMarket

TENCENT = Symbol.parse("700.HK")


@pytest.fixture
def seed(calendar: Calendar, seed_table: bytes) -> SeedMarket:
    return SeedMarket(seed_table, calendar)


def at(clock: str, day: str = "2022-06-08") -> float:
    return datetime.fromisoformat(f"{day}T{clock}+08:00").timestamp()


def test_the_printed_minutes_and_their_steps(seed: SeedMarket) -> None:
    reply = seed.intraday(TENCENT, at("10:47:25"))
    assert reply.last_valid == at("10:47:25")
    assert [line.label for line in reply.tail] == [
        at(f"{clock}:00") for clock in ("09:30", "09:31", "09:32", "09:33", "09:34", "09:35", "10:46", "10:47")
    ]
    net = [line.net for line in reply.tail]
    assert [net[1] - net[0], net[2] - net[1], net[3] - net[2]] == [-4_960_940, 1_700_600, 60_418_280]
    assert net[-1] == 1_380_497_320
    assert all(line.classes is not None and sum(line.classes) == line.net for line in reply.tail)


def test_the_newest_line_was_revised_between_the_two_printed_replies(seed: SeedMarket) -> None:
    reply = seed.intraday(TENCENT, at("10:47:10"))
    assert reply.last_valid == at("10:47:00")
    assert reply.tail[-1].net == 1_387_351_340
    assert len(reply.tail) == 5


def test_before_the_printed_replies_only_their_lines_so_far(seed: SeedMarket) -> None:
    reply = seed.intraday(TENCENT, at("09:31:30"))
    assert [line.net for line in reply.tail] == [0, -4_960_940]
    assert reply.last_valid == at("09:31:00")
    assert seed.intraday(TENCENT, at("09:00:00")).tail == ()


def test_the_printed_days(seed: SeedMarket, seed_table: bytes) -> None:
    printed: list[list[Any]] = json.loads(seed_table)["day"]
    lines = seed.history(TENCENT, Period.DAY, date(2021, 6, 8), date(2022, 6, 8), at("10:47:25"))
    assert [line.net for line in lines] == [net for _, net in printed]
    first, last = lines[0], lines[-1]
    assert (first.label, first.net, first.main) == (at("00:00:00", "2021-06-08"), -185_791_500, -106_682_800)
    assert (last.label, last.net, last.main) == (at("00:00:00"), 2_179_240_320, 2_143_345_000)
    assert all(line.classes is None for line in lines)
    assert [line.main for line in lines[1:-1]] == [None] * (len(lines) - 2)
    assert seed.history(TENCENT, Period.WEEK, date(2021, 6, 8), date(2022, 6, 8), at("10:47:25")) == []


def test_what_is_not_printed_is_not_invented(seed: SeedMarket) -> None:
    assert list(seed.listings) == [TENCENT]
    with pytest.raises(NotPrintedError):
        seed.distribution(TENCENT, at("10:47:25"))
    with pytest.raises(NotPrintedError):
        seed.tape(TENCENT, at("10:47:25"))
