"""A real bus for tests: a NATS server on loopback, with the configuration that a desk writes. It starts in 13 ms."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from nats.aio.client import Client

from capflow_gui.desk.serving.configuration import USERS_FILE, Certificate, server_text, users_text
from capflow_gui.providers.desk.client import BusClient

BINARY = Path(sys.executable).with_name("nats-server.exe" if os.name == "nt" else "nats-server")
# How long a test waits for a condition: on a busy computer, too, only a fault takes so long.
WITHIN_S = 60.0
LISTENING = re.compile(r"Listening for client connections on \S+:(\d+)")
# Not the product's: those are random.
SECRETS = {"collector": "secret-of-the-collector", "ws01": "secret-of-ws01", "ws02": "secret-of-ws02"}


class Bus:
    """One server in a folder of its own; killed and started again, it keeps its port and what it stored.

    secrets  the users and what each signs in with
    log      what the server wrote since it was started last
    """

    def __init__(self, folder: Path, certificate: Certificate | None = None) -> None:
        self.folder = folder
        self.certificate = certificate
        self.secrets: dict[str, str] = dict(SECRETS)
        self.port = 0
        self.log: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._reloaded = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens, as a client of NATS is told."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def write_users(self, secrets: Mapping[str, str]) -> None:
        """Other users, from the next `reload` or start on."""
        self.secrets = dict(secrets)
        (self.folder / USERS_FILE).write_text(users_text(secrets), encoding="utf-8")

    def start(self) -> None:
        """Start the server; it listens when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = server_text("127.0.0.1", self.port, store=self.folder / "store", certificate=self.certificate)
        # No test cuts the power: what a killed server wrote is kept, and a busy disk would make it slow to answer.
        text = text.replace(", sync_interval: always", "")
        file = self.folder / "server.conf"
        file.write_text(text, encoding="utf-8")
        self.write_users(self.secrets)
        self.log = []
        self._process = subprocess.Popen(
            [BINARY, "-c", file], stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
        )
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._process, ready), name="bus log")
        self._reader.start()
        ready.wait(WITHIN_S)
        found = [port for line in self.log if (port := LISTENING.search(line))]
        if not found:
            self.kill()
            raise AssertionError("the server did not start:\n" + "".join(self.log))
        self.port = int(found[0][1])

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.log.append(line)
            if "Reloaded server configuration" in line:
                self._reloaded.set()
            if "Server is ready" in line:
                ready.set()
        ready.set()

    def kill(self) -> None:
        """End it as `kill -9` does; of no effect where it does not run."""
        process, self._process = self._process, None
        if process is not None and self._reader is not None:
            process.kill()
            process.wait()
            self._reader.join()
            assert process.stderr is not None
            process.stderr.close()

    def restart(self) -> None:
        """Kill it, and start it on the same port and store."""
        self.kill()
        self.start()

    def reload(self) -> None:
        """Have it read its users again, which it has when this returns: who is no longer among them is cut off."""
        self._reloaded.clear()
        os.kill(self.pid, signal.SIGHUP)
        assert self._reloaded.wait(WITHIN_S)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It answers nothing meanwhile, and its connections stay."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    """A server without encryption, empty, with the users of `SECRETS`. No stream is set up."""
    server = Bus(tmp_path / "bus")
    server.start()
    yield server
    server.kill()


@contextlib.asynccontextmanager
async def client_of(bus: Bus, user: str, errors: list[Exception] | None = None) -> AsyncIterator[Client]:
    """A client of the user; what the server says to it is put into `errors`."""

    async def said(error: Exception) -> None:
        if errors is not None:
            errors.append(error)

    client = BusClient()
    await client.connect(
        bus.url,
        user=user,
        password=bus.secrets[user],
        inbox_prefix=f"_INBOX_{user}",
        allow_reconnect=False,
        error_cb=said,
    )
    try:
        yield client
    finally:
        await client.close()
