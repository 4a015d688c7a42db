"""`make screenshots`: the README's pictures, drawn from the demo into packaging/pictures/.

Each picture is the real window, a minute of market time after the sell-off began, in a profile that is thrown away.
Without a display they are drawn offscreen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

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


def shoot(name: str, width: int, height: int, scheme: str, palette: str) -> int:
    """Draw one picture in this process; the exit status of the window."""
    from capflow_gui.app.request import Request
    from capflow_gui.app.run import main
    from capflow_gui.paths import Paths
    from capflow_gui.settings import Appearance, Settings, Thresholds, WatchSettings, WindowSettings, save

    symbols = [3690, 700, 981, 1810, 9618, 941, 2015, 2318, 388, 5, 1211, 1299, 2800, 883, 9988, 1024]
    settings = Settings(
        first_run_done=True,
        appearance=Appearance(scheme, palette),  # type: ignore[arg-type]
        thresholds=Thresholds("-120M", {"700.HK": "-200M", "3690.HK": "-130M", "981.HK": "-100M"}),
        watchlist=WatchSettings([f"{code}.HK" for code in symbols]),
        window=WindowSettings(selected="700.HK"),
    )
    with tempfile.TemporaryDirectory(prefix="capflow-pictures-") as folder:
        folders = (Path(folder) / "config", Path(folder) / "data")
        save(Paths.resolve("demo", *folders).settings_file, settings)
        return main(
            Request(
                demo=True,
                clock=CLOCK,
                screenshot=PICTURES / f"{name}.png",
                after=AFTER_S,
                size=(width, height),
                folders=folders,
            )
        )


def main() -> int:
    """Draw every picture, each in a process of its own."""
    if len(sys.argv) > 1:
        wanted = next(shot for shot in SHOTS if shot[0] == sys.argv[1])
        return shoot(*wanted)
    PICTURES.mkdir(exist_ok=True)
    environment = dict(os.environ)
    if sys.platform == "linux" and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = [subprocess.Popen([sys.executable, __file__, name], env=environment, cwd=ROOT) for name, *_ in SHOTS]
    return max(process.wait() for process in running)


if __name__ == "__main__":
    sys.exit(main())
