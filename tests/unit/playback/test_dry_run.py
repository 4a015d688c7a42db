from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.model import Outage
from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.domain.quote import Turnover
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.playback.player import Player
from capflow_gui.reason import Code, Reason
from tests.unit.playback.recorded import (
    CALENDAR,
    OPEN,
    SHORT_DAY,
    TENCENT,
    Poll,
    Spell,
    Told,
    any_polls,
    any_rule,
    any_spells,
    closed,
    finished,
    live,
    recorded,
    reply,
    told,
    tried,
    usual_of,
)


@settings(max_examples=100)
@given(any_polls(), any_rule())
def test_a_dry_run_says_what_live_did(polls: list[Poll], rule: Rule) -> None:
    assert tried(recorded(polls, SHORT_DAY), rule) == finished(told(live(polls, SHORT_DAY, [rule]).events))


@settings(max_examples=60)
@given(any_polls(), any_rule(), any_spells())
def test_live_replay_and_dry_run_agree_on_outages(polls: list[Poll], rule: Rule, spells: list[Spell]) -> None:
    lived = live(polls, SHORT_DAY, [rule], spells=spells)
    recording = recorded(polls, SHORT_DAY, outages=lived.outages)
    player = Player([recording], calendar=CALENDAR, rules=RuleTable(rules=[rule]), usual=usual_of(rule))
    expected = without_why(told(lived.events))
    assert without_why(told(player.play_to(player.end))) == expected
    assert without_why(tried(recording, rule)) == finished(expected)


@settings(max_examples=100)
@given(any_polls(stands=True), any_rule())
def test_live_replay_and_dry_run_agree_on_stale_figures(polls: list[Poll], rule: Rule) -> None:
    lived = live(polls, SHORT_DAY, [rule], looks=True)
    recording = recorded(polls, SHORT_DAY, outages=lived.outages)
    player = Player([recording], calendar=CALENDAR, rules=RuleTable(rules=[rule]), usual=usual_of(rule))
    expected = without_why(told(lived.events))
    assert without_why(told(player.play_to(player.end))) == expected
    assert without_why(tried(recording, rule)) == finished(expected)


@pytest.mark.parametrize("stops_s", [700.0, 900.0, 2400.0, 2700.0, 3400.0])
@pytest.mark.parametrize("late_s", [200.0, 500.0])
@pytest.mark.parametrize("rule", ["*: net <= -5M", "*: net/turnover <= -0.5%", "*: net change 2m <= -2M"])
def test_a_source_whose_figures_are_always_late_is_judged_in_breaks_alone(
    rule: str, late_s: float, stops_s: float
) -> None:
    """A recording that stopped before the break says that nothing was judged, and no more."""
    grid, polls = SHORT_DAY.labels(), list[Poll]()
    values = np.full((6, len(grid)), np.nan)
    values[0] = np.linspace(0.0, -30e6, len(grid))
    for at in np.arange(OPEN + 20.0, OPEN + stops_s, 30.0).tolist():
        size = max(1, int((grid < at - late_s + 60.0).sum()))
        true_at = min(at - late_s, float(SHORT_DAY.close))
        polls.append(Poll(at, reply(grid[:size], values[:, :size].copy(), true_at), Turnover(1e9, at)))
    assert any(change == "raised" for change, _ in three_ways(polls, rule, looks=True)) == (stops_s > 720.0)


def test_a_source_that_stands_from_before_the_break_until_after_it_is_judged_in_the_break() -> None:
    """It says the same all along, its turnover too; the reply that is no longer stale knows another turnover."""
    grid, polls = SHORT_DAY.labels(), list[Poll]()
    values = np.full((6, len(grid)), np.nan)
    values[0], values[0, 7:] = 0.0, -30e6
    for at in np.arange(20.0, 2500.0, 30.0).tolist():
        stands = 440.0 < at < 2000.0
        if not stands or at > 700.0:
            true_at = OPEN + (530.0 if stands else at)
            size = int((grid < true_at + 60).sum())
            turnover = Turnover(2e9 if at < 2000.0 else 8e9, true_at)
            polls.append(Poll(OPEN + at, reply(grid[:size], values[:, :size].copy(), true_at), turnover))
    said = three_ways(polls, "*: net/turnover <= -1%", looks=True)
    assert said == [("blocked", None), ("raised", 7), ("cleared", 8), ("judged_again", None)]


