"""Who asks Longport: an app key that signs every request, or an OAuth grant whose token goes along."""

from __future__ import annotations

from capflow_gui.clock import Clock
from capflow_gui.credentials import AppKey
from capflow_gui.wire.longport_signature import bearer_headers, signed_headers

_US_PREFIX = "us_"


def data_centre(token: str) -> dict[str, str]:
    """The header that names the account's data centre, as the token tells it."""
    return {"x-dc-region": "us" if token.startswith(_US_PREFIX) else "ap"}


def timestamp(clock: Clock) -> str:
    """Epoch seconds as text, to the millisecond: two equal requests of one second stay two."""
    return f"{clock.wall():.3f}"


class KeyLogin:
    """An app key."""

    def __init__(self, key: AppKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    async def headers(self, method: str, path: str, query: str, body: bytes | None) -> dict[str, str]:
        """The signed headers of a request."""
        key = self._key
        signed = signed_headers(
            method,
            path,
            query,
            body,
            key=key.key,
            secret=key.secret,
            token=key.access_token,
            timestamp=timestamp(self._clock),
        )
        return signed | data_centre(key.access_token)

    async def renew(self) -> bool:
        """A new access token kills the old one, which other programs may use: only the user decides that."""
        return False


def bearer(client_id: str, token: str, clock: Clock) -> dict[str, str]:
    """The headers of a request with an OAuth token."""
    return bearer_headers(client_id, token, timestamp(clock)) | data_centre(token)
