"""Longport's refusals as Capflow's errors: one table. The broker's text is kept verbatim in every one.

Source: Longbridge OpenAPI docs, error tables of the quote commands and of HTTP; codes marked "seen" are from issues.
"""

from __future__ import annotations

from collections.abc import Callable

from capflow_gui.errors import (
    AuthFailed,
    ComputerRefused,
    NoData,
    NoQuoteRight,
    ProviderError,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.providers.frequency import speaks_of_frequency, window_named
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.longport.packet import Status

TOO_MANY_CONNECTIONS = 403  # seen with HTTP 403 and with status 6
EXPIRED = 401003
# Said of a wrong secret, and of a request whose time is too far from the broker's.
NOT_SIGNED = 403201
# Simulated brokers allow 300 s; the real ones do not say how much they do.
CLOCK_OFF_S = 30.0
# Penalties for going on are not documented; limits that lasted hours have been reported.
_RATE_WAIT_S = 10.0
_HTTP_RATE_WAIT_S = 60.0

_TABLE: dict[int, Callable[[str, int, str], RequestRejected]] = {
    301603: NoData,
    301604: NoQuoteRight,
    NOT_SIGNED: AuthFailed,
    403203: AuthFailed,
    403205: ComputerRefused,
}
_INVALID = 301600
_TOO_OFTEN = 301606
# Codes of one kind begin alike: an HTTP status, and what goes with it. 401003, 401004 and 401102 are seen.
_UNAUTHORIZED, _TOO_MANY_REQUESTS = 401, 429


def rejection(source: str, status: int | None, code: int, message: str) -> ProviderError:
    """Return the error for a refusal. `status` is a packet's; None over HTTP, which has none."""
    family = code // 1000 if code >= 1000 else code
    if code == _TOO_OFTEN or family == _TOO_MANY_REQUESTS or speaks_of_frequency(message):
        wait_s = _RATE_WAIT_S if status is not None or code == _TOO_OFTEN else _HTTP_RATE_WAIT_S
        return RateLimited(source, code, message, window_named(message, wait_s))
    if code == _INVALID:
        # One code for two things: under status 3 we sent nonsense, under 7 the symbol is not known.
        unknown = status == Status.SERVER_ERROR or (status is None and "symbol" in message.lower())
        return (UnknownSymbol if unknown else RequestRejected)(source, code, message)
    if code in _TABLE:
        return _TABLE[code](source, code, message)
    if family == _UNAUTHORIZED or status == Status.UNAUTHENTICATED:
        return AuthFailed(source, code, message)
    if status == Status.SERVER_TIMEOUT:
        said = Reason.of(Code.VERBATIM, text=message) if message else Reason.of(Code.LONGPORT_SERVERS_LATE)
        return RequestTimeout(source, said)
    return RequestRejected(source, code or status or 0, message)
