"""The simulated Longport account: who may ask. Signatures, one-time passwords, sessions and OAuth grants.

Codes: Longbridge OpenAPI docs, "How to access API". All times are UTC epoch seconds of this computer.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from capflow_gui.wire.longport.signature import canonical_request, pkce_challenge, signature

_LARGEST_SKEW_S = 300.0
_CODE_LIFE_S = 300.0


class HttpRefusalError(Exception):
    """The broker's gateway says no: `code` is its number, the HTTP status is what it begins with."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    @property
    def http_status(self) -> int:
        """The HTTP status that goes with the code."""
        leading = int(str(self.code)[:3])
        return leading if 400 <= leading <= 599 else 500


@dataclass(slots=True)
class Grant:
    """One OAuth grant: its present tokens. `expires` is the access token's."""

    client_id: str
    access: str
    refresh: str
    expires: float


@dataclass(frozen=True, slots=True)
class Pending:
    """An authorization code that was handed out and not yet redeemed."""

    client_id: str
    redirect_uri: str
    challenge: str
    expires: float


@dataclass(slots=True)
class Account:
    """The one account there is, and everything that was handed out in its name."""

    wall: Callable[[], float]
    app_key: str = "simulated-app-key"
    app_secret: str = "simulated-app-secret"  # noqa: S105 - of a simulator
    access_token: str = "simulated-access-token"  # noqa: S105 - of a simulator
    client_id: str = "simulated-client"
    session_s: float = 3600.0
    oauth_s: float = 2_592_000.0
    token_expires: float | None = None
    resumes: int = 0  # how often an earlier session was presented
    passwords: set[str] = field(default_factory=set)
    sessions: dict[str, float] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    clients: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)

    def check(self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Raise HttpRefusalError unless the request is signed by the account, or carries a token of a grant."""
        authorization = headers.get("Authorization", "")
        if authorization.startswith("Bearer "):
            self._check_bearer(authorization.removeprefix("Bearer "), headers.get("X-Api-Key", ""))
            return
        timestamp = headers.get("X-Timestamp", "")
        if headers.get("X-Api-Key") != self.app_key:
            raise HttpRefusalError(403203, "apikey illegal")
        canonical = canonical_request(
            method, path, query, body, key=self.app_key, token=authorization, timestamp=timestamp
        )
        expected = signature(canonical, self.app_secret)
        if not hmac.compare_digest(expected, headers.get("X-Api-Signature", "")):
            raise HttpRefusalError(403201, "signature invalid")
        try:
            skew = abs(float(timestamp) - self.wall())
        except ValueError:
            raise HttpRefusalError(403201, "signature invalid") from None
        if skew > _LARGEST_SKEW_S:
            raise HttpRefusalError(403201, "signature invalid")
        if authorization != self.access_token:
            raise HttpRefusalError(401004, "token invalid")
        if self.token_expires is not None and self.wall() >= self.token_expires:
            raise HttpRefusalError(401003, "token expired")

    def _check_bearer(self, token: str, client_id: str) -> None:
        grant = next((each for each in self.grants if each.access == token), None)
        if grant is None or grant.client_id != client_id:
            raise HttpRefusalError(401102, "token verification failed")
        if self.wall() >= grant.expires:
            raise HttpRefusalError(401003, "token expired")

    def new_password(self) -> str:
        """A one-time password."""
        password = secrets.token_hex(16)
        self.passwords.add(password)
        return password

    def spend_password(self, password: str) -> bool:
        """Whether the password was good; it is not any more."""
        if password not in self.passwords:
            return False
        self.passwords.remove(password)
        return True

    def new_session(self) -> tuple[str, float]:
        """A session and when it expires."""
        session, expires = secrets.token_hex(16), self.wall() + self.session_s
        self.sessions[session] = expires
        return session, expires

    def resume(self, session: str) -> tuple[str, float] | None:
        """The session that takes the place of an earlier one; None where that is unknown or over."""
        self.resumes += 1
        expires = self.sessions.pop(session, None)
        return self.new_session() if expires is not None and self.wall() < expires else None

    def refresh_access_token(self, expires: float) -> str:
        """A new access token; the old one is dead."""
        self.access_token = f"simulated-{secrets.token_hex(12)}"
        self.token_expires = expires
        return self.access_token

    def register(self, redirect_uris: tuple[str, ...]) -> str:
        """A public OAuth client for these addresses."""
        client_id = f"client-{secrets.token_hex(6)}"
        self.clients[client_id] = redirect_uris
        return client_id

    def authorize(self, client_id: str, redirect_uri: str, challenge: str) -> str | None:
        """An authorization code, or None where client or address is unknown. Without a challenge PKCE is not used."""
        known = self.clients.get(client_id, ()) if client_id != self.client_id else (redirect_uri,)
        if redirect_uri not in known:
            return None
        code = secrets.token_hex(12)
        self.pending[code] = Pending(client_id, redirect_uri, challenge, self.wall() + _CODE_LIFE_S)
        return code

    def redeem(self, client_id: str, code: str, redirect_uri: str, verifier: str) -> Grant | None:
        """The grant for an authorization code; None where code, address or verifier is wrong."""
        pending = self.pending.pop(code, None)
        if pending is None or (pending.client_id, pending.redirect_uri) != (client_id, redirect_uri):
            return None
        if pending.challenge and pkce_challenge(verifier) != pending.challenge:
            return None
        if self.wall() >= pending.expires:
            return None
        grant = Grant(client_id, secrets.token_hex(16), secrets.token_hex(16), self.wall() + self.oauth_s)
        self.grants.append(grant)
        return grant

    def renew(self, client_id: str, refresh: str) -> Grant | None:
        """The grant with new tokens; None for a refresh token that is not in force."""
        grant = next((each for each in self.grants if (each.client_id, each.refresh) == (client_id, refresh)), None)
        if grant is not None:
            grant.access, grant.refresh = secrets.token_hex(16), secrets.token_hex(16)
            grant.expires = self.wall() + self.oauth_s
        return grant

    def revoke(self, token: str) -> None:
        """End the grant a token belongs to."""
        self.grants = [grant for grant in self.grants if token not in (grant.access, grant.refresh)]
