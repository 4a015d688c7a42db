"""The network as this computer has it: its own addresses, the proxy to take, and whom to trust."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from urllib.parse import urlsplit

# A WebSocket takes the proxy of the requests: nobody sets one for it alone.
SCHEMES = {"wss": "https", "ws": "http"}


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this computer's own, however it is written: 127.1, [::1], LocalHost. …"""
    name = host.strip().strip("[]").rstrip(".").lower().partition("%")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        try:
            # The short and the numeric forms of IPv4, which every resolver takes: 127.1, 0x7f000001, 2130706433.
            address = ipaddress.IPv4Address(socket.inet_aton(name))
        except OSError:
            return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    # A connection to 0.0.0.0 or :: ends at this computer, too.
    return address.is_loopback or address.is_unspecified


def system_proxy(url: str) -> str:
    """The proxy of the environment (HTTPS_PROXY, NO_PROXY) or of the system's settings for an address, "" for none.

    This computer itself is never asked through a proxy. Raises ValueError for a proxy that cannot be used. The address
    may hold a password: it is not to be shown.
    """
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - slow to load, and not needed to start

    parts = urlsplit(url)
    text = getproxies().get(SCHEMES.get(parts.scheme, parts.scheme))
    if not text or not parts.hostname or is_loopback(parts.hostname) or proxy_bypass(parts.hostname):
        return ""
    return http_proxy(text)


def http_proxy(text: str) -> str:
    """The address of a proxy, with its scheme. Raises ValueError, without the address, for one that is not HTTP."""
    address = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("not an HTTP proxy")
    return address


def system_trust() -> ssl.SSLContext:
    """Whom to trust: the operating system's store, so that a company's own authority is known, and SSL_CERT_FILE.

    Raises OSError for a file that cannot be used.
    """
    import truststore  # noqa: PLC0415 - only encrypted connections need it

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if file := os.environ.get("SSL_CERT_FILE"):
        # OpenSSL reads it by itself, the stores of Windows and macOS do not.
        context.load_verify_locations(cafile=file)
    return context
