from __future__ import annotations

import functools
import itertools
import weakref
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.flow import Period
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import resource
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import AUCTION_S, SimulatedMarket
from capflow_gui.simulator.market.scenario import SCENARIOS, SEED_DAY, find_scenario
from capflow_gui.simulator.market.universe import build_universe

TENCENT = Symbol.parse("700.HK")
APPLE = Symbol.parse("AAPL.US")
HALTED = Symbol.parse("1234.HK")
NAMED = build_universe()


def market(calendar: Calendar, scenario: str = "default", seed: int = 1) -> SimulatedMarket:
    return SimulatedMarket(NAMED, find_scenario(scenario), seed, calendar)


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.fixture(scope="module")
def quiet(calendar: Calendar) -> SimulatedMarket:
    return market(calendar, "calm")


def test_the_universe_is_mixed_and_large_enough() -> None:
    tradable = [listing for listing in NAMED.values() if listing.has_flow]
    assert len(tradable) >= 40
    assert {listing.currency for listing in tradable} >= {"HKD", "USD", "CNY"}
    assert sum(listing.halts_at is not None for listing in tradable) == 1
    assert sum(not listing.permitted for listing in tradable) == 1
    assert len({listing.wire_code for listing in tradable}) == len(tradable)
    assert NAMED[TENCENT].wire_code == "00700"
    assert len([each for each in build_universe(300).values() if each.has_flow]) == 300
    assert set(build_universe([TENCENT, Symbol.parse("4321.HK")])) >= {TENCENT, Symbol.parse("4321.HK")}


