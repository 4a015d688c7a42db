"""A service over the simulator, as `capflow serve --source demo:` has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.serve import rpc
from capflow_gui.serve.dispatcher import Dispatcher
from capflow_gui.serve.opening import open_service
from capflow_gui.serve.service import Service
from capflow_gui.settings import NO_POLICY, Settings

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_args, **_named: tmp_path / "state")
    folders = tmp_path / "config", tmp_path / "data"
    async with open_service(["demo:"], folders, Settings(), NO_POLICY, clock=SystemClock(), conceal=no_log) as opened:
        yield opened


@pytest.fixture
def ask(service: Service) -> Ask:
    """Ask by JSON-RPC; the result, or the error."""
    dispatcher = Dispatcher(service)

    async def asked(method: str, **params: object) -> Any:
        line = msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        answer = await dispatcher.answer(rpc.read_message(line))
        assert answer is not None
        found = msgspec.json.decode(answer)
        return found.get("result", found.get("error"))

    return asked
