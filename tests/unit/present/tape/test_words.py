from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import nan
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from capflow_gui.present.tape.words import HEADERS, KINDS, event_words, size_words, tape_table, time_words
from tests.unit.domain.tape.days import DAY, TENCENT

ZONE = ZoneInfo("Asia/Hong_Kong")
AT = DAY.label(60)  # 10:30
SAID = {
    TapeKind.BURST: "in 5 min, net now −3.0M",
    TapeKind.REVERSAL: "net −3.0M, was +2.0M at 10:10",
    TapeKind.LOW: "net below the +2.0M of 10:10",
    TapeKind.HIGH: "net above the +2.0M of 10:10",
    TapeKind.AGAINST: "main −5.0M, the rest +2.0M",
    TapeKind.REVISION: "net of 10:30 is −3.0M, was +2.0M",
    TapeKind.STALE: "nothing newer than 10:30",
    TapeKind.BACK: "figures again after 20 m",
}


def event(kind: TapeKind) -> TapeEvent:
    return TapeEvent(kind, TENCENT, "opend", DAY.day, float(AT), AT, -5e6, -3e6, 2e6, float(DAY.label(40)))


@pytest.mark.parametrize("kind", TapeKind)
def test_every_kind_has_a_name_and_says_what_happened(kind: TapeKind) -> None:
    assert KINDS[kind]
    assert event_words(event(kind), ZONE) == SAID[kind]


def test_a_size_has_its_currency_and_nothing_has_no_size() -> None:
    assert size_words(event(TapeKind.BURST), "HKD?") == "−5.0M HKD?"
    assert size_words(replace(event(TapeKind.STALE), size=nan), "HKD") == ""


def test_the_time_has_its_date_on_another_day() -> None:
    burst = event(TapeKind.BURST)
    assert time_words(burst, ZONE, DAY.day) == "10:30"
    assert time_words(burst, ZONE, date(2022, 6, 9)) == "8 Jun 10:30"


def test_the_table_has_full_amounts_apart_from_their_currency() -> None:
    rows = [(event(TapeKind.BURST), "HKD", ZONE), (replace(event(TapeKind.STALE), size=nan), "HKD", ZONE)]
    header, burst, stale, end = tape_table(rows).split("\n")
    assert header.split("\t")[:3] == ["Session", "Time", "Symbol"]
    assert burst.split("\t")[:7] == ["2022-06-08", "10:30", "700.HK", "opend", "Burst", "-5000000", "HKD"]
    assert stale.split("\t")[4:7] == ["Stale", "", ""]
    assert end == ""
    assert len(HEADERS) == 5
