from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.delivery import desktop
from capflow_gui.delivery.desktop import Action, DesktopNotifications, NotificationPort
from capflow_gui.delivery.model import Change, Failed, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.paths import DESKTOP_ENTRY
from capflow_gui.reason import Code
from tests.stand_ins.kinds import message

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no session bus")
if sys.platform != "win32":
    from tests.stand_ins.desktop import EVERYTHING, NAME, Bus, Notifications

LABELS = {Action.ACKNOWLEDGE: "Acknowledge", Action.SNOOZE: "Snooze", Action.SHOW: "Show"}


@pytest.fixture
def on_a_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`async with on_a_bus(SERVICE, **PORT) as (bus, channel, pressed)`."""

    @asynccontextmanager
    async def on_a_bus(service: Notifications | None, **port: Any) -> AsyncIterator[Any]:
        pressed: list[tuple[Action, str, str]] = []
        channel = DesktopNotifications(NotificationPort(LABELS, lambda *what: pressed.append(what), **port))
        async with Bus(service).running(tmp_path) as bus:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
            yield bus, channel, pressed
            await channel.close()

    return on_a_bus


async def test_an_alert_is_shown_with_what_can_be_done(on_a_bus: Any) -> None:
    service = Notifications()
    async with on_a_bus(service, sound="bell") as (_bus, channel, _pressed):
        assert await channel.send(message(text="1 < 2 & 3", urgency=Urgency.URGENT)) == Sent("1")
    name, number, icon, title, text, actions, hints, expires = service.shown[1]
    assert (name, number, icon, title, expires) == ("Capflow", 0, DESKTOP_ENTRY, message().title, -1)
    assert text == "1 &lt; 2 &amp; 3"
    assert actions == ["acknowledge", "Acknowledge", "snooze", "Snooze", "default", "Show"]
    assert hints == {"desktop-entry": ("s", DESKTOP_ENTRY), "urgency": ("y", 2), "sound-name": ("s", "bell")}


async def test_a_program_with_sounds_of_its_own_is_silent_and_one_without_a_window_offers_nothing(
    on_a_bus: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Notifications()
    async with on_a_bus(service) as (_bus, channel, _pressed):
        await channel.send(message())
        monkeypatch.setattr(channel, "_port", NotificationPort())
        await channel.send(message(incident="b"))
    assert service.shown[1][6]["suppress-sound"] == ("b", True)
    assert service.shown[2][5] == []


async def test_what_the_service_cannot_do_is_left_out(on_a_bus: Any) -> None:
    service = Notifications(capabilities=("body",))
    async with on_a_bus(service, sound="bell") as (_bus, channel, _pressed):
        assert await channel.send(message(text="1 < 2")) == Sent("1")
        service.capabilities = ()
        await channel.close()
        assert await channel.send(message(incident="b")) == Sent("2")
    assert service.shown[1][4:6] == ("1 < 2", [])
    assert "sound-name" not in service.shown[1][6]
    assert service.shown[2][4:6] == ("", [])


async def test_what_is_said_later_of_an_alert_takes_its_place(on_a_bus: Any) -> None:
    service = Notifications()
    async with on_a_bus(service) as (_bus, channel, _pressed):
        for kind in (Change.RAISED, Change.ESCALATED, Change.CLEARED):
            assert await channel.send(message(kind=kind, title=kind.value)) == Sent("1")
        assert list(service.shown) == [1]
        assert service.shown[1][3:6:2] == ("cleared", ["default", "Show"])
        assert await channel.send(message(incident="another")) == Sent("2")
        assert await channel.send(message(kind=Change.ACKNOWLEDGED)) == Sent()
        assert list(service.shown) == [2]
        assert await channel.send(message(kind=Change.ACKNOWLEDGED, incident="unknown")) == Sent()
    assert service.calls.count("GetCapabilities") == 1
    assert service.calls.count("CloseNotification") == 1


async def test_what_is_pressed_is_told_with_its_alert(on_a_bus: Any, settle_tasks: Callable[[], Any]) -> None:
    service = Notifications()
    async with on_a_bus(service) as (bus, channel, pressed):
        await channel.send(message())
        await channel.send(message(incident="another"))
        bus.emit(service.signal("ActivationToken", "us", 2, "a-token"))
        for number, key in ((2, "default"), (1, "acknowledge"), (2, "snooze"), (3, "snooze"), (2, "unknown")):
            bus.emit(service.signal("ActionInvoked", "us", number, key))
        bus.emit(service.signal("NotificationClosed", "uu", 1, 2))
        bus.emit(service.signal("ActionInvoked", "us", 1, "snooze"))
        await channel.send(message(incident="last"))
        await settle_tasks()
        assert pressed == [
            (Action.SHOW, "another", "a-token"),
            (Action.ACKNOWLEDGE, "a1b2c3", ""),
            (Action.SNOOZE, "another", ""),
        ]
        assert await channel.send(message()) == Sent("4")


async def test_a_consumer_that_fails_ends_no_listening(on_a_bus: Any, expect_log: Any, settle_tasks: Any) -> None:
    expect_log("^ERROR asyncio: Exception in callback")
    service = Notifications()
    async with on_a_bus(service) as (bus, channel, pressed):
        told: list[int] = []
        port = channel._port
        channel._port = replace(port, pressed=lambda *_: told.append(1 // len(told)))
        await channel.send(message())
        bus.emit(service.signal("ActionInvoked", "us", 1, "snooze"))
        await channel.send(message())
        await settle_tasks()
        channel._port = port
        bus.emit(service.signal("ActionInvoked", "us", 1, "snooze"))
        await channel.send(message())
        await settle_tasks()
        assert pressed == [(Action.SNOOZE, "a1b2c3", "")]


async def test_what_waits_no_longer_is_taken_away(on_a_bus: Any, settle_tasks: Any) -> None:
    service = Notifications()
    async with on_a_bus(service) as (_bus, channel, _pressed):
        kinds = (Change.RAISED, Change.CANNOT_JUDGE, Change.CLEARED, Change.DIGEST, Change.TEST)
        for incident, kind in zip("abcde", kinds, strict=True):
            await channel.send(message(incident=incident, kind=kind))
        channel.keep({"a", "b", "elsewhere"})
        channel.keep({"a"})
        channel.keep({"a"})
        await channel.send(message(incident="f"))
        assert list(service.shown) == [1, 3, 4, 5, 6]
        channel.keep(())
        await channel.send(message(incident="g"))
        # What is said of an end, and a test, stay until somebody looks.
        assert list(service.shown) == [3, 5, 7]
        # The user has closed it already, or the bus has gone: nothing is left to take away.
        service.refuses["CloseNotification"] = "org.freedesktop.DBus.Error.InvalidArgs"
        channel.keep(())
        await channel.send(message(incident="h"))
        service.refuses["CloseNotification"] = None
        channel.keep(())
        await settle_tasks()
        service.refuses["CloseNotification"] = ""
        await channel.send(message(incident="i"))
        await channel.send(message(incident="i"))
        channel.keep(())
        await settle_tasks()
    # The last is not answered, and ends with the channel.
    assert service.calls[-1] == "Notify"


async def test_where_nobody_shows_notifications_the_tray_does(on_a_bus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, str, str]] = []
    seen = True

    def tray(*what: str) -> bool:
        said.append(what)
        return seen

    async with on_a_bus(None, tray=tray) as (_bus, channel, _pressed):
        assert await channel.send(message()) == Sent()
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        assert await channel.send(message(title="t" * 90, text="x" * 300)) == Sent()
        # What a tray has shown cannot be taken away.
        assert await channel.send(message(kind=Change.ACKNOWLEDGED)) == Sent()
        channel.keep(())
        seen = False
        found = await channel.send(message())
    assert said[0] == (message().title, message().text, "a1b2c3")
    assert [len(part) for part in said[1][:2]] == [63, 255]
    assert len(said) == 3
    assert isinstance(found, SetUpWrong)
    assert found.reason.code is Code.NO_NOTIFICATIONS


@pytest.mark.parametrize("address", ["", None])
async def test_without_a_bus_the_set_up_is_wrong(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    if address is None:
        monkeypatch.setitem(sys.modules, "jeepney.io.asyncio", None)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "" if address == "" else "unix:path=/nowhere")
    found = await DesktopNotifications(NotificationPort()).send(message())
    assert isinstance(found, SetUpWrong)
    assert found.reason.code is Code.NO_NOTIFICATIONS


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "unixexec:path=x", "what"])
async def test_a_bus_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    found = await DesktopNotifications(NotificationPort()).send(message())
    assert isinstance(found, RetryAt)
    assert found.reason.code is Code.SERVICE_BROKE


@pytest.mark.parametrize("answer", [b"", b"REJECTED EXTERNAL\r\n"])
async def test_a_bus_that_lets_nobody_in_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    socket = tmp_path / "bus"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={socket}")
    async with await asyncio.start_unix_server(serve, socket):
        found = await DesktopNotifications(NotificationPort()).send(message())
    assert isinstance(found, RetryAt)
    assert found.reason.code is Code.SERVICE_BROKE


async def test_a_desktop_without_the_service_and_one_that_refuses(on_a_bus: Any) -> None:
    async with on_a_bus(None) as (bus, channel, _pressed):
        found = await channel.send(message())
        assert isinstance(found, SetUpWrong)
        assert found.reason.code is Code.NO_NOTIFICATIONS
        bus.service = Notifications(
            refuses={"Notify": "org.freedesktop.Notifications.Error.ExcessNotificationGeneration"}
        )
        found = await channel.send(message())
        assert isinstance(found, Failed)
        bus.service.refuses.clear()
        assert await channel.send(message()) == Sent("1")
        # It is started again.
        there, bus.service = bus.service, None
        found = await channel.send(message())
        assert isinstance(found, RetryAt)
        assert found.reason.code is Code.NO_NOTIFICATIONS
        bus.service = there
        assert await channel.send(message()) == Sent("1")


async def test_a_bus_that_hangs_or_goes_is_left_and_found_again(on_a_bus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "_TIMEOUT_S", 0.05)
    service = Notifications(refuses={"Notify": ""})
    async with on_a_bus(service) as (bus, channel, _pressed):
        found = await channel.send(message())
        assert isinstance(found, RetryAt)
        assert found.reason.code is Code.NO_ANSWER_IN_TIME
        monkeypatch.undo()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        service.refuses["Notify"] = None
        found = await channel.send(message())
        assert isinstance(found, RetryAt)
        assert found.reason.code is Code.SERVICE_BROKE
        service.refuses.clear()
        assert await channel.send(message()) == Sent("1")
        bus.clients[-1].close()
        for expected in (RetryAt, Sent):
            assert isinstance(await channel.send(message()), expected)


@pytest.mark.skipif(not shutil.which("dbus-daemon"), reason="dbus-daemon is not installed")
async def test_a_real_bus_carries_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jeepney import message_bus
    from jeepney.io.asyncio import open_dbus_connection

    address = f"unix:path={tmp_path / 'bus'}"
    command = ("dbus-daemon", "--session", "--nofork", f"--address={address}", "--print-address")
    daemon = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert daemon.stdout is not None
        await daemon.stdout.readline()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        service = Notifications(capabilities=EVERYTHING)
        pressed: asyncio.Queue[Any] = asyncio.Queue()
        channel = DesktopNotifications(NotificationPort(LABELS, lambda *what: pressed.put_nowait(what)))
        async with await open_dbus_connection(address) as connection:
            await connection.send(message_bus.RequestName(NAME))

            async def serve() -> None:
                while True:
                    call = await connection.receive()
                    if call.header.message_type.name == "method_call":
                        for answer in service.answer(call):
                            await connection.send(answer)

            serving = asyncio.create_task(serve())
            assert await channel.send(message()) == Sent("1")
            await connection.send(service.signal("ActionInvoked", "us", 1, "acknowledge"))
            assert await asyncio.wait_for(pressed.get(), 5.0) == (Action.ACKNOWLEDGE, "a1b2c3", "")
            await channel.close()
            serving.cancel()
            await asyncio.wait({serving})
    finally:
        daemon.terminate()
        await daemon.wait()
