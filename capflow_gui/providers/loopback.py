"""Whether an address is this computer itself."""

from __future__ import annotations

import ipaddress
import socket


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
