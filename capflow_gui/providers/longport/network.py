"""The way to Longport: the proxy to take, whom to trust, and what it means when nothing comes through."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from capflow_gui.errors import ConnectFailed, ConnectFault, ConnectionLost, ProviderError
from capflow_gui.network import SCHEMES, system_proxy, system_trust
from capflow_gui.providers.channel import os_words
from capflow_gui.reason import Code, Reason

# Bytes; a day of lines is a twentieth of it.
LARGEST_ANSWER = 8 << 20


def proxy_for(source: str, url: str) -> URL | None:
    """The proxy of the environment or of the system's settings, None = straight on.

    Raises ConnectFailed for a proxy that cannot be used. The address may hold a password: it is not to be shown.
    """
    try:
        proxy = system_proxy(url)
    except ValueError:
        raise _proxy_fault(source, url, Reason.of(Code.PROXY_NOT_HTTP)) from None
    return URL(proxy) if proxy else None


def proxy_variable(url: str) -> str:
    """The environment variable that names the proxy for an address; "" where the system's settings do."""
    scheme = urlsplit(url).scheme
    wanted = f"{SCHEMES.get(scheme, scheme)}_proxy"
    # The lower-case name goes first, as it does for getproxies(); others count in any case.
    names = [wanted, *(name for name in os.environ if name.lower() == wanted and name != wanted)]
    return next((name for name in names if os.environ.get(name)), "")


def _proxy_fault(source: str, url: str, reason: Reason) -> ConnectFailed:
    return ConnectFailed(source, reason, ConnectFault.PROXY, proxy_variable(url))


def trusted(source: str, url: str) -> ssl.SSLContext | bool:
    """Whom to trust. Raises ConnectFailed for a file of authorities that cannot be used."""
    if urlsplit(url).scheme not in ("https", "wss"):
        return True
    try:
        return system_trust()
    except OSError as error:
        reason = Reason.of(Code.NO_CERTIFICATES, file=os.environ["SSL_CERT_FILE"])
        raise ConnectFailed(source, reason, ConnectFault.UNTRUSTED, "SSL_CERT_FILE") from error


async def whole_body(source: str, response: aiohttp.ClientResponse) -> bytes:
    """The body of an answer. Raises ConnectFailed where it is longer than any of the broker's."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise ConnectFailed(source, Reason.of(Code.ANSWER_TOO_LONG, most=LARGEST_ANSWER >> 20))
    return bytes(body)


def connect_error(source: str, url: str, error: Exception) -> ProviderError:  # noqa: PLR0911 - one return a fault
    """Return what a failed exchange with `url` means."""
    host = urlsplit(url).netloc
    match error:
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(error.certificate_error, "verify_message", "")
            reason = Reason.of(Code.NOT_TRUSTED, host=host, why=why or type(error.certificate_error).__name__)
            return ConnectFailed(source, reason, ConnectFault.UNTRUSTED)
        case aiohttp.ClientConnectorSSLError():
            why = getattr(error.os_error, "reason", "") or type(error.os_error).__name__
            return ConnectFailed(source, Reason.of(Code.NO_ENCRYPTION, host=host, why=why))
        case aiohttp.ClientProxyConnectionError():
            reason = Reason.of(Code.PROXY_UNREACHABLE, host=error.host, why=os_words(error.os_error))
            return _proxy_fault(source, url, reason)
        case aiohttp.ClientHttpProxyError():
            reason = Reason.of(Code.PROXY_REFUSED, message=error.message, status=error.status)
            return _proxy_fault(source, url, reason)
        case aiohttp.ClientConnectorError():
            return ConnectFailed(source, Reason.of(Code.UNREACHABLE, address=host, why=os_words(error.os_error)))
        case aiohttp.WSServerHandshakeError():
            reason = Reason.of(Code.WEBSOCKET_REFUSED, host=host, message=error.message, status=error.status)
            return ConnectFailed(source, reason)
        case aiohttp.InvalidURL():
            return ConnectFailed(source, Reason.of(Code.NOT_AN_ADDRESS, text=host))
        case _:
            why = os_words(error) or type(error).__name__
            return ConnectionLost(source, Reason.of(Code.CONNECTION_BROKE, host=host, why=why))
