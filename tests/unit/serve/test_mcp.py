"""The tools as the official client sees them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import TextContent

from capflow_gui.errors import CapflowError
from capflow_gui.serve.mcp import TOOLS, serve_mcp
from capflow_gui.serve.methods import METHODS
from capflow_gui.serve.service import Service
from tests.forked import COMMAND

ROOT = Path(__file__).parents[3]


def started(home: Path) -> StdioServerParameters:
    folders = ["--data-dir", str(home / "data"), "--config-dir", str(home / "config")]
    program, *arguments = [*COMMAND, "serve", "--mcp", "--source", "demo:", *folders]
    environment = os.environ | {"XDG_STATE_HOME": str(home / "state")}
    return StdioServerParameters(command=program, args=arguments, cwd=ROOT, env=environment)


async def test_the_official_client_lists_and_calls_the_tools(tmp_path: Path) -> None:
    async with Client(started(tmp_path)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools.keys() == TOOLS.keys()
        for tool in tools.values():
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint is True
            assert tool.input_schema["type"] == "object"
        assert "running totals" in (tools["flow_get"].description or "")
        assert "SIMULATED" in (tools["flow_get"].description or "")
        answer = await client.call_tool("flow_get", {"symbols": ["700.HK"], "newest": 1})
        assert answer.is_error is False
        (flow,) = answer.structured_content["flows"]
        assert (flow["symbol"], flow["simulated"], flow["currency"]) == ("700.HK", True, "HKD")
        (text,) = answer.content
        assert isinstance(text, TextContent)
        assert '"simulated":true' in text.text
        refused = await client.call_tool("flow_get", {"symbols": ["6666.HK"]})
        assert refused.is_error is True
        assert refused.structured_content["kind"] == "NoQuoteRight"
        refused = await client.call_tool("flow_get", {"newest": "all"})
        assert refused.structured_content["argument"] == "newest"
        with pytest.raises(MCPError):
            await client.call_tool("watchlist_set", {"symbols": []})


def test_nothing_that_changes_something_is_a_tool() -> None:
    assert {method.name for method in TOOLS.values()} == {
        method.name for method in METHODS if method.reads and method.answer is not None
    }
    assert not any("set" in name.split("_") or "acknowledge" in name for name in TOOLS)


async def test_a_line_that_is_too_long_is_no_end_and_a_reader_that_is_gone_is(service: Service) -> None:
    class Gone(CapflowError):
        """Nobody reads."""

    written: list[str] = []
    waits = asyncio.Event()

    async def lines() -> AsyncIterator[bytes | None]:
        yield None
        yield b" "
        yield b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
        await waits.wait()

    async def write(text: str) -> None:
        written.append(text)
        raise Gone

    with pytest.raises(Gone):
        await serve_mcp(service, lines(), write)
    assert written
