"""What happened, in one sentence that says what to do next; the broker's own words stay as they are.

Times of day are the exchange's. Nothing here decides a state: it words the one it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.money import MINUS
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    InvalidInput,
    LocalProtocolError,
    NoData,
    NoLines,
    NoQuoteRight,
    PartFailed,
    PolicyError,
    ProtocolError,
    ProviderError,
    RateLimited,
    RemoteProtocolError,
    RequestRejected,
    RequestTimeout,
    SettingsError,
    StorageError,
    UnknownSymbol,
)
from capflow_gui.present.desk.sentences import desk_sentence
from capflow_gui.present.language.columns import display_width
from capflow_gui.present.language.texts import N_, _, full_stop, language, listed, one_after_other, said_together
from capflow_gui.present.longport_sentences import longport_sentence, needs_sign_in, needs_user, rejection_words
from capflow_gui.present.names import source_title as source_title  # noqa: PLC0414 - sentences are read from here
from capflow_gui.present.numbers import Unit, compact, percent, scaled, units
from capflow_gui.present.numbers import duration as duration  # noqa: PLC0414
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason

if TYPE_CHECKING:
    from capflow_gui.domain.typed.symbols import TypedSymbols  # after the first paint


_NAMED = 4
# Before the first option of a rule's text.
_OPTION = re.compile(r" (?=(?:for|rearm|again|cooldown|once|from|to|skip|until|early)\b)")


class Action(StrEnum):
    """The one thing a sentence may offer to do; the value is its label, in English."""

    RECONNECT = N_("Reconnect now")
    SIGN_IN = N_("Sign in")
    DETAILS = N_("Details")
    SOURCES = N_("Connections")
    WHAT_TO_DO = N_("What to do")
    REMOVE = N_("Remove")


class Tone(StrEnum):
    """LIVE: true now. QUIET: true, and at rest. TROUBLE: known trouble, written in the alert text colour."""

    LIVE = "live"
    QUIET = "quiet"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A state word or two, what goes with it, and at most one action (a label of `Action`)."""

    state: str
    text: str
    action: str | None = None
    tone: Tone = Tone.QUIET

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.state, self.text)))


def _is_worded() -> bool:
    """Whether rules are shown in other words than they are kept in."""
    return language() != "en" or units() != "KMB"


def _condition_words(rule: str, *, options: bool = True) -> str | None:
    from capflow_gui.present.rules.conditions import condition_words  # noqa: PLC0415 - loads numpy

    return condition_words(rule, options=options)


def rule_words(rule: str) -> str:
    """A rule as it is shown on screen: `net <= -200M` is `net ≤ −200M`, `净流入 ≤ −2亿`."""
    if _is_worded() and (words := _condition_words(rule)) is not None:
        return words
    return rule.replace("<=", "≤").replace(">=", "≥").replace(" -", f" {MINUS}")


def measure_words(rule: str) -> str:
    """A rule without its options, as it is shown on screen: `net ≤ −200M`."""
    if _is_worded() and (words := _condition_words(rule, options=False)) is not None:
        return words
    return _OPTION.split(rule_words(rule), maxsplit=1)[0]


def is_share(rule: str) -> bool:
    """Whether a rule measures a share of turnover: its figures are fractions, not amounts."""
    return "/turnover" in rule


def is_of_lines(rule: str) -> bool:
    """Whether a rule measures more than the newest figure: a change, a fall from the high, or one of these weighed."""
    return any(word in rule for word in (" change ", " drawdown ", " divergence "))


def has_direction(rule: str) -> bool:
    """Whether what a rule measures is money that comes in (above zero) or goes out; a fall from the high is neither."""
    return " drawdown " not in rule


def is_amount(rule: str) -> bool:
    """Whether a rule measures money: its figures are in the symbol's currency."""
    return not any(word in rule for word in ("/turnover", " divergence ", " unusual "))


def measured(rule: str, value: float | None, decimals: int = 1) -> str:
    """What a rule measured, as its kind is written: an amount, a share (with `decimals`), or deviations."""
    if " unusual " in rule:
        return scaled(value, Unit("", 1.0))
    return compact(value) if is_amount(rule) else percent(value, decimals)


