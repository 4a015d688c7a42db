"""JSON-RPC on stdin and stdout: a message a line. Many are answered at once; the answers come as they are ready."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import CancelledError

from capflow_gui.errors import CapflowError
from capflow_gui.serve import rpc
from capflow_gui.serve.dispatcher import Dispatcher
from capflow_gui.serve.service import Service, give_up

Write = Callable[[str], Awaitable[None]]

# So many messages are worked on; more wait in the pipe, and their sender with them.
MOST_AT_ONCE = 32
_CHUNK = 1 << 16
_CHUNKS_WAITING = 4


async def read_lines(descriptor: int) -> AsyncIterator[bytes | None]:
    """The lines of a pipe, a file or a terminal, until its end; None for one that is too long.

    Read in a thread of its own, for no other way works for all three on every system. A thread that waits for input
    may outlive the program's loop; it ends with the process.
    """
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes] = asyncio.Queue(_CHUNKS_WAITING)

    def read() -> None:
        data = b"?"
        while data:
            try:
                data = os.read(descriptor, _CHUNK)
            except OSError:  # closed, or a terminal that is gone: the end
                data = b""
            putting = chunks.put(data)
            try:
                asyncio.run_coroutine_threadsafe(putting, loop).result()
            except (RuntimeError, CancelledError):  # the loop has ended meanwhile
                putting.close()
                return

    threading.Thread(target=read, name="stdin", daemon=True).start()
    lines = rpc.Lines()
    while data := await chunks.get():
        for line in lines.feed(data):
            yield line
    last = lines.finish()
    if last != b"":
        yield last


async def serve_lines(service: Service, lines: AsyncIterator[bytes | None], write: Write) -> None:
    """Answer until the lines end, and what was asked is answered. Raises the CapflowError that `write` raises."""
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def write_line(text: str) -> None:
        try:
            await write(f"{text}\n")
        except CapflowError as error:
            if not failed.done():
                failed.set_exception(error)

    dispatcher = Dispatcher(service, write_line)
    answering = asyncio.create_task(_answer_all(dispatcher, lines, write_line), name="answers")
    try:
        await asyncio.wait({answering, failed}, return_when=asyncio.FIRST_COMPLETED)
        (failed if failed.done() else answering).result()
    finally:
        failed.cancel()
        await give_up([answering])
        if dispatcher.notices is not None:
            await dispatcher.notices.close()


async def _answer_all(dispatcher: Dispatcher, lines: AsyncIterator[bytes | None], write_line: Write) -> None:
    room = asyncio.Semaphore(MOST_AT_ONCE)

    async def answer(line: bytes | None) -> None:
        try:
            answered = await dispatcher.answer(rpc.TOO_LONG if line is None else rpc.read_message(line))
            if answered is not None:
                await write_line(answered)
        finally:
            room.release()

    async with asyncio.TaskGroup() as group:
        async for line in lines:
            if line is None or line.strip():
                await room.acquire()
                group.create_task(answer(line), name="answer")
