"""A day of the simulated Longport with each fault of its figures: live, replay and dry run say the same of it."""

from __future__ import annotations

import numpy as np
import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.model import DayKey
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.quote import Turnover
from capflow_gui.feed.events import FlowEvent
from capflow_gui.paths import resource
from capflow_gui.playback.player import Player
from capflow_gui.providers.longport.flow import LongportFlowDecoder
from capflow_gui.simulator.faults import FaultName, Faults
from capflow_gui.simulator.longport.market import LongportMarket
from capflow_gui.simulator.longport.replies import LongportReplies
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.market.universe import build_universe
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.pb.longport import quote_pb2 as quote
from tests.unit.playback.recorded import (
    CALENDAR,
    SESSION,
    TENCENT,
    Poll,
    finished,
    judged,
    live,
    recorded,
    told,
    tried,
)

KEY = DayKey("longport", TENCENT, SESSION)
RULES = [
    parse_rule(f"*: {text}")
    for text in (
        "net <= -1M for 2m again 1M",
        "net change 5m <= -0.5M",
        "net/turnover <= -0.01%",
        "net crosses 0",
        "main <= 0",
    )
]
# The fault is there from minute 14 to 22 of 34; a minute between replies.
BEGIN, END, UNTIL = 14, 22, 34
FAULTS = [
    "frozen", "padded", "disorder", "duplicate", "gap", "revised", "no-figures", "late-labels", "no-lines",
    "huge-amounts", "scale", "per-minute",
]  # fmt: skip


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(build_universe(), find_scenario("calm"), 3, CALENDAR)


def polls_with(fault: str, market: SimulatedMarket) -> list[Poll]:
    """The replies as Longport gives them and the provider reads them."""
    now = 0.0
    day = CALENDAR.day(TENCENT.market, SESSION)
    assert day is not None
    faults = Faults(lambda: now, lambda: now, 3)
    printed = resource("longport_seed_day.json").read_bytes()
    replies, decoder = LongportReplies(LongportMarket(market, 3, printed), faults), LongportFlowDecoder("longport")
    polls = []
    for minute in range(2, UNTIL):
        now = day.open + 60.0 * minute + 5.0
        if minute == BEGIN:
            faults.add(fault)
        if minute == END:
            faults.clear()
        answer = replies.answer(Command.CAPITAL_FLOW, quote.SymbolRequest(symbol="700.HK"), now)
        tape = market.tape(TENCENT, now)
        turnover = Turnover(tape.turnover, float(tape.time), tape.price)
        raw = decoder.decode(TENCENT, answer.SerializeToString())
        if len(raw):  # the feed keeps the last lines otherwise, and records nothing new
            polls.append(Poll(now, raw, turnover))
    return polls


def test_every_fault_of_its_figures_is_tried() -> None:
    # What it does to the session, the clock or the calendar is not of one session's lines.
    others = {"sum-mismatch", "previous-session", "closed-today", "wrong-clock"}
    names = [each.value for each in FaultName]
    assert set(FAULTS) == ({*names[names.index("frozen") : names.index("close-code")], "per-minute"} - others)


@pytest.mark.parametrize("fault", FAULTS)
def test_live_replay_and_dry_run_agree(fault: str, market: SimulatedMarket) -> None:
    polls = polls_with(fault, market)
    day = CALENDAR.day(TENCENT.market, SESSION)
    assert day is not None
    shown = judged(polls, day)
    lived = live(polls, day, RULES, KEY)
    recording = recorded(polls, day, KEY, lived.outages)
    expected = told(lived.events)
    assert expected
    player = Player([recording], calendar=CALENDAR, rules=RuleTable(rules=RULES))
    played = player.play_to(player.end)
    assert told(played) == expected
    said = [found for rule in RULES for found in tried(recording, rule)]
    assert sorted(said, key=repr) == sorted(finished(expected), key=repr)
    newest = [event.series for event in played if isinstance(event, FlowEvent)][-1]
    assert np.array_equal(newest.values, shown[-1].values, equal_nan=True)
    assert np.array_equal(newest.line_flags, shown[-1].line_flags)
