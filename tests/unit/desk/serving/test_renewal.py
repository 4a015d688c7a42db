"""The certificate of a server that runs, on a real one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from capflow_gui.clock import SystemClock
from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, now_utc, renew_certificate
from capflow_gui.desk.serving.configuration import COLLECTOR
from capflow_gui.desk.serving.folder import prepare
from capflow_gui.desk.serving.renewal import LOOK_S, keep_renewed
from capflow_gui.desk.serving.server import BusServer, find_server
from capflow_gui.errors import InvalidInput
from capflow_gui.providers.desk.client import BusClient
from capflow_gui.reason import Code, Reason
from tests.desk_bus import WITHIN_S


class Hours:
    """A clock whose next hour comes when it is asked for."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self.come: asyncio.Queue[None] = asyncio.Queue()

    def monotonic(self) -> float:
        return 0.0

    def wall(self) -> float:
        raise NotImplementedError

    async def sleep_until(self, deadline: float) -> None:
        self.asked.put_nowait(deadline)
        await self.come.get()

    async def pass_one(self) -> None:
        self.come.put_nowait(None)
        assert await asyncio.wait_for(self.asked.get(), WITHIN_S) == LOOK_S


def shown(port: int, folder: Path) -> tuple[str, float]:
    """Number and end of the certificate that whoever connects is shown."""
    trusting = ssl.create_default_context(cafile=str(folder / AUTHORITY_FILE))
    with socket.create_connection(("127.0.0.1", port), WITHIN_S) as plain:
        with plain.makefile("rb") as said:
            assert said.readline().startswith(b"INFO ")
        with trusting.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted:
            found = encrypted.getpeercert()
    assert found is not None
    return found["serialNumber"], ssl.cert_time_to_seconds(found["notAfter"])


async def test_a_server_that_runs_shows_the_new_certificate_and_cuts_nobody_off(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("returning true from eof_received")  # diagnostics leaves it out: an encrypted stream ends so
    clock, hours = SystemClock(), Hours()
    now = now_utc(clock.wall())
    begun = now - timedelta(days=701)
    prepare(tmp_path, "127.0.0.1", 0, ("ws01",), begun)
    server = BusServer(find_server(None), tmp_path / "server.conf", clock)
    running = asyncio.create_task(server.run())
    told: list[Reason | None] = []
    days = [699, 701]  # of 730: the first look is too early
    renewed: list[bool] = []

    def renew() -> bool:
        renewed.append(renew_certificate(tmp_path, "127.0.0.1", begun + timedelta(days=days.pop(0))))
        return renewed[-1]

    renewing = asyncio.create_task(keep_renewed(renew, server.read_again, told.append, hours))
    client = BusClient()
    try:
        await server.started()
        await client.connect(
            f"nats://127.0.0.1:{server.port}",
            tls=ssl.create_default_context(cafile=str(tmp_path / AUTHORITY_FILE)),
            user=COLLECTOR,
            password=(tmp_path / "secrets" / COLLECTOR).read_text().strip(),
            inbox_prefix=f"_INBOX_{COLLECTOR}",
            allow_reconnect=False,
        )
        assert await asyncio.wait_for(hours.asked.get(), WITHIN_S) == LOOK_S
        first = now_shown = await asyncio.to_thread(shown, server.port, tmp_path)
        await hours.pass_one()
        await hours.pass_one()
        assert renewed == [False, True]
        async with asyncio.timeout(WITHIN_S):
            while now_shown[0] == first[0]:
                now_shown = await asyncio.to_thread(shown, server.port, tmp_path)
        assert now_shown[1] > first[1]
        await client.flush()
        assert (server.starts, told) == (1, [])
    finally:
        await client.close()
        for task in (renewing, running):
            task.cancel()
        await asyncio.wait({renewing, running})


async def test_a_certificate_that_cannot_be_renewed_is_said_until_it_can(expect_log: Callable[[str], None]) -> None:
    expect_log("cannot be renewed: .*No space left on device")
    hours, told, read = Hours(), [], []
    outcomes: list[OSError | bool] = [OSError(28, "No space left on device")] * 2 + [True]

    def renew() -> bool:
        outcome = outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    renewing = asyncio.create_task(keep_renewed(renew, lambda: read.append(1), told.append, hours))
    await hours.asked.get()
    for _ in range(3):
        await hours.pass_one()
    renewing.cancel()
    await asyncio.wait({renewing})
    assert [why and why.code for why in told] == [Code.DESK_NOT_RENEWED, None]
    assert read == [1]


async def test_whatever_goes_wrong_is_said_and_it_is_looked_at_again(expect_log: Callable[[str], None]) -> None:
    expect_log("ERROR .*was not looked at")
    expect_log("cannot be renewed: .*authority_unusable")
    hours, told, read = Hours(), [], []
    spoiled = InvalidInput("a", Reason.of(Code.AUTHORITY_UNUSABLE), Reason.of(Code.RESTORE_AUTHORITY))
    outcomes: list[Exception | bool] = [KeyError("x"), KeyError("x"), spoiled, True]

    def renew() -> bool:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    renewing = asyncio.create_task(keep_renewed(renew, lambda: read.append(1), told.append, hours))
    await hours.asked.get()
    for _ in range(4):
        await hours.pass_one()
    renewing.cancel()
    await asyncio.wait({renewing})
    assert [why and why.code for why in told] == [Code.PART_FAILS, Code.DESK_NOT_RENEWED, None]
    assert read == [1]
