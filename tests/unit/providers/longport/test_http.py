"""Longport over HTTP: its refusals, and who answers in its place."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey
from capflow_gui.errors import ConnectFailed, ProviderError, UnknownSymbol
from capflow_gui.providers.longport.auth import LongportOAuth
from capflow_gui.providers.longport.config import LongportConfig, Transport
from capflow_gui.providers.longport.http import LongportHttp, _retry_after
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from tests.unit.providers.longport.linked import (
    UNKNOWN,
    Quick,
    linked,
    wait_in_vain,
)


@pytest.mark.parametrize("transport", ["websocket", "http"])
async def test_an_unknown_symbol_is_told_from_a_fault_of_ours(
    transport: Transport, expect_log: Callable[[str], None]
) -> None:
    if transport == "http":
        expect_log("symbol not found")
    async with linked(transport) as (_, provider):
        with pytest.raises(UnknownSymbol):
            await provider.get_capital_flow(UNKNOWN)


async def test_brackets_without_end_and_a_date_past_every_calendar_are_an_answer_as_any_other(
    expect_log: Callable[[str], None],
) -> None:
    expect_log("without the broker's envelope")

    async def act(_request: web.BaseRequest) -> web.Response:
        return web.Response(status=502, body=b"[" * 50_000, headers={"Date": f"Wed, 21 Oct {'9' * 20} 07:28:00 GMT"})

    runner = web.ServerRunner(web.Server(act, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url, clock = f"http://127.0.0.1:{runner.addresses[0][1]}", SystemClock()
    http = LongportHttp("longport", url, KeyLogin(AppKey("k", "s", "t"), clock), clock, "en")
    with pytest.raises(ProviderError):
        await http.ask("GET", "/")
    assert http.date is None
    with pytest.raises(ConnectFailed, match="HTTP 502"):
        await LongportOAuth(url, clock).register()
    await http.close()
    await runner.cleanup()


async def test_a_certificate_nobody_here_knows_is_said(tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    """What a company's proxy shows whose authority is not in this computer's store."""
    expect_log("not_trusted")
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(self_signed(tmp_path))
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_side).start()
    port = runner.addresses[0][1]
    clock = SystemClock()
    config = LongportConfig(f"https://localhost:{port}", "wss://localhost:1")
    provider = LongportProvider(config, KeyLogin(AppKey("k", "s", "t"), clock), clock, backoff=Quick())
    with pytest.raises(ConnectFailed, match="not_trusted host=localhost"):
        await wait_in_vain(provider)
    await runner.cleanup()


def self_signed(folder: Path) -> Path:
    """A key and a certificate for localhost that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    pkcs8, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()) + certificate.public_bytes(pem))
    return path


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [("7", 7.0), ("0", 1.0), ("-3", 1.0), ("nan", 60.0), ("inf", 60.0), ("1e300", 86_400.0), ("soon", 60.0)],
)
def test_how_long_to_wait_is_a_time_that_can_be(said: str, wait_s: float) -> None:
    assert _retry_after({"Retry-After": said}) == wait_s
