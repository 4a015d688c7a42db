"""A rule in words: what it waits for, how it stands, and what an import would change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from capflow_gui.domain.alert_grammar import Kind, PartOfSession, Rule, Scope
from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import format_percent
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.present.language.texts import N_, _, listed, ngettext
from capflow_gui.present.names import channel_title
from capflow_gui.present.numbers import counted, exact_in_unit
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.rules.conditions import level_text
from capflow_gui.present.sentences import input_fault, measure_words, rule_words
from capflow_gui.reason import Reason

METRICS = {
    "net": N_("net inflow"),
    "main": N_("main inflow"),
    "extra_large": N_("inflow of extra-large orders"),
    "large": N_("inflow of large orders"),
    "medium": N_("inflow of medium orders"),
    "small": N_("inflow of small orders"),
}
ALL_CHANNELS = N_("All channels")
NO_CHANNEL = N_("No channel is set up, so they are shown in the window alone. Channels… in the menu sets one up.")
NOTHING_SENT = N_("The demo sends no alerts. Channels are set up in a list of your own.")
QUIET_FAULT = N_("The quiet hours cannot be read. Write them as 22:00-07:00, or leave them empty.")
# What the templates do on the simulator's days; tests/integration/test_rule_templates.py measures it.
TEMPLATE_WORDS = {
    N_("Conservative"): N_(
        "About 0.1 alerts a symbol and week of calm days; a sudden sell-off is told once it is over"
    ),
    N_("Normal"): N_(
        "About 0.8 alerts a symbol and week of calm days; 96% of sudden sell-offs, and all slow "
        "ones, are told before half of the money has left"
    ),
    N_("Nervous"): N_(
        "About 2.1 alerts a symbol and week of calm days; sell-offs are told before half of the money has left"
    ),
}
# Judged by what was known at each minute, not by the lines alone: by turnover, by earlier sessions, by prices.
NEEDS_RECORDING = (Kind.SHARE, Kind.UNUSUAL, Kind.DIVERGENCE)
CLIPBOARD, CLIPBOARD_EMPTY = (
    N_("The clipboard"),
    N_("The clipboard has no text. Copy rules, a line each or as TOML, first."),
)
_WITHOUT_MONEY = (Kind.SHARE, Kind.UNUSUAL, Kind.DIVERGENCE)
_NAMED = 2  # symbols that are named before they are only counted


def metric_words(metric: str) -> str:
    """A metric of rules: `net inflow`."""
    return _(METRICS[metric])


def metric_of(rule: str) -> str:
    """The metric that a rule's text begins with; the net where it is of another version of Capflow."""
    found = rule.split(" ", maxsplit=1)[0].partition("/")[0]
    return found if found in METRICS else "net"


def scope_words(scope: Scope) -> str:
    """For whom a rule is: `all symbols`, `700.HK`, `the group HK core`."""
    if scope.symbol is not None:
        return str(scope.symbol)
    return _("all symbols") if scope.group is None else _("the group {group}").format(group=scope.group)


def channel_name(name: str, *, known: bool) -> str:
    """A channel by its name, and that it is not set up where it is not."""
    name = channel_title(name)
    return name if known else _("{name} (not set up)").format(name=name)


def entry_name(entry: RuleEntry) -> str:
    """What a rule is called, without whom it is for: `net ≤ −200M`."""
    return rule_words(entry.text if entry.rule is None else entry.rule.condition)


def entry_condition(entry: RuleEntry) -> str:
    """The same without the rule's options; the whole text of one that cannot be read."""
    return entry_name(entry) if entry.rule is None else measure_words(entry.rule.condition)


def entry_scope(entry: RuleEntry) -> str:
    """For whom it is; of thresholds, those without one of their own."""
    if entry.rule is None:
        return ""
    if entry.is_threshold and entry.rule.scope.symbol is None:
        return _("all without their own")
    return scope_words(entry.rule.scope)


