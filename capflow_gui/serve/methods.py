"""The one table of methods: every face (JSON-RPC on stdio, HTTP, MCP) is made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from capflow_gui.serve import alerts, flows, recorded, state
from capflow_gui.serve.arguments import (
    AcknowledgeArguments,
    Arguments,
    CheckArguments,
    ExportArguments,
    FlowArguments,
    HistoryArguments,
    RecordedArguments,
    TopicArguments,
    WatchlistArguments,
)
from capflow_gui.serve.service import Service

Answer = Callable[[Service, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Method:
    """What can be asked.

    summary    what it gives, and what its numbers mean: for a person, and for an agent that chooses tools
    result     the fields of the result
    answer     None: it is about the connection itself, which answers it
    reads      whether it changes nothing
    command    the verb of the command line that gives the same; empty where none does
    """

    name: str
    summary: str
    result: str
    arguments: type[Arguments] = Arguments
    answer: Answer | None = None
    reads: bool = True
    command: str = ""


_NUMBERS = (
    "Amounts are in the listing's currency (currency; currency_assumed where nobody said it) and are never added over "
    "currencies. net is money of buyers at the ask less money of sellers at the bid: below zero it is outflow. main is "
    "extra_large plus large. null is missing, not zero."
)
_SIMULATED = "simulated true: SIMULATED, from a simulator and not a market."
_FLAGGED = f"A line with provisional true is not final. flags name checks that failed. {_SIMULATED}"
_FRESH = (
    "state is live, stale, lunch, closed, previous_session, halted, error, no_permission or never_polled, and age_s is "
    "market seconds since the figures were true. Where link is not ready the source is down, and these are its last "
    f"figures. {_FLAGGED}"
)
_CUMULATIVE = "Intraday lines are running totals since the open, not one minute's flow: take differences."

METHODS = (
    Method("initialize", "Who answers, which methods there are, and what the profile watches.", "program, methods"),
    Method(
        "flow.get",
        f"Intraday capital flow of symbols, a line a minute. {_CUMULATIVE} {_NUMBERS} {_FRESH} A symbol that is not on "
        "the watchlist is asked of the broker, at the cost of one call of its quota.",
        "simulated, flows: the objects of fetch with state, age_s, link, currency_assumed and simulated",
        FlowArguments,
        flows.get_flows,
        command="fetch",
    ),
    Method(
        "flow.history",
        "Capital flow a day, week or month, asked of the broker: each symbol costs one call. These lines are totals "
        f"of their period, not running totals; the running period is provisional. {_NUMBERS}",
        "simulated, flows: the objects of fetch",
        HistoryArguments,
        flows.get_history,
        command="fetch",
    ),
    Method(
        "watchlist.get",
        f"The watchlist, its groups, and the newest figures of each symbol. {_CUMULATIVE} {_NUMBERS} {_FRESH}",
        "simulated, symbols, groups, flows: the flow objects of watch, saved",
        answer=state.get_watchlist,
    ),
    Method(
        "watchlist.set",
        "Replace the watchlist of the profile; a window that is open takes it up. Symbols that leave the list leave "
        "their groups.",
        "as watchlist.get",
        WatchlistArguments,
        state.set_watchlist,
        reads=False,
    ),
    Method(
        "archive.export",
        f"Recorded sessions of symbols, without a connection: their final lines, or with states every state that polls "
        f"saw. {_CUMULATIVE} {_NUMBERS} {_FLAGGED}",
        "simulated, sessions (the objects of export) or states, faults: what could not be read",
        ExportArguments,
        recorded.export,
        command="export",
    ),
    Method(
        "archive.info",
        "What is recorded: how many sessions, symbols and sources, from when to when, and how much room it takes, in "
        f"bytes. {_SIMULATED}",
        "simulated, path, days, sessions, first, last, symbols, sources, size and forecast",
        answer=recorded.get_info,
        command="archive",
    ),
    Method(
        "alerts.list",
        "Alerts of the profile, the ones that stand and those of earlier sessions, with what became of their messages. "
        "value and threshold are in currency, or fractions of turnover where the rule says so. acknowledged is false "
        f"for one that nobody has seen. cannot_judge true: the rule could not be evaluated. {_SIMULATED}",
        "simulated, alerts: the objects of alerts with currency, left_out: how many older ones are not here",
        RecordedArguments,
        alerts.list_alerts,
        command="alerts",
    ),
    Method(
        "alerts.acknowledge",
        "Mark alerts as seen, in every window and program of the profile.",
        "acknowledged: their ids",
        AcknowledgeArguments,
        alerts.acknowledge_alerts,
        reads=False,
        command="alerts",
    ),
    Method(
        "rules.list",
        "The alert rules of the profile and its net-outflow thresholds, and which symbols each is in force for.",
        "rules",
        answer=alerts.list_rules,
    ),
    Method(
        "rules.check",
        "What an alert rule would have done on recorded sessions. value and threshold are in the listing's currency, "
        "or fractions of turnover where the rule says so. unjudged means that the rule could not be evaluated: it is "
        f"not silence. {_SIMULATED}",
        "simulated, rule, events and summary: the objects of check-rule, faults: the sessions that could not be read",
        CheckArguments,
        recorded.check_rule,
        command="check-rule",
    ),
    Method(
        "quota.get",
        "How much of each broker's limit is used, by this program and by others on the same account.",
        "simulated, sources: used, limit, window_s, requests, refused, cycle_s, neighbours",
        answer=state.get_quota,
    ),
    Method(
        "health.get",
        "Whether the sources are connected, how fresh each symbol is, and what is wrong. An empty list of figures "
        "elsewhere does not mean that all is well: look here.",
        "version, simulated, sources: links, symbols: state and age_s, troubles, alerts_waiting",
        answer=state.get_health,
    ),
    Method(
        "subscribe",
        "Be sent the objects of watch as notifications, by topic: flow (and errors of symbols), alert, link. First "
        "comes how things stand.",
        "topics",
        TopicArguments,
        command="watch",
    ),
    Method("unsubscribe", "Be sent these topics no more.", "topics", TopicArguments),
)
BY_NAME = {method.name: method for method in METHODS}
