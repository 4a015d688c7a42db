from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.js.errors import NoStreamResponseError, ServiceUnavailableError

from capflow_gui.clock import SystemClock
from capflow_gui.desk.bus import Bus as BusLink
from capflow_gui.desk.bus import BusAccess, together
from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, ensure_certificates
from capflow_gui.errors import AuthFailed, ConnectFailed, ConnectionLost
from capflow_gui.providers.desk.channel import DeskConfig, trust
from capflow_gui.reason import Code, Reason
from tests.desk_bus import WITHIN_S, Bus


def link_to(bus: Bus, work: Callable[[Client], Awaitable[None]], *, secret: str | None = None) -> BusLink:
    config = DeskConfig("127.0.0.1", bus.port, "collector")

    async def find() -> str:
        return bus.secrets["collector"] if secret is None else secret

    access = BusAccess(config, find)
    return BusLink(access, SystemClock(), work)


async def nothing(client: Client) -> None:
    await client.flush()


async def for_ever(client: Client) -> None:
    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def running(link: BusLink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(link.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(holds: Callable[[], object]) -> None:
    clock = SystemClock()
    async with asyncio.timeout(WITHIN_S):
        while not holds():
            await clock.sleep_until(clock.monotonic() + 0.01)


async def test_work_is_done_on_a_connection_that_is_closed_afterwards(bus: Bus) -> None:
    clients: list[Client] = []

    async def work(client: Client) -> None:
        clients.append(client)
        await client.flush()

    await link_to(bus, nothing).use(work)
    assert clients[0].is_closed


async def test_a_wrong_secret_ends_it_at_once(bus: Bus) -> None:
    link = link_to(bus, nothing, secret="nobody-knows-this")
    with pytest.raises(AuthFailed, match="desk_refused user=collector"):
        await link.run()
    assert not any("nobody-knows" in line for line in bus.log)


async def test_a_server_that_is_not_there_is_waited_for(bus: Bus, expect_log: Callable[[str], None]) -> None:
    expect_log("the bus: desk: bus_absent")
    expect_log("the bus at .* is there again")
    bus.kill()
    link = link_to(bus, for_ever)
    with pytest.raises(ConnectFailed, match="bus_absent"):
        await link.use(nothing)
    async with running(link):
        await until(lambda: link.troubles)
        bus.start()
        await until(lambda: link.connections == 1)
        assert link.troubles == ()


async def test_a_server_that_refuses_what_is_needed_is_said_in_its_own_words_and_once(
    bus: Bus, expect_log: Callable[[str], None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.desk.bus._RETRY_S", 0.01)
    expect_log("the bus: desk: bus_refuses why=JetStream not enabled for account")
    expect_log("the bus at .* is there again")

    async def work(client: Client) -> None:
        raise ServiceUnavailableError(code=503, err_code=10039, description="JetStream not enabled for account")

    link = link_to(bus, work)
    async with running(link):
        await until(lambda: link.connections >= 5)
        await until(lambda: [reason.code for reason in link.troubles] == [Code.BUS_REFUSES])
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) <= 2


async def test_access_that_is_withdrawn_is_said_and_may_come_back(bus: Bus, expect_log: Callable[[str], None]) -> None:
    expect_log("the bus: desk: (desk_withdrawn user=collector|bus_lost)")
    expect_log("the bus at .* is there again")
    link = link_to(bus, for_ever)
    async with running(link):
        await until(lambda: link.connections == 1)
        secrets = dict(bus.secrets)
        bus.write_users({"ws01": "x"})
        bus.reload()
        bus.secrets = secrets
        await until(lambda: [reason.code for reason in link.troubles] == ["desk_withdrawn"])
        bus.write_users(secrets)
        bus.restart()
        await until(lambda: link.connections == 2)


async def test_a_right_that_is_missing_is_named(bus: Bus, expect_log: Callable[[str], None]) -> None:
    expect_log("no right to capflow.v1.interest.collector")

    async def work(client: Client) -> None:
        await client.publish("capflow.v1.interest.collector", b"")
        await client.flush()
        await asyncio.Event().wait()

    link = link_to(bus, work)
    async with running(link):
        await until(lambda: link.lacks)
        (reason,) = link.troubles
        assert (reason.code, reason.get("subject")) == ("desk_no_right", "capflow.v1.interest.collector")


async def test_a_connection_that_ends_and_a_stream_that_is_missing_end_the_work(bus: Bus) -> None:
    async def asks(client: Client) -> None:
        await client.jetstream().publish("capflow.v1.alert.x", b"", timeout=1)

    async def dies(client: Client) -> None:
        bus.kill()
        await asyncio.Event().wait()

    with pytest.raises(ConnectionLost):
        await link_to(bus, nothing).use(asks)
    with pytest.raises(ConnectionLost, match="bus_lost"):
        await link_to(bus, nothing).use(dies)


async def test_works_side_by_side_end_together() -> None:
    ended = []

    async def stubborn() -> None:
        """Loses its first cancellation, as the client of NATS may."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def fails() -> None:
        await asyncio.sleep(0)
        raise NoStreamResponseError

    with pytest.raises(NoStreamResponseError):
        await together(stubborn(), fails())
    assert ended == [True]


@pytest.mark.parametrize(
    ("made", "authority", "code"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), "own", "desk_expired"),
        (None, "another", "desk_not_trusted"),
        (None, "own", ""),
    ],
)
async def test_a_certificate_that_has_expired_or_is_not_known_is_said(
    tmp_path: Path, made: datetime | None, authority: str, code: str, expect_log: Callable[[str], None]
) -> None:
    if not code:
        expect_log("returning true from eof_received")  # diagnostics leaves it out: an encrypted stream ends so
    now = datetime.now(UTC)
    for name in ("own", "another"):
        (tmp_path / name).mkdir()
        files = ensure_certificates(tmp_path / name, "127.0.0.1", now)
        if name == "own":
            if made is not None:
                files = ensure_certificates(tmp_path / name, "192.0.2.1", made)
            server = Bus(tmp_path / "bus", files)
    server.start()
    try:
        ca = tmp_path / authority / AUTHORITY_FILE
        config = DeskConfig("127.0.0.1", server.port, "collector", ca)

        async def secret() -> str:
            return server.secrets["collector"]

        link = BusLink(BusAccess(config, secret, trust("desk", ca)), SystemClock(), nothing)
        if code:
            with pytest.raises(ConnectFailed, match=code):
                await link.use_once()
        else:
            await link.use_once()
    finally:
        server.kill()


async def test_a_secret_is_sent_encrypted_or_not_at_all(bus: Bus, tmp_path: Path) -> None:
    ensure_certificates(tmp_path, "127.0.0.1", datetime.now(UTC))
    ca = tmp_path / AUTHORITY_FILE
    asked = []

    async def secret() -> str:
        asked.append(True)
        return "nobody-knows-this"

    access = BusAccess(DeskConfig("127.0.0.1", bus.port, "collector", ca), secret, trust("desk", ca))
    with pytest.raises(ConnectFailed, match="desk_unencrypted"):
        await BusLink(access, SystemClock(), nothing).use_once()
    assert not any("nobody-knows" in line for line in bus.log)


async def test_a_certificate_that_ends_soon_is_a_trouble_and_said_once(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("the bus: desk_expires ")
    expect_log("returning true from eof_received")
    expect_log("the bus: desk: bus_(lost|absent)")
    began = datetime.now(UTC) - timedelta(days=725)
    bus = Bus(tmp_path / "bus", ensure_certificates(tmp_path, "127.0.0.1", began))
    bus.start()
    config = DeskConfig("127.0.0.1", bus.port, "collector", tmp_path / AUTHORITY_FILE)

    async def secret() -> str:
        return bus.secrets["collector"]

    link = BusLink(BusAccess(config, secret, trust("desk", config.ca)), SystemClock(), for_ever)
    day = (began + timedelta(days=730)).date().isoformat()
    try:
        async with running(link):
            await until(lambda: link.troubles)
            assert link.troubles == (Reason.of(Code.DESK_EXPIRES, address=config.address, day=day),)
            bus.kill()
            await until(lambda: link.fault is not None)
            assert Code.DESK_EXPIRES not in {reason.code for reason in link.troubles}
    finally:
        bus.kill()