def amounts_told(money: str) -> str:
    """What a cell's amount is in; `money` as beside an amount, "" where it is none."""
    return _("Amount in {currency}").format(currency=money) if money else ""


def suggestion_words(error: InvalidInput) -> str:
    """What to do about it; empty where there is nothing to suggest."""
    return reason_words(error.suggestion) if error.suggestion is not None else ""


def input_fault(error: InvalidInput) -> str:
    """What is wrong with a text that stands beside it, and what to do: a full sentence or two."""
    said = (reason_words(error.reason), suggestion_words(error))
    return one_after_other(full_stop(_capital(words)) for words in said if words)


def not_added(typed: TypedSymbols) -> str:
    """Which words are no symbols, and why; empty where all are."""
    if not typed.faults:
        return ""
    first = typed.faults[0]
    why, suggestion = reason_words(first.reason), suggestion_words(first)
    if len(typed.faults) == 1:
        said = _("“{text}” was not added: {why}.").format(text=first.text, why=why)
    else:
        text = _("{words} were not added: the first one because {why}.")
        if len(typed.faults) > _NAMED:
            text = _("{words} and {count} more were not added: the first one because {why}.")
        words = listed(f"“{fault.text}”" for fault in typed.faults[:_NAMED])
        said = text.format(words=words, count=len(typed.faults) - _NAMED, why=why)
    return one_after_other((said, _capital(full_stop(suggestion)))) if suggestion else said


def caret(error: InvalidInput, indent: str = "  ") -> str:
    """The faulty text, and below it a caret under the fault; the text alone where the place is not known."""
    # Control characters would move what stands behind them.
    line = "".join(character if character.isprintable() else " " for character in error.text)
    if error.position is None:
        return indent + line
    return f"{indent}{line}\n{indent}{' ' * display_width(line[: error.position])}^"


def error_sentence(error: Exception, *, retrying: bool = True) -> str:  # noqa: PLR0911 - one return an error
    """What went wrong and what to do about it, for any error.

    `retrying`: the program goes on and asks again by itself, as the window and `watch` do, and `fetch` does not.
    """
    said = desk_sentence(error, retrying=retrying)
    said = longport_sentence(error) if said is None else said
    if said is not None:
        return said
    match error:
        case InvalidInput():
            said = _("{what}: {why}").format(what=repr(error.text), why=reason_words(error.reason))
            return _joined(said, suggestion_words(error))
        case PolicyError():
            return _policy_fault(error)
        case SettingsError():
            return _setting_fault(error)
        case StorageError():
            return _storage_fault(error, retrying=retrying)
        case LocalProtocolError():
            why = reason_words(error.reason)
            return _(
                "Capflow was about to break the protocol ({why}). This is a bug: please report it with the log."
            ).format(why=why)
        case RemoteProtocolError():
            return _unreadable(error, retrying=retrying)
        case RequestRejected():
            return _rejection(error, retrying=retrying)
        case NoLines():
            name = _capital(source_title(error.source))
            again, anew = _("{source} sent no lines. It will be asked again."), _("{source} sent no lines. Try again.")
            return (again if retrying else anew).format(source=name)
        case ConnectFailed() | ConnectionLost() | RequestTimeout():
            return _no_answer(error, retrying=retrying)
        case ProviderError() | ProtocolError() | PartFailed():
            return reason_sentence(error.reason)
        case _:
            return full_stop(_capital(str(error) or type(error).__name__))


def reason_sentence(reason: Reason) -> str:
    """A reason as a sentence of its own."""
    return full_stop(_capital(reason_words(reason)))


def log_words(value: object) -> object:
    """An argument of a log line as people read it: a reason or an error in words, the rest as it is."""
    match value:
        case Reason():
            return reason_words(value)
        case CapflowError():
            return error_sentence(value, retrying=not isinstance(value, StorageError)).removesuffix(".")
        case _:
            return value


# Reasons that say by themselves what cannot be used.
_WHOLE = frozenset({Code.PART_OF_KEY_MISSING, Code.NO_CREDENTIALS_SET})


