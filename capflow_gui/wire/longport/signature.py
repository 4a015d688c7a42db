"""The signature of Longport's HTTP requests made with an app key, byte for byte.

Path and query are signed exactly as they stand on the request line, still percent-encoded. Source: Longbridge OpenAPI
docs, "How to access API"; checked against the official clients.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

CONTENT_TYPE = "application/json; charset=utf-8"
_ALGORITHM = "HMAC-SHA256"
_SIGNED = "authorization;x-api-key;x-timestamp"


def canonical_request(
    method: str, path: str, query: str, body: bytes | None, *, key: str, token: str, timestamp: str
) -> bytes:
    """Return the text whose digest is signed. `query` comes without "?"; `body` None where there is none."""
    headers = f"authorization:{token}\nx-api-key:{key}\nx-timestamp:{timestamp}\n"
    digest = hashlib.sha1(body, usedforsecurity=False).hexdigest() if body else ""
    return f"{method}|{path}|{query}|{headers}|{_SIGNED}|{digest}".encode()


def signature(canonical: bytes, secret: str) -> str:
    """Return the value of `X-Api-Signature` for a canonical request."""
    text = f"{_ALGORITHM}|{hashlib.sha1(canonical, usedforsecurity=False).hexdigest()}"
    signed = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} SignedHeaders={_SIGNED}, Signature={signed}"


def signed_headers(
    method: str, path: str, query: str, body: bytes | None, *, key: str, secret: str, token: str, timestamp: str
) -> dict[str, str]:
    """Return the headers of a request made with an app key. `timestamp` is in epoch seconds, as text."""
    canonical = canonical_request(method, path, query, body, key=key, token=token, timestamp=timestamp)
    return {
        "X-Api-Key": key,
        "Authorization": token,
        "X-Timestamp": timestamp,
        "X-Api-Signature": signature(canonical, secret),
        "Content-Type": CONTENT_TYPE,
    }


def bearer_headers(client_id: str, token: str, timestamp: str) -> dict[str, str]:
    """Return the headers of a request made with an OAuth token, which is not signed."""
    return {
        "X-Api-Key": client_id,
        "Authorization": f"Bearer {token}",
        "X-Timestamp": timestamp,
        "Content-Type": CONTENT_TYPE,
    }


def pkce_challenge(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
