"""The system is asked whether programs are to move less."""

from __future__ import annotations

import asyncio
import ctypes
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from capflow_gui.app.system.motion import wants_less_motion

portal_only = pytest.mark.skipif(sys.platform != "linux", reason="the desktop's portal is Linux's")
if sys.platform == "linux":
    from jeepney import Message, new_error, new_method_return

    from tests.stand_ins.desktop import Bus


@dataclass
class Portal:
    """Tells what is in `known`, as the desktop's portal does."""

    known: dict[tuple[str, str], tuple[str, Any]]
    refuses: dict[str, str | None] = field(default_factory=dict)

    def answer(self, call: Message) -> list[Message]:
        if call.body not in self.known:
            return [new_error(call, "org.freedesktop.portal.Error.NotFound")]
        return [new_method_return(call, "v", (("v", self.known[call.body]),))]


GNOME = "org.gnome.desktop.interface", "enable-animations"
KDE = "org.kde.kdeglobals.KDE", "AnimationDurationFactor"


@portal_only
@pytest.mark.parametrize(
    ("known", "less"),
    [
        ({GNOME: ("b", False)}, True),
        ({GNOME: ("b", True)}, False),
        ({KDE: ("s", "0")}, True),
        ({KDE: ("d", 1.5)}, False),
        ({KDE: ("as", ["odd"])}, False),
        ({}, False),
    ],
)
async def test_the_desktops_portal_tells(
    known: dict[tuple[str, str], tuple[str, Any]], less: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Bus(Portal(known), "org.freedesktop.portal.Desktop").running(tmp_path) as bus:  # type: ignore[arg-type]
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        assert await asyncio.to_thread(wants_less_motion) is less


@portal_only
def test_without_a_bus_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    assert not wants_less_motion()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert not wants_less_motion()


# Neither Windows nor macOS is at hand where these run: what stands in for them answers the calls that they document.


@pytest.mark.parametrize(("animated", "less"), [(0, True), (1, False)])
def test_windows_tells_whether_its_client_areas_are_animated(
    animated: int, less: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int, int]] = []

    def answer(action: int, number: int, place: Any, flags: int) -> int:
        asked.append((action, number, flags))
        place._obj.value = animated
        return 1

    user32 = SimpleNamespace(SystemParametersInfoW=answer)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=user32), raising=False)
    assert wants_less_motion() is less
    assert asked == [(0x1042, 0, 0)]  # SPI_GETCLIENTAREAANIMATION


def test_where_windows_refuses_things_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    refusing = SimpleNamespace(SystemParametersInfoW=lambda *_asked: 0)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=refusing), raising=False)
    assert not wants_less_motion()


class Objc:
    """The Objective-C runtime: a workspace that tells whether motion is to be reduced."""

    def __init__(self, reduced: bool) -> None:
        self.names: dict[int, bytes] = {}
        self.reduced, self.sent = reduced, list[tuple[bytes, bytes]]()
        self.objc_msgSend = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(self._send)
        self.objc_getClass = _Named(self.names)
        self.sel_registerName = _Named(self.names)

    def _send(self, receiver: int, selector: int) -> int:
        self.sent.append((self.names.get(receiver, b"workspace"), self.names[selector]))
        return int(self.reduced) if self.names[selector].startswith(b"accessibility") else 4096


class _Named:
    """A function that gives each name a number."""

    restype: object = None

    def __init__(self, names: dict[int, bytes]) -> None:
        self._names = names

    def __call__(self, name: bytes) -> int:
        number = 16 * (len(self._names) + 1)
        self._names[number] = name
        return number


@pytest.mark.parametrize("reduced", [True, False])
def test_macos_tells_whether_motion_is_to_be_reduced(reduced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    objc = Objc(reduced)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("ctypes.util.find_library", lambda name: f"/usr/lib/lib{name}.dylib")
    monkeypatch.setattr(ctypes.cdll, "LoadLibrary", lambda _name: objc)
    assert wants_less_motion() is reduced
    assert objc.sent == [
        (b"NSWorkspace", b"sharedWorkspace"),
        (b"workspace", b"accessibilityDisplayShouldReduceMotion"),
    ]


def test_a_mac_without_the_runtime_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    assert not wants_less_motion()
