"""`make screenshots`: the pictures of the README and the user guide, drawn from the demo into packaging/pictures/.

Each picture is the real window, a minute of market time after the sell-off began, in a profile that is thrown away;
those of the guide are parts of it, or a dialog over it. Without a display they are drawn offscreen. `screenshots.py
guide` draws the guide's alone.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capflow_gui.app.session import Session
    from capflow_gui.settings import Settings
    from capflow_gui.ui.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "packaging" / "pictures"
AFTER_S = 40
CLOCK = "2026-06-10T14:31:28+08:00"
# name, width, height, scheme, palette
SHOTS = (
    ("demo-dark", 1600, 1000, "dark", "green_up"),
    ("demo-light", 1600, 1000, "light", "green_up"),
    ("demo-red-up", 1600, 1000, "dark", "red_up"),
    ("demo-colour-blind", 1600, 1000, "dark", "colour_blind"),
    ("demo-1280x720", 1280, 720, "dark", "green_up"),
)

# The guide's: what is shown of the window, or the dialog that is opened over it; "" is the page of the first start.
GUIDE = {
    "guide-first-run": "",
    "guide-watchlist": "watchlist",
    "guide-chart": "chart",
    "guide-alerts": "detail",
    "guide-threshold": "open_current_threshold",
    "guide-rule": "new_rule",
    "guide-opend": "open_connection",
    "guide-longport": "open_connection longport",
    "guide-desk": "open_connection desk",
    "guide-settings": "open_settings",
    "guide-two-sources": "whole",
    "guide-comparison": "open_comparison",
}
GUIDE_SIZE = (1600, 1000)
WHOLE = (1440, 900)
TWO_SOURCES = ("guide-two-sources", "guide-comparison")
DIALOG_S = 3.0


def profile(scheme: str, palette: str, sources: dict[str, str] | None = None) -> Settings:
    """What the pictures' demo watches."""
    from capflow_gui.settings import Appearance, Settings, Thresholds, WatchSettings, WindowSettings

    symbols = [3690, 700, 981, 1810, 9618, 941, 2015, 2318, 388, 5, 1211, 1299, 2800, 883, 9988, 1024]
    return Settings(
        first_run_done=True,
        appearance=Appearance(scheme, palette),  # type: ignore[arg-type]
        thresholds=Thresholds("-120M", {"700.HK": "-200M", "3690.HK": "-130M", "981.HK": "-100M"}),
        watchlist=WatchSettings([f"{code}.HK" for code in symbols], sources=sources or {}),
        window=WindowSettings(selected="700.HK"),
    )


def keep(settings: Settings, folders: tuple[Path, Path]) -> None:
    """Put settings where the demo reads them; ValueError where it would not read the same."""
    from capflow_gui.paths import Paths
    from capflow_gui.settings import load, save

    file = Paths.resolve("demo", *folders).settings_file
    save(file, settings)
    read = load(file)
    if read.settings != settings:
        raise ValueError(f"the settings of the pictures cannot be used: {read.problems}")


def shoot(name: str, width: int, height: int, scheme: str, palette: str) -> int:
    """Draw one picture in this process; the exit status of the window."""
    from capflow_gui.app.request import Request
    from capflow_gui.app.run import main

    settings = profile(scheme, palette)
    with tempfile.TemporaryDirectory(prefix="capflow-pictures-") as folder:
        folders = (Path(folder) / "config", Path(folder) / "data")
        keep(settings, folders)
        status = main(
            Request(
                demo=True,
                clock=CLOCK,
                screenshot=PICTURES / f"{name}.png",
                after=AFTER_S,
                size=(width, height),
                folders=folders,
            )
        )
    shrink(PICTURES / f"{name}.png")
    return status


def shoot_for_guide(name: str, shown: str) -> int:
    """Draw one of the guide's pictures in this process; the exit status of the window."""
    from capflow_gui.app import run
    from capflow_gui.app.desktop import Desktop
    from capflow_gui.app.request import Request

    picture = PICTURES / f"{name}.png"

    class Posed(Desktop):
        """The program, looked at in another way."""

        async def _look(self, session: Session, window: MainWindow) -> int | None:
            del session
            await asyncio.sleep(AFTER_S)
            save_picture(await pose(window, shown), picture)
            return 0

    run.Desktop = Posed  # type: ignore[misc]
    both = {"9618.HK": "longport", "2015.HK": "longport", "388.HK": "longport", "5.HK": "longport"}
    with tempfile.TemporaryDirectory(prefix="capflow-pictures-") as folder:
        folders = (Path(folder) / "config", Path(folder) / "data")
        request = Request(demo=True, clock=CLOCK, screenshot=picture, size=GUIDE_SIZE, folders=folders)
        if not shown:
            request = Request(screenshot=picture, after=1, folders=folders)
        elif name in TWO_SOURCES:
            keep(profile("dark", "green_up", both), folders)
            request = replace(request, size=WHOLE, sources=("opend", "longport"))
        else:
            keep(profile("dark", "green_up"), folders)
        status = run.main(request)
    shrink(picture)
    return status


async def pose(window: MainWindow, shown: str) -> QWidget:
    """What is to be drawn: a part of the window, or a dialog over it."""
    window.bridge.drain()
    if shown == "new_rule":
        window.rules.new()
    elif not shown.startswith("open_"):
        parts: dict[str, QWidget] = {"watchlist": window.watchlist, "chart": window.chart, "detail": window.detail}
        return parts.get(shown, window)
    else:
        opening, *arguments = shown.split()
        getattr(window.dialogs, opening)(*arguments)
    await asyncio.sleep(DIALOG_S)
    dialog = window.dialogs.current
    if dialog is None:
        raise RuntimeError(f"{shown} opened nothing")
    return dialog


def save_picture(widget: QWidget, picture: Path) -> None:
    """Draw a widget as it is; OSError when that does not work."""
    if not widget.grab().save(str(picture), "PNG"):
        raise OSError(f"{picture} cannot be written")


def shrink(picture: Path) -> None:
    """Without the transparency no picture has, and packed as tightly as PNG goes."""
    from PySide6.QtGui import QImage

    if not QImage(str(picture)).convertToFormat(QImage.Format.Format_RGB888).save(str(picture), "PNG", 0):
        raise OSError(f"{picture} cannot be written")


def main() -> int:
    """Draw every picture, each in a process of its own; `guide`: the guide's; a name: that one, in this process."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted in GUIDE:
        return shoot_for_guide(wanted, GUIDE[wanted])
    for shot in SHOTS:
        if shot[0] == wanted:
            return shoot(*shot)
    PICTURES.mkdir(exist_ok=True)
    environment = dict(os.environ)
    if sys.platform == "linux" and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    names = [*GUIDE] if wanted == "guide" else [*(name for name, *_ in SHOTS), *GUIDE]
    running = [subprocess.Popen([sys.executable, __file__, name], env=environment, cwd=ROOT) for name in names]
    return max(process.wait() for process in running)


if __name__ == "__main__":
    sys.exit(main())
