"""Who asks Longport: an app key that signs every request, or an OAuth grant whose token goes along."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from capflow_gui.clock import Clock
from capflow_gui.credentials import AppKey, Conceal, no_log
from capflow_gui.errors import RemoteProtocolError, SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.longport.signature import bearer_headers, signed_headers

if TYPE_CHECKING:
    from capflow_gui.providers.longport.http import Login, LongportHttp

_US_PREFIX = "us_"
_LAST_WEEK_S = 7 * 86_400.0
_LIFE_S = 90 * 86_400.0  # the broker's own default

_log = logging.getLogger(__name__)


def data_centre(token: str) -> dict[str, str]:
    """The header that names the account's data centre, as the token tells it."""
    return {"x-dc-region": "us" if token.startswith(_US_PREFIX) else "ap"}


def timestamp(clock: Clock) -> str:
    """Epoch seconds as text, to the millisecond: two equal requests of one second stay two."""
    return f"{clock.wall():.3f}"


class KeyLogin:
    """An app key. `keep` is called with the key once it has a new access token; None: the token is never changed.

    A new access token kills the old one, which other programs may use: one that came from the environment is left
    alone, and so is one whose expiry is not known.
    """

    def __init__(
        self,
        key: AppKey,
        clock: Clock,
        keep: Callable[[AppKey], Awaitable[None]] | None = None,
        conceal: Conceal = no_log,
    ) -> None:
        self._key = key
        self._clock = clock
        self._keep = keep
        self._conceal = conceal

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
        self._conceal(signed["X-Api-Signature"].rpartition("=")[2], lasting=False)
        return signed | data_centre(key.access_token)

    async def renew(self) -> bool:
        """A token that has expired cannot ask for another: the user has to bring one."""
        return False

    async def variable(self) -> str:
        """The variable the token was read from."""
        return self._key.variable

    async def prepare(self, http: LongportHttp) -> None:
        """Change the access token for one of another 90 days when its last week has begun."""
        key, now = self._key, self._clock.wall()
        if self._keep is None or key.expires is None or not key.expires - _LAST_WEEK_S <= now < key.expires:
            return
        expires = now + _LIFE_S
        moment = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        data = await http.ask("GET", "/v1/token/refresh", query=f"expired_at={quote(moment, safe='')}")
        token = data.get("token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token:
            raise RemoteProtocolError(Reason.of(Code.NEW_ACCESS_UNREADABLE))
        self._conceal(token)
        self._key = AppKey(key.key, key.secret, token, expires)
        try:
            await self._keep(self._key)
        except SettingsError as error:
            # It is good for this run; the next start asks the user for it.
            _log.warning("the new access token could not be kept: %s", error)


class LateLogin:
    """A Login that `find` opens when it is first needed: a keyring may wait for its password while all else runs.

    Where `find` raises (NotSignedIn), it is called again at the next attempt.
    """

    def __init__(self, find: Callable[[], Awaitable[Login]]) -> None:
        self._find = find
        self._login: Login | None = None
        self._finding = asyncio.Lock()

    async def found(self) -> Login:
        """The login. Raises what `find` raises."""
        async with self._finding:
            if self._login is None:
                self._login = await self._find()
            return self._login

    async def headers(self, method: str, path: str, query: str, body: bytes | None) -> dict[str, str]:
        """The login's."""
        return await (await self.found()).headers(method, path, query, body)

    async def renew(self) -> bool:
        """The login's."""
        return await (await self.found()).renew()

    async def variable(self) -> str:
        """The login's."""
        return await (await self.found()).variable()

    async def prepare(self, http: LongportHttp) -> None:
        """The login's."""
        await (await self.found()).prepare(http)


def bearer(client_id: str, token: str, clock: Clock) -> dict[str, str]:
    """The headers of a request with an OAuth token."""
    return bearer_headers(client_id, token, timestamp(clock)) | data_centre(token)