def _part_words(part: PartOfSession) -> list[str]:
    words, begin, end = [], part.begin, part.end
    if begin is not None and end is not None:
        words.append(_("only from {begin:%H:%M} to {end:%H:%M}").format(begin=begin, end=end))
    elif begin is not None:
        words.append(_("only from {begin:%H:%M}").format(begin=begin))
    elif end is not None:
        words.append(_("only to {end:%H:%M}").format(end=end))
    first, last = counted(part.skip_first, "minute"), counted(part.skip_last, "minute")
    if part.skip_first and part.skip_last:
        words.append(_("not in the session's first {first} and last {last}").format(first=first, last=last))
    elif part.skip_first:
        words.append(_("not in the session's first {first}").format(first=first))
    elif part.skip_last:
        words.append(_("not in the session's last {last}").format(last=last))
    return words


def rule_sentence(rule: Rule, money: str = "") -> str:
    """What a rule waits for, in a sentence or two; `money` is the currency of amounts, where there is one."""
    text = _("Alert when the {metric} of {scope} {measure}")
    if rule.hold > 1:
        text = _("Alert when the {metric} of {scope} {measure} for {count} confirmed minutes in a row")
    sentence = text.format(
        metric=metric_words(rule.metric), scope=scope_words(rule.scope), measure=_measure(rule, money), count=rule.hold
    )
    more = _part_words(rule.part)
    if rule.early:
        more.append(_("marked early while the minute runs"))
    if rule.until is not None:
        more.append(_("until {day}").format(day=rule.until.isoformat()))
    if rule.again is not None:
        more.append(_("again at each further {amount}").format(amount=_amount(rule, rule.again, money)))
    if rule.cooldown:
        more.append(_("not again within {count} minutes").format(count=rule.cooldown))
    if rule.once:
        more.append(_("at most once a session"))
    elif rule.kind is not Kind.CROSSES:
        text = _("armed again at or above {amount}") if rule.operator == "<=" else _("armed again at or below {amount}")
        more.append(text.format(amount=_amount(rule, rule.rearm_level, money)))
    for words in more:
        sentence = _("{first}; {more}").format(first=sentence, more=words)
    return _("{words}.").format(words=sentence)


def _measure(rule: Rule, money: str) -> str:  # noqa: PLR0911 - one return a kind
    side = _("at or below") if rule.operator == "<=" else _("at or above")
    amount = _amount(rule, rule.level, money)
    match rule.kind:
        case Kind.SHARE:
            return _("is {side} {amount} of the session's turnover so far").format(side=side, amount=amount)
        case Kind.CHANGE:
            less, more = (
                _("has changed over {minutes} trading minutes by {amount} or less"),
                _("has changed over {minutes} trading minutes by {amount} or more"),
            )
            return (less if rule.operator == "<=" else more).format(minutes=rule.minutes, amount=amount)
        case Kind.DRAWDOWN:
            return _("has fallen by at least {amount} from its high of the session").format(amount=amount)
        case Kind.CROSSES:
            text = _("crosses {amount}, by more than {band}") if rule.band else _("crosses {amount}")
            return text.format(amount=amount, band=_amount(rule, rule.band, money) if rule.band else "")
        case Kind.UNUSUAL:
            floor = f"{exact_in_unit(rule.floor)} {money}".strip()
            return _(
                "has changed over {minutes} trading minutes by at least {amount} deviations from what is "
                "usual at that time, and by at least {floor}"
            ).format(minutes=rule.minutes, amount=amount, floor=floor)
        case Kind.DIVERGENCE:
            return _(
                "has fallen over {minutes} trading minutes by at least {amount} of turnover while the "
                "price rose by at least {percent}, or the reverse"
            ).format(minutes=rule.minutes, amount=amount, percent=format_percent(rule.price))
        case _:
            return _("since the open is {side} {amount}").format(side=side, amount=amount)


