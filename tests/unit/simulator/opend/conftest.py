"""Fixtures of the tests beside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from capflow_gui.simulator.opend.server import OpendSimulator
from capflow_gui.wire.opend.cipher import RsaKey, load_rsa_key
from tests.unit.simulator.opend.client import (
    Client,
    Connect,
)


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    clients: list[Client] = []

    async def open_one(simulator: OpendSimulator) -> Client:
        clients.append(Client(*await asyncio.open_connection(simulator.host, simulator.port)))
        return clients[-1]

    yield open_one
    for client in clients:
        await client.close()


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "opend.pem"
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return path


@pytest.fixture(scope="module")
def key(key_file: Path) -> RsaKey:
    return load_rsa_key(key_file.read_bytes())
