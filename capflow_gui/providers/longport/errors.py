"""Longport's refusals as Capflow's errors: one table. The broker's text is kept verbatim in every one.

Source: Longbridge OpenAPI docs, error tables of the quote commands and of HTTP; codes marked "seen" are from issues.
"""

from __future__ import annotations

from collections.abc import Callable

from capflow_gui.errors import (
    AuthFailed,
    NoData,
    NoQuoteRight,
    ProviderError,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    Retry,
    UnknownSymbol,
)
from capflow_gui.wire.longport.packet import Status

TOO_MANY_CONNECTIONS = 403  # seen with HTTP 403 and with status 6
EXPIRED = 401003
# Penalties for going on are not documented; limits that lasted hours have been reported.
_RATE_WAIT_S = 10.0
_HTTP_RATE_WAIT_S = 60.0

_Make = Callable[[str, int, str], ProviderError]


def _ours(source: str, code: int, message: str) -> RequestRejected:
    """A request that is wrong in itself: asking again changes nothing."""
    error = RequestRejected(source, code, message)
    error.retry = Retry.NEVER
    return error


def _again(source: str, code: int, message: str) -> RequestRejected:
    error = RequestRejected(source, code, message)
    error.retry = Retry.NOW
    return error


def _limited(wait_s: float) -> _Make:
    return lambda source, code, message: RateLimited(source, code, message, wait_s)


_TABLE: dict[int, _Make] = {
    301602: RequestRejected,
    301603: NoData,
    301604: NoQuoteRight,
    301605: _ours,
    301606: _limited(_RATE_WAIT_S),
    301607: _ours,
    401003: AuthFailed,
    401004: AuthFailed,  # seen
    401102: AuthFailed,  # seen
    403201: AuthFailed,
    403202: _again,
    403203: AuthFailed,
    403205: AuthFailed,
    429001: _limited(_HTTP_RATE_WAIT_S),
    429002: _limited(_HTTP_RATE_WAIT_S),
    500000: RequestRejected,
}
_INVALID = 301600


def rejection(source: str, status: int | None, code: int, message: str) -> ProviderError:
    """Return the error for a refusal. `status` is a packet's; None over HTTP, which has none."""
    if code == _INVALID:
        # One code for two things: under status 3 we sent nonsense, under 7 the symbol is not known.
        unknown = status == Status.SERVER_ERROR or (status is None and "symbol" in message.lower())
        return (UnknownSymbol if unknown else _ours)(source, code, message)
    if code in _TABLE:
        return _TABLE[code](source, code, message)
    if status == Status.UNAUTHENTICATED:
        return AuthFailed(source, code, message)
    if status == Status.SERVER_TIMEOUT:
        return RequestTimeout(source, message or "Longport's own servers did not answer in time")
    return RequestRejected(source, code or status or 0, message)
