"""Notifications of the desktop: by the Notifications service of the session bus on Linux, else by the tray's icon.

Jeepney speaks to the bus, which keyring needs on Linux as well. The icon is the window's: it is given in as a port.
"""

from __future__ import annotations

import asyncio
import html
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from capflow_gui.delivery.model import (
    ANNOUNCING,
    Change,
    Failed,
    Limits,
    Message,
    Result,
    RetryAt,
    Sent,
    SetUpWrong,
    Urgency,
)
from capflow_gui.delivery.text import cut, most, one_line, plain, title_of
from capflow_gui.paths import DESKTOP_ENTRY
from capflow_gui.reason import Code, Reason

_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_NO_SERVICE = frozenset({"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"})
_LONGEST = 1000
# What a balloon of the tray on Windows holds.
_TRAY_TITLE, _TRAY_TEXT = 63, 255
_TIMEOUT_S = 5.0
_URGENCY = {Urgency.NORMAL: 1, Urgency.URGENT: 2}


class Action(StrEnum):
    """What can be pressed: a button, or (SHOW) the notification itself, by the names the service knows them by."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    SHOW = "default"


@dataclass(frozen=True, slots=True)
class NotificationPort:
    """What a program adds to its notifications; by default nothing.

    labels   what is written on the actions that can be pressed
    pressed  is told, on the loop, which action was pressed, on which incident, and the token with which the desktop
             lets a window come to the front ("" where it gives none)
    tray     shows a title and a text of an incident beside the program's icon in the tray; False where no icon is to
             be seen. None: the program has no icon
    sound    a name of the desktop's sound theme; "": silent, as for a program that has sounds of its own
    """

    labels: Mapping[Action, str] = field(default_factory=dict)
    pressed: Callable[[Action, str, str], None] = lambda _action, _incident, _token: None
    tray: Callable[[str, str, str], bool] | None = None
    sound: str = ""


class DesktopNotifications:
    """One notification an alert: what is said of it later takes the place of what stands."""

    limits = Limits(rate=1.0, burst=5, per_minute=None, largest=_LONGEST)

    def __init__(self, port: NotificationPort) -> None:
        self._port = port
        self._bus: _Bus | None = None
        self._shown: dict[str, _Shown] = {}
        self._served = False
        self._token = ""
        self._closing: set[asyncio.Task[None]] = set()

    async def send(self, message: Message) -> Result:
        """Show a message; an alert that was acknowledged elsewhere is taken away."""
        result = await self._by_bus(message)
        if not isinstance(result, SetUpWrong):
            return result
        if self._port.tray is not None and (shown := self._by_tray(self._port.tray, message)) is not None:
            return shown
        # A service that was there before is perhaps only being started again.
        return RetryAt(0.0, result.reason) if self._served else result

    def keep(self, waiting: Collection[str]) -> None:
        """Take away what asks about alerts that wait no longer, by incident; a digest when none waits at all."""
        for incident, shown in list(self._shown.items()):
            over = not waiting if shown.kind is Change.DIGEST else shown.kind in ANNOUNCING and incident not in waiting
            if over and self._bus is not None:
                del self._shown[incident]
                task = asyncio.create_task(_take_away(self._bus, shown.number), name="take a notification away")
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    async def _by_bus(self, message: Message) -> Result:
        address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
        try:
            import jeepney.io.asyncio  # noqa: F401, PLC0415 - only Linux has it
        except ImportError:
            address = ""
        if not address:
            return SetUpWrong(Reason.of(Code.NO_NOTIFICATIONS))
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                self._bus = self._bus or await _Bus.open(address)
                if self._bus.capabilities is None:
                    await self._bus.begin(self._noted)
                    self._served = True
                return await self._show(self._bus, self._bus.capabilities or frozenset(), message)
        except TimeoutError:
            reason = Reason.of(Code.NO_ANSWER_IN_TIME, seconds=_TIMEOUT_S)
        except _Refused as refused:
            if self._bus is not None and self._bus.capabilities is None:
                await self.close()
            return refused.result
        except (OSError, EOFError, ValueError, RuntimeError):
            # No bus at this address, or it has gone.
            reason = Reason.of(Code.SERVICE_BROKE)
        await self.close()
        return RetryAt(0.0, reason)

    def _by_tray(self, tray: Callable[[str, str, str], bool], message: Message) -> Sent | None:
        # What a tray showed cannot be taken away.
        text = cut(plain(message.text), most(_TRAY_TEXT))
        title = cut(one_line(message.title), most(_TRAY_TITLE))
        shown = message.kind is Change.ACKNOWLEDGED or tray(title, text, message.incident)
        return Sent() if shown else None

    async def close(self) -> None:
        """Leave the bus; what is shown stays."""
        bus, self._bus = self._bus, None
        self._shown.clear()
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        if bus is not None:
            await bus.close()

    async def _show(self, bus: _Bus, can: Collection[str], message: Message) -> Result:
        stands = self._shown.get(message.incident)
        number = 0 if stands is None else stands.number
        if message.kind is Change.ACKNOWLEDGED:
            if number:
                await bus.call("CloseNotification", "u", (number,))
            return Sent()
        hints: dict[str, tuple[str, Any]] = {
            "desktop-entry": ("s", DESKTOP_ENTRY),
            "urgency": ("y", _URGENCY[message.urgency]),
        }
        if "sound" in can:
            sound = self._port.sound
            hints |= {"sound-name": ("s", sound)} if sound else {"suppress-sound": ("b", True)}
        body = (
            "Capflow",
            number,
            DESKTOP_ENTRY,
            title_of(message),
            _body(message, can),
            self._actions(message, can),
            hints,
            -1,
        )
        (shown,) = await bus.call("Notify", "susssasa{sv}i", body)
        self._shown[message.incident] = _Shown(shown, message.kind)
        return Sent(str(shown))

    def _actions(self, message: Message, can: Collection[str]) -> list[str]:
        if "actions" not in can:
            return []
        offered = [action for action in self._port.labels if action is Action.SHOW or message.kind in ANNOUNCING]
        return [text for action in offered for text in (action.value, self._port.labels[action])]

    def _noted(self, member: str, body: tuple[Any, ...]) -> None:
        """A signal of the service; those about other programs' notifications are none of ours."""
        incident = next((incident for incident, shown in self._shown.items() if body[:1] == (shown.number,)), None)
        if incident is None:
            return
        if member == "NotificationClosed":
            del self._shown[incident]
        elif member == "ActivationToken":
            self._token = str(body[1])
        elif member == "ActionInvoked" and body[1:] in [(action.value,) for action in Action]:
            token, self._token = self._token, ""
            self._port.pressed(Action(body[1]), incident, token)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A notification that stands: the service's number of it, and what it says."""

    number: int
    kind: Change


