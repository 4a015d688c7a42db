"""What happened, in one sentence that says what to do next; the broker's own words stay as they are.

Times of day are the exchange's. Nothing here decides a state: it words the one it is given.
"""

from __future__ import annotations

import re
import unicodedata
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
from capflow_gui.present.longport_sentences import longport_sentence, needs_sign_in, needs_user, rejection_words
from capflow_gui.present.names import source_title as source_title  # noqa: PLC0414 - sentences are read from here
from capflow_gui.present.numbers import Unit, compact, percent, scaled
from capflow_gui.present.numbers import duration as duration  # noqa: PLC0414
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason

if TYPE_CHECKING:
    from capflow_gui.domain.typed.symbols import TypedSymbols  # after the first paint


# Before the first option of a rule's text.
_OPTION = re.compile(r" (?=(?:for|rearm|again|cooldown|once|from|to|skip|until|early)\b)")


class Action(StrEnum):
    """The one thing a sentence may offer to do; the value is its label."""

    RECONNECT = "Reconnect now"
    SIGN_IN = "Sign in"
    DETAILS = "Details"
    SOURCES = "Connections"
    WHAT_TO_DO = "What to do"
    REMOVE = "Remove"


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


def rule_words(rule: str) -> str:
    """A rule as it is shown on screen: `net <= -200M` is `net ≤ −200M`."""
    return rule.replace("<=", "≤").replace(">=", "≥").replace(" -", f" {MINUS}")


def measure_words(rule: str) -> str:
    """A rule without its options, as it is shown on screen: `net ≤ −200M`."""
    return _OPTION.split(rule_words(rule), maxsplit=1)[0]


def is_share(rule: str) -> bool:
    """Whether a rule measures a share of turnover: its figures are fractions, not amounts."""
    return "/turnover" in rule


def is_amount(rule: str) -> bool:
    """Whether a rule measures money: its figures are in the symbol's currency."""
    return not any(word in rule for word in ("/turnover", " divergence ", " unusual "))


def measured(rule: str, value: float | None, decimals: int = 1) -> str:
    """What a rule measured, as its kind is written: an amount, a share (with `decimals`), or deviations."""
    if " unusual " in rule:
        return scaled(value, Unit("", 1.0))
    return percent(value, decimals) if is_share(rule) or " divergence " in rule else compact(value)


def suggestion_words(error: InvalidInput) -> str:
    """What to do about it; empty where there is nothing to suggest."""
    return reason_words(error.suggestion) if error.suggestion is not None else ""


def input_fault(error: InvalidInput) -> str:
    """What is wrong with a text that stands beside it, and what to do: a full sentence or two."""
    return " ".join(f"{_capital(words)}." for words in (reason_words(error.reason), suggestion_words(error)) if words)


def not_added(typed: TypedSymbols) -> str:
    """Which words are no symbols, and why; empty where all are."""
    if not typed.faults:
        return ""
    first = typed.faults[0]
    hint = f" {_capital(suggestion)}." if (suggestion := suggestion_words(first)) else ""
    if len(typed.faults) == 1:
        return f"“{first.text}” was not added: {reason_words(first.reason)}.{hint}"
    words = ", ".join(f"“{fault.text}”" for fault in typed.faults[:4])
    more = f" and {len(typed.faults) - 4} more" if len(typed.faults) > 4 else ""
    return f"{words}{more} were not added: the first one because {reason_words(first.reason)}.{hint}"


def caret(error: InvalidInput, indent: str = "  ") -> str:
    """The faulty text, and below it a caret under the fault; the text alone where the place is not known."""
    # Control characters would move what stands behind them.
    line = "".join(character if character.isprintable() else " " for character in error.text)
    if error.position is None:
        return indent + line
    width = sum(map(_columns, line[: error.position]))
    return f"{indent}{line}\n{indent}{' ' * width}^"


def _columns(character: str) -> int:
    """How many columns of a terminal a character takes."""
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def error_sentence(error: Exception, *, retrying: bool = True) -> str:  # noqa: PLR0911 - one return an error
    """What went wrong and what to do about it, for any error.

    `retrying`: the program goes on and asks again by itself, as the window and `watch` do, and `fetch` does not.
    """
    if (said := longport_sentence(error)) is not None:
        return said
    match error:
        case InvalidInput():
            return _joined(f"{error.text!r}: {reason_words(error.reason)}", suggestion_words(error))
        case PolicyError():
            return _policy_fault(error)
        case SettingsError():
            return _setting_fault(error)
        case StorageError():
            return f"{reason_sentence(error.reason)}{' Nothing shown is lost.' if retrying else ''}"
        case LocalProtocolError():
            why = reason_words(error.reason)
            return f"Capflow was about to break the protocol ({why}). This is a bug: please report it with the log."
        case RemoteProtocolError():
            return _unreadable(error, retrying=retrying)
        case RequestRejected():
            return _rejection(error, retrying=retrying)
        case NoLines():
            name = _capital(source_title(error.source))
            return f"{name} sent no lines. {'It will be asked again.' if retrying else 'Try again.'}"
        case ConnectFailed() | ConnectionLost() | RequestTimeout():
            return _no_answer(error, retrying=retrying)
        case ProviderError() | ProtocolError() | PartFailed():
            return reason_sentence(error.reason)
        case _:
            return _stop(_capital(str(error) or type(error).__name__))


def reason_sentence(reason: Reason) -> str:
    """A reason as a sentence of its own."""
    return _stop(_capital(reason_words(reason)))


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
    fault = _capital(why) if whole else f"The setting {error.key} cannot be used: {why}"
    return _joined(fault, reason_words(suggestion) if suggestion is not None else "")


