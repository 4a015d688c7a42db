"""The same methods on HTTP, for this computer alone: POST /rpc, GET /flow.csv, /events, /widgets.json and its rows.

Events are server-sent events and no WebSocket: they go one way, every HTTP client reads them as lines, and a browser
reconnects by itself. Each request shows the token. Host and Origin are checked first, so that a page of the internet
reaches nothing, whatever name it gave this computer's address.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from weakref import WeakSet

from aiohttp import hdrs, web

from capflow_gui.errors import CapflowError, InvalidInput
from capflow_gui.present.export import CSV_COLUMNS, facts_csv
from capflow_gui.reason import Code, Reason
from capflow_gui.serve import rpc
from capflow_gui.serve.arguments import (
    BadArgument,
    FlowArguments,
    HistoryArguments,
    TopicArguments,
    read_arguments,
)
from capflow_gui.serve.dispatcher import Dispatcher, rpc_error
from capflow_gui.serve.flows import get_flows, get_history
from capflow_gui.serve.notices import Notices
from capflow_gui.serve.service import Service, give_up
from capflow_gui.serve.web import widgets

MOST_CONNECTIONS = 32
MOST_STREAMS = 8
SILENT_S = 20.0
_USUAL_PORT = 80
_BAD_REQUEST = 400
_MOST_DIGITS = 18
# The page of OpenBB Workspace, which asks from the user's browser.
OPENBB = "https://pro.openbb.co"
COLUMNS = (*CSV_COLUMNS, "currency_assumed", "flags", "state", "age_s", "link", "simulated", "error")
_BEAT_S = 15.0  # so often a stream says that it is there: else nobody notices a client that is gone
_SHUTDOWN_S = 1.0

_log = logging.getLogger(__name__)
# What is asked is logged nowhere, for an address may hold the token; what fails is logged by this module.
_UNHEARD = logging.Logger("unheard", logging.CRITICAL + 1)  # noqa: LOG001 - nobody is to find and configure it

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpFace:
    """What is asked of a service by HTTP. `origin` is its own address, http://127.0.0.1:PORT."""

    def __init__(self, service: Service, token: str) -> None:
        self._service = service
        self._token = token.encode()
        self._dispatcher = Dispatcher(service)
        self._hosts: frozenset[str] = frozenset()
        self._origins: frozenset[str] = frozenset({OPENBB})
        self._streams = 0
        self.heard: WeakSet[asyncio.Transport] = WeakSet()  # connections that have asked something
        self._stopped = asyncio.Event()
        self.application = web.Application(middlewares=[self._guard], client_max_size=rpc.LONGEST_LINE)
        self.application.router.add_post("/rpc", self._rpc)
        self.application.router.add_get("/flow.csv", self._flow_csv)
        self.application.router.add_get("/events", self._events)
        self.application.router.add_get("/widgets.json", self._widgets)
        self.application.router.add_get("/widgets/{name}", self._rows)

    def listens_on(self, host: str, port: int) -> None:
        """By which names it may be asked."""
        shown = f"[{host}]" if ":" in host else host
        names = (shown, "localhost")
        self._hosts = frozenset(f"{name}:{port}" for name in names).union(names if port == _USUAL_PORT else ())
        self._origins = frozenset({OPENBB, *(f"http://{name}" for name in self._hosts)})

    def stop(self) -> None:
        """End every stream."""
        self._stopped.set()

    # who may ask

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.transport is not None:
            self.heard.add(request.transport)
        if request.headers.get(hdrs.HOST, "").lower() not in self._hosts:
            return _refusal(403, "Ask this server by its own address.")
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and origin not in self._origins:
            return _refusal(403, "Pages of this origin may not ask.")
        if request.method == hdrs.METH_OPTIONS and origin is not None:
            response: web.StreamResponse = web.Response(status=204, headers=_PREFLIGHT)
        elif not self._shows_token(request):
            response = _refusal(401, "Show the token: Authorization: Bearer TOKEN.")
            response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
        else:
            response = await _answered(request, handler)
        if response.prepared:
            return response
        _allow(response, origin)
        return response

    def _shows_token(self, request: web.Request) -> bool:
        """By header, or for spreadsheets, which can send none, in the address."""
        scheme, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer":
            shown = request.query.get("token", "")
        return hmac.compare_digest(shown.strip().encode("utf-8", "replace"), self._token)

    # what is asked

    async def _rpc(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":
            return _refusal(415, "Send application/json.")
        try:
            body = await request.read()
        except web.RequestPayloadError as error:
            raise web.HTTPBadRequest(reason="What was sent is not encoded as its head says.") from error
        answer = await self._dispatcher.answer(rpc.read_message(body))
        if answer is None:
            return web.Response(status=204)
        return web.Response(text=answer, content_type="application/json")

    async def _flow_csv(self, request: web.Request) -> web.StreamResponse:
        asked = _query(request)
        method = "flow.history" if asked.get("period", "intraday") != "intraday" else "flow.get"
        if method == "flow.get":
            asked.pop("period", None)
            facts = await get_flows(self._service, read_arguments(FlowArguments, asked, method))
        else:
            facts = await get_history(self._service, read_arguments(HistoryArguments, asked, method))
        flows = [
            each | {"error": each["error"]["message"], "lines": each.get("lines") or [{}]} if "error" in each else each
            for each in facts["flows"]
        ]
        return web.Response(text=facts_csv(flows, COLUMNS), content_type="text/csv", charset="utf-8")

    async def _widgets(self, _request: web.Request) -> web.StreamResponse:
        first = next(iter(self._service.monitor.symbols), None)
        return _json(widgets.widgets(str(first or "700.HK")))

    async def _rows(self, request: web.Request) -> web.StreamResponse:
        rows = widgets.ROWS.get(request.match_info["name"])
        if rows is None:
            raise web.HTTPNotFound
        return _json(await rows(self._service, _query(request).get("symbols", [])))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        topics = [each for text in request.query.getall("topics", []) for each in text.split(",") if each]
        asked = read_arguments(TopicArguments, {"topics": topics}, "subscribe")
        if self._streams >= MOST_STREAMS:
            return _refusal(503, f"{MOST_STREAMS} streams are open, and no more are served.")
        response = web.StreamResponse(headers={hdrs.CACHE_CONTROL: "no-store"})
        response.content_type = "text/event-stream"
        _allow(response, request.headers.get(hdrs.ORIGIN))
        self._streams += 1
        gone = asyncio.Event()

        async def write(text: str) -> None:
            try:
                await response.write(text.encode())
            except ConnectionError:
                gone.set()

        async def notify(kind: str, facts: dict[str, Any]) -> None:
            await write(f"event: {kind}\ndata: {rpc.to_text(facts)}\n\n")

        notices = Notices(self._service.monitor, notify)
        try:
            await response.prepare(request)
            notices.subscribe(asked.topics)
            await self._until_over(gone, write)
        finally:
            self._streams -= 1
            await notices.close()
        return response

    async def _until_over(self, gone: asyncio.Event, write: Callable[[str], Awaitable[None]]) -> None:
        clock = self._service.clock

        async def beat() -> None:
            while True:
                await clock.sleep_until(clock.monotonic() + _BEAT_S)
                await write(": still here\n\n")

        tasks = [asyncio.create_task(each) for each in (_rung(gone), _rung(self._stopped), beat())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await give_up(tasks)


async def _rung(event: asyncio.Event) -> None:
    await event.wait()


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    # A page of the internet asks this first, before it may ask an address of a private network.
    "Access-Control-Allow-Private-Network": "true",
}


def _allow(response: web.StreamResponse, origin: str | None) -> None:
    """Let the page of an origin that was checked read the answer; keep it from being taken for anything else."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[hdrs.SERVER] = "capflow"
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers[hdrs.VARY] = "Origin"


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What a handler answers; what it raises is a sentence with its status."""
    try:
        return await handler(request)
    except web.HTTPRequestEntityTooLarge:
        return _refusal(413, f"The request is longer than {rpc.LONGEST_LINE} bytes.")
    except web.HTTPException as error:
        return _refusal(error.status, error.reason)
    except (BadArgument, InvalidInput) as error:
        return _refusal(400, rpc_error(error).message)
    except CapflowError as error:
        return _refusal(502, rpc_error(error).message)
    except Exception:  # noqa: BLE001 - logged with its traceback; other requests are answered
        _log.exception("%s could not be answered", request.path)
        return _refusal(500, "Capflow could not answer this; its log says why.")


def _refusal(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status, dumps=_dumps)


def _json(document: object) -> web.Response:
    return web.Response(text=rpc.to_text(document), content_type="application/json")


def _dumps(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _query(request: web.Request) -> dict[str, Any]:
    """The arguments in an address: symbol=700.HK,5.HK&newest=10. What is no argument is refused later, by its name."""
    found: dict[str, Any] = {name: text for name, text in request.query.items() if name not in ("token", "symbol")}
    symbols = [each.strip() for text in request.query.getall("symbol", []) for each in text.split(",")]
    if symbols:
        found["symbols"] = [each for each in symbols if each]
    newest = found.get("newest")
    if isinstance(newest, str) and newest.isascii() and newest.isdecimal() and len(newest) <= _MOST_DIGITS:
        found["newest"] = int(newest)
    return found


class _Connection(web.RequestHandler):
    """One connection. One that has asked nothing after a while is closed: it would keep others out."""

    def __init__(self, server: web.Server, heard: WeakSet[asyncio.Transport]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, access_log=_UNHEARD, logger=_UNHEARD, keepalive_timeout=SILENT_S)
        self._server = server
        self._heard = heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Serve it, as long as there are not too many: they are counted now, for many may come in one turn."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a connection
        if len(self._server.connections) < MOST_CONNECTIONS:
            super().connection_made(transport)
            asyncio.get_running_loop().call_later(SILENT_S, self._close_if_silent)
            return
        full = _Full()
        transport.set_protocol(full)
        full.connection_made(transport)

    def _close_if_silent(self) -> None:
        if self.transport is not None and self.transport not in self._heard:
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Say what was no HTTP, without the words that were sent: the token may be among them."""
        if status != _BAD_REQUEST:
            return super().handle_error(request, status, exc, message)
        response = _refusal(status, "This is no request of HTTP/1.1, or a line of its head is too long.")
        response.force_close()
        _allow(response, None)
        return response


class _Full(asyncio.Protocol):
    """Says that too many are connected."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer, whatever is asked."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a connection
        body = _dumps({"error": f"{MOST_CONNECTIONS} connections are open, and no more are served."}).encode()
        kind = "Content-Type: application/json; charset=utf-8"
        head = f"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        transport.write(head.encode() + body)
        transport.close()


@asynccontextmanager
async def serving_http(service: Service, token: str, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
    """Serve until the context is left; the address that is listened on.

    host  a loopback address
    port  0: a free one
    Raises InvalidInput where nothing can listen there.
    """
    face = HttpFace(service, token)
    runner = web.AppRunner(
        face.application,
        handle_signals=False,
        handler_cancellation=True,  # a client that is gone ends its stream
        shutdown_timeout=_SHUTDOWN_S,
    )
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it is set up
    try:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(partial(_Connection, runner.server, face.heard), host, port)
        except OSError as error:
            why = Reason.of(Code.NOTHING_CAN_LISTEN, why=os.strerror(error.errno or 0))
            raise InvalidInput(f"--http {host}:{port}", why) from error
        name: tuple[str, int] = server.sockets[0].getsockname()[:2]
        face.listens_on(*name)
        try:
            yield name
        finally:
            face.stop()
            server.close()
    finally:
        await runner.cleanup()
