"""The HTTP side of the simulated Longport: one-time passwords, token refresh, watchlist, quote fall-back, OAuth."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

from capflow_gui.domain.symbol import Market
from capflow_gui.simulator.faults import FaultName
from capflow_gui.simulator.longport.account import Grant, HttpRefusalError
from capflow_gui.simulator.longport.replies import RATE, REQUESTS, LongportRefusalError
from capflow_gui.simulator.market.universe import GROUPS, INDEX
from capflow_gui.wire.longport.packet import Command

if TYPE_CHECKING:
    from capflow_gui.simulator.longport.service import LongportService

_log = logging.getLogger(__name__)

SIMULATED_HEADER = "X-Simulated"
_FIRST_GROUP = 1000
_PATHS = {
    "/quote/capital-flow": Command.CAPITAL_FLOW,
    "/quote/capital-distribution": Command.CAPITAL_DISTRIBUTION,
    "/quote/static-info": Command.STATIC_INFO,
    "/quote/quotes": Command.QUOTE,
    "/quote/calc-indexes": Command.CALC_INDEX,
    "/quote/markets/trading-sessions": Command.TRADE_SESSIONS,
    "/quote/markets/trading-days": Command.TRADE_DAYS,
}
_FORBIDDEN = 403
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LongportHttp:
    """Routes and handlers; the account checks every request but OAuth's own."""

    def __init__(self, server: LongportService[Any]) -> None:
        self._server = server
        self._traces = 0

    def routes(self) -> list[web.RouteDef]:
        """The routes of the HTTP side."""
        signed, stamped = self._signed, self.stamped
        return [
            web.get("/", stamped(self._root)),
            web.get("/v1/socket/token", stamped(signed(self._password))),
            web.get("/v1/token/refresh", stamped(signed(self._refresh))),
            web.get("/v1/watchlist/groups", stamped(signed(self._groups))),
            *(web.post(path, stamped(signed(self._quote(command)))) for path, command in _PATHS.items()),
            web.get("/.well-known/oauth-authorization-server", stamped(self._discovery)),
            web.post("/oauth2/register", stamped(self._register)),
            web.get("/oauth2/authorize", stamped(self._authorize)),
            web.post("/oauth2/token", stamped(self._token)),
            web.post("/oauth2/revoke", stamped(self._revoke)),
        ]

    def stamped(self, handler: _Handler) -> _Handler:
        """Put the market clock, the trace id and the word SIMULATED on every answer; count it; strike by fault.

        No middleware: aiohttp keeps for as long as the program runs what it has made of an application's middlewares.
        """

        async def answer(request: web.Request) -> web.StreamResponse:
            fault = self._server.faults.strike(FaultName.HTTP_CODE, 0)
            if fault is not None and not request.headers.get("Upgrade"):
                response: web.StreamResponse = _refused(HttpRefusalError(fault.code or 500000, "simulated"))
            else:
                response = await handler(request)
            if not response.prepared:
                self._traces += 1
                # A refusal bears the clock that the request's own time was compared with.
                refused = response.status == _FORBIDDEN
                now = self._server.account.wall() if refused else self._server.said_now()
                response.headers["Date"] = formatdate(now, usegmt=True)
                response.headers["X-Trace-Id"] = f"simulated-{self._traces}"
                response.headers[SIMULATED_HEADER] = "SIMULATED"
            return response

        return answer

    def _signed(self, handler: Callable[[web.Request, bytes], Any]) -> _Handler:
        """Check the request, call the handler, and put what it gives into the envelope."""

        async def checked(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            path, _, query = request.raw_path.partition("?")
            try:
                self._server.account.check(request.method, path, query, body, request.headers)
                data = handler(request, body)
                if inspect.isawaitable(data):
                    data = await data
            except HttpRefusalError as refusal:
                return _refused(refusal)
            except LongportRefusalError as refusal:
                code = 429002 if (refusal.status, refusal.code) == RATE[:2] else refusal.code
                return _refused(HttpRefusalError(code, refusal.text), status=429 if code == 429002 else 200)
            return web.json_response({"code": 0, "message": "success", "data": data})

        return checked

    async def _root(self, _request: web.Request) -> web.Response:
        return web.json_response({"code": 404, "message": "not found", "data": None}, status=404)

    def _password(self, _request: web.Request, _body: bytes) -> Any:
        limit, online = self._server.config.connections, self._server.online
        return {"otp": self._server.account.new_password(), "limit": limit, "online": online}

    def _refresh(self, request: web.Request, _body: bytes) -> Any:
        wanted = request.query.get("expired_at", "")
        try:
            expires = datetime.fromisoformat(wanted).timestamp()
        except ValueError:
            raise HttpRefusalError(400000, f"expired_at {wanted!r}") from None
        issued = datetime.fromtimestamp(self._server.clock.wall()).astimezone().isoformat()
        return {
            "token": self._server.account.refresh_access_token(expires),
            "expired_at": wanted,
            "issued_at": issued,
            "account_info": {"member_id": "1", "aaid": "1", "account_channel": "simulated"},
        }

    def _groups(self, _request: web.Request, _body: bytes) -> Any:
        as_text = str if self._server.config.ids_as_text else int
        listings = self._server.view.market.listings
        groups = []
        for number, (name, custom, members) in enumerate(GROUPS):
            if not custom:
                continue
            held = [
                each
                for each in listings.values()
                if each.kind != INDEX and (str(each.symbol) in members or each.symbol.market.value in members)
            ]
            securities = [
                {
                    "symbol": str(each.symbol),
                    "market": "CN" if each.symbol.market in (Market.SH, Market.SZ) else each.symbol.market.value,
                    "name": each.name,
                    "watched_price": f"{each.price:.3f}",
                    "watched_at": as_text(1_700_000_000 + place),
                    "is_pinned": False,
                }
                for place, each in enumerate(held)
            ]
            groups.append({"id": as_text(_FIRST_GROUP + number), "name": name, "securities": securities})
        return {"groups": groups}

    def _quote(self, command: Command) -> Callable[[web.Request, bytes], Any]:
        async def handler(_request: web.Request, body: bytes) -> Any:
            message = REQUESTS[command]()
            try:
                ParseDict(json.loads(body or b"{}"), message, ignore_unknown_fields=True)
            except (ParseError, ValueError) as error:
                raise HttpRefusalError(400000, f"the body cannot be read: {error}") from error
            try:
                answer = self._server.answer(command, message.SerializeToString())
                if not isinstance(answer, Message):
                    answer = await answer()
            finally:
                self._server.in_flight.leave()
            return MessageToDict(
                answer,
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
                use_integers_for_enums=True,
            )

        return handler

    # --- OAuth

    async def _discovery(self, request: web.Request) -> web.Response:
        base = f"{request.scheme}://{request.host}/oauth2"
        paths = ("authorize", "token", "register", "revoke")
        names = ("authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint")
        found: dict[str, Any] = {name: f"{base}/{path}" for name, path in zip(names, paths, strict=True)}
        return web.json_response({"issuer": base, "code_challenge_methods_supported": ["S256"], **found})

    async def _register(self, request: web.Request) -> web.Response:
        asked = await request.json()
        addresses = tuple(asked.get("redirect_uris") or ())
        if not addresses:
            return _oauth_error("invalid_redirect_uri")
        client_id = self._server.account.register(addresses)
        return web.json_response({**asked, "client_id": client_id}, status=201)

    async def _authorize(self, request: web.Request) -> web.Response:
        """The user agrees at once, or refuses where the config says so."""
        query = request.query
        client_id, target = query.get("client_id", ""), query.get("redirect_uri", "")
        answer: dict[str, str] = {"state": query.get("state", "")}
        if query.get("response_type") != "code":
            return _oauth_error("unsupported_response_type")
        if self._server.config.refuse_consent:
            answer["error"] = "access_denied"
        elif code := self._server.account.authorize(client_id, target, query.get("code_challenge", "")):
            answer["code"] = code
        else:
            return _oauth_error("invalid_client")
        raise web.HTTPFound(f"{target}?{urlencode(answer)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        account, client_id = self._server.account, form.get("client_id", "")
        grant: Grant | None = None
        if form.get("grant_type") == "authorization_code":
            code, target = form.get("code", ""), form.get("redirect_uri", "")
            grant = account.redeem(client_id, code, target, form.get("code_verifier", ""))
        elif form.get("grant_type") == "refresh_token":
            grant = account.renew(client_id, form.get("refresh_token", ""))
        if grant is None:
            return _oauth_error("invalid_grant")
        return web.json_response(
            {
                "access_token": grant.access,
                "refresh_token": grant.refresh,
                "expires_in": int(account.oauth_s),
                "token_type": "Bearer",
            }
        )

    async def _revoke(self, request: web.Request) -> web.Response:
        form = await request.post()
        self._server.account.revoke(str(form.get("token", "")))
        return web.json_response({})


def _refused(refusal: HttpRefusalError, status: int | None = None) -> web.Response:
    body = {"code": refusal.code, "message": refusal.text, "data": None}
    return web.json_response(body, status=refusal.http_status if status is None else status)


def _oauth_error(name: str) -> web.Response:
    return web.json_response({"error": name}, status=400)
