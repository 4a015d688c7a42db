"""The connection test, against a simulated OpenD, nobody, and somebody who is no OpenD."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from capflow_gui.app import connection_test
from capflow_gui.app.connection_test import try_connection
from capflow_gui.clock import SystemClock
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig

HOST = "127.0.0.1"


async def test_a_simulated_opend_is_usable_and_says_what_it_is() -> None:
    async with OpendSimulator(SimulatorConfig(symbols=1)) as simulator:
        report = await try_connection(SystemClock(), HOST, simulator.port, None)
    assert report.usable
    assert report.title == "A simulated OpenD answered."
    assert report.seconds is not None
    assert report.seconds < 5


async def test_nobody_there_is_said_at_once(expect_log: Callable[[str], None]) -> None:
    expect_log("nothing_listens")
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        report = await try_connection(SystemClock(), HOST, taken.getsockname()[1], None)
    assert not report.usable
    assert report.title == "OpenD did not answer."
    assert "is OpenD running, and is this its port?" in report.advice
    assert report.seconds is None  # nobody answered: no time is shown


async def test_a_key_file_that_is_not_there(tmp_path: object, expect_log: Callable[[str], None]) -> None:
    expect_log("key_file_unreadable")
    report = await try_connection(SystemClock(), HOST, 1, f"{tmp_path}/no-such-key.pem")
    assert not report.usable
    assert report.title == "The key file cannot be used."


async def test_a_port_held_by_another_program_is_answered_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr(connection_test, "LIMIT_S", 0.4)
    began = time.monotonic()
    server = await asyncio.start_server(hold, HOST, 0)
    async with server:
        report = await try_connection(SystemClock(), HOST, server.sockets[0].getsockname()[1], None)
    assert not report.usable
    assert report.title == "A program answers, but does not understand Capflow."
    assert 0.3 < time.monotonic() - began < 3
    assert connection_test.LIMIT_S < 15


async def test_a_web_server_at_the_port_is_named(expect_log: Callable[[str], None]) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    expect_log("web_server_there")
    server = await asyncio.start_server(refuse, HOST, 0)
    async with server:
        report = await try_connection(SystemClock(), HOST, server.sockets[0].getsockname()[1], None)
    assert report.title == "Another program answers at this port."
    assert "a web server holds the port" in report.advice
    assert report.seconds is None


@pytest.mark.parametrize(("here", "advice"), [(True, "leave the field empty"), (False, "choose the same file here")])
async def test_keys_that_differ_lead_to_the_right_advice(
    here: bool, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_test, "LIMIT_S", 0.4)
    key = tmp_path / "opend.pem"
    key.write_bytes(new_key())
    config = SimulatorConfig(symbols=1) if here else SimulatorConfig(symbols=1, rsa_key=key)
    async with OpendSimulator(config) as simulator:
        report = await try_connection(SystemClock(), HOST, simulator.port, str(key) if here else None)
    assert report.title == "A program answers, but does not understand Capflow."
    assert advice in report.advice


def new_key() -> bytes:
    """A private key as OpenD wants it."""
    key = rsa.generate_private_key(65537, 1024)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
