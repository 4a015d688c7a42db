"""A service on loopback that checks a request as the real one would, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from capflow_gui.delivery.http import Request


class Wrong(Exception):
    """What the real service would refuse."""


@dataclass(frozen=True)
class Received:
    """A request as a service sees it; names of headers are in small letters."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, request: Request) -> Received:
        """A request that was not sent yet."""
        parts = urlsplit(request.address)
        headers = {"content-type": "application/json; charset=utf-8"}
        headers |= {name.lower(): value for name, value in request.headers.items()}
        return cls(parts.path, dict(parse_qsl(parts.query)), headers, request.body)

    def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object without NaN. Raises Wrong."""

        def refuse(word: str) -> None:
            raise Wrong(f"{word} is not JSON")

        if not self.headers.get("content-type", "").startswith("application/json"):
            raise Wrong("not application/json")
        found = json.loads(self.body.decode("utf-8"), parse_constant=refuse)
        if not isinstance(found, dict):
            raise Wrong("not an object")
        return found


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        """The body as bytes: a text as it is, anything else as JSON."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Act = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service(ABC):
    """Answers as the real service would, unless `next` holds another act for the next request."""

    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self.now = now
        self.received: list[Received] = []
        self.next: deque[Act] = deque()
        self.url = ""
        self._end = asyncio.Event()

    def answer(self, got: Received) -> Said:
        """What the real service says to a request."""
        try:
            return self.judge(got)
        except Wrong as wrong:
            return self.refusal(str(wrong))

    @abstractmethod
    def judge(self, got: Received) -> Said:
        """Check everything and accept it. Raises Wrong."""

    @abstractmethod
    def refusal(self, words: str) -> Said:
        """How it refuses what is wrong in itself."""

    def say(self, *answers: Said) -> None:
        """Answer the next requests so."""
        for said in answers:

            async def act(_request: web.Request, said: Said = said) -> web.StreamResponse:
                return web.Response(status=said.status, body=said.raw, headers=dict(said.headers))

            self.next.append(act)

    async def hang(self, _request: web.Request) -> web.StreamResponse:
        """Never answer."""
        await self._end.wait()
        return web.Response()

    async def close(self, request: web.Request) -> web.StreamResponse:
        """Close the connection instead of answering."""
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async def stop_in_the_middle(self, request: web.Request) -> web.StreamResponse:
        """Begin a good answer, and close before its end."""
        response = web.StreamResponse(headers={"Content-Length": "500", "Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"ok": true, "code": 0, "errcode": 0, ')
        assert request.transport is not None
        request.transport.close()
        return response

    async def never_end(self, request: web.Request) -> web.StreamResponse:
        """Go on answering for as long as anybody listens."""
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while not self._end.is_set():
                await response.write(b"x" * 8192)
        return response

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Every request of every path."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = Received(request.path, dict(request.query), headers, await request.read())
        self.received.append(got)
        if self.next:
            return await self.next.popleft()(request)
        if request.method != "POST":
            return web.Response(status=405)
        said = self.answer(got)
        return web.Response(status=said.status, body=said.raw, headers=dict(said.headers))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen on a port of loopback; `url` is its root."""
        runner = web.ServerRunner(web.Server(self.serve, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            self._end.set()
            await runner.cleanup()


def fields(body: Mapping[str, Any], required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> None:
    """Demand the fields of a body, with their types, and no others. Raises Wrong."""
    known = {**required, **(optional or {})}
    for name, kind in known.items():
        if name in body and (not isinstance(body[name], kind) or (kind is int and isinstance(body[name], bool))):
            raise Wrong(f"{name} is not {kind.__name__}")
    if missing := required.keys() - body.keys():
        raise Wrong(f"missing {sorted(missing)}")
    if unknown := body.keys() - known.keys():
        raise Wrong(f"unknown {sorted(unknown)}")
