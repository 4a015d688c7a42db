"""A rule on one line in the reader's language and units; what people type stays the grammar, in every language."""

from __future__ import annotations

from functools import lru_cache

from capflow_gui.domain.alert_grammar import DEFAULT_REARM, Kind, PartOfSession, Rule
from capflow_gui.domain.money import MINUS
from capflow_gui.domain.typed.level import format_percent
from capflow_gui.errors import InvalidInput
from capflow_gui.present.language.texts import N_, _, language, pgettext
from capflow_gui.present.numbers import exact_in_unit, units

_MEASURED = {
    Kind.LEVEL: "{metric}",
    Kind.SHARE: N_("{metric}/turnover"),
    Kind.CHANGE: N_("{metric} change {minutes}m"),
    Kind.DRAWDOWN: N_("{metric} drawdown"),
}
_SIGNS = {"<=": "≤", ">=": "≥"}


def condition_words(text: str, *, options: bool = True) -> str | None:
    """A rule in words: `净流入 ≤ −1.5亿`, its scope first where the text has one; None where it cannot be read.

    `options=False` leaves out what follows the measure.
    """
    return _worded(text, options, language(), units())


def level_text(rule: Rule, value: float) -> str:
    """A value in the units of a rule's level, in the reader's: `−200M`, `−2亿`, `−3%`, `2.5`."""
    if rule.kind in (Kind.SHARE, Kind.DIVERGENCE, Kind.UNUSUAL):
        return rule.amount_text(value).replace("-", MINUS)
    return exact_in_unit(value)


@lru_cache(512)
def _worded(text: str, options: bool, _language: str, _units: str) -> str | None:
    from capflow_gui.domain.typed.rule import parse_rule  # noqa: PLC0415 - loads numpy, which English does without

    scoped = True
    try:
        rule = parse_rule(text)
    except InvalidInput:
        try:
            rule, scoped = parse_rule(f"*: {text}"), False
        except InvalidInput:
            return None
    words = _measure(rule)
    for option in _options(rule) if options else ():
        words = _("{rule} {option}").format(rule=words, option=option)
    if not scoped:
        return words
    scope = _("all symbols") if str(rule.scope) == "*" else str(rule.scope)
    return _("{scope}: {rule}").format(scope=scope, rule=words)


def _metric(metric: str) -> str:
    return {
        "net": pgettext("of a rule", "net"),
        "main": pgettext("of a rule", "main"),
        "extra_large": pgettext("of a rule", "extra_large"),
        "large": pgettext("of a rule", "large"),
        "medium": pgettext("of a rule", "medium"),
        "small": pgettext("of a rule", "small"),
    }[metric]


def _measure(rule: Rule) -> str:
    metric, level = _metric(rule.metric), level_text(rule, rule.level)
    match rule.kind:
        case Kind.CROSSES:
            words = _("{metric} crosses {amount}").format(metric=metric, amount=level)
            if not rule.band:
                return words
            return _("{rule} band {amount}").format(rule=words, amount=exact_in_unit(rule.band))
        case Kind.UNUSUAL:
            text = _("{metric} change {minutes}m unusual {count} floor {amount}")
            return text.format(metric=metric, minutes=rule.minutes, count=level, amount=exact_in_unit(rule.floor))
        case Kind.DIVERGENCE:
            text = _("{metric} divergence {minutes}m price {price} flow {amount}")
            return text.format(metric=metric, minutes=rule.minutes, price=format_percent(rule.price), amount=level)
    what = _(_MEASURED[rule.kind]).format(metric=metric, minutes=rule.minutes)
    return f"{what} {_SIGNS[rule.operator]} {level}"


def _options(rule: Rule) -> list[str]:
    words = []
    if rule.hold != 1:
        words.append(_("for {minutes}m").format(minutes=rule.hold))
    if rule.rearm != DEFAULT_REARM:
        words.append(_("rearm {percent}").format(percent=format_percent(rule.rearm)))
    if rule.again is not None:
        words.append(_("again {amount}").format(amount=level_text(rule, rule.again)))
    if rule.cooldown:
        words.append(_("cooldown {minutes}m").format(minutes=rule.cooldown))
    if rule.once:
        words.append(pgettext("of a rule", "once"))
    words += _part(rule.part)
    if rule.until is not None:
        words.append(_("until {day}").format(day=rule.until.isoformat()))
    if rule.early:
        words.append(pgettext("of a rule", "early"))
    return words


def _part(part: PartOfSession) -> list[str]:
    words = []
    if part.begin is not None:
        words.append(_("from {time:%H:%M}").format(time=part.begin))
    if part.end is not None:
        words.append(_("to {time:%H:%M}").format(time=part.end))
    if part.skip_first and part.skip_last:
        text = _("skip first {first}m last {last}m")
        words.append(text.format(first=part.skip_first, last=part.skip_last))
    elif part.skip_first:
        words.append(_("skip first {minutes}m").format(minutes=part.skip_first))
    elif part.skip_last:
        words.append(_("skip last {minutes}m").format(minutes=part.skip_last))
    return words
