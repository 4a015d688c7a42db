"""Signing in to Longport with the browser: OAuth 2.0, authorization code with PKCE (RFC 6749, RFC 7636 S256).

The app is a public client: it has no secret of its own. The browser comes back to a page on this computer; the redirect
address must be one that was registered for the client, so its port is not free to choose. Source: Longbridge OpenAPI
docs, "OAuth 2.0"; the default port is the official clients' own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

import aiohttp
from aiohttp import web

from capflow_gui.clock import Clock, before
from capflow_gui.credentials import Conceal, LongportSecrets, OAuthTokens, no_log
from capflow_gui.errors import AuthFailed, ConnectFailed, NotSignedIn, ProviderError, RequestTimeout, SettingsError
from capflow_gui.providers.link import question
from capflow_gui.providers.longport.http import TIMEOUT_S, LongportHttp
from capflow_gui.providers.longport.login import bearer
from capflow_gui.providers.longport.network import connect_error, proxy_for, trusted, whole_body
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.longport.signature import pkce_challenge

CALLBACK_PORT = 60355
SIGN_IN_TIMEOUT_S = 300.0
_REFRESH_BEFORE_S = 300.0
_DEFAULT_LIFE_S = 3600.0
_LONGEST_LIFE_S = 366 * 86400.0
_CLIENT_NAME = "Capflow"
_SHOWN = 80
_SOURCE = "longport"
_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Capflow</title>"
    "<body style='font: 16px sans-serif; margin: 4em auto; max-width: 30em'><h1>{title}</h1><p>{text}</p></body></html>"
)

P = ParamSpec("P")
R = TypeVar("R")
_log = logging.getLogger(__name__)


def redirect_uri(port: int = CALLBACK_PORT) -> str:
    """Where the browser is sent back to: must be registered for the client, letter by letter."""
    return f"http://localhost:{port}/callback"


class LongportOAuth:
    """The authorization server of one region. Raises ProviderError; nothing of a token is ever in an error or a log."""

    def __init__(self, http_url: str, clock: Clock, conceal: Conceal = no_log) -> None:
        self._base = f"{http_url.rstrip('/')}/oauth2"
        self._clock = clock
        self.conceal = conceal
        self.source = ""  # errors name it where they are made

    @question
    async def register(self, port: int = CALLBACK_PORT) -> str:
        """Register this app as a public client, and return its client id."""
        wanted = {
            "redirect_uris": [redirect_uri(port)],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "client_name": _CLIENT_NAME,
        }
        status, answer = await self._post("register", body=wanted)
        client_id = answer.get("client_id")
        if not isinstance(client_id, str) or not client_id:
            raise ConnectFailed(_SOURCE, Reason.of(Code.NOT_REGISTERED, said=_said(status, answer)))
        return client_id

    @question
    async def sign_in(
        self,
        client_id: str,
        open_browser: Callable[[str], object],
        *,
        port: int = CALLBACK_PORT,
        timeout_s: float = SIGN_IN_TIMEOUT_S,
        scope: str = "",
    ) -> OAuthTokens:
        """Have the user agree in the browser, and return the tokens.

        Raises NotSignedIn where the user says no or nobody answers, or another program holds the port; AuthFailed
        where the server does not accept what the browser brought.
        """
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        self.conceal(state, lasting=False)
        self.conceal(verifier, lasting=False)
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri(port),
            "state": state,
            "code_challenge": pkce_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if scope:
            query["scope"] = scope
        async with _CallbackPage(state, port, self.conceal) as page:
            if open_browser(f"{self._base}/authorize?{urlencode(query)}") is False:
                raise NotSignedIn(_SOURCE, Reason.of(Code.NO_BROWSER), Reason.of(Code.USE_APP_KEY))
            try:
                code = await before(self._clock, self._clock.monotonic() + timeout_s, page.code)
            except TimeoutError:
                reason = Reason.of(Code.NOBODY_SIGNED_IN, minutes=timeout_s / 60)
                raise NotSignedIn(_SOURCE, reason, Reason.of(Code.SIGN_IN_AGAIN)) from None
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri(port)}
        return await self._tokens(client_id, form | {"code_verifier": verifier}, None)

    @question
    async def refresh(self, tokens: OAuthTokens) -> OAuthTokens:
        """New tokens for old ones. Raises AuthFailed where the grant is over."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        return await self._tokens(tokens.client_id, form, tokens.refresh_token)

    @question
    async def revoke(self, tokens: OAuthTokens) -> None:
        """End the grant: neither token is good any more. A token the server does not know is none, too (RFC 7009)."""
        for token in (tokens.access_token, tokens.refresh_token):
            status, answer = await self._post("revoke", form={"client_id": tokens.client_id, "token": token})
            if status >= 400:
                raise ConnectFailed(_SOURCE, Reason.of(Code.SIGN_IN_SERVER_SAID, said=_said(status, answer)))

    async def _tokens(self, client_id: str, form: Mapping[str, str], kept_refresh: str | None) -> OAuthTokens:
        status, answer = await self._post("token", form={"client_id": client_id, **form})
        access = answer.get("access_token")
        if not isinstance(access, str) or not access or not access.isprintable():
            if 400 <= status < 500:
                raise AuthFailed(_SOURCE, 0, _words(answer) or f"HTTP {status}")
            raise ConnectFailed(_SOURCE, Reason.of(Code.SIGN_IN_SERVER_SAID, said=_said(status, answer)))
        refresh = str(answer.get("refresh_token") or kept_refresh or "")
        self.conceal(access)
        self.conceal(refresh)
        return OAuthTokens(client_id, access, refresh, self._clock.wall() + _life_s(answer.get("expires_in")))

    async def _post(
        self, path: str, *, form: Mapping[str, str] | None = None, body: Any = None
    ) -> tuple[int, dict[str, Any]]:
        url = f"{self._base}/{path}"
        context, proxy = trusted(_SOURCE, url), proxy_for(_SOURCE, url)

        async def exchange() -> tuple[int, bytes]:
            timeout = aiohttp.ClientTimeout(total=None)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=form, json=body, ssl=context, proxy=proxy) as response,
            ):
                return response.status, await whole_body(_SOURCE, response)

        try:
            status, raw = await before(self._clock, self._clock.monotonic() + TIMEOUT_S, exchange())
        except TimeoutError:
            reason = Reason.of(Code.ADDRESS_SILENT, address=urlsplit(url).netloc, seconds=TIMEOUT_S)
            raise RequestTimeout(_SOURCE, reason) from None
        except (aiohttp.ClientError, OSError) as error:
            raise connect_error(_SOURCE, url, error) from error
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError):
            answer = {}
        return status, answer if isinstance(answer, dict) else {}