def test_a_day_that_is_dropped_is_not_kept_for_its_totals(calendar: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capflow_gui.simulator.market.market._DAYS_KEPT", 2)
    made, now = market(calendar), at("2026-06-10T10:47:25+08:00")
    symbols = [symbol for symbol, listing in NAMED.items() if listing.has_flow and symbol.market is Market.HK][:3]
    session = made.session(symbols[0], at("2026-06-09T10:47:25+08:00"))
    day = made.day(symbols[0], session)
    total, flows = day.flows[:, -1].tolist(), weakref.ref(day.flows)
    del day
    for symbol in symbols[1:]:
        made.day(symbol, session)
    assert flows() is None
    assert made.total(symbols[0], session, now).tolist() == total


def test_lines_are_the_grid_so_far_and_the_running_minute(quiet: SimulatedMarket) -> None:
    reply = quiet.intraday(TENCENT, at("2026-06-10T10:47:25+08:00"))
    lines = all_lines(reply)
    assert [line.label for line in lines] == list(reply.session.labels()[:79])
    assert (lines[0].net, lines[0].classes) == (0, (0, 0, 0, 0))
    assert reply.last_valid == at("2026-06-10T10:47:25+08:00")
    assert lines[-1].label == at("2026-06-10T10:48:00+08:00")
    assert all(line.classes is not None and sum(line.classes) == line.net for line in lines)


def test_the_running_line_moves_and_settles_on_the_final_one(quiet: SimulatedMarket) -> None:
    second = at("2026-06-10T10:47:00+08:00")
    seen = {all_lines(quiet.intraday(TENCENT, second + s))[-1].net for s in range(5, 56, 5)}
    assert len(seen) == 11
    settled = all_lines(quiet.intraday(TENCENT, second + 60 + 31))[78]
    assert settled.label == second + 60
    assert settled.net == quiet.day(TENCENT, quiet.session(TENCENT, second)).flows[:, 78].sum()


def test_a_line_may_be_revised_once_within_its_minute(quiet: SimulatedMarket) -> None:
    session = quiet.session(TENCENT, at("2026-06-10T12:00:00+08:00"))
    day = quiet.day(TENCENT, session)
    revised = np.flatnonzero((day.early != day.flows).any(axis=0))
    assert len(revised) > 0
    index = int(revised[0])
    label = session.label(index)
    values = [all_lines(quiet.intraday(TENCENT, label + s))[index].net for s in (5, 29, 30, 59, 3600)]
    assert values[0] == values[1] != values[2]
    assert values[2] == values[3] == values[4]


@pytest.mark.parametrize(
    ("now", "session", "lines", "valid"),
    [
        ("2026-06-10T09:29:59+08:00", "2026-06-09", 331, "2026-06-09T16:00:00+08:00"),
        ("2026-06-10T09:30:00+08:00", "2026-06-10", 1, "2026-06-10T09:30:00+08:00"),
        ("2026-06-10T12:31:00+08:00", "2026-06-10", 151, "2026-06-10T12:00:00+08:00"),
        ("2026-06-10T13:00:10+08:00", "2026-06-10", 152, "2026-06-10T13:00:10+08:00"),
        ("2026-06-10T16:00:05+08:00", "2026-06-10", 331, "2026-06-10T16:00:00+08:00"),
        ("2026-06-13T11:00:00+08:00", "2026-06-12", 331, "2026-06-12T16:00:00+08:00"),
        ("2026-12-24T13:30:00+08:00", "2026-12-24", 151, "2026-12-24T12:00:00+08:00"),
    ],
)
def test_sessions_before_the_open_at_lunch_and_after_the_close(
    quiet: SimulatedMarket, now: str, session: str, lines: int, valid: str
) -> None:
    reply = quiet.intraday(TENCENT, at(now))
    assert reply.session.day.isoformat() == session
    assert len(all_lines(reply)) == lines
    assert reply.last_valid == at(valid)


def test_a_new_york_session_keeps_its_date_over_midnight_in_hong_kong(calendar: Calendar) -> None:
    playing = market(calendar, "us-midnight")
    begin = SCENARIOS["us-midnight"].start
    for minutes in (0, 30, 120):
        assert playing.session(APPLE, begin + minutes * 60).day == date(2026, 6, 10)
    assert calendar.session_date(Market.HK, begin + 3600) == date(2026, 6, 11)
    net = [all_lines(playing.intraday(APPLE, begin + 60 * m))[-1].net for m in (0, 25)]
    assert net[1] < net[0] - 0.01 * NAMED[APPLE].turnover


def test_the_halted_symbol_stops_where_it_halts(quiet: SimulatedMarket) -> None:
    early = quiet.intraday(HALTED, at("2026-06-10T09:50:20+08:00"))
    late = quiet.intraday(HALTED, at("2026-06-10T15:00:00+08:00"))
    assert early.last_valid == at("2026-06-10T09:50:20+08:00")
    assert late.last_valid == all_lines(late)[-1].label == at("2026-06-10T10:05:00+08:00")
    assert quiet.tape(HALTED, at("2026-06-10T15:00:00+08:00")).suspended
    assert not quiet.tape(HALTED, at("2026-06-10T09:50:00+08:00")).suspended


@given(st.integers(0, 5 * 86400))
def test_distribution_and_tape_agree_with_the_lines(offset: int) -> None:
    playing = _shared()
    now = at("2026-06-08T00:00:00+08:00") + offset
    for symbol in (TENCENT, APPLE, Symbol.parse("600519.SH")):
        line = all_lines(playing.intraday(symbol, now))[-1]
        split = playing.distribution(symbol, now)
        tape = playing.tape(symbol, now)
        session = playing.session(symbol, now)
        after_auction = now >= session.close + AUCTION_S and symbol == TENCENT
        net = sum(split.inflow) - sum(split.outflow)
        assert after_auction or net == line.net
        assert min(*split.inflow, *split.outflow) >= 0
        assert tape.low <= tape.price <= tape.high
        assert abs(line.net) <= tape.turnover + 40
        assert session.open <= tape.time <= min(now, session.close)


@functools.cache
def _shared() -> SimulatedMarket:
    """Hypothesis takes no fixture of a narrower scope."""
    return market(Calendar.from_json(resource("sessions.json").read_bytes()), "calm")


def test_the_auction_of_hong_kong_arrives_in_the_distribution_only(quiet: SimulatedMarket) -> None:
    before, after = at("2026-06-10T16:05:00+08:00"), at("2026-06-10T16:09:00+08:00")
    day = quiet.day(TENCENT, quiet.session(TENCENT, before))
    assert all_lines(quiet.intraday(TENCENT, before)) == all_lines(quiet.intraday(TENCENT, after))
    change = [
        sum(split.inflow) - sum(split.outflow) for split in (quiet.distribution(TENCENT, t) for t in (before, after))
    ]
    assert change[1] - change[0] == day.auction_flow.sum() != 0
    assert quiet.tape(TENCENT, after).turnover > quiet.tape(TENCENT, before).turnover * 1.05


def test_history_adds_up_to_the_days(quiet: SimulatedMarket) -> None:
    now = at("2026-06-10T11:00:20+08:00")
    begin, end = date(2026, 4, 1), date(2026, 6, 10)
    days = quiet.history(TENCENT, Period.DAY, begin, end, now)
    weeks = quiet.history(TENCENT, Period.WEEK, begin, end, now)
    months = quiet.history(TENCENT, Period.MONTH, begin, end, now)
    assert days[-1].net == all_lines(quiet.intraday(TENCENT, now))[-1].net
    yesterday = all_lines(quiet.intraday(TENCENT, at("2026-06-09T18:00:00+08:00")))[-1]
    assert (days[-2].net, days[-2].classes) == (yesterday.net, yesterday.classes)
    assert sum(line.net for line in months) == sum(line.net for line in days)
    assert weeks[-1].net == sum(line.net for line in days[-3:])
    assert all(line.classes is not None and line.main == line.classes[0] + line.classes[1] for line in days)
    local = [datetime.fromtimestamp(line.label, quiet.calendar.zone(Market.HK)) for line in days]
    assert {moment.time().isoformat() for moment in local} == {"00:00:00"}
    assert len(days) == len(quiet.sessions(Market.HK, begin, end, now))


def test_days_join_without_a_jump(quiet: SimulatedMarket) -> None:
    now = at("2026-06-12T18:00:00+08:00")
    sessions = quiet.sessions(Market.HK, date(2026, 6, 1), date(2026, 6, 12), now)
    days = [quiet.day(TENCENT, session) for session in sessions]
    for yesterday, today in itertools.pairwise(days):
        assert today.previous_close == pytest.approx(yesterday.close, abs=0.02)


def share(playing: SimulatedMarket, now: str, symbol: Symbol = TENCENT) -> float:
    return all_lines(playing.intraday(symbol, at(now)))[-1].net / NAMED[symbol].turnover


def test_slow_bleed_loses_four_percent_by_the_close(calendar: Calendar) -> None:
    playing = market(calendar, "slow-bleed")
    assert share(playing, "2026-06-10T16:00:40+08:00") == pytest.approx(-0.04, abs=0.01)
    # Only the day of the story: the next one is left to chance.
    assert share(playing, "2026-06-11T16:00:40+08:00") != pytest.approx(-0.04, abs=0.001)


def test_flush_goes_down_in_ten_minutes_and_comes_back(calendar: Calendar) -> None:
    playing = market(calendar, "flush")
    before, low, back = (share(playing, f"2026-06-10T{t}:40+08:00") for t in ("10:30", "10:40", "11:30"))
    assert low - before == pytest.approx(-0.025, abs=0.006)
    assert back > low + 0.012


def test_sign_flip_turns_after_lunch(calendar: Calendar) -> None:
    playing = market(calendar, "sign-flip")
    assert share(playing, "2026-06-10T12:10:00+08:00") > 0.01
    assert share(playing, "2026-06-10T15:30:00+08:00") < -0.01


def test_divergence_pays_more_for_less(calendar: Calendar) -> None:
    playing = market(calendar, "divergence")
    now = at("2026-06-10T16:00:40+08:00")
    tape = playing.tape(TENCENT, now)
    assert tape.price / tape.previous_close > 1.03
    assert share(playing, "2026-06-10T16:00:40+08:00") < -0.02


def test_close_dump_waits_for_the_end(calendar: Calendar) -> None:
    playing = market(calendar, "close-dump")
    assert share(playing, "2026-06-10T15:45:00+08:00") > 0
    assert share(playing, "2026-06-10T16:00:40+08:00") < -0.008
    assert playing.day(TENCENT, playing.session(TENCENT, at("2026-06-10T16:00:00+08:00"))).auction_flow.sum() < 0


def test_freeze_stands_still_and_catches_up(calendar: Calendar) -> None:
    playing = market(calendar, "freeze")
    frozen = [playing.intraday(TENCENT, at(f"2026-06-10T{t}+08:00")) for t in ("10:12:00", "10:20:30", "10:30:59")]
    assert {reply.last_valid for reply in frozen} == {at("2026-06-10T10:12:00+08:00")}
    assert len({tuple(all_lines(reply)) for reply in frozen}) == 1
    after = playing.intraday(TENCENT, at("2026-06-10T10:31:05+08:00"))
    assert after.last_valid == at("2026-06-10T10:31:05+08:00")
    assert len(all_lines(after)) == 63


def test_the_default_day_crosses_two_hundred_million_within_minutes(calendar: Calendar) -> None:
    playing = market(calendar)
    begin = SCENARIOS["default"].start
    assert all_lines(playing.intraday(TENCENT, begin))[-1].net > -195e6
    assert all_lines(playing.intraday(TENCENT, begin + 240))[-1].net < -203e6


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != SEED_DAY])
def test_every_scenario_starts_in_an_open_market(calendar: Calendar, name: str) -> None:
    playing = market(calendar, name)
    scenario = SCENARIOS[name]
    symbol = APPLE if name in ("us-midnight", "dst-day") else TENCENT
    session = playing.session(symbol, scenario.start + 150)
    assert session.in_session(scenario.start + 150)
    lines = all_lines(playing.intraday(symbol, scenario.start + 150))
    assert len(lines) > 10
    later = all_lines(playing.intraday(symbol, scenario.start + 150 + timedelta(minutes=20).total_seconds()))
    assert later != lines


def test_an_unknown_scenario_names_the_others() -> None:
    with pytest.raises(InvalidInput, match="slow-bleed"):
        find_scenario("nonsense")