def _setting_fault(error: SettingsError) -> str:
    why, suggestion = reason_words(error.reason), error.suggestion
    whole = error.key == "keyring" or error.reason.code in _WHOLE
    fault = _capital(why) if whole else _("The setting {key} cannot be used: {why}").format(key=error.key, why=why)
    return _joined(fault, reason_words(suggestion) if suggestion is not None else "")


def _policy_fault(error: PolicyError) -> str:
    place = said_together(
        [
            str(error.file),
            *([_("line {line}").format(line=error.line)] if error.line else []),
            *filter(None, [error.key]),
        ]
    )
    suggestion = "" if error.suggestion is None else reason_words(error.suggestion)
    fault = _("The administrator's policy cannot be used ({place}): {why}")
    said = _joined(fault.format(place=place, why=reason_words(error.reason)), suggestion)
    effect = _("Capflow does not start until it is corrected: what it locks would not be locked.")
    return one_after_other((said, effect))


def _unreadable(error: RemoteProtocolError, *, retrying: bool) -> str:
    why = reason_words(error.reason)
    if not error.source or error.source.startswith("opend"):
        return _("The answer cannot be read ({why}): is this OpenD's API port, and is OpenD up to date?").format(
            why=why
        )
    again = _(
        "An answer of {source} cannot be read ({why}). It will be asked again; if it stays, look for a newer Capflow."
    )
    anew = _("An answer of {source} cannot be read ({why}). Try again; if it stays, look for a newer Capflow.")
    return (again if retrying else anew).format(source=source_title(error.source), why=why)


def _no_answer(error: ConnectFailed | ConnectionLost | RequestTimeout, *, retrying: bool) -> str:
    name, why = source_title(error.source), reason_words(error.reason)
    match error:
        case ConnectFailed():
            # Some reasons end in the question that helps.
            text = _("{source} cannot be reached: {why}. Check that it runs, and its host, port and RSA key.")
            if why.endswith(("?", "？")):
                text = _("{source} cannot be reached: {why}")
            return text.format(source=_capital(name), why=why)
        case ConnectionLost():
            advice = _("It is being restored; nothing needs doing yet.") if retrying else _("Try again.")
            return _("The connection to {name} is down: {why}. {advice}").format(name=name, why=why, advice=advice)
        case _:
            advice = _("It will be asked again.") if retrying else _("Try again.")
            text = _("{source} did not answer in time: {why}. {advice}")
            if error.reason.code is Code.OPEND_LOST_ITS_SERVER:
                text = _("{source} did not answer: {why}. {advice}")
            return text.format(source=_capital(name), why=why, advice=advice)


def _rejection(error: RequestRejected, *, retrying: bool) -> str:
    name = _capital(source_title(error.source))
    words = rejection_words(error)
    match error:
        case AuthFailed():
            return _("{name} wants a login: {words}. Log in to {name}, then try again.").format(name=name, words=words)
        case RateLimited():
            pause = duration(error.retry_after)
            advice = (
                _("It will be asked again in {pause}.").format(pause=pause)
                if retrying
                else _("Try again in {pause}.").format(pause=pause)
            )
            return _("{name} was asked too often: {words}. {advice}").format(name=name, words=words, advice=advice)
        case NoQuoteRight():
            return _(
                "No quote right: {words}. Check the quote rights of this account, or whether another device took them."
            ).format(words=words)
        case UnknownSymbol():
            return _("{name} does not know this symbol: {words}. Check the code, or remove it.").format(
                name=name, words=words
            )
        case NoData():
            return _("{name} has no data for this: {words}. Try another period or other dates.").format(
                name=name, words=words
            )
        case _:
            again = _(
                "{name} refused: {words}. It will be asked again; if it stays, look the text up in {name}'s "
                "documentation."
            )
            anew = _("{name} refused: {words}. Try again; if it stays, look the text up in {name}'s documentation.")
            return (again if retrying else anew).format(name=name, words=words)


def _capital(text: str) -> str:
    """As a sentence begins; the name of a file stays as it is."""
    first = text.partition(" ")[0].rstrip(".:,;")
    if "." in first or "/" in first or "\\" in first:
        return text
    return text[:1].upper() + text[1:]


