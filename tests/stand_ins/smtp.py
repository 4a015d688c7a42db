"""A mail server on loopback: as much of SMTP as a client needs, checked as a real server would, and its faults."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

USER, PASSWORD = "alerts@mail.example", "abcd efgh ijkl mnop"


@dataclass
class MailServer:
    """`says` holds answers to give in place of the usual ones, by the first word of a command.

    A silent one ("") never answers, and None closes the connection. `GREETING` and `BODY` are words, too.
    """

    context: ssl.SSLContext | None = None
    encrypted: bool = False
    sign_in: bool = True
    says: dict[str, str | None] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen on a port of loopback."""
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
            writer.close()
            tasks.discard(task)

        context = self.context if self.encrypted else None
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()

    async def _serve(  # noqa: C901, PLR0912 - a branch a command
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        secure, known = self.encrypted, not self.sign_in

        async def say(word: str, usual: str) -> bool:
            """Whether the usual answer was given."""
            text = self.says.get(word, usual)
            if text is None:
                raise ConnectionResetError
            if not text:
                await asyncio.Event().wait()
            writer.write(text.encode() + b"\r\n")
            await writer.drain()
            return text == usual

        await say("GREETING", "220 mail.example ESMTP")
        while line := (await reader.readuntil(b"\r\n")).decode().strip():
            self.heard.append(line)
            word = line.split()[0].upper()
            match word:
                case "EHLO":
                    await say(word, self._offers(secure))
                case "STARTTLS" if self.context and not secure:
                    if await say(word, "220 go ahead"):
                        await writer.start_tls(self.context)
                        secure = True
                case "AUTH" if secure:
                    given = base64.b64decode(line.split()[2]).decode().split("\0")
                    right = given == ["", USER, PASSWORD]
                    known = await say(word, "235 welcome" if right else "535 5.7.8 bad credentials") and right
                case "MAIL" if known:
                    await say(word, "250 ok")
                case "RCPT" if known:
                    if await say(f"RCPT {line}" if f"RCPT {line}" in self.says else word, "250 ok"):
                        self.recipients.append(line)
                case "DATA" if known:
                    if await say(word, "354 go on"):
                        body = await reader.readuntil(b"\r\n.\r\n")
                        if await say("BODY", "250 ok: queued as 7F3A"):
                            self._take(body[:-3].replace(b"\r\n..", b"\r\n."))
                case "QUIT":
                    await say(word, "221 bye")
                    return
                case "RSET":
                    await say(word, "250 ok")
                case _:
                    await say("", "530 5.7.0 must sign in first")

    def _offers(self, secure: bool) -> str:
        offers = ["mail.example", "SIZE 1000000", "8BITMIME"]
        if self.context and not secure:
            offers.append("STARTTLS")
        if secure and self.sign_in:
            offers.append("AUTH PLAIN LOGIN")
        return "\r\n".join(f"250-{offer}" for offer in offers[:-1]) + f"\r\n250 {offers[-1]}"

    def _take(self, raw: bytes) -> None:
        lines: Iterable[bytes] = raw.split(b"\r\n")
        assert all(len(line) <= 998 for line in lines)
        mail = message_from_bytes(raw, policy=default)
        assert isinstance(mail, EmailMessage)
        assert {"From", "To", "Date", "Subject", "Message-ID"} <= set(mail.keys())
        self.mails.append(mail)
