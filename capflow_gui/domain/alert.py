"""When a rule fires: a pure state machine fed with confirmed lines in label order.

One `RuleState` per rule, source, symbol and session. `advance` takes the state and the lines, and gives the next
state and what happened. Lines at or before `state.upto` are never looked at again: a confirmed line that is revised
later neither un-fires nor re-fires. How the day was cut into polls makes no difference.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec import structs

from capflow_gui.domain.alert_grammar import Kind as Kind  # noqa: PLC0414
from capflow_gui.domain.alert_grammar import Rule as Rule  # noqa: PLC0414 - rules and their states are read from here
from capflow_gui.domain.alert_grammar import level_rule as level_rule  # noqa: PLC0414
from capflow_gui.domain.measures.readings import TURNOVER_AGE_S as TURNOVER_AGE_S  # noqa: PLC0414
from capflow_gui.domain.measures.readings import Readings as Readings  # noqa: PLC0414
from capflow_gui.domain.measures.readings import readings as readings  # noqa: PLC0414
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule as parse_rule  # noqa: PLC0414

# An enumeration's member costs five times as much to look up.
_CROSSES = Kind.CROSSES


class Step(StrEnum):
    """What a line did to a rule."""

    RAISED = "raised"
    ESCALATED = "escalated"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a rule's state. `time` is the line's label (UTC epoch s), `value` the measured figure there.

    `threshold` is the level it passed: the rule's own, or the further step of an escalation.
    """

    step: Step
    time: int
    value: float
    threshold: float
    late: bool = False


class RuleState(msgspec.Struct, frozen=True, gc=False):
    """Where one rule stands in one session of one symbol. Labels are UTC epoch seconds, indexes session minutes.

    A changed copy is made for nearly every line: of a frozen dataclass that takes ten times as long.

    upto        label of the newest line that was evaluated, 0 before the first
    active      fired and not yet back past the re-arm level
    time, value the line that fired last
    steps       how many further steps (`again`) were announced since
    run         confirmed minutes in a row past the level, up to the line at `run_index`
    fired       how often it fired in this session; `fired_index` is where it did last
    side        CROSSES only: the side of the level the figure was last clear of, 0 = not known yet
    pending     CROSSES only: the side the run of lines is on
    """

    upto: int = 0
    active: bool = False
    time: int = 0
    value: float = 0.0
    steps: int = 0
    run: int = 0
    run_index: int = -1
    fired: int = 0
    fired_index: int = -1
    side: int = 0
    pending: int = 0


class StateKey(NamedTuple):
    """What one `RuleState` belongs to; `session` is the exchange's ISO date."""

    rule_id: str
    version: str
    source: str
    symbol: Symbol
    session: str


def advance(rule: Rule, state: RuleState, lines: Readings) -> tuple[RuleState, list[Transition]]:
    """Walk the lines newer than `state.upto`, in order."""
    labels, upto, step = lines.labels.tolist(), state.upto, _cross if rule.kind is _CROSSES else _compare
    if not labels or labels[-1] <= upto:
        return state, []
    if len(labels) == 1:  # as in most replies
        state, transition = step(rule, state, labels[0], lines.indexes.item(), lines.values.item())
        return state, [] if transition is None else [transition]
    happened: list[Transition] = []
    first = 0 if labels[0] > upto else bisect_right(labels, upto)
    for label, index, value in zip(
        labels[first:], lines.indexes[first:].tolist(), lines.values[first:].tolist(), strict=True
    ):
        state, transition = step(rule, state, label, index, value)
        if transition is not None:
            happened.append(transition)
    return state, happened


