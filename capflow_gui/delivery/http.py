"""What channels over HTTP share: one POST, what may go wrong on the way, and what a status means by itself.

No address, token or header gets into a reason. A service's own words are quoted unless they repeat a secret.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

import aiohttp
from yarl import URL

from capflow_gui.clock import Clock
from capflow_gui.delivery.model import Limits, Message, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.sockets import BoundedSocket
from capflow_gui.network import system_proxy, system_trust
from capflow_gui.reason import Code, Reason

TIMEOUT_S = 15.0
# A service that asks for longer is tried again then: what it says once must not silence a channel for good.
LONGEST_WAIT_S = 86_400.0
_LARGEST_ANSWER = 65_536
_UNFINISHED = frozenset({408, 425, 429})


async def open_session() -> aiohttp.ClientSession:
    """The session of all channels: it trusts whom the operating system trusts, keeps no cookies, and waits 15 s.

    Raises OSError where SSL_CERT_FILE cannot be used.
    """
    # The authorities of a system are many to read.
    trust = await asyncio.to_thread(system_trust)
    return aiohttp.ClientSession(
        # Alerts are rare: a connection that was kept may be dead, and nobody could tell whether a message got through.
        connector=aiohttp.TCPConnector(
            ssl=trust, force_close=True, socket_factory=lambda address: BoundedSocket(*address[:3])
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
    )


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted: JSON, in UTF-8."""

    address: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of a long body its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def accepted(self) -> bool:
        """Whether the status says that it is done."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the status says that the same request will never be taken."""
        return 400 <= self.status < 500 and self.status not in _UNFINISHED

    def json(self) -> dict[str, Any]:
        """The object in the body; empty where there is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Http:
    """The way to one service. `proxy` "" takes the environment's or the system's."""

    session: aiohttp.ClientSession = field(repr=False)
    clock: Clock
    proxy: str = field(default="", repr=False)

    async def post(self, request: Request, *, read: bool) -> Answer | Result:
        """Send a request; the answer, or what it means that there is none. `read`: whether its body is wanted."""
        try:
            proxy = self.proxy or system_proxy(request.address)
        except ValueError:
            return SetUpWrong(Reason.of(Code.PROXY_NOT_HTTP))
        headers = {"Content-Type": "application/json; charset=utf-8", "Accept-Encoding": "identity", **request.headers}
        try:
            async with self.session.post(
                URL(request.address), data=request.body, headers=headers, proxy=proxy or None, allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await _body(response) if read else b"")
        except TimeoutError:
            seconds = self.session.timeout.total or TIMEOUT_S
            return RetryAt(0.0, Reason.of(Code.NO_ANSWER_IN_TIME, seconds=seconds))
        except (aiohttp.ClientError, OSError) as error:
            return _no_answer(error)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for piece in response.content.iter_any():
        body += piece
        if len(body) >= _LARGEST_ANSWER:
            break
    return body[:_LARGEST_ANSWER]


def _no_answer(error: Exception) -> Result:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return SetUpWrong(Reason.of(Code.SERVICE_NOT_TRUSTED))
        case aiohttp.ClientHttpProxyError():
            return proxy_refused(error.status)
        case aiohttp.ClientConnectorError():
            return RetryAt(0.0, Reason.of(Code.SERVICE_UNREACHABLE, why=system_words(error.os_error)))
        case _:
            return RetryAt(0.0, Reason.of(Code.SERVICE_BROKE))


def proxy_refused(status: int) -> Result:
    """What a proxy's refusal means: 407 asks for a user and a password."""
    reason = Reason.of(Code.SERVICE_PROXY_REFUSED, status=status)
    return SetUpWrong(reason) if status == 407 else RetryAt(0.0, reason)


def system_words(error: OSError) -> str:
    """What the operating system says of a failure, without the address that asyncio adds to it."""
    if isinstance(error, socket.gaierror):
        return error.strerror or type(error).__name__
    return os.strerror(error.errno) if error.errno else type(error).__name__


def wait_s(text: str, wall: float) -> float:
    """How long to wait, in seconds, as Retry-After says: a number, or a date. 0.0 where it says nothing of use.

    At most a day.

    wall  now, UTC epoch seconds
    """
    seconds = number(text)
    if seconds is None:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return 0.0
        # A date without a zone is in UTC, too.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - wall
    return min(max(0.0, seconds), LONGEST_WAIT_S)


def number(value: object) -> float | None:
    """The finite number that a body or a header holds; None where there is none."""
    if not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


class HttpChannel(ABC):
    """A service that is posted to. A kind of channel says what to send, and what the service's answers mean."""

    limits: Limits
    reads_body = True

    def __init__(self, http: Http, secrets: Secrets) -> None:
        self.http = http
        self.safe = secrets.safe

    async def send(self, message: Message) -> Result:
        """Send a message; what the network or the service does is a result."""
        answer = await self.http.post(self.request(message), read=self.reads_body)
        return self.result(answer) if isinstance(answer, Answer) else answer

    def result(self, answer: Answer) -> Result:
        """What an answer means; a redirect is never followed."""
        if 300 <= answer.status < 400:
            return SetUpWrong(Reason.of(Code.SERVICE_REDIRECTS))
        return self.judge(answer) or self._by_status(answer)

    async def close(self) -> None:  # noqa: B027 - no kind holds anything: the session is its owner's
        """Nothing is held."""

    @abstractmethod
    def request(self, message: Message) -> Request:
        """What to post for a message."""

    @abstractmethod
    def judge(self, answer: Answer) -> Result | None:
        """What an answer means by its body; None: what its status means by itself."""

    def sent(self, receipt: object = "") -> Sent:
        """It is sent; `receipt` is the id that the service gave."""
        return Sent(self.safe(str(receipt)) if isinstance(receipt, str | int) else "")

    def said(self, text: object, code: object) -> Reason:
        """The service's own words and the code beside them."""
        shown = code if isinstance(code, int) else self.safe(code)
        words = self.safe(text)
        if words:
            return Reason.of(Code.SERVICE_SAID, message=words, number=shown)
        return Reason.of(Code.SERVICE_REFUSED, number=shown)

    def later(self, answer: Answer, seconds: object = None) -> RetryAt:
        """It was too fast. `seconds` to wait, where the service's body says that; else what Retry-After says."""
        asked = number(seconds)
        wait = self._retry_after(answer) if asked is None else max(0.0, asked)
        return RetryAt(min(wait, LONGEST_WAIT_S), Reason.of(Code.SERVICE_TOO_FAST))

    def _retry_after(self, answer: Answer) -> float:
        return wait_s(answer.headers.get("Retry-After", ""), self.http.clock.wall())

    def _by_status(self, answer: Answer) -> Result:
        status = answer.status
        if answer.accepted:
            return RetryAt(0.0, Reason.of(Code.SERVICE_UNREADABLE))
        if status == 429:
            return self.later(answer)
        if status in _UNFINISHED or status >= 500:
            return RetryAt(self._retry_after(answer), Reason.of(Code.SERVICE_FAULT, status=status))
        if status == 410:
            return SetUpWrong(Reason.of(Code.SERVICE_GONE))
        return SetUpWrong(self.said("", status))
