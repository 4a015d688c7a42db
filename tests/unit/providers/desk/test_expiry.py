from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, ensure_certificates, renew_certificate
from capflow_gui.domain.link import LinkFact
from capflow_gui.providers.desk import expiry
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.providers.desk.expiry import LOOK_S, NEAR_S, end_of, watch_expiry
from capflow_gui.reason import Code, Reason
from tests.desk_bus import Bus
from tests.desk_publisher import until
from tests.unit.conftest import HandClock
from tests.unit.providers.desk.linked import linked, publishing

BEGAN = datetime.now(UTC) - timedelta(days=725)
ENDS = (BEGAN + timedelta(days=730)).timestamp()
DAY = (BEGAN + timedelta(days=730)).date().isoformat()


class Shown:
    """What a connection was shown."""

    def __init__(self, **certificate: object) -> None:
        self.certificate = certificate

    def getpeercert(self) -> dict[str, object]:
        return self.certificate


class Trusting:
    """The authorities of a context."""

    def __init__(self, *authorities: dict[str, object]) -> None:
        self.get_ca_certs = lambda: [*authorities]


def test_the_end_is_the_certificates_or_its_authoritys() -> None:
    june, may = "Jun  9 12:00:00 2026 GMT", "May  9 12:00:00 2026 GMT"
    shown = Shown(notAfter=june, issuer="us")
    assert end_of(None, None) is end_of(Shown(), None) is None
    assert end_of(shown, None) == end_of(shown, Trusting({"subject": "another", "notAfter": may}))
    assert end_of(shown, None) == ssl.cert_time_to_seconds(june)
    old, new = {"subject": "us", "notAfter": may}, {"subject": "us", "notAfter": "Jun  9 12:00:00 2036 GMT"}
    assert end_of(shown, Trusting(old)) == ssl.cert_time_to_seconds(may)
    assert end_of(shown, Trusting(old, new)) == ssl.cert_time_to_seconds(june)


async def test_one_that_was_renewed_meanwhile_is_not_said_any_more(tmp_path: Path) -> None:
    """The connection may be years old: the server is asked anew."""
    bus = Bus(tmp_path / "bus", ensure_certificates(tmp_path, "127.0.0.1", BEGAN))
    bus.start()
    config = DeskConfig("127.0.0.1", bus.port, "ws01", tmp_path / AUTHORITY_FILE)
    context = ssl.create_default_context(cafile=str(config.ca))
    told: asyncio.Queue[Reason | None] = asyncio.Queue()
    hand_clock = HandClock(wall=ENDS - NEAR_S - 1.0)
    watching = asyncio.create_task(watch_expiry(ENDS, config, context, hand_clock, told.put_nowait))
    try:
        said = Reason.of(Code.DESK_EXPIRES, address=config.address, day=DAY)
        assert await told.get() is None
        hand_clock.move(LOOK_S)
        assert await told.get() == said
        renew_certificate(tmp_path, "127.0.0.1", datetime.now(UTC))
        bus.reload()
        hand_clock.move(LOOK_S)
        assert await told.get() is None
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        bus.kill()


async def test_what_was_seen_stays_true_where_the_server_cannot_be_asked() -> None:
    told: asyncio.Queue[Reason | None] = asyncio.Queue()
    hand_clock = HandClock(wall=ENDS - 60.0)
    config = DeskConfig("127.0.0.1", 9, "ws01")
    watching = asyncio.create_task(watch_expiry(ENDS, config, None, hand_clock, told.put_nowait))
    assert (await told.get()) == Reason.of(Code.DESK_EXPIRES, address=config.address, day=DAY)
    hand_clock.move(LOOK_S)
    assert (await told.get()) == Reason.of(Code.DESK_EXPIRED, address=config.address)
    watching.cancel()
    await asyncio.wait({watching})


async def test_what_was_seen_stays_true_where_the_server_says_a_line_without_an_end() -> None:
    async def say(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # it is hung up on
            writer.write(b"x" * 200_000)
            await writer.wait_closed()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    config = DeskConfig("127.0.0.1", server.sockets[0].getsockname()[1], "ws01")
    told: asyncio.Queue[Reason | None] = asyncio.Queue()
    hand_clock = HandClock(wall=ENDS - NEAR_S + 1.0)
    watching = asyncio.create_task(watch_expiry(ENDS, config, None, hand_clock, told.put_nowait))
    try:
        said = await told.get()
        assert said is not None
        hand_clock.move(LOOK_S)
        assert await asyncio.wait_for(told.get(), 30) == said
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        server.close()
        await server.wait_closed()


async def test_a_window_says_it_while_it_is_connected(
    tmp_path: Path, expect_log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("desk: desk_expires ")
    expect_log("returning true from eof_received")
    bus = Bus(tmp_path / "bus", ensure_certificates(tmp_path, "127.0.0.1", BEGAN))
    bus.start()
    authority = tmp_path / AUTHORITY_FILE
    try:
        async with publishing(bus, ca=authority), linked(bus, ca=authority) as desk:
            await until(lambda: desk.provider.link.fact(LinkFact.CERTIFICATE_ENDS) is not None)
            told = desk.provider.link.fact(LinkFact.CERTIFICATE_ENDS)
            assert told == Reason.of(Code.DESK_EXPIRES, address=f"127.0.0.1:{bus.port}", day=DAY)
        monkeypatch.setattr(expiry, "NEAR_S", 86_400.0)
        async with publishing(bus, ca=authority), linked(bus, ca=authority) as desk:
            await until(lambda: desk.provider.link.was_up)
            assert desk.provider.link.fact(LinkFact.CERTIFICATE_ENDS) is None
    finally:
        bus.kill()