def catch_up(rule: Rule, lines: Readings) -> tuple[RuleState, list[Transition], list[Transition]]:
    """Walk the day so far for the first time, silently.

    Gives the state, what is to be announced (one late RAISED where the rule is past its level now, at the line where
    this breach began), and what happened silently, for the log. What nobody was told spends neither `once` nor a
    cooldown.
    """
    state, silent = advance(replace(rule, once=False, cooldown=0), RuleState(), lines)
    standing = state.active and rule.kind is not Kind.CROSSES and rule.past(float(lines.values[-1]))
    if not standing:
        return structs.replace(state, active=False, steps=0, fired=0, fired_index=-1), [], silent
    late = Transition(Step.RAISED, state.time, state.value, rule.level, late=True)
    begun = max(place for place, each in enumerate(silent) if each.step is Step.RAISED)
    return structs.replace(state, fired=1), [late], silent[:begun]


def _run(state: RuleState, index: int, *, continues: bool) -> int:
    """The length of the run that ends here: consecutive minutes, so a gap starts it again.

    The last label before a break and the first one after it are the same minute of the session.
    """
    if not (continues and state.run) or index - state.run_index > 1:
        return 1
    return state.run + (index - state.run_index)


def _may_fire(rule: Rule, state: RuleState, index: int) -> bool:
    rested = state.fired_index < 0 or index - state.fired_index >= rule.cooldown
    return rested and not (rule.once and state.fired)


def _steps(rule: Rule, value: float) -> int:
    """How many whole further steps lie between the level and a figure past it."""
    size = abs(value) if rule.is_two_sided else value
    return int(abs(size - rule.level) // rule.again) if rule.again else 0


def _compare(rule: Rule, state: RuleState, label: int, index: int, value: float) -> tuple[RuleState, Transition | None]:
    if rule.past(value):
        run = _run(state, index, continues=True)
        return _breach(rule, structs.replace(state, run=run, run_index=index, upto=label), label, index, value)
    state = structs.replace(state, run=0, run_index=index, upto=label)
    if state.active and rule.is_back(value):
        return structs.replace(state, active=False), Transition(Step.CLEARED, label, value, rule.level)
    return state, None


def _breach(rule: Rule, state: RuleState, label: int, index: int, value: float) -> tuple[RuleState, Transition | None]:
    """A line past the level; `state.run` already counts it."""
    steps = _steps(rule, value)
    if state.active and steps <= state.steps:
        return state, None
    stepped = rule.level + steps * (rule.again or 0.0) * (-1 if rule.operator == "<=" else 1)
    worse = Transition(Step.ESCALATED, label, value, stepped)
    if state.active:
        return structs.replace(state, steps=steps), worse
    if state.run < rule.hold:
        return state, None
    fired = structs.replace(state, active=True, time=label, value=value, steps=steps)
    if _may_fire(rule, state, index):
        fired = structs.replace(fired, fired=state.fired + 1, fired_index=index)
        return fired, Transition(Step.RAISED, label, value, rule.level)
    if steps > state.steps and not rule.once:
        # Inside a cooldown nothing fires anew, but a further step worse than was announced is said all the same.
        return fired, worse
    return state, None


def _cross(rule: Rule, state: RuleState, label: int, index: int, value: float) -> tuple[RuleState, Transition | None]:
    """A crossing stands for the moment it happens: it is raised, and the next one is a new one."""
    side = 1 if value > rule.level + rule.band else -1 if value < rule.level - rule.band else 0
    if side in (0, state.side):
        # Inside the band, or still where it was.
        return structs.replace(state, run=0, run_index=index, pending=0, upto=label), None
    run = _run(state, index, continues=side == state.pending)
    state = structs.replace(state, run=run, run_index=index, pending=side, upto=label)
    if state.side == 0:
        return structs.replace(state, side=side, run=0, pending=0), None
    if run < rule.hold:
        return state, None
    state = structs.replace(state, side=side, run=0, pending=0)
    if not _may_fire(rule, state, index):
        return state, None
    fired = structs.replace(state, active=True, time=label, value=value, fired=state.fired + 1, fired_index=index)
    return fired, Transition(Step.RAISED, label, value, rule.level)