def _amount(rule: Rule, value: float, money: str) -> str:
    text = level_text(rule, round(value, 12))
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
        if other.rule.scope == rule.scope:
            return _("The threshold says this already.") if other.is_threshold else _("Another rule says this already.")
        symbol = rule.scope.symbol
        if symbol is not None and other.covers(symbol) and not (other.is_threshold and symbol in own):
            default, rule_for_all = (
                _("The default threshold covers this already."),
                _("A rule for all symbols covers this already."),
            )
            return default if other.is_threshold else rule_for_all
    return ""


def cannot_mute(entry: RuleEntry, symbol: Symbol) -> str:
    """Why a rule cannot be muted for a symbol."""
    if entry.rule is None:
        return _("A rule that cannot be read is judged nowhere.")
    if entry.rule.scope.symbol is not None:
        return _("Rule {rule} is for one symbol alone: Space switches it off.").format(rule=rule_words(entry.text))
    if entry.is_threshold:
        return _("{symbol} has a threshold of its own, so that for all is not judged there.").format(symbol=symbol)
    return _("Rule {rule} is not for {symbol}.").format(rule=rule_words(entry.text), symbol=symbol)


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
        return _("Cannot be read: {why}").format(why=reason_words(entry.unread.fault.reason))
    assert entry.rule is not None  # noqa: S101  it could be read
    muted = _("muted for {named}").format(named=_named(sorted(entry.muted))) if entry.muted else ""
    if not entry.enabled:
        return _("Off")
    parts = []
    if standing.alerting:
        parts.append(_("alerts on {named}").format(named=_named(standing.alerting)))
    if standing.blocked:
        symbol, reason = standing.blocked[0]
        others = len(standing.blocked) - 1
        text = _("cannot judge {symbol} and {count} more") if others else _("cannot judge {symbol}")
        words = text.format(symbol=symbol, count=others)
        parts.append(words if reason is None else f"{words}: {reason_words(reason)}")
    scope = entry.rule.scope
    if not parts and standing.said_by:
        parts.append(standing.said_by.rstrip(".。"))
    elif not parts and standing.watched:
        parts.append(_("waits"))
    elif not parts and not muted:
        parts.append(
            _("no symbol of it is on the list")
            if scope.symbol is None
            else _("{symbol} is not on the list").format(symbol=scope.symbol)
        )
    words = " · ".join(filter(None, [*parts, muted]))
    return words[:1].upper() + words[1:]


def _named(symbols: Sequence[Symbol]) -> str:
    named = listed(map(str, symbols[:_NAMED]))
    return (
        _("{named} and {count} more").format(named=named, count=len(symbols) - _NAMED)
        if len(symbols) > _NAMED
        else named
    )


def import_words(entry: RuleEntry, known: RuleEntry | None, channels: Collection[str]) -> tuple[str, str]:
    """What an import does with a rule, and the rule: `New`, `Changes net ≤ −200M`, `As it is`, `Left out: …`.

    `channels` are the names of those that are set up: what the rule names besides is told.
    """
    text = rule_words(entry.text)
    if entry.unread is not None:
        return _("Left out: {why}").format(why=input_fault(entry.unread.fault)), caret_lines(entry)
    if known is None:
        what = _("New")
    elif known == entry:
        what = _("As it is")
    else:
        what = _("Changed") if known.text == entry.text else _("Replaces {rule}").format(rule=rule_words(known.text))
    unknown = [name for name in entry.channels or () if name not in channels]
    if unknown:
        missing = ngettext(
            "not set up here: the channel {names}", "not set up here: the channels {names}", len(unknown)
        )
        what = f"{what} · {missing.format(names=listed(map(channel_title, unknown)))}"
    return what, text


def caret_lines(entry: RuleEntry) -> str:
    """The line at fault of a rule that cannot be read, and a caret under the fault, for a font of one width."""
    assert entry.unread is not None  # noqa: S101  asked of these alone
    text, at = entry.unread.text, entry.unread.fault.position
    if at is None or entry.unread.table is not None:
        return text
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return f"{text[start : None if end < 0 else end].rstrip()}\n{' ' * (at - start)}^"
