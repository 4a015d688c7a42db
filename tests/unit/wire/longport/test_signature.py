from __future__ import annotations

import hashlib

from capflow_gui.wire.longport.signature import (
    bearer_headers,
    canonical_request,
    pkce_challenge,
    signature,
    signed_headers,
)

IDENTITY = {"key": "fake-key", "token": "fake-token", "timestamp": "1700000000"}
PREFIX = "HMAC-SHA256 SignedHeaders=authorization;x-api-key;x-timestamp, Signature="


def digest(canonical: bytes) -> str:
    return hashlib.sha1(canonical).hexdigest()


def test_a_request_without_body() -> None:
    canonical = canonical_request("GET", "/v1/socket/token", "", None, **IDENTITY)
    assert canonical == (
        b"GET|/v1/socket/token||authorization:fake-token\nx-api-key:fake-key\nx-timestamp:1700000000\n"
        b"|authorization;x-api-key;x-timestamp|"
    )
    assert digest(canonical) == "f0ba4f460e79e2d67f2fb55e924348265fda4072"
    assert signature(canonical, "fake-secret") == (
        PREFIX + "b51455e6a274a8291ab241e481fa7f587ad6faf65f0f9bf7475a05f11a0dee5d"
    )


def test_a_request_with_a_body() -> None:
    canonical = canonical_request("POST", "/quote/capital-flow", "", b'{"symbol":"700.HK"}', **IDENTITY)
    assert digest(canonical) == "816421cf30ef01e4485293a2343c959a266535b6"
    assert signature(canonical, "fake-secret") == (
        PREFIX + "f1a56062eb415f1d53506794d05fbd0359f7b9bb5bacc207bd87ec0077d2c7e8"
    )


def test_the_query_is_signed_as_it_stands_on_the_request_line() -> None:
    """Refused in the wild (403201) where a client signed the decoded query."""
    encoded = canonical_request("GET", "/v1/token/refresh", "expired_at=2027-02-20T08%3A16%3A58Z", None, **IDENTITY)
    decoded = canonical_request("GET", "/v1/token/refresh", "expired_at=2027-02-20T08:16:58Z", None, **IDENTITY)
    assert b"|expired_at=2027-02-20T08%3A16%3A58Z|" in encoded
    assert signature(encoded, "fake-secret") != signature(decoded, "fake-secret")


def test_an_empty_body_counts_as_none() -> None:
    assert canonical_request("GET", "/", "", b"", **IDENTITY) == canonical_request("GET", "/", "", None, **IDENTITY)


def test_headers() -> None:
    signed = signed_headers("GET", "/v1/socket/token", "", None, secret="fake-secret", **IDENTITY)
    assert signed["Authorization"] == "fake-token"
    assert signed["X-Api-Signature"].endswith("0dee5d")
    assert "fake-secret" not in "".join(signed.values())
    bearer = bearer_headers("client", "access", "1700000000")
    assert bearer["Authorization"] == "Bearer access"
    assert bearer["X-Api-Key"] == "client"
    assert "X-Api-Signature" not in bearer


def test_the_pkce_challenge_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
