"""The methods that change nothing, as tools of a Model Context Protocol server on stdin and stdout.

The protocol is the `mcp` library's; it is optional, and imported by nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
from anyio import AsyncFile
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from capflow_gui import __version__
from capflow_gui.errors import CapflowError
from capflow_gui.serve import rpc
from capflow_gui.serve.arguments import read_arguments
from capflow_gui.serve.dispatcher import rpc_error
from capflow_gui.serve.methods import METHODS, Method
from capflow_gui.serve.service import Service, give_up
from capflow_gui.serve.stdio import Write

_INSTRUCTIONS = (
    "Capital flow of HK, US and China stocks, as Capflow watches it. Read health_get before you rely on figures: it "
    "says whether they are live. Say so where simulated is true: such figures are a simulator's, not a market's. "
    "Ask for few symbols, and for newest lines alone where the whole day is not needed. Nothing can be changed here."
)

# By the names that every client takes.
TOOLS: dict[str, Method] = {
    method.name.replace(".", "_"): method for method in METHODS if method.reads and method.answer is not None
}


def tool(name: str, method: Method) -> Tool:
    """A method as clients list it."""
    _, components = msgspec.json.schema_components([method.arguments], ref_template="#/$defs/{name}")
    schema = {key: value for key, value in components[method.arguments.__name__].items() if key != "title"}
    schema.pop("description", None)
    return Tool(
        name=name,
        description=f"{method.summary} Returns {method.result}.",
        input_schema=schema,
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=True),
    )


async def serve_mcp(service: Service, lines: AsyncIterator[bytes | None], write: Write) -> None:
    """Answer until the lines end. Raises the CapflowError that `write` raises."""

    async def list_tools(_context: Any, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[tool(name, method) for name, method in TOOLS.items()])

    async def call_tool(_context: Any, params: CallToolRequestParams) -> CallToolResult:
        method = TOOLS.get(params.name)
        if method is None or method.answer is None:
            raise MCPError(rpc.BAD_ARGUMENTS, "There is no such tool.")
        try:
            arguments = read_arguments(method.arguments, params.arguments, params.name)
            facts = await method.answer(service, arguments)
        except CapflowError as error:
            failed = rpc_error(error)
            told = {"error": failed.message, **(failed.data or {})}
            return CallToolResult(content=[_text(told)], structured_content=told, is_error=True)
        return CallToolResult(content=[_text(facts)], structured_content=_plain(facts))

    server: Server[Any] = Server(
        "capflow",
        version=__version__,
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    output = _Output(write)
    serving = asyncio.create_task(_serve(server, _Input(lines), output), name="mcp")
    try:
        await asyncio.wait({serving, output.failed}, return_when=asyncio.FIRST_COMPLETED)
        (output.failed if output.failed.done() else serving).result()
    finally:
        output.failed.cancel()
        await give_up([serving])


async def _serve(server: Server[Any], stdin: _Input, stdout: _Output) -> None:
    streams = stdio_server(cast("AsyncFile[str]", stdin), cast("AsyncFile[str]", stdout))
    async with streams as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _text(facts: dict[str, Any]) -> TextContent:
    return TextContent(type="text", text=rpc.to_text(facts))


def _plain(facts: dict[str, Any]) -> Any:
    """As JSON has it: a number that is none is null."""
    return msgspec.json.decode(rpc.to_text(facts))


class _Input:
    """Lines as the library reads them; in the place of one that is too long stands what it takes for none."""

    def __init__(self, lines: AsyncIterator[bytes | None]) -> None:
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[str]:
        async for line in self._lines:
            if line is None or line.strip():
                yield "?" if line is None else line.decode("utf-8", "replace")


class _Output:
    """What the library writes to. `failed` raises what ended the writing."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def write(self, text: str) -> None:
        """Write a line."""
        try:
            await self._write(text)
        except CapflowError as error:
            if not self.failed.done():
                self.failed.set_exception(error)

    async def flush(self) -> None:
        """Nothing is held back here."""
