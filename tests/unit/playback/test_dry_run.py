from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.playback.player import Player
from capflow_gui.reason import Code, Reason
from tests.unit.playback.recorded import (
    CALENDAR,
    OPEN,
    SHORT_DAY,
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


def test_replies_before_the_date_of_their_lines_are_not_judged() -> None:
    """The clock of the source is a day behind; in the end it is right."""
    rule, labels, polls = parse_rule("*: net <= -1M"), SHORT_DAY.labels(), list[Poll]()
    for count in range(1, len(labels) // 2):
        values = np.full((6, count), np.nan)
        values[0] = -2e6
        came = float(labels[count - 1]) + 300.0
        polls.append(Poll(came - 86_400.0, reply(labels[:count], values, came), None))
    recording = recorded(polls[:-1], SHORT_DAY)
    player = Player([recording], calendar=CALENDAR, rules=RuleTable(rules=[rule]))
    played = told(player.play_to(player.end))
    assert tried(recording, rule) == played == told(live(polls[:-1], SHORT_DAY, [rule]).events) == []
    polls[-1] = replace(polls[-1], received=polls[-1].received + 86_400.0)
    said = tried(recorded(polls, SHORT_DAY), rule)
    assert said == told(live(polls, SHORT_DAY, [rule]).events)
    assert said


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