async def _take_away(bus: _Bus, number: int) -> None:
    # What the user has closed already is refused; a bus that has gone took it along.
    with suppress(_Refused, OSError):
        await bus.call("CloseNotification", "u", (number,))


def _body(message: Message, can: Collection[str]) -> str:
    text = cut(plain(message.text), most(_LONGEST))
    if "body" not in can:
        return ""
    return html.escape(text, quote=False) if "body-markup" in can else text


class _Refused(Exception):
    """The bus or the service said no."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        absent = name in _NO_SERVICE
        reason = Reason.of(Code.NO_NOTIFICATIONS) if absent else Reason.of(Code.SERVICE_REFUSED, number=name)
        self.result: Result = SetUpWrong(reason) if absent else Failed(reason)


class _Bus:
    """A connection to the session bus, and what the Notifications service there can do: None until it was asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._router: Any = None
        self._listener: asyncio.Task[None] | None = None
        self.capabilities: frozenset[str] | None = None

    @classmethod
    async def open(cls, address: str) -> _Bus:
        """Connect. Raises OSError, and ValueError or RuntimeError for an address of another kind."""
        from jeepney.bus import get_bus  # noqa: PLC0415

        return cls(*await asyncio.open_unix_connection(get_bus(address)))

    async def begin(self, noted: Callable[[str, tuple[Any, ...]], None]) -> None:
        """Sign in, listen to the service, and ask what it can do.

        Raises _Refused, OSError and EOFError where the bus has gone, ValueError where it lets nobody in.
        """
        from jeepney import MatchRule, message_bus  # noqa: PLC0415
        from jeepney.auth import BEGIN, Authenticator  # noqa: PLC0415
        from jeepney.io.asyncio import DBusConnection, DBusRouter  # noqa: PLC0415

        sign_in = Authenticator()
        for data in sign_in:
            self._writer.write(data)
            answer = await self._reader.read(1024)
            if not answer:
                raise EOFError
            sign_in.feed(answer)
        self._writer.write(BEGIN)
        self._router = DBusRouter(DBusConnection(self._reader, self._writer))
        queue: asyncio.Queue[Any] = asyncio.Queue()
        self._router.filter(MatchRule(type="signal", interface=_NAME, path=_PATH), queue=queue)
        self._listener = asyncio.create_task(_listen(queue, noted))
        await self._ask(message_bus.Hello())
        await self._ask(message_bus.AddMatch(MatchRule(type="signal", interface=_NAME, sender=_NAME)))
        (found,) = await self.call("GetCapabilities")
        self.capabilities = frozenset(found)

    async def call(self, method: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        """Call the service. Raises _Refused, and OSError where the bus has gone."""
        from jeepney import DBusAddress, new_method_call  # noqa: PLC0415

        return await self._ask(new_method_call(DBusAddress(_PATH, _NAME, _NAME), method, signature, body))

    async def _ask(self, message: Any) -> tuple[Any, ...]:
        from jeepney import HeaderFields, MessageType  # noqa: PLC0415
        from jeepney.io.asyncio import RouterClosed  # noqa: PLC0415

        try:
            reply = await self._router.send_and_get_reply(message)
        except (RouterClosed, KeyError) as error:
            # KeyError is jeepney's own fault where the bus goes while it waits for a reply.
            raise ConnectionResetError from error
        if reply.header.message_type is MessageType.error:
            raise _Refused(reply.header.fields.get(HeaderFields.error_name, ""))
        return tuple(reply.body)

    async def close(self) -> None:
        """End the connection."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait({self._listener})
            # The reader's task ends with what ended the connection.
            with suppress(EOFError, OSError):
                await self._router.__aexit__(None, None, None)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


async def _listen(queue: asyncio.Queue[Any], noted: Callable[[str, tuple[Any, ...]], None]) -> None:
    from jeepney import HeaderFields  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    while True:
        signal = await queue.get()
        # Not from here: what the program does with it must not end the listening.
        loop.call_soon(noted, signal.header.fields[HeaderFields.member], tuple(signal.body))
