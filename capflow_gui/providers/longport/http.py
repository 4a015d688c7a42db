"""Longport over HTTP: signed requests in the broker's envelope, and what every answer tells beside its data.

The broker's trace id goes to the log with every refusal. The Date of an answer is the source's clock.
"""

from __future__ import annotations

import json
import logging
import math
import ssl
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import aiohttp
from yarl import URL

from capflow_gui.clock import Clock, before
from capflow_gui.errors import (
    ComputerRefused,
    ConnectFailed,
    ProviderError,
    RateLimited,
    RemoteProtocolError,
    RequestTimeout,
)
from capflow_gui.providers.longport.errors import CLOCK_OFF_S, EXPIRED, NOT_SIGNED, rejection
from capflow_gui.providers.longport.network import connect_error, proxy_for, trusted, whole_body
from capflow_gui.reason import Code, Reason

CONNECT_TIMEOUT_S = 5.0
TIMEOUT_S = 12.0
SIMULATED_HEADER = "X-Simulated"
_SHOWN = 80

_log = logging.getLogger(__name__)


class Login(Protocol):
    """Who asks: turns a request into the headers that prove it."""

    async def headers(self, method: str, path: str, query: str, body: bytes | None) -> dict[str, str]:
        """Return the headers. Raises a ProviderError where a grant cannot be renewed."""

    async def renew(self) -> bool:
        """Get a new access token after one was refused as expired; False where there is no way to."""

    async def variable(self) -> str:
        """The environment variable that the credentials come from, "" where they come from elsewhere."""

    async def prepare(self, http: LongportHttp) -> None:
        """Before a connection is made: renew what is about to expire. Raises a ProviderError or RemoteProtocolError."""


class LongportHttp:
    """One HTTP session. `date` is (source's clock in UTC epoch seconds, monotonic) of the last answer."""

    def __init__(self, source: str, base_url: str, login: Login, clock: Clock, language: str) -> None:
        self.date: tuple[float, float] | None = None
        self.simulated: str | None = None
        self._source = source
        self._base = base_url.rstrip("/")
        self._login = login
        self._clock = clock
        self._language = language
        self._session: aiohttp.ClientSession | None = None
        self._ssl: ssl.SSLContext | bool | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, opened when first needed."""
        if self._session is None:
            # Deadlines are kept by the injected clock, not by aiohttp.
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        return self._session

    async def close(self) -> None:
        """Close the session; it opens again when needed."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def ask(self, method: str, path: str, *, query: str = "", body: Any = None) -> Any:
        """Return the data of an answer. `query` is percent-encoded; `body` is sent as JSON.

        Raises a ProviderError or RemoteProtocolError. A token that has expired is renewed once, where it can be.
        """
        status, answer, headers = await self._request(method, path, query, body)
        error = self._refusal(status, answer, headers)
        if error is not None and await self._renewed(error):
            status, answer, headers = await self._request(method, path, query, body)
            error = self._refusal(status, answer, headers)
        if error is not None:
            raise error
        return answer.get("data") if isinstance(answer, dict) else None

    async def ask_date(self) -> float:
        """Return the source's clock, UTC epoch seconds. Any answer has it, so nothing is asked in particular."""
        await self._send("HEAD", "/", "", None, {})
        if self.date is None:
            raise RemoteProtocolError(Reason.of(Code.NO_DATE))
        return self.date[0]

    async def _renewed(self, error: ProviderError) -> bool:
        return getattr(error, "code", None) in _OUTDATED and await self._login.renew()

    async def _request(self, method: str, path: str, query: str, body: Any) -> tuple[int, Any, Any]:
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = await self._login.headers(method, path, query, data)
        status, raw, answered = await self._send(method, path, query, data, headers)
        try:
            return status, json.loads(raw), answered
        except (ValueError, RecursionError):
            # A gateway or a proxy may answer in words of its own.
            return status, raw[:_SHOWN].decode("ascii", "backslashreplace"), answered

    async def _send(
        self, method: str, path: str, query: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, Any]:
        if self._ssl is None:
            self._ssl = trusted(self._source, self._base)
        proxy = proxy_for(self._source, self._base)
        # Signed as it stands: nobody may quote it anew on the way.
        url = URL(f"{self._base}{path}" + (f"?{query}" if query else ""), encoded=True)
        headers = {**headers, "Accept-Language": self._language}

        async def exchange() -> tuple[int, bytes, Any]:
            async with self.session.request(
                method, url, data=data, headers=headers, ssl=self._ssl or True, proxy=proxy, allow_redirects=False
            ) as response:
                return response.status, await whole_body(self._source, response), response.headers

        sent = self._clock.monotonic()
        try:
            status, raw, answered = await before(self._clock, sent + TIMEOUT_S, exchange())
        except TimeoutError:
            reason = Reason.of(Code.ADDRESS_SILENT, address=url.authority, seconds=TIMEOUT_S)
            raise RequestTimeout(self._source, reason) from None
        except (aiohttp.ClientError, OSError) as error:
            raise connect_error(self._source, self._base, error) from error
        self._note(answered, sent)
        return status, raw, answered

    def _note(self, headers: Any, sent: float) -> None:
        said = headers.get(SIMULATED_HEADER)
        if said is not None:
            self.simulated = said
        try:
            moment = parsedate_to_datetime(headers.get("Date", "")).timestamp()
        except (ValueError, OverflowError):
            return
        self.date = (moment, (sent + self._clock.monotonic()) / 2)

    def _clock_off_s(self) -> float:
        """By how many seconds this computer's clock is ahead of the one that the newest answer was stamped by."""
        if self.date is None:
            return 0.0
        at, seen = self.date
        return self._clock.wall() - (at + self._clock.monotonic() - seen)

    def _refusal(self, status: int, answer: Any, headers: Any) -> ProviderError | None:
        trace = headers.get("X-Trace-Id", "")
        if not isinstance(answer, dict) or not isinstance(answer.get("code"), int):
            _log.warning(
                "%s: HTTP %d without the broker's envelope: %s (trace %s)", self._source, status, answer, trace
            )
            if status == 429:
                return RateLimited(
                    self._source, status, "", _retry_after(headers), reason=Reason.of(Code.TOO_MANY_REQUESTS)
                )
            return ConnectFailed(self._source, Reason.of(Code.NOT_LONGPORT, status=status))
        code = answer["code"]
        if code == 0:
            return None
        message = str(answer.get("message") or answer.get("msg") or "")
        _log.warning("%s: refused: %s (%d), HTTP %d, trace %s", self._source, message, code, status, trace or "none")
        error = rejection(self._source, None, code, message)
        if code == NOT_SIGNED and abs(off_s := self._clock_off_s()) > CLOCK_OFF_S:
            return ComputerRefused(self._source, code, message, off_s)
        if isinstance(error, RateLimited) and "Retry-After" in headers:
            error.retry_after = _retry_after(headers)
        return error


# Expired; or not known any more, since another program with the same sign-in has renewed it.
_OUTDATED = frozenset({EXPIRED, 401102})
_RETRY_AFTER_S = 60.0
_LONGEST_WAIT_S = 86_400.0


def _retry_after(headers: Any) -> float:
    try:
        found = float(headers.get("Retry-After", ""))
    except ValueError:
        return _RETRY_AFTER_S
    return min(max(found, 1.0), _LONGEST_WAIT_S) if math.isfinite(found) else _RETRY_AFTER_S
