from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from capflow_gui.domain.alert import Rule, parse_rule, readings
from capflow_gui.domain.quote import Turnover
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.reason import Code, Reason
from tests.unit.playback.recorded import (
    OPEN,
    SHORT_DAY,
    Poll,
    any_polls,
    any_rule,
    closed,
    live,
    recorded,
    reply,
    told,
    tried,
)


@settings(max_examples=200)
@given(any_polls(), any_rule())
def test_a_dry_run_says_what_live_did(polls: list[Poll], rule: Rule) -> None:
    assert tried(recorded(polls, SHORT_DAY), rule) == told(live(polls, SHORT_DAY, [rule]))


def unjudged(polls: list[Poll], rule: str) -> list[Reason | None]:
    found = dry_run(parse_rule(rule), *closed(recorded(polls, SHORT_DAY)))
    return [each.reason for each in found if each.outcome is Outcome.UNJUDGED]


@settings(max_examples=150)
@given(any_polls(), any_rule())
def test_a_rule_is_unjudged_where_the_engine_cannot_judge_the_last_reply(polls: list[Poll], rule: Rule) -> None:
    summary, final = closed(recorded(polls, SHORT_DAY))
    moments, turnover = final.moments, None
    if len(moments.turnover) and moments.turnover[-1] > 0:
        turnover = Turnover(float(moments.turnover[-1]), float(moments.turnover_at[-1]))
    why = readings(rule, final.series, SHORT_DAY, turnover).unknown
    if summary.first_received >= SHORT_DAY.close:
        why = Reason.of(Code.RECORDED_TOO_LATE)
    assert unjudged(polls, rule.text) == ([] if why is None else [why])


def test_a_source_without_order_sizes_cannot_judge_a_rule_on_them() -> None:
    values = np.zeros((6, 5))
    values[1:] = np.nan
    polls = [Poll(OPEN + 300.0, reply(SHORT_DAY.labels()[:5], values, OPEN + 300.0), None)]
    assert [reason.code for reason in unjudged(polls, "*: main <= -1M") if reason] == [Code.NO_METRIC]
    assert unjudged(polls, "*: net <= -1M") == []
