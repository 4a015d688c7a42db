"""What Longport's refusals and silences mean to a person, and what helps; the broker's own words stay as they are."""

from __future__ import annotations

from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ProviderError,
    RequestRejected,
    RequestTimeout,
)

_SOURCE = "longport"
# Source: Longbridge OpenAPI docs, HTTP error codes; 401004, 401102 and 403 as seen in the clients' issues.
_HELP = {
    401003: "The access token has expired: get a new one on Longport's developer page, or sign in with the browser.",
    401004: "The access token is not valid: paste it anew. An app key and a browser sign-in have tokens of their own.",
    401102: "The sign-in is not valid any more: sign in again.",
    403201: "The signature is wrong: copy the app secret and the token anew, and check this computer's clock.",
    403203: "The app key is not known: copy it anew from Longport's developer page.",
    403205: "This computer's address is not on the list of addresses allowed for the app key.",
}
_TOO_MANY_CONNECTIONS = 403


def longport_sentence(error: CapflowError) -> str | None:
    """The sentence for an error of Longport's; None where the general one says it as well."""
    if not isinstance(error, ProviderError) or not error.source.startswith(_SOURCE):
        return None
    match error:
        case AuthFailed():
            help_ = _HELP.get(error.code, "Sign in again, or enter the app key, secret and token anew.")
            return f"Longport does not accept the credentials: {_words(error)}. {help_}"
        case RequestRejected(code=code) if code == _TOO_MANY_CONNECTIONS:
            return (
                f"Longport refused: {_words(error)}. Close another program that uses this account; it is tried again."
            )
        case ConnectFailed():
            return f"Longport cannot be reached: {error.reason}. Check the network, the proxy and the region."
        case RequestTimeout() if error.reason.endswith("?"):
            return f"Longport did not answer in time: {error.reason} Try again."
        case _:
            return None


def _words(error: RequestRejected) -> str:
    code = f" ({error.code})" if error.code else ""
    return f"“{error.message}”{code}" if error.message else f"error {error.code}"
