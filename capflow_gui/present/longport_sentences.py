"""Sentences for Longport's errors: what they mean and what helps. The broker's own words stay as they are."""

from __future__ import annotations

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import (
    AuthFailed,
    ComputerRefused,
    ConnectFailed,
    ConnectFault,
    NotSignedIn,
    ProviderError,
    RequestRejected,
)
from capflow_gui.present.language.texts import N_, _, full_stop
from capflow_gui.present.reasons import reason_words

_SOURCE = "longport"
# Source: Longbridge OpenAPI docs, HTTP error codes; 401004, 401102 and 403 as seen in the clients' issues.
_HELP = {
    401003: N_(
        "The access token has expired: get a new one on Longport's developer page, or sign in with the browser."
    ),
    401004: N_(
        "The access token is not valid: paste it anew. An app key and a browser sign-in have tokens of their own."
    ),
    401102: N_("The sign-in is not valid any more: sign in again."),
    403201: N_("The signature is wrong: copy the app secret and the token anew, and check this computer's clock."),
    403203: N_("The app key is not known: copy it anew from Longport's developer page."),
}
_TOO_MANY_CONNECTIONS = 403
_ADDRESS_HELP = N_(
    "This computer's address is not on the list of addresses allowed for the app key. It is tried again by itself."
)
_CLOCK_HELP = N_("Set the clock, or let the network set it; it is tried again by itself.")
_LASTING = frozenset({ConnectFault.UNTRUSTED, ConnectFault.PROXY})
# The app key and the secret come from the environment, too, but there it is the token that dies.
_OF_THE_TOKEN = frozenset({401003, 401004, 401102})


def is_longports(source: str) -> bool:
    """Whether a source of this name is a Longport."""
    return source.startswith(_SOURCE)


def needs_sign_in(link: LinkState) -> bool:
    """Whether the link is down until the user signs in at Longport, or signs in anew."""
    return (
        is_longports(link.source)
        and link.phase is LinkPhase.FAILED
        and isinstance(link.error, AuthFailed | NotSignedIn)
    )


def needs_user(link: LinkState) -> bool:
    """Whether the link stays down until the user has done something."""
    error = link.error
    lasting = isinstance(error, ComputerRefused) or (isinstance(error, ConnectFailed) and error.fault in _LASTING)
    return link.phase is LinkPhase.FAILED or (link.phase is LinkPhase.WAITING and lasting)


def longport_sentence(error: Exception) -> str | None:  # noqa: PLR0911 - one return an error
    """The sentence for an error of Longport's; None where the general one says it as well."""
    if not isinstance(error, ProviderError) or not is_longports(error.source):
        return None
    match error:
        case NotSignedIn():
            why = reason_words(error.reason)
            return full_stop(f"{why[:1].upper()}{why[1:]}: {reason_words(error.suggestion)}")
        case AuthFailed(code=0):
            return _("Longport has ended the sign-in: {words}. Sign in again under Connections.").format(
                words=rejection_words(error)
            )
        case AuthFailed(variable=variable):
            help_ = _(_HELP.get(error.code, N_("Sign in again, or enter the app key, secret and token anew.")))
            if variable and error.code in _OF_THE_TOKEN:
                help_ = _(
                    "The token comes from the environment variable {variable}, which goes before the "
                    "keyring: give {variable} a new one, or unset it, and start Capflow again."
                ).format(variable=variable)
            return _("Longport does not accept the credentials: {words}. {help}").format(
                words=rejection_words(error), help=help_
            )
        case ComputerRefused():
            return _("Longport refuses this computer: {why}. {help}").format(
                why=reason_words(error.reason), help=_(_ADDRESS_HELP if error.clock_off_s is None else _CLOCK_HELP)
            )
        case RequestRejected(code=code) if code == _TOO_MANY_CONNECTIONS:
            return _(
                "Longport refused: {words}. Close another program that uses this account; it is tried again."
            ).format(words=rejection_words(error))
        case ConnectFailed():
            return _("Longport cannot be reached: {why}. {connect_help}").format(
                why=reason_words(error.reason), connect_help=_connect_help(error)
            )
        case _:
            return None


def _connect_help(error: ConnectFailed) -> str:
    match error.fault:
        case ConnectFault.UNTRUSTED:
            return _(
                "If a proxy signs with an authority of its own, add that authority to this computer's "
                "certificates, or name its file in SSL_CERT_FILE and start Capflow again."
            )
        case ConnectFault.PROXY:
            place = (
                _("in the environment variable {variable}").format(variable=error.variable)
                if error.variable
                else _("in the system's settings")
            )
            return _("Check the proxy {place}, its user and password included.").format(place=place)
    return _("Check the network, the proxy and the region.")


def rejection_words(error: RequestRejected) -> str:
    """The broker's own words with their number, or ours where it gave none."""
    code = f" ({error.code})" if error.code else ""
    return f"“{error.message}”{code}" if error.message else reason_words(error.reason)
