"""The way to Longport: the proxy to take, whom to trust, and what it means when nothing comes through."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from capflow_gui.errors import ConnectFailed, ConnectFault, ConnectionLost, ProviderError
from capflow_gui.providers.channel import os_words
from capflow_gui.providers.loopback import is_loopback
from capflow_gui.reason import Code, Reason

# A WebSocket takes the proxy of the requests: nobody sets one for it alone.
_AS = {"wss": "https", "ws": "http"}
_PROXIES = frozenset({"http", "https"})


def proxy_for(source: str, url: str) -> URL | None:
    """The proxy of the environment (HTTPS_PROXY, NO_PROXY) or of the system's settings, None = straight on.

    This computer itself is never asked through a proxy. Raises ConnectFailed for a proxy that cannot be used. The
    address may hold a password: it is not to be shown.
    """
    parts = urlsplit(url)
    text = getproxies().get(_AS.get(parts.scheme, parts.scheme))
    if not text or not parts.hostname or is_loopback(parts.hostname) or proxy_bypass(parts.hostname):
        return None
    try:
        proxy = URL(text if "://" in text else f"http://{text}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in _PROXIES or not proxy.host:
        raise _proxy_fault(source, url, Reason.of(Code.PROXY_NOT_HTTP))
    return proxy


def proxy_variable(url: str) -> str:
    """The environment variable that names the proxy for an address; "" where the system's settings do."""
    scheme = urlsplit(url).scheme
    wanted = f"{_AS.get(scheme, scheme)}_proxy"
    # The lower-case name goes first, as it does for getproxies(); others count in any case.
    names = [wanted, *(name for name in os.environ if name.lower() == wanted and name != wanted)]
    return next((name for name in names if os.environ.get(name)), "")


def _proxy_fault(source: str, url: str, reason: Reason) -> ConnectFailed:
    return ConnectFailed(source, reason, ConnectFault.PROXY, proxy_variable(url))


def trusted(source: str, url: str) -> ssl.SSLContext | bool:
    """Whom to trust: the operating system's store, so that a company's own authority is known, and SSL_CERT_FILE.

    Raises ConnectFailed for a file that cannot be used.
    """
    if urlsplit(url).scheme not in ("https", "wss"):
        return True
    import truststore  # noqa: PLC0415 - only encrypted connections need it

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if file := os.environ.get("SSL_CERT_FILE"):
        # OpenSSL reads it by itself, the stores of Windows and macOS do not.
        try:
            context.load_verify_locations(cafile=file)
        except OSError as error:
            reason = Reason.of(Code.NO_CERTIFICATES, file=file)
            raise ConnectFailed(source, reason, ConnectFault.UNTRUSTED, "SSL_CERT_FILE") from error
    return context


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