def _storage_fault(error: StorageError, *, retrying: bool) -> str:
    said = reason_sentence(error.reason)
    if error.reason.code is Code.NOTHING_RECORDED:
        advice = _("The window records, and so does `capflow watch --record`; --data-dir names another folder.")
        return one_after_other((said, advice))
    return one_after_other((said, _("Nothing shown is lost."))) if retrying else said


def _joined(fault: str, suggestion: str) -> str:
    if not suggestion:
        return full_stop(fault)
    return _("{fault}; {suggestion}").format(fault=fault, suggestion=full_stop(suggestion))


def link_reason(link: LinkState) -> str:
    """Why a link is down, or nothing."""
    return "" if link.reason is None else reason_words(link.reason)


def link_sentence(link: LinkState, mono_now: float) -> Sentence:  # noqa: PLR0911 - one return a phase
    """What a source's badge says. `mono_now` is in monotonic seconds."""
    name = _capital(source_title(link.source))
    retry = _retry(link, mono_now)
    if link.error is not None and needs_user(link):
        action = Action.SIGN_IN if needs_sign_in(link) else Action.RECONNECT
        said = " · ".join(filter(None, (error_sentence(link.error), retry)))
        return Sentence(_("{name} needs you").format(name=name), said, action, Tone.TROUBLE)
    match link.phase:
        case LinkPhase.READY:
            if (fact := _fact(link)) is not None:
                return fact
            latency = "" if link.latency_s is None else f"{max(1, round(link.latency_s * 1000))} ms"
            return Sentence(name, latency, tone=Tone.LIVE)
        case LinkPhase.CONNECTING:
            attempt = _("try {attempt}").format(attempt=link.attempt) if link.attempt > 1 else ""
            return Sentence(_("{source} connecting").format(source=name), attempt)
        case LinkPhase.LOST:
            since = _("{duration} ago").format(duration=duration(mono_now - link.since))
            return _down(_("{source} lost").format(source=name), link_reason(link), since, retry)
        case LinkPhase.WAITING:
            text = _("{source} lost") if link.was_up else _("{source} not connected")
            return _down(text.format(source=name), link_reason(link), retry)
        case _:
            return _down(_("{source} failed").format(source=name), link_reason(link))


def _down(state: str, *parts: str) -> Sentence:
    return Sentence(state, " · ".join(filter(None, parts)), Action.RECONNECT, Tone.TROUBLE)


def _retry(link: LinkState, mono_now: float) -> str:
    if link.retry_at is None:
        return ""
    return _("try {attempt} in {duration}").format(
        attempt=link.attempt + 1, duration=duration(link.retry_at - mono_now)
    )


# What is worth a badge while the link is up, gravest first.
_FACTS: tuple[tuple[LinkFact, str, Action | None], ...] = (
    (LinkFact.KICKED_OUT, N_("logged in elsewhere"), Action.WHAT_TO_DO),
    (LinkFact.LOGGED_OUT, N_("not logged in"), Action.WHAT_TO_DO),
    (LinkFact.QUOTE_RIGHT_LOST, N_("quote right lost"), Action.WHAT_TO_DO),
    (LinkFact.RIGHT_MISSING, N_("right missing"), None),
    (LinkFact.SHARDS_LOST, N_("collector missing"), None),
    (LinkFact.SOURCE_DOWN, N_("source down"), None),
    (LinkFact.UPDATE_NEEDED, N_("update needed"), None),
    (LinkFact.CERTIFICATE_ENDS, N_("certificate ends"), None),
    (LinkFact.UNENCRYPTED_REMOTE, N_("not encrypted"), None),
    (LinkFact.QUOTA_SHARED, N_("quota shared"), None),
    (LinkFact.CLOCK_SKEW, N_("clock differs"), None),
)


def _fact(link: LinkState) -> Sentence | None:
    """The gravest fact that needs saying; SIMULATED is a label of the window, not a trouble."""
    name = _capital(source_title(link.source))
    for fact, state, action in _FACTS:
        reason = link.fact(fact)
        if reason is not None:
            return Sentence(one_after_other((name, _(state))), reason_words(reason), action, Tone.TROUBLE)
    return None
