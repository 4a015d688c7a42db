"""Whether the system asks programs to move less.

Linux: the desktop's portal, which tells GNOME's and KDE's choice. Windows: *animation effects*. macOS: *reduce motion*.
Elsewhere, and where nothing answers, it is not known, and things move. It is asked at the start: a change holds from
the next one on.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import sys

_PORTAL = "org.freedesktop.portal.Desktop"
_SPI_GETCLIENTAREAANIMATION = 0x1042
_TIMEOUT_S = 1.0


def wants_less_motion() -> bool:
    """Ask the system; blocks for a second at most."""
    if sys.platform == "win32":
        return _windows()
    return _mac() if sys.platform == "darwin" else _portal()


def _portal() -> bool:
    from jeepney import DBusAddress, MessageType, new_method_call  # noqa: PLC0415 - on Linux alone
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

    settings = DBusAddress("/org/freedesktop/portal/desktop", _PORTAL, "org.freedesktop.portal.Settings")
    asked = (
        ("org.gnome.desktop.interface", "enable-animations"),
        ("org.kde.kdeglobals.KDE", "AnimationDurationFactor"),
    )
    known = contextlib.suppress(OSError, KeyError, ValueError, IndexError, TypeError)  # no bus, no portal, no such key
    with known, open_dbus_connection(bus="SESSION") as bus:
        for names in asked:
            reply = bus.send_and_get_reply(new_method_call(settings, "Read", "ss", names), timeout=_TIMEOUT_S)
            if reply.header.message_type is MessageType.method_return:
                return not float(_plain(reply.body[0]))
    return False


def _plain(value: object) -> str | bool | float:
    """What is in a variant, which may lie in another."""
    while isinstance(value, tuple):
        value = value[1]
    if not isinstance(value, str | bool | int | float):
        raise TypeError(type(value).__name__)
    return value


def _windows() -> bool:
    on = ctypes.c_int(1)
    ctypes.windll.user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(on), 0)  # type: ignore[attr-defined,unused-ignore]
    return not on.value


def _mac() -> bool:
    library = ctypes.util.find_library("objc")
    if library is None:
        return False
    objc = ctypes.cdll.LoadLibrary(library)
    objc.objc_getClass.restype = objc.sel_registerName.restype = ctypes.c_void_p
    place = ctypes.cast(objc.objc_msgSend, ctypes.c_void_p).value
    assert place is not None  # noqa: S101  it was found
    send = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(place)
    ask = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)(place)
    workspace = send(objc.objc_getClass(b"NSWorkspace"), objc.sel_registerName(b"sharedWorkspace"))
    return bool(ask(workspace, objc.sel_registerName(b"accessibilityDisplayShouldReduceMotion")))
