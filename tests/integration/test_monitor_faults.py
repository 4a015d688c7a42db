"""Every fault of the simulator: the last good data stay, the state is true, and it ends without a restart."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.flow import Flag
from capflow_gui.domain.link import LinkFact, LinkPhase
from capflow_gui.domain.measures.derived import minute_flow, on_axis
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import NoLines
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent, ErrorEvent
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.present.row_sentence import row_sentence
from capflow_gui.present.sentences import Action, link_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.simulator.faults import FaultName
from capflow_gui.simulator.opend.server import SimulatorConfig

OFTEN = Pace(2.0, 2.0)
SYMBOLS = ["700.HK", "9988.HK", "600519.SH"]
TENCENT = Symbol.parse("700.HK")
LINK_LOG = r"WARNING capflow_gui\.providers\."

# Faults that end the connection, sooner or later, again and again.
BREAKING = ["drop:2", "drop-mid-frame:2", "reset:2", "garbage:2", "wrong-magic:2", "huge-length:2"]
# Faults of single answers: the connection stays.
SINGLE = ["delay:1", "reorder", "unknown-serial:3", "bad-sha:2", "unparsable:2", "no-keep-alive", "pieces"]
LOGGED = {"bad-sha:2": "sha_mismatch", "unparsable:2": "", "no-keep-alive": "keep-alive unanswered"}
# Faults whose answers are errors of the symbol that was asked.
REFUSING = ["no-right:700.HK", "server-failure:symbol=700.HK", "unknown-symbol:700.HK"]
FLAGGING = ["sum-mismatch", "disorder"]


def figures(rig, symbol=TENCENT):
    series = rig.monitor.row(symbol).series
    return None if series is None else (series.timestamps.tolist(), series.net.tolist())


async def healthy(rig):
    since = rig.clock.monotonic() - 1
    await rig.until(lambda: rig.all_seen_since(since))
    return rig.clock.monotonic()


def words(rig, symbol=TENCENT):
    row = rig.monitor.row(symbol)
    return str(row_sentence(row, rig.monitor.links[0], rig.monitor.market_now(), 0.0, "Asia/Hong_Kong"))


async def recovered(rig):
    """Without a restart: a good reply of every symbol since now."""
    since = rig.clock.monotonic()
    await rig.until(lambda: rig.all_seen_since(since), 300.0)
    assert rig.monitor.links[0].phase is LinkPhase.READY
    assert not rig.monitor.feeds[0].intake.limiter.stats.refused
    assert rig.monitor._supervisor.failed == {}
    assert rig.monitor._supervisor.restarts == 0


@pytest.mark.parametrize("fault", BREAKING)
async def test_a_broken_connection_is_made_anew(watched, expect_log, fault) -> None:
    expect_log(LINK_LOG)
    async with watched(SYMBOLS, speed=40.0) as rig:
        await healthy(rig)
        before = figures(rig)
        opened = rig.simulator.stats.connections
        rig.simulator.faults.add(fault)
        await rig.until(lambda: rig.simulator.stats.connections > opened, 200.0)
        assert len(figures(rig)[0]) >= len(before[0])
        rig.simulator.faults.clear()
        await recovered(rig)
        assert not [event for event in rig.events if isinstance(event, ErrorEvent) and "Lost" in str(event.error)]


@pytest.mark.parametrize("fault", SINGLE)
async def test_a_single_bad_answer_is_its_own_trouble(watched, expect_log, fault) -> None:
    if LOGGED.get(fault):
        expect_log(LINK_LOG + ".*" + LOGGED[fault])
    # A byte at a time is slow work for a busy machine: less hurry there, and more questions instead.
    slow = {"speed": 2.0, "pace": Pace(0.5, 0.5)} if fault == "pieces" else {}
    async with watched(SYMBOLS, **slow) as rig:
        asked = rig.simulator.stats.calls(3211)
        await healthy(rig)
        before = asked.requests
        rig.simulator.faults.add(fault)
        await rig.until(lambda: asked.requests >= before + 6)
        assert figures(rig) is not None
        rig.simulator.faults.clear()
        await recovered(rig)


@pytest.mark.parametrize("fault", REFUSING)
async def test_a_refused_symbol_keeps_its_last_good_data_and_delays_no_other(watched, fault) -> None:
    async with watched(SYMBOLS) as rig:
        since = await healthy(rig)
        before = figures(rig)
        rig.simulator.faults.add(fault)
        await rig.until(lambda: rig.monitor.row(TENCENT).error is not None)
        row = rig.monitor.row(TENCENT)
        expected = Freshness.NO_PERMISSION if fault.startswith("no-right") else Freshness.ERROR
        assert row.freshness is expected
        assert figures(rig)[0][: len(before[0]) - 1] == before[0][:-1]
        await rig.until(lambda: all(rig.monitor.row(s).polled_at > since + 20 for s in rig.monitor.symbols[1:]))
        rig.simulator.faults.clear()
        rig.monitor.add_symbols([TENCENT])  # asks again
        await recovered(rig)


@pytest.mark.parametrize("fault", FLAGGING)
async def test_a_reply_that_breaks_the_rules_is_flagged(watched, fault) -> None:
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        assert not rig.monitor.row(TENCENT).flagged
        rig.simulator.faults.add(fault)
        await rig.until(lambda: rig.monitor.row(TENCENT).flagged)
        rig.simulator.faults.clear()
        await recovered(rig)
        await rig.until(lambda: not rig.monitor.row(TENCENT).flagged)


async def test_frozen_figures_turn_stale_and_live_again(watched) -> None:
    async with watched(SYMBOLS, config=SimulatorConfig(speed=10.0)) as rig:
        await healthy(rig)
        await rig.until(lambda: rig.monitor.feeds[0].market.rate > 9)
        rig.simulator.faults.add("frozen")
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.STALE, 400.0)
        assert rig.monitor.row(TENCENT).age_s > 180
        assert rig.monitor.row(TENCENT).error is None
        rig.simulator.faults.clear()
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.LIVE)


async def test_yesterdays_lines_are_named_so(watched) -> None:
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        rig.simulator.faults.add("previous-session")
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.PREVIOUS_SESSION)
        rig.simulator.faults.clear()
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.LIVE)


async def test_a_server_that_goes_away_comes_back(watched, expect_log) -> None:
    expect_log(LINK_LOG)
    async with watched(SYMBOLS, config=SimulatorConfig(speed=10.0)) as rig:
        await healthy(rig)
        await rig.until(lambda: rig.monitor.feeds[0].market.rate > 9)
        before = figures(rig)
        rig.simulator.faults.add("refuse:60")
        await rig.until(lambda: rig.monitor.links[0].phase is LinkPhase.WAITING)
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.STALE, 400.0)
        assert figures(rig)[0] == before[0]
        assert rig.monitor.row(TENCENT).error is None  # the link's trouble stands in the badge
        await recovered(rig)
        assert rig.monitor.feeds[0].reconnects == 1
        await rig.until(lambda: Code.NOT_WATCHED in [trouble.code for trouble in rig.monitor.troubles])
        assert rig.monitor._router.unwatched_times()[0].end - rig.monitor._router.unwatched_times()[0].start > 300


async def test_a_stalled_server_is_noticed_and_left(watched, expect_log) -> None:
    expect_log(LINK_LOG)
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        rig.simulator.faults.add("stall")
        await rig.until(lambda: rig.monitor.links[0].phase is not LinkPhase.READY, 200.0)
        rig.simulator.faults.clear()
        await recovered(rig)


@pytest.mark.parametrize("fault", ["no-init", "init-refused"])
async def test_a_connect_that_is_not_answered_is_tried_again(watched, expect_log, fault) -> None:
    expect_log(LINK_LOG)
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        rig.simulator.faults.add(fault)
        rig.simulator.drop_connections()
        await rig.until(lambda: rig.monitor.links[0].phase is LinkPhase.WAITING and rig.monitor.links[0].attempt)
        rig.simulator.faults.clear()
        await recovered(rig)


async def test_what_opend_says_about_itself_is_shown(watched) -> None:
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        rig.simulator.faults.add("not-logged-in")
        await rig.until(lambda: rig.monitor.links[0].fact(LinkFact.LOGGED_OUT) is not None)
        rig.simulator.faults.add("right-lost")
        await rig.until(lambda: rig.monitor.links[0].fact(LinkFact.QUOTE_RIGHT_LOST) is not None)
        rig.simulator.faults.clear()
        await recovered(rig)
        await rig.until(lambda: rig.monitor.links[0].fact(LinkFact.LOGGED_OUT) is None)


async def test_a_login_elsewhere_is_said_and_what_is_known_stays(watched) -> None:
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        before = figures(rig)
        rig.simulator.faults.add("kicked")
        await rig.until(lambda: rig.monitor.links[0].fact(LinkFact.KICKED_OUT) is not None)
        link = rig.monitor.links[0]
        said = link_sentence(link, rig.clock.monotonic())
        assert (said.state, said.action) == ("OpenD logged in elsewhere", Action.WHAT_TO_DO)
        assert said.text == "您的账号在其他终端登录"  # the broker's own words
        # This OpenD goes on answering: what it answers counts.
        await recovered(rig)
        row = rig.monitor.row(TENCENT)
        assert (row.error, row.freshness, row.flagged) == (None, Freshness.LIVE, False)
        assert figures(rig)[0][: len(before[0])] == before[0]
        rig.simulator.faults.clear()
        await rig.until(lambda: rig.monitor.links[0].fact(LinkFact.KICKED_OUT) is None)


async def test_who_was_kicked_out_is_no_more_after_a_new_login(watched, expect_log) -> None:
    expect_log(LINK_LOG)
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        rig.simulator.faults.add("kicked")
        await rig.until(lambda: rig.monitor.links[0].fact(LinkFact.KICKED_OUT) is not None)
        rig.simulator.faults.clear()
        rig.simulator.drop_connections()
        await rig.until(lambda: rig.monitor.feeds[0].reconnects == 1)
        await recovered(rig)
        assert rig.monitor.links[0].fact(LinkFact.KICKED_OUT) is None


async def test_a_line_sent_twice_is_flagged_and_counted_once(watched) -> None:
    rules = RuleTable(default=1e12)  # whatever flows, it is below
    async with watched(SYMBOLS, rules=rules) as rig:
        await rig.until(lambda: rig.monitor.row(TENCENT).alert is not None)
        rig.simulator.faults.add("duplicate")
        await rig.until(lambda: rig.monitor.row(TENCENT).flagged)
        row = rig.monitor.row(TENCENT)
        assert row.series.flags & Flag.ORDER
        labels = row.series.timestamps.tolist()
        assert labels[-1] == labels[-2]
        axis, places = on_axis(row.series, row.day)
        assert len(axis) == len(labels) - 1
        assert places[-1] == len(labels) - 1
        assert (minute_flow(row.series, row.day).minutes > 0).all()

        def changes() -> list[AlertChange]:
            return [
                each.change for each in rig.events if isinstance(each, AlertEvent) and each.record.symbol == TENCENT
            ]

        await rig.until(lambda: AlertChange.CANNOT_JUDGE in changes())
        unjudged = next(each for each in rig.monitor.alerts if each.symbol == TENCENT and each.cannot_judge)
        assert unjudged.reason == Reason.of(Code.REPLY_FLAGGED, flags=int(Flag.ORDER))
        rig.simulator.faults.clear()
        await recovered(rig)
        await rig.until(lambda: not rig.monitor.row(TENCENT).flagged)
        await rig.until(lambda: AlertChange.JUDGED_AGAIN in changes())
        assert rig.monitor.row(TENCENT).alert.standing
        raised = [each for each in rig.events if isinstance(each, AlertEvent) and each.change == "raised"]
        assert sum(each.record.symbol == TENCENT for each in raised) == 1


async def test_missing_minutes_are_one_step_and_no_fault(watched) -> None:
    async with watched(SYMBOLS, rules=RuleTable(default=1e12)) as rig:
        await rig.until(lambda: rig.monitor.row(TENCENT).alert is not None)
        whole = rig.monitor.row(TENCENT).series
        rig.simulator.faults.add("gap")
        await rig.until(lambda: rig.monitor.row(TENCENT).series.flags & Flag.GAP)
        row = rig.monitor.row(TENCENT)
        assert (row.flagged, row.freshness) == (False, Freshness.LIVE)
        steps = minute_flow(row.series, row.day)
        wide = steps.minutes[~steps.single]
        assert wide.tolist() == [11]
        held = dict(zip(whole.timestamps.tolist(), whole.net.tolist(), strict=True))
        step = steps.delta[0][~steps.single][0]
        end = int(row.day.label(int(steps.index[~steps.single][0])))
        begin = int(row.day.label(int(steps.index[~steps.single][0]) - 11))
        assert step == pytest.approx(held[end] - held[begin])
        await recovered(rig)
        rig.simulator.faults.clear()
        await rig.until(lambda: not rig.monitor.row(TENCENT).series.flags & Flag.GAP)
        said = [each.change for each in rig.events if isinstance(each, AlertEvent) and each.record.symbol == TENCENT]
        assert said == ["raised"]


async def test_an_unexplained_refusal_halves_the_pace_and_says_why(watched) -> None:
    async with watched(SYMBOLS) as rig:
        await healthy(rig)
        rig.simulator.faults.add("rate-refusal:every=1,count=1,interface=3211")
        await rig.until(lambda: rig.monitor.budgets[0].refused == 1)
        assert rig.monitor.budgets[0].limit == 15
        assert rig.monitor.links[0].fact(LinkFact.QUOTA_SHARED) is not None
        assert Code.QUOTA_SHARED in [trouble.code for trouble in rig.monitor.troubles]
        since = rig.clock.monotonic()
        await rig.until(lambda: rig.all_seen_since(since))


async def test_replies_without_lines_in_mid_session_keep_the_last_ones_and_say_so(watched) -> None:
    config = SimulatorConfig(clock="2026-06-10T10:30:00+08:00")
    async with watched(["700.HK"], config=config, rules=RuleTable(default=-1e13), pace=OFTEN) as rig:
        await rig.until(lambda: rig.monitor.row(TENCENT).series is not None)
        await rig.until(lambda: rig.monitor.feeds[0].market.known)
        rig.simulator.faults.add("no-lines")
        await rig.until(lambda: rig.monitor.row(TENCENT).error is not None)
        before = rig.monitor.row(TENCENT)
        since = before.error.since
        asked = rig.simulator.stats.calls(3211).requests
        await rig.until(lambda: rig.simulator.stats.calls(3211).requests >= asked + 3)  # at the pace of a good answer
        row = rig.monitor.row(TENCENT)
        assert isinstance(row.error, NoLines)
        assert (row.error.since, row.freshness) == (since, Freshness.ERROR)
        assert row.series is before.series
        assert len(row.series) > 60
        sentence = str(row_sentence(row, rig.monitor.links[0], rig.monitor.market_now(), 0.0, "Asia/Hong_Kong"))
        assert sentence.startswith("No lines · OpenD sent no lines since 10:3")
        assert "showing 10:3" in sentence
        await rig.until(lambda: rig.monitor.row(TENCENT).alert is not None)
        assert rig.monitor.row(TENCENT).alert.cannot_judge
        assert rig.monitor.row(TENCENT).alert.reason == Reason.of(Code.NO_LINES)
        rig.simulator.faults.clear()
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.LIVE)
        assert rig.monitor.row(TENCENT).series.session == row.series.session


async def test_a_net_beyond_the_turnover_is_flagged_and_raises_nothing(watched) -> None:
    config = SimulatorConfig(clock="2026-06-10T10:30:00+08:00")
    async with watched(["700.HK"], config=config, rules=RuleTable(default=-1e10), pace=OFTEN) as rig:
        rig.simulator.faults.add("huge-amounts")
        await rig.until(lambda: rig.monitor.row(TENCENT).series is not None and rig.monitor.row(TENCENT).flagged)
        row = rig.monitor.row(TENCENT)
        assert Flag.TURNOVER in row.series.flags
        sentence = str(row_sentence(row, rig.monitor.links[0], rig.monitor.market_now(), 0.0, "Asia/Hong_Kong"))
        assert sentence == "Check failed · net above turnover · alerts off for it"
        await rig.until(lambda: rig.monitor.row(TENCENT).alert is not None)
        assert rig.monitor.row(TENCENT).alert.cannot_judge
        assert "raised" not in [event.change for event in rig.events if isinstance(event, AlertEvent)]
        rig.simulator.faults.clear()
        await rig.until(lambda: not rig.monitor.row(TENCENT).flagged)


async def test_before_the_open_a_reply_without_lines_is_no_fault(watched) -> None:
    config = SimulatorConfig(clock="2026-06-10T08:55:00+08:00")
    async with watched(["700.HK"], config=config, pace=Pace(2.0, 2.0, ignore_calendar=True)) as rig:
        await rig.until(lambda: rig.monitor.row(TENCENT).series is not None)
        shown = rig.monitor.row(TENCENT).series
        rig.simulator.faults.add("no-lines")
        asked = rig.simulator.stats.calls(3211).requests
        await rig.until(lambda: rig.simulator.stats.calls(3211).requests >= asked + 3)
        row = rig.monitor.row(TENCENT)
        assert (row.error, row.series.session, row.freshness) == (None, shown.session, Freshness.PREVIOUS_SESSION)


@pytest.mark.parametrize("symbol", ["700.HK", "AAPL.US"])
async def test_money_in_and_out_is_asked_of_every_source_and_good_lines_stay_unflagged(watched, symbol) -> None:
    clock = "2026-06-10T11:00:00+08:00" if symbol.endswith("HK") else "2026-06-10T11:00:00-04:00"
    async with watched([symbol], config=SimulatorConfig(clock=clock), pace=OFTEN) as rig:
        await rig.until(lambda: rig.simulator.stats.calls(3212).requests >= 2, 300.0)
        row = rig.monitor.row(rig.monitor.symbols[0])
        assert not row.flagged
        assert (row.calibration, row.class_flow) == (None, None)  # its own lines say both


async def test_lines_that_repeat_while_last_valid_stands_turn_stale(watched) -> None:
    async with watched(SYMBOLS, config=SimulatorConfig(speed=10.0)) as rig:
        await healthy(rig)
        await rig.until(lambda: rig.monitor.feeds[0].market.rate > 9)
        rig.simulator.faults.add("padded")
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.STALE, 400.0)
        row = rig.monitor.row(TENCENT)
        assert row.series.flags & Flag.PADDED
        assert (row.flagged, row.error) == (False, None)
        assert words(rig).startswith("Stale")
        rig.simulator.faults.clear()
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.LIVE)
        assert not rig.monitor.row(TENCENT).series.flags & Flag.PADDED


async def test_an_old_line_that_is_revised_is_shown_and_alerts_nobody_again(watched) -> None:
    async with watched(SYMBOLS, rules=RuleTable(default=1e12)) as rig:
        await rig.until(lambda: rig.monitor.row(TENCENT).alert is not None)
        before = rig.monitor.row(TENCENT)
        rig.simulator.faults.add("revised")

        def changed() -> bool:
            held = dict(zip(*figures(rig), strict=True))
            old = zip(before.series.timestamps.tolist()[:-1], before.series.net.tolist()[:-1], strict=True)
            return any(held[label] != net for label, net in old)

        await rig.until(changed)
        row = rig.monitor.row(TENCENT)
        assert (row.flagged, row.freshness) == (False, Freshness.LIVE)
        await recovered(rig)
        said = [each.change for each in rig.events if isinstance(each, AlertEvent) and each.record.symbol == TENCENT]
        assert said == ["raised"]


async def test_lines_without_figures_are_gaps_and_rules_cannot_be_judged(watched) -> None:
    async with watched(["700.HK"], rules=RuleTable(default=-1e12), pace=OFTEN) as rig:
        await healthy(rig)
        rig.simulator.faults.add("no-figures")
        await rig.until(lambda: rig.monitor.row(TENCENT).alert is not None)
        row = rig.monitor.row(TENCENT)
        assert math.isnan(row.series.net[-1])
        assert (row.flagged, row.alert.cannot_judge) == (False, True)
        assert row.alert.reason.code is Code.NEWEST_MISSING
        rig.simulator.faults.clear()
        await rig.until(lambda: rig.monitor.row(TENCENT).alert is None)


async def test_labels_a_minute_late_are_outside_the_session_at_its_end(watched) -> None:
    config = SimulatorConfig(clock="2026-06-10T16:05:00+08:00")
    async with watched(["700.HK"], config=config, pace=Pace(2.0, 2.0, ignore_calendar=True)) as rig:
        rig.simulator.faults.add("late-labels")
        await rig.until(lambda: rig.monitor.row(TENCENT).flagged)
        assert rig.monitor.row(TENCENT).series.flags & Flag.GRID
        assert words(rig).startswith("Check failed")


async def test_lines_in_units_of_ten_thousand_are_flagged_once_the_days_money_is_known(watched) -> None:
    async with watched(["700.HK"], rules=RuleTable(default=-1e6), pace=OFTEN) as rig:
        rig.simulator.faults.add("scale")
        await rig.until(lambda: rig.monitor.row(TENCENT).series is not None and rig.monitor.row(TENCENT).flagged, 400.0)
        assert rig.monitor.row(TENCENT).series.flags & Flag.SCALE
        assert "10,000" in words(rig)


@pytest.mark.parametrize("seconds", [-90, 90])
async def test_a_broker_whose_clock_is_off_by_a_minute_and_a_half_is_live_all_the_same(watched, seconds) -> None:
    async with watched(SYMBOLS) as rig:
        rig.simulator.faults.add(f"wrong-clock:{seconds}")
        since = await healthy(rig)
        await rig.until(lambda: rig.all_seen_since(since + 30))
        row = rig.monitor.row(TENCENT)
        assert (row.freshness, row.flagged, row.error) == (Freshness.LIVE, False, None)
        assert rig.monitor.market_now() - rig.simulator.market_clock.now() == pytest.approx(seconds, abs=5)


async def test_a_day_closed_by_surprise_is_closed_and_raises_nothing(watched) -> None:
    config = SimulatorConfig(clock="2026-06-10T10:30:00+08:00")
    async with watched(["700.HK"], config=config, rules=RuleTable(default=1e12)) as rig:
        rig.simulator.faults.add("closed-today")
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.CLOSED)
        row = rig.monitor.row(TENCENT)
        assert (str(row.series.session), row.flagged, row.error) == ("2026-06-09", False, None)
        assert words(rig).startswith("Closed")
        asked = rig.simulator.stats.calls(3211).requests
        await rig.clock.sleep_until(rig.clock.monotonic() + 120)
        assert rig.simulator.stats.calls(3211).requests <= asked + 1
        assert row.alert is None or not row.alert.cannot_judge


def mentioned() -> set[str]:
    """Every fault that a test of this module, or the list it is parametrized with, names as a text."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    lists = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    tests = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_")]
    used = [each for test in tests for each in ast.walk(test)]
    used += [
        each for name in used if isinstance(name, ast.Name) and name.id in lists for each in ast.walk(lists[name.id])
    ]
    texts = [node.value for node in used if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {text.partition(":")[0] for text in texts} & set(FaultName)


def test_every_fault_there_is_has_a_test() -> None:
    assert mentioned() == {name for name in FaultName if not name.longport_alone}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("refuse:40", Code.SOURCE_LOST),
        ("right-lost", Code.SOURCE_RIGHT_LOST),
        ("kicked", Code.SOURCE_LOGGED_OUT),
        ("not-logged-in", Code.SOURCE_LOGGED_OUT),
        ("stall", Code.SOURCE_SILENT),
    ],
)
async def test_a_source_that_fails_is_said_once_within_fifteen_seconds_and_when_it_is_over(
    watched, expect_log, fault, code
) -> None:
    if fault.startswith("refuse"):
        expect_log(LINK_LOG)
    if fault == "stall":
        expect_log("keep-alive unanswered")
    async with watched(SYMBOLS, speed=40.0) as rig:
        said: list[tuple[Code, bool]] = []
        rig.monitor._observer._tell_health = lambda problem, over: said.append((problem.code, over))
        await healthy(rig)
        began = rig.clock.monotonic()
        rig.simulator.faults.add(fault)
        await rig.until(lambda: said, 60.0)
        assert rig.clock.monotonic() - began <= 16.0
        rig.simulator.faults.clear()
        if code is not Code.SOURCE_RIGHT_LOST:
            await rig.until(lambda: (code, True) in said, 120.0)
        assert said[0] == (code, False)
        assert len(said) <= 2
