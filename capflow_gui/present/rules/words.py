"""A rule in words: what it waits for, how it stands, and what an import would change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from capflow_gui.domain.alert_grammar import Kind, PartOfSession, Rule, Scope
from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.money import MINUS, format_amount
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import format_percent
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.present.numbers import count_of
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import input_fault, rule_words
from capflow_gui.reason import Reason

METRICS = {
    "net": "net inflow",
    "main": "main inflow",
    "extra_large": "inflow of extra-large orders",
    "large": "inflow of large orders",
    "medium": "inflow of medium orders",
    "small": "inflow of small orders",
}
ALL_CHANNELS = "All channels"
NO_CHANNEL = "No channel is set up, so they are shown in the window alone. Channels… in the menu sets one up."
NOTHING_SENT = "The demo sends no alerts. Channels are set up in a list of your own."
QUIET_FAULT = "The quiet hours cannot be read. Write them as 22:00-07:00, or leave them empty."
# What the templates do on the simulator's days; tests/integration/test_rule_templates.py measures it.
TEMPLATE_WORDS = {
    "Conservative": "About 0.1 alerts a symbol and week of calm days; a sudden sell-off is told once it is over",
    "Normal": "About 0.8 alerts a symbol and week of calm days; 96% of sudden sell-offs, and all slow ones, are told "
    "before half of the money has left",
    "Nervous": "About 2.1 alerts a symbol and week of calm days; sell-offs are told before half of the money has left",
}
# Judged by what was known at each minute, not by the lines alone: by turnover, by earlier sessions, by prices.
NEEDS_RECORDING = (Kind.SHARE, Kind.UNUSUAL, Kind.DIVERGENCE)
CLIPBOARD, CLIPBOARD_EMPTY = "The clipboard", "The clipboard has no text. Copy rules, a line each or as TOML, first."
_WITHOUT_MONEY = (Kind.SHARE, Kind.UNUSUAL, Kind.DIVERGENCE)
_NAMED = 2  # symbols that are named before they are only counted


def metric_words(metric: str) -> str:
    """A metric of rules: `net inflow`."""
    return METRICS[metric]


def scope_words(scope: Scope) -> str:
    """For whom a rule is: `all symbols`, `700.HK`, `the group HK core`."""
    if scope.symbol is not None:
        return str(scope.symbol)
    return "all symbols" if scope.group is None else f"the group {scope.group}"


def channel_name(name: str, *, known: bool) -> str:
    """A channel by its name, and that it is not set up where it is not."""
    return name if known else f"{name} (not set up)"


def entry_name(entry: RuleEntry) -> str:
    """What a rule is called, without whom it is for: `net ≤ −200M`."""
    return rule_words(entry.text if entry.rule is None else entry.rule.condition)


def entry_scope(entry: RuleEntry) -> str:
    """For whom it is; of thresholds, those without one of their own."""
    if entry.rule is None:
        return ""
    if entry.is_threshold and entry.rule.scope.symbol is None:
        return "all without their own"
    return scope_words(entry.rule.scope)


def _part_words(part: PartOfSession) -> list[str]:
    bounds = [(word, at) for word, at in (("from", part.begin), ("to", part.end)) if at is not None]
    skipped = [(which, minutes) for which, minutes in (("first", part.skip_first), ("last", part.skip_last)) if minutes]
    words = []
    if bounds:
        words.append("only " + " ".join(f"{word} {at:%H:%M}" for word, at in bounds))
    if skipped:
        parts = " and ".join(f"{which} {count_of(minutes, 'minute')}" for which, minutes in skipped)
        words.append(f"not in the session's {parts}")
    return words


def rule_sentence(rule: Rule, money: str = "") -> str:
    """What a rule waits for, in a sentence or two; `money` is the currency of amounts, where there is one."""
    parts = [f"Alert when the {metric_words(rule.metric)} of {scope_words(rule.scope)} {_measure(rule, money)}"]
    if rule.hold > 1:
        parts.append(f"for {rule.hold} confirmed minutes in a row")
    sentence = " ".join(parts)
    more = _part_words(rule.part)
    if rule.early:
        more.append("marked early while the minute runs")
    if rule.until is not None:
        more.append(f"until {rule.until.isoformat()}")
    if rule.again is not None:
        more.append(f"again at each further {_amount(rule, rule.again, money)}")
    if rule.cooldown:
        more.append(f"not again within {rule.cooldown} minutes")
    if rule.once:
        more.append("at most once a session")
    elif rule.kind is not Kind.CROSSES:
        side = "above" if rule.operator == "<=" else "below"
        more.append(f"armed again at or {side} {_amount(rule, rule.rearm_level, money)}")
    return "; ".join([sentence, *more]) + "."


def _measure(rule: Rule, money: str) -> str:  # noqa: PLR0911 - one return a kind
    side = "at or below" if rule.operator == "<=" else "at or above"
    amount = _amount(rule, rule.level, money)
    match rule.kind:
        case Kind.SHARE:
            return f"is {side} {amount} of the session's turnover so far"
        case Kind.CHANGE:
            further = "less" if rule.operator == "<=" else "more"
            return f"has changed over {rule.minutes} trading minutes by {amount} or {further}"
        case Kind.DRAWDOWN:
            return f"has fallen by at least {amount} from its high of the session"
        case Kind.CROSSES:
            band = f", by more than {_amount(rule, rule.band, money)}" if rule.band else ""
            return f"crosses {amount}{band}"
        case Kind.UNUSUAL:
            floor = f"{format_amount(rule.floor)} {money}".strip()
            return (
                f"has changed over {rule.minutes} trading minutes by at least {amount} deviations from what is usual "
                f"at that time, and by at least {floor}"
            )
        case Kind.DIVERGENCE:
            return (
                f"has fallen over {rule.minutes} trading minutes by at least {amount} of turnover while the price rose "
                f"by at least {format_percent(rule.price)}, or the reverse"
            )
        case _:
            return f"since the open is {side} {amount}"


def _amount(rule: Rule, value: float, money: str) -> str:
    text = rule.amount_text(round(value, 12)).replace("-", MINUS)
    return text if rule.kind in _WITHOUT_MONEY else f"{text} {money}".strip()


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """How a rule stands: where it alerts, where it cannot be judged and why, what it raised last, whom it watches."""

    alerting: tuple[Symbol, ...] = ()
    blocked: tuple[tuple[Symbol, Reason | None], ...] = ()
    last: AlertRecord | None = None
    watched: int = 0
    said_by: str = ""  # that another rule says the same


def said_already(rule: Rule, others: Iterable[RuleEntry]) -> str:
    """That another rule says the same of its symbols, in words; empty where none does."""
    others = list(others)
    own = {other.rule.scope.symbol for other in others if other.is_threshold and other.rule is not None}
    for other in others:
        if other.rule is None or other.rule.condition != rule.condition:
            continue
        name = "The threshold" if other.is_threshold else "Another rule"
        if other.rule.scope == rule.scope:
            return f"{name} says this already."
        symbol = rule.scope.symbol
        if symbol is not None and other.covers(symbol) and not (other.is_threshold and symbol in own):
            name = "The default threshold" if other.is_threshold else "A rule for all symbols"
            return f"{name} covers this already."
    return ""


def cannot_mute(entry: RuleEntry, symbol: Symbol) -> str:
    """Why a rule cannot be muted for a symbol."""
    if entry.rule is None:
        return "A rule that cannot be read is judged nowhere."
    if entry.rule.scope.symbol is not None:
        return f"Rule {rule_words(entry.text)} is for one symbol alone: Space switches it off."
    if entry.is_threshold:
        return f"{symbol} has a threshold of its own, so that for all is not judged there."
    return f"Rule {rule_words(entry.text)} is not for {symbol}."


def standing_of(
    entry: RuleEntry, alerts: Sequence[AlertRecord], covered: Collection[Symbol], rules: Sequence[RuleEntry] = ()
) -> RuleStanding:
    """How a rule stands by the alerts, newest first; `covered` are the symbols it is judged on.

    `rules` are all of them in order: of two that say the same the threshold is judged, or the first.
    """
    own = [alert for alert in alerts if alert.rule_id == entry.id]
    standing = [alert for alert in own if alert.standing]
    return RuleStanding(
        tuple(dict.fromkeys(alert.symbol for alert in standing if not alert.cannot_judge)),
        tuple({alert.symbol: alert.reason for alert in standing if alert.cannot_judge}.items()),
        next((alert for alert in own if not alert.cannot_judge), None),
        len(covered),
        _said_before(entry, rules),
    )


def _said_before(entry: RuleEntry, rules: Sequence[RuleEntry]) -> str:
    if entry.rule is None or entry.is_threshold or entry not in rules:
        return ""
    earlier = rules[: rules.index(entry)]
    judged = [each for each in (*earlier, *rules) if each.enabled and (each.is_threshold or each in earlier)]
    return said_already(entry.rule, judged)


def standing_words(entry: RuleEntry, standing: RuleStanding) -> str:
    """The state of a rule: `Alerts on 700.HK`, `Cannot judge 5.HK: …`, `Off`."""
    if entry.unread is not None:
        return f"Cannot be read: {reason_words(entry.unread.fault.reason)}"
    assert entry.rule is not None  # noqa: S101  it could be read
    muted = f"muted for {_named(sorted(entry.muted))}" if entry.muted else ""
    if not entry.enabled:
        return "Off"
    parts = []
    if standing.alerting:
        parts.append(f"alerts on {_named(standing.alerting)}")
    if standing.blocked:
        symbol, reason = standing.blocked[0]
        why = "" if reason is None else f": {reason_words(reason)}"
        others = f" and {len(standing.blocked) - 1} more" if len(standing.blocked) > 1 else ""
        parts.append(f"cannot judge {symbol}{others}{why}")
    scope = entry.rule.scope
    if not parts and standing.said_by:
        parts.append(standing.said_by.removesuffix("."))
    elif not parts and standing.watched:
        parts.append("waits")
    elif not parts and not muted:
        parts.append("no symbol of it is on the list" if scope.symbol is None else f"{scope.symbol} is not on the list")
    words = " · ".join(filter(None, [*parts, muted]))
    return words[:1].upper() + words[1:]


def _named(symbols: Sequence[Symbol]) -> str:
    named = ", ".join(map(str, symbols[:_NAMED]))
    return f"{named} and {len(symbols) - _NAMED} more" if len(symbols) > _NAMED else named


def import_words(entry: RuleEntry, known: RuleEntry | None, channels: Collection[str]) -> tuple[str, str]:
    """What an import does with a rule, and the rule: `New`, `Changes net ≤ −200M`, `As it is`, `Left out: …`.

    `channels` are the names of those that are set up: what the rule names besides is told.
    """
    text = rule_words(entry.text)
    if entry.unread is not None:
        return f"Left out: {input_fault(entry.unread.fault)}", caret_lines(entry)
    if known is None:
        what = "New"
    elif known == entry:
        what = "As it is"
    else:
        what = "Changed" if known.text == entry.text else f"Replaces {rule_words(known.text)}"
    unknown = [name for name in entry.channels or () if name not in channels]
    if unknown:
        what += f" · not set up here: {'the channel' if len(unknown) == 1 else 'the channels'} {', '.join(unknown)}"
    return what, text


def caret_lines(entry: RuleEntry) -> str:
    """The line at fault of a rule that cannot be read, and a caret under the fault, for a font of one width."""
    assert entry.unread is not None  # noqa: S101  asked of these alone
    text, at = entry.unread.text, entry.unread.fault.position
    if at is None or entry.unread.table is not None:
        return text
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return f"{text[start : None if end < 0 else end].rstrip()}\n{' ' * (at - start)}^"
