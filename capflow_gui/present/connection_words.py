"""How a connection test went, and what connecting, disconnecting and signing out do to a watchlist, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capflow_gui.domain.link import LinkFact, LinkState
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ConnectFault,
    NotSignedIn,
    ProviderError,
    RequestRejected,
    RequestTimeout,
    SettingsError,
)
from capflow_gui.present.desk.sentences import is_desks
from capflow_gui.present.language.texts import N_, _, ngettext, one_after_other
from capflow_gui.present.longport_sentences import is_longports
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import error_sentence, source_title
from capflow_gui.reason import Reason

if TYPE_CHECKING:
    from capflow_gui.domain.quote import GlobalState  # after the first paint

_TOTALS_ONLY = "longport"
_STAYS = N_("Your list, thresholds and alerts stay.")


@dataclass(frozen=True, slots=True)
class Leaving:
    """A source that may be disconnected. `symbols` it is asked about, `named` of them by the user's own choice.

    `other` is the source that stays, None where it is the last one.
    """

    source: str
    symbols: int
    named: int
    other: str | None


def answered_in(seconds: float | None) -> str:
    """How long a source took to answer a test; nothing where it did not answer (None)."""
    if seconds is None:
        return ""
    return (
        _("answered in {milliseconds} ms").format(milliseconds=max(round(seconds * 1000), 1))
        if seconds < 1
        else _("answered in {seconds:.1f} s").format(seconds=seconds)
    )


def disconnect_words(leaving: Leaving, *, sign_out: bool) -> tuple[str, str]:
    """The question before a source is disconnected, and what will happen."""
    name = source_title(leaving.source)
    said = [_where_to(leaving), _(_STAYS)]
    if sign_out:
        said.append(_("The sign-in ends at {name}, and leaves this computer's keyring.").format(name=name))
    elif leaving.source == "longport":
        said.append(_("The sign-in is kept; Sign out ends it."))
    return _("Sign out of {name}?").format(name=name) if sign_out else _("Disconnect {name}?").format(
        name=name
    ), one_after_other(said)


def _where_to(leaving: Leaving) -> str:
    if leaving.other is None:
        return _("Nothing else is connected: Capflow goes back to its first page, where the demo is, too.")
    other = source_title(leaving.other)
    if not leaving.symbols:
        return _("{other} is asked about every symbol already.").format(other=other)
    moved = ngettext("{other} takes over its one symbol", "{other} takes over its {count} symbols", leaving.symbols)
    said = moved.format(other=other, count=leaving.symbols)
    if leaving.other == _TOTALS_ONLY:
        said = _("{taken_over}, with totals and no order sizes").format(taken_over=said)
    if not leaving.named:
        return _("{words}.").format(words=said)
    own = ngettext(
        "{taken_over}; the one you put there yourself goes back when {source} does.",
        "{taken_over}; the {count} you put there go back when {source} does.",
        leaving.named,
    )
    return own.format(taken_over=said, count=leaving.named, source=source_title(leaving.source))


def disconnected_words(source: str, *, last: bool, left: str = "") -> str:
    """What the next window says first; `left` is what the user still has to do."""
    said = [
        _("{source} is disconnected.").format(source=source_title(source)),
        _("Your list, thresholds and alerts are as they were."),
        _("Connect a broker again, or look around the demo.") if last else "",
        left,
    ]
    return one_after_other(said)


def test_passed_words(state: GlobalState, link: LinkState) -> tuple[bool, str, str]:
    """Whether a broker that answered a test can be used as it stands; title and advice."""
    name = source_title(link.source)
    if not state.quote_logged_in:
        advice = _("Log in inside the OpenD window, then test again. Nothing here needs your password.")
        return False, _("{name} answered, but is not logged in.").format(name=name), advice
    if state.simulated:
        title = _("A simulated {name} answered.").format(name=name)
        advice = _("It says of itself that it is a simulator: its figures are not the market's.")
        return True, _("The desk of a simulator answered.") if is_desks(link.source) else title, advice
    if is_desks(link.source):
        return True, _("The desk answered."), _("A collector is there, and polls for its windows.")
    if is_longports(link.source):
        return True, _("{name} answered.").format(name=name), _("Totals by the minute; order sizes need OpenD.")
    advice = _("Version {server_version}, logged in.").format(server_version=state.server_version)
    if link.fact(LinkFact.UNENCRYPTED_REMOTE) is not None:
        advice += " " + _("It runs on another computer without encryption: give both sides an RSA key.")
    return True, _("{name} answered.").format(name=name), advice


def test_failed_words(error: CapflowError, rsa_key: str | None) -> tuple[str, str]:  # noqa: PLR0911 - one return an error
    """Title and advice of a test that failed. `rsa_key` is the key file it was made with."""
    if isinstance(error, ProviderError) and is_longports(error.source):
        return _longport_title(error), error_sentence(error)
    if isinstance(error, ProviderError) and is_desks(error.source):
        return _("The desk cannot be used now."), error_sentence(error, retrying=False)
    match error:
        case SettingsError(key="rsa_key"):
            return _("The key file cannot be used."), error_sentence(error)
        case SettingsError():
            return _("These sign-in settings cannot be used."), error_sentence(error)
        case ConnectFailed(fault=ConnectFault.FOREIGN):
            advice = _("OpenD's window shows its own port; 11111 is the default.")
            return _("Another program answers at this port."), one_after_other((_sentence(error.reason), advice))
        case ConnectFailed(fault=ConnectFault.KEYS):
            advice = (
                _(
                    "Either OpenD has no RSA key, then leave the field empty, or it has another one, then "
                    "choose that file."
                )
                if rsa_key
                else _("If OpenD has an RSA key, choose the same file here.")
            )
            why = error.reason.get("why")
            why = _sentence(why if isinstance(why, Reason) else error.reason)
            return _("A program answers, but does not understand Capflow."), _(
                "{why} {advice} Or this is not OpenD's port."
            ).format(why=why, advice=advice)
        case ConnectFailed():
            return _("OpenD did not answer."), _sentence(error.reason)
        case RequestTimeout():
            return _("OpenD did not answer."), error_sentence(error)
    return _("OpenD answered, but refused."), error_sentence(error)


def _longport_title(error: ProviderError) -> str:
    match error:
        case NotSignedIn():
            return _("The sign-in failed.")
        case AuthFailed():
            return _("Longport refused the login.")
        case RequestRejected():
            return _("Longport answered, but refused.")
    return _("Longport did not answer.")


def _sentence(reason: Reason) -> str:
    """A reason with a full stop and a capital, unless it begins with an address."""
    text = reason_words(reason)
    first = text if ":" in text.partition(" ")[0] else text[:1].upper() + text[1:]
    return first + ("" if text.endswith(("?", ".")) else ".")
