"""Whether the certificate of a desk's server ends soon, as a connection is shown it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from capflow_gui.clock import Clock
from capflow_gui.reason import Code, Reason

NEAR_S = 14 * 86_400.0
LOOK_S = 3600.0
_PROBE_S = 6.0


class Place(Protocol):
    """See providers.desk.channel.DeskConfig."""

    @property
    def host(self) -> str:
        """Where the server is."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def address(self) -> str:
        """Both, as they are shown."""


def end_of(shown: ssl.SSLObject | None, context: ssl.SSLContext | None) -> float | None:
    """When the certificate that was shown ends, or the authority that signed it (UTC epoch seconds).

    None where the connection is not encrypted. Of what the operating system trusts no authority is looked at: it looks
    after them itself.
    """
    certificate = None if shown is None else shown.getpeercert()
    if not certificate:
        return None
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    authorities = () if context is None else context.get_ca_certs()
    by = [
        ssl.cert_time_to_seconds(str(each["notAfter"]))
        for each in authorities
        if each["subject"] == certificate.get("issuer")
    ]
    return min(ends, max(by)) if by else ends


async def watch_expiry(
    ends: float | None,
    place: Place,
    context: ssl.SSLContext | None,
    clock: Clock,
    tell: Callable[[Reason | None], None],
) -> None:
    """Say, now and every hour, whether a certificate ends within 14 days; until cancelled.

    ends  of the certificate that a connection was shown (UTC epoch seconds); None: it is not encrypted
    tell  why that is to be said; None while it is not. A connection may be older than a certificate that was renewed
          meanwhile, so the server is asked for it anew before that
    """
    is_seen_now = True
    while True:
        if ends is not None and ends - clock.wall() < NEAR_S and not is_seen_now:
            with contextlib.suppress(OSError, ValueError):  # what was seen before stays true
                ends = await _shown_now(place, context) or ends
        tell(None if ends is None else _reason(place, ends, clock.wall()))
        is_seen_now = False
        await clock.sleep_until(clock.monotonic() + LOOK_S)


def _reason(place: Place, ends: float, now: float) -> Reason | None:
    if now >= ends:
        return Reason.of(Code.DESK_EXPIRED, address=place.address)
    if ends - now >= NEAR_S:
        return None
    return Reason.of(Code.DESK_EXPIRES, address=place.address, day=datetime.fromtimestamp(ends, UTC).date().isoformat())


async def _shown_now(place: Place, context: ssl.SSLContext | None) -> float | None:
    """Connect as far as the certificate. Raises OSError, and ValueError where the first line has no end."""
    async with asyncio.timeout(_PROBE_S):
        reader, writer = await asyncio.open_connection(place.host, place.port)
        try:
            await reader.readline()  # what the server says of itself comes first
            await writer.start_tls(context or ssl.create_default_context(), server_hostname=place.host)
            return end_of(writer.get_extra_info("ssl_object"), context)
        finally:
            writer.close()