def _life_s(found: Any) -> float:
    """For how many seconds a token is good; an hour where the answer does not say it in a usable way."""
    try:
        life_s = float(found) if isinstance(found, int | float | str) and not isinstance(found, bool) else 0.0
    except (ValueError, OverflowError):
        life_s = 0.0
    return min(life_s, _LONGEST_LIFE_S) if life_s > 0 else _DEFAULT_LIFE_S


def _words(answer: Mapping[str, Any]) -> str:
    """The server's own words: error and description of RFC 6749."""
    words = [str(answer[name]) for name in ("error", "error_description") if answer.get(name)]
    return ": ".join(words)


def _said(status: int, answer: Mapping[str, Any]) -> str:
    return f"HTTP {status} {_words(answer)}".rstrip()


class _CallbackPage:
    """The page the browser comes back to. `code` is done with the authorization code, or with NotSignedIn."""

    def __init__(self, state: str, port: int, conceal: Conceal) -> None:
        self.code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._state = state
        self._port = port
        self._conceal = conceal
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> _CallbackPage:
        app = web.Application()
        app.router.add_get("/callback", self._called)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            reason = Reason.of(Code.CALLBACK_PORT_TAKEN, port=self._port)
            raise NotSignedIn(_SOURCE, reason, Reason.of(Code.CLOSE_THAT_PROGRAM)) from error
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self.code.done() and not self.code.cancelled():
            self.code.exception()
        else:
            self.code.cancel()

    async def _called(self, request: web.Request) -> web.Response:
        query = request.query
        if not secrets.compare_digest(query.get("state", "").encode(), self._state.encode()):
            # Not the answer to our question: whoever sent it, we go on waiting.
            _log.warning("the sign-in page was called with a state that is not ours")
            return _page("This is not the sign-in Capflow waits for.", "Go back to Capflow and try again.", 400)
        code, error = query.get("code", ""), query.get("error", "")
        if not code:
            said = (query.get("error_description") or error)[:_SHOWN]
            reason = Reason.of(Code.SIGN_IN_REFUSED, said=said)
            self._settle(NotSignedIn(_SOURCE, reason, Reason.of(Code.AGREE_ON_PAGE)))
            return _page("You are not signed in.", "Longport said no, or you did. You can close this page.", 400)
        self._conceal(code, lasting=False)
        self._settle(code)
        return _page("You are signed in.", "You can close this page and go back to Capflow.", 200)

    def _settle(self, result: str | NotSignedIn) -> None:
        if self.code.done():
            return
        if isinstance(result, str):
            self.code.set_result(result)
        else:
            self.code.set_exception(result)


