"""The system is asked whether programs are to move less."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.app.system.motion import wants_less_motion

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the desktop's portal is Linux's")
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


def test_without_a_bus_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    assert not wants_less_motion()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert not wants_less_motion()
