"""The way to Longport: the proxy to take, whom to trust, and what it means when nothing comes through."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from capflow_gui.errors import ConnectFailed, ConnectFault, ConnectionLost, ProviderError

# A WebSocket takes the proxy of the requests: nobody sets one for it alone.
_AS = {"wss": "https", "ws": "http"}
_PROXIES = frozenset({"http", "https"})


def proxy_for(source: str, url: str) -> URL | None:
    """The proxy of the environment (HTTPS_PROXY, NO_PROXY) or of the system's settings, None = straight on.

    Raises ConnectFailed for a proxy that cannot be used. The address may hold a password: it is not to be shown.
    """
    parts = urlsplit(url)
    text = getproxies().get(_AS.get(parts.scheme, parts.scheme))
    if not text or not parts.hostname or proxy_bypass(parts.hostname):
        return None
    try:
        proxy = URL(text if "://" in text else f"http://{text}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in _PROXIES or not proxy.host:
        raise ConnectFailed(source, "the proxy that is set is not an HTTP proxy", ConnectFault.PROXY)
    return proxy


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
            reason = f"the file {file} that SSL_CERT_FILE names holds no certificates that can be read"
            raise ConnectFailed(source, reason, ConnectFault.UNTRUSTED) from error
    return context


def connect_error(source: str, host: str, error: Exception) -> ProviderError:  # noqa: PLR0911 - one return a fault
    """Return what a failed exchange means, as a fragment that says what is wrong."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(error.certificate_error, "verify_message", "")
            reason = f"the certificate of {host} is not trusted" + (f" ({why})" if why else "")
            return ConnectFailed(source, reason, ConnectFault.UNTRUSTED)
        case aiohttp.ClientConnectorSSLError():
            why = getattr(error.os_error, "reason", "") or type(error.os_error).__name__
            return ConnectFailed(source, f"no encrypted connection to {host} came about ({why})")
        case aiohttp.ClientProxyConnectionError():
            why = error.os_error.strerror or str(error.os_error)
            return ConnectFailed(source, f"the proxy {error.host} cannot be reached: {why}", ConnectFault.PROXY)
        case aiohttp.ClientHttpProxyError():
            reason = f"the proxy refused: {error.message} ({error.status})"
            return ConnectFailed(source, reason, ConnectFault.PROXY)
        case aiohttp.ClientConnectorError():
            return ConnectFailed(source, f"{host} cannot be reached: {error.os_error.strerror or error.os_error}")
        case aiohttp.WSServerHandshakeError():
            return ConnectFailed(source, f"{host} refused the WebSocket: {error.message} (HTTP {error.status})")
        case aiohttp.InvalidURL():
            return ConnectFailed(source, f"{host} is not an address")
        case _:
            return ConnectionLost(source, f"the connection to {host} broke: {error or type(error).__name__}")
