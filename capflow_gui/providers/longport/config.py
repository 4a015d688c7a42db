"""Where Longport is, and how it is spoken to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from capflow_gui.network import is_loopback

Transport = Literal["auto", "websocket", "tcp", "http"]


@dataclass(frozen=True, slots=True)
class LongportConfig:
    """Where Longport is. `tcp` is HOST:PORT. `transport` auto: WebSocket, and HTTP where that is blocked."""

    http_url: str
    ws_url: str
    tcp: str = ""
    language: str = "en"
    transport: Transport = "auto"


# Source: Longbridge OpenAPI docs, "Hosts"; the path /v2 is what the official clients dial.
GLOBAL = LongportConfig(
    "https://openapi.longbridge.com", "wss://openapi-quote.longbridge.com/v2", "openapi-quote.longbridge.com:2020"
)
MAINLAND = LongportConfig(
    "https://openapi.longbridge.cn", "wss://openapi-quote.longbridge.cn/v2", "openapi-quote.longbridge.cn:2020"
)


def private(config: LongportConfig) -> bool:
    """Whether nobody between here and Longport can read what is sent."""
    addresses = [config.http_url]
    if config.transport == "tcp":
        addresses.append(f"tcp://{config.tcp.removeprefix('tcp://')}")
    elif config.transport != "http":
        addresses.append(config.ws_url)
    return all(_encrypted_or_near(address) for address in addresses)


def _encrypted_or_near(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("https", "wss") or is_loopback(parts.hostname or "")