def test_replies_that_cannot_be_judged_are_counted_until_the_session_is_over() -> None:
    """The third comes after the close, and says what the first said. The last line of the session never comes."""
    grid, polls = SHORT_DAY.labels()[:-1], list[Poll]()
    values = np.tile(np.arange(float(len(grid))), (6, 1))
    for at in (60.0, 2400.0, 2530.0, 2600.0, 2700.0, 4400.0, 4430.0):
        size = int((grid < OPEN + at + 60).sum())
        turnover = None if 2500.0 < at < 4400.0 else Turnover(1e9, OPEN + at)
        polls.append(
            Poll(OPEN + at, reply(grid[:size], values[:, :size].copy(), min(OPEN + at, OPEN + 2500.0)), turnover)
        )
    assert three_ways(polls, "*: net/turnover <= -1%") == [("blocked", None), ("judged_again", None)]


@pytest.mark.parametrize("rule", ["*: net <= -1M", "*: main <= -1M"])
def test_replies_before_the_date_of_their_lines_are_not_judged(rule: str) -> None:
    """The clock of the source is a day behind; in the end it is right."""
    labels, polls = SHORT_DAY.labels(), list[Poll]()
    for count in range(1, len(labels) // 2):
        values = np.full((6, count), np.nan)
        values[0] = -2e6
        came = float(labels[count - 1]) + 300.0
        polls.append(Poll(came - 86_400.0, reply(labels[:count], values, came), None))
    assert three_ways(polls[:-1], rule) == []
    polls[-1:] = [replace(polls[-1], received=polls[-1].received + late) for late in (86_400.0, 86_460.0, 86_520.0)]
    assert three_ways(polls, rule)


def test_a_clock_that_is_put_right_between_equal_replies_lets_the_rule_be_judged() -> None:
    (poll,) = day_of(600.0, net={0: -2e6})
    assert three_ways([replace(poll, received=poll.received - 86_400.0), poll], "*: net <= -1M", apart_s=30.0)


def three_ways(
    polls: list[Poll], text: str, apart_s: float | None = None, *, looks: bool = False
) -> list[tuple[str, int | None]]:
    """What live, replay and dry run say of a day alike: the changes, and of which minute of the day each is.

    apart_s  seconds between two replies by the computer's clock, where the source's is wrong
    looks    somebody looks between two replies, too
    """
    rule = parse_rule(text)
    lived = live(polls, SHORT_DAY, [rule], looks=looks)
    recording = recorded(polls, SHORT_DAY, outages=lived.outages)
    if apart_s is not None:
        states = [msgspec.structs.replace(each, same_wall=each.wall + apart_s) for each in recording.states]
        recording = replace(recording, states=states)
    player = Player([recording], calendar=CALENDAR, rules=RuleTable(rules=[rule]), usual=usual_of(rule))
    found = tried(recording, rule)
    assert found == told(player.play_to(player.end)) == told(lived.events)
    return [(each[1], None if each[2] is None else (each[2] - OPEN) // 60) for each in found]


def day_of(*moments: float, net: dict[int, float]) -> list[Poll]:
    """Replies at these seconds after the open: net is another amount from each minute of trading on."""
    labels, polls = SHORT_DAY.labels(), list[Poll]()
    values = np.full((6, len(labels)), np.nan)
    for minute, amount in net.items():
        values[0, minute:] = amount
    for at in moments:
        size = int(np.count_nonzero(labels < OPEN + at + 60))
        valid = min(OPEN + at, float(SHORT_DAY.close))
        polls.append(Poll(OPEN + at, reply(labels[:size], values[:, :size].copy(), valid), None))
    return polls


def test_a_closing_line_that_came_late_ends_no_alert_earlier_than_the_session() -> None:
    polls = day_of(60.0, 600.0, 2400.0, 3600.0, net={0: 0.0, 20: -2e6})
    assert three_ways(polls, "*: net <= -1M") == [("raised", 38), ("cleared", None)]


def test_each_reply_after_the_close_may_be_the_last() -> None:
    polls = day_of(60.0, 600.0, 2400.0, 2530.0, 2560.0, net={0: 0.0, 10: -2e6, 23: 0.0})
    assert three_ways(polls, "*: net <= -1M") == [("raised", 10), ("cleared", 41)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("*: net <= -1M until 2022-06-07", []),
        ("*: net crosses 0 for 2m", [("raised", 39)]),
        ("*: net <= -1M cooldown 3m", [("raised", 6), ("cleared", 38)]),
    ],
)
def test_a_recording_that_began_late_is_caught_up_with(rule: str, expected: list[tuple[str, int]]) -> None:
    polls = day_of(540.0, 600.0, 1900.0, 2400.0, net={0: 1.0, 6: -2e6, 20: 1.0})
    assert three_ways(polls, rule) == expected


def test_crossings_are_found_at_once() -> None:
    polls = day_of(60.0, 600.0, 1900.0, 2400.0, net={0: 1.0, 5: -2.0, 9: 3.0, 15: 4.0, 20: -1.0})
    said = three_ways(polls, "*: net crosses 0")
    assert said == [("raised", 5), ("cleared", 9), ("raised", 9), ("cleared", 38), ("raised", 38)]


def test_of_the_day_after_no_reply_is_judged() -> None:
    day_s = 86_400.0
    polls = day_of(60.0, 120.0, 180.0, day_s, day_s + 60.0, net={0: -2e6})
    assert [change for change, _ in three_ways(polls, "*: main <= -1M")] == ["blocked", "judged_again"]


def test_what_was_in_the_way_between_replies_and_after_the_last_is_said() -> None:
    outage = Outage("opend", TENCENT, OPEN + 300.0, OPEN + 420.0, Reason.of(Code.TIME_STANDS))
    recording = recorded(day_of(60.0, net={0: 0.0}), SHORT_DAY, outages=[outage])
    found = tried(recording, parse_rule("*: main <= -1M"))
    within = recorded(day_of(60.0, 600.0, net={0: 0.0}), SHORT_DAY, outages=[outage])
    assert [each[1] for each in tried(within, parse_rule("*: net <= 1"))] == ["raised", "blocked", "judged_again"]
    assert [each[1] for each in tried(within, parse_rule("*: main <= -1M"))] == ["blocked"]
    # The reply without order sizes is still in the way when the outage is over.
    assert [(each[1], each[-1]) for each in found] == [("blocked", Reason.of(Code.TIME_STANDS))]


def test_one_reply_that_could_not_be_judged_is_said_of_the_whole_session() -> None:
    (found,) = dry_run(parse_rule("*: main <= -1M"), *closed(recorded(day_of(60.0, net={0: 0.0}), SHORT_DAY)))
    assert found.all_day
    assert found.reason is not None
    assert found.reason.code is Code.NO_METRIC


def without_why(found: list[Told]) -> list[Told]:
    """Where a reply and an outage are in the way together, either is the reason why a rule is not judged."""
    return [(*each[:5], None) if each[1] == "blocked" else each for each in found]


def unjudged(polls: list[Poll], rule: str) -> list[Reason | None]:
    found = dry_run(parse_rule(rule), *closed(recorded(polls, SHORT_DAY)))
    return [each.reason for each in found if each.outcome is Outcome.UNJUDGED]


def test_a_source_without_order_sizes_cannot_judge_a_rule_on_them() -> None:
    values = np.zeros((6, 5))
    values[1:] = np.nan
    shown = reply(SHORT_DAY.labels()[:5], values, OPEN + 300.0)
    polls = [Poll(OPEN + 300.0 + at, shown, None) for at in range(3)]
    assert [reason.code for reason in unjudged(polls, "*: main <= -1M") if reason] == [Code.NO_METRIC]
    assert unjudged(polls, "*: net <= -1M") == []
