"""A session bus with a Notifications service on it, as far as a client can tell; over a socket of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    Parser,
    new_error,
    new_method_return,
    new_signal,
)

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
EVERYTHING = ("actions", "body", "body-markup", "sound")


@dataclass
class Notifications:
    """The service: `shown` are the notifications that stand, by their numbers.

    `refuses` names the error that it answers a call with; "" hangs, and None closes the connection.
    """

    capabilities: Iterable[str] = EVERYTHING
    refuses: dict[str, str | None] = field(default_factory=dict)
    shown: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    def answer(self, call: Message) -> list[Message]:
        """What it sends when it is called: a reply, and signals behind it."""
        fields = call.header.fields
        member, signature = fields[HeaderFields.member], fields.get(HeaderFields.signature, "")
        self.calls.append(member)
        if error := self.refuses.get(member):
            return [new_error(call, error)]
        match member:
            case "GetCapabilities" if not signature:
                return [new_method_return(call, "as", (list(self.capabilities),))]
            case "Notify" if signature == "susssasa{sv}i":
                number = call.body[1] or next(self.numbers)
                self.shown[number] = call.body
                return [new_method_return(call, "u", (number,))]
            case "CloseNotification" if signature == "u":
                del self.shown[call.body[0]]
                return [new_method_return(call), self.signal("NotificationClosed", "uu", call.body[0], 3)]
            case _:
                return [new_error(call, "org.freedesktop.DBus.Error.InvalidArgs")]

    def signal(self, member: str, signature: str, *body: Any) -> Message:
        """A signal of the service."""
        return new_signal(DBusAddress(PATH, interface=NAME), member, signature, body)


@dataclass
class Bus:
    """Serves clients at `address`; `service` None: nobody shows notifications here."""

    service: Notifications | None
    name: str = NAME
    address: str = ""
    clients: list[asyncio.StreamWriter] = field(default_factory=list)
    serials: Any = field(default_factory=lambda: count(1))

    def emit(self, message: Message) -> None:
        """Send a signal to whoever is there."""
        for writer in self.clients:
            writer.write(message.serialise(next(self.serials)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        assert (await reader.readuntil(b"\r\n")).startswith(b"\0AUTH EXTERNAL ")
        writer.write(b"OK 1234deadbeef\r\n")
        assert await reader.readuntil(b"\r\n") == b"BEGIN\r\n"
        self.clients.append(writer)
        parser = Parser()
        while data := await reader.read(65536):
            parser.add_data(data)
            while (call := parser.get_next_message()) is not None:
                for message in self._answers(call):
                    writer.write(message.serialise(next(self.serials)))

    def _answers(self, call: Message) -> list[Message]:
        fields = call.header.fields
        assert call.header.message_type is MessageType.method_call
        if fields[HeaderFields.destination] == "org.freedesktop.DBus":
            hello = fields[HeaderFields.member] == "Hello"
            return [new_method_return(call, "s", (":1.7",)) if hello else new_method_return(call)]
        assert fields[HeaderFields.destination] == self.name
        if self.service is None:
            return [new_error(call, "org.freedesktop.DBus.Error.ServiceUnknown")]
        wanted = self.service.refuses.get(fields[HeaderFields.member], "answer")
        if wanted is None:
            raise ConnectionResetError
        return self.service.answer(call) if wanted else []

    @asynccontextmanager
    async def running(self, folder: Path) -> AsyncIterator[Bus]:
        """Listen in a folder."""
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self.serve(reader, writer)
            writer.close()

        socket = folder / "bus"
        server = await asyncio.start_unix_server(serve, socket)
        self.address = f"unix:path={socket}"
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()