def _policy_fault(error: PolicyError) -> str:
    place = ", ".join([str(error.file), *([f"line {error.line}"] if error.line else []), *filter(None, [error.key])])
    suggestion = "" if error.suggestion is None else reason_words(error.suggestion)
    said = _joined(f"The administrator's policy cannot be used ({place}): {reason_words(error.reason)}", suggestion)
    return f"{said} Capflow does not start until it is corrected: what it locks would not be locked."


def _unreadable(error: RemoteProtocolError, *, retrying: bool) -> str:
    why = reason_words(error.reason)
    if not error.source or error.source.startswith("opend"):
        return f"The answer cannot be read ({why}): is this OpenD's API port, and is OpenD up to date?"
    advice = "It will be asked again; if it stays" if retrying else "Try again; if it stays"
    return f"An answer of {source_title(error.source)} cannot be read ({why}). {advice}, look for a newer Capflow."


def _no_answer(error: ConnectFailed | ConnectionLost | RequestTimeout, *, retrying: bool) -> str:
    name, why = source_title(error.source), reason_words(error.reason)
    match error:
        case ConnectFailed():
            # Some reasons end in the question that helps.
            advice = "" if why.endswith("?") else ". Check that it runs, and its host, port and RSA key."
            return f"{_capital(name)} cannot be reached: {why}{advice}"
        case ConnectionLost():
            advice = "It is being restored; nothing needs doing yet." if retrying else "Try again."
            return f"The connection to {name} is down: {why}. {advice}"
        case _:
            advice = "It will be asked again." if retrying else "Try again."
            late = "" if error.reason.code is Code.OPEND_LOST_ITS_SERVER else " in time"
            return f"{_capital(name)} did not answer{late}: {why}. {advice}"


def _rejection(error: RequestRejected, *, retrying: bool) -> str:
    name = _capital(source_title(error.source))
    words = rejection_words(error)
    match error:
        case AuthFailed():
            return f"{name} wants a login: {words}. Log in to {name}, then try again."
        case RateLimited():
            pause = duration(error.retry_after)
            advice = f"It will be asked again in {pause}." if retrying else f"Try again in {pause}."
            return f"{name} was asked too often: {words}. {advice}"
        case NoQuoteRight():
            return (
                f"No quote right: {words}. Check the quote rights of this account, or whether another device took them."
            )
        case UnknownSymbol():
            return f"{name} does not know this symbol: {words}. Check the code, or remove it."
        case NoData():
            return f"{name} has no data for this: {words}. Try another period or other dates."
        case _:
            advice = "It will be asked again; if it stays" if retrying else "Try again; if it stays"
            return f"{name} refused: {words}. {advice}, look the text up in {name}'s documentation."


def _capital(text: str) -> str:
    """As a sentence begins; the name of a file stays as it is."""
    first = text.partition(" ")[0].rstrip(".:,;")
    if "." in first or "/" in first or "\\" in first:
        return text
    return text[:1].upper() + text[1:]


def _stop(text: str) -> str:
    return text if text.endswith((".", "!", "?", "。")) else f"{text}."


def _joined(fault: str, suggestion: str) -> str:
    return f"{fault}; {_stop(suggestion)}" if suggestion else _stop(fault)


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
        return Sentence(f"{name} needs you", said, action, Tone.TROUBLE)
    match link.phase:
        case LinkPhase.READY:
            if (fact := _fact(link)) is not None:
                return fact
            latency = "" if link.latency_s is None else f"{max(1, round(link.latency_s * 1000))} ms"
            return Sentence(name, latency, tone=Tone.LIVE)
        case LinkPhase.CONNECTING:
            attempt = f", try {link.attempt}" if link.attempt > 1 else ""
            return Sentence(f"{name} connecting", attempt.lstrip(", "))
        case LinkPhase.LOST:
            since = f"{duration(mono_now - link.since)} ago"
            return _down(f"{name} lost", link_reason(link), since, retry)
        case LinkPhase.WAITING:
            return _down(f"{name} {'lost' if link.was_up else 'not connected'}", link_reason(link), retry)
        case _:
            return _down(f"{name} failed", link_reason(link))


def _down(state: str, *parts: str) -> Sentence:
    return Sentence(state, " · ".join(filter(None, parts)), Action.RECONNECT, Tone.TROUBLE)


def _retry(link: LinkState, mono_now: float) -> str:
    if link.retry_at is None:
        return ""
    return f"try {link.attempt + 1} in {duration(link.retry_at - mono_now)}"


# What is worth a badge while the link is up, gravest first.
_FACTS: tuple[tuple[LinkFact, str, Action | None], ...] = (
    (LinkFact.KICKED_OUT, "logged in elsewhere", Action.WHAT_TO_DO),
    (LinkFact.LOGGED_OUT, "not logged in", Action.WHAT_TO_DO),
    (LinkFact.QUOTE_RIGHT_LOST, "quote right lost", Action.WHAT_TO_DO),
    (LinkFact.UNENCRYPTED_REMOTE, "not encrypted", None),
    (LinkFact.QUOTA_SHARED, "quota shared", None),
    (LinkFact.CLOCK_SKEW, "clock differs", None),
)


def _fact(link: LinkState) -> Sentence | None:
    """The gravest fact that needs saying; SIMULATED is a label of the window, not a trouble."""
    name = _capital(source_title(link.source))
    for fact, state, action in _FACTS:
        reason = link.fact(fact)
        if reason is not None:
            return Sentence(f"{name} {state}", reason_words(reason), action, Tone.TROUBLE)
    return None