def _page(title: str, text: str, status: int) -> web.Response:
    # Nothing of the query is shown: the page may be called by anybody on this computer.
    return web.Response(text=_PAGE.format(title=title, text=text), content_type="text/html", status=status)


class OAuthLogin:
    """An OAuth grant as a providers.longport.http.Login: its token is renewed before it expires, or when refused.

    `keep` is called with new tokens, which must not be lost: the old ones may be dead by then. None: they are not kept.
    """

    def __init__(
        self,
        tokens: OAuthTokens,
        oauth: LongportOAuth,
        clock: Clock,
        keep: Callable[[OAuthTokens], Awaitable[None]] | None,
        latest: Callable[[], Awaitable[LongportSecrets | None]] | None = None,
    ) -> None:
        """`latest` looks for newer tokens: another program with the same grant may have renewed it."""
        self._tokens = tokens
        self._oauth = oauth
        self._clock = clock
        self._keep = keep
        self._latest = latest
        self._renewing = asyncio.Lock()

    async def headers(self, method: str, path: str, query: str, body: bytes | None) -> dict[str, str]:
        """The headers of a request; the request itself is not signed."""
        del method, path, query, body
        if self._clock.wall() >= self._tokens.expires - _REFRESH_BEFORE_S:
            try:
                await self._renew(self._tokens)
            except ProviderError as error:
                if isinstance(error, AuthFailed) or self._clock.wall() >= self._tokens.expires:
                    raise
                # The present token is still good; the next request tries again.
                _log.warning("the access token could not be renewed yet: %s", error)
        return bearer(self._tokens.client_id, self._tokens.access_token, self._clock)

    async def renew(self) -> bool:
        """Get a new access token after one was refused as expired."""
        await self._renew(self._tokens)
        return True

    async def variable(self) -> str:
        """None: a grant never comes from the environment."""
        return ""

    async def prepare(self, http: LongportHttp) -> None:
        """Nothing: every request sees to its token."""

    async def _renew(self, outdated: OAuthTokens) -> None:
        async with self._renewing:
            if self._tokens is not outdated:
                return  # another request has done it meanwhile
            try:
                self._tokens = await self._oauth.refresh(outdated)
            except AuthFailed:
                newer = await self._renewed_elsewhere(outdated)
                if newer is None:
                    raise
                self._tokens = newer
                return
            if self._keep is None:
                return
            try:
                await self._keep(self._tokens)
            except SettingsError as error:
                # They are good for this run; the next start asks the user to sign in.
                _log.warning("the new tokens could not be kept: %s", error)

    async def _renewed_elsewhere(self, outdated: OAuthTokens) -> OAuthTokens | None:
        """The tokens that took the place of refused ones; None where there are none."""
        try:
            kept = None if self._latest is None else await self._latest()
        except SettingsError as error:
            _log.info("no newer tokens can be looked for: %s", error)
            kept = None
        if not isinstance(kept, OAuthTokens) or kept.client_id != outdated.client_id:
            return None
        return None if kept == outdated else kept
