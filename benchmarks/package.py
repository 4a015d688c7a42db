"""The bundle against PyInstaller's own default for the same program, and its first paint against the source's.

`make bench-package`: dist/capflow must have been built (`make package`). The default bundle is built here, from the
same environment: PyInstaller with nothing but the names it cannot see for itself. First paint is from the
start of the process until the window's colour is among the pixels of an X screen; rounds alternate, medians count.
"""

from __future__ import annotations

import json
import mmap
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "packaging"))
import build_bundle  # noqa: E402
import bundle  # noqa: E402

FOLDER = "Scripts" if os.name == "nt" else "bin"
PYTHON = ROOT / ".cache" / "package-venv" / FOLDER / ("python.exe" if os.name == "nt" else "python")
ROUNDS = 7
LIMIT_S = 60
SEEN = 1280 * 800 * 4
PANEL = bytes.fromhex("12171d")[::-1]  # the window's own colour, blue first as X stores it


def default_bundle(work: Path) -> Path:
    """What `pyinstaller` makes of the program when it is only told what is imported and read by name."""
    arguments = ["--noconfirm", "--onedir", "--name", "capflow", "--log-level", "ERROR", "--paths", str(ROOT)]
    arguments += ["--distpath", str(work / "dist"), "--workpath", str(work / "build"), "--specpath", str(work)]
    for name in bundle.hidden_imports():
        arguments += ["--hidden-import", name]
    for file, folder in bundle.data_files():
        arguments += ["--add-data", f"{file}{os.pathsep}{folder}"]
    command = [str(PYTHON), "-m", "PyInstaller", *arguments, str(ROOT / "packaging" / "entry" / "capflow.py")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=work)
    return work / "dist" / "capflow"


@contextmanager
def screen(folder: Path) -> Iterator[tuple[str, mmap.mmap]]:
    """An X display of its own, and its pixels as they are."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-fbdir", str(folder), "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            display = f":{server.stdout.readline().strip()}"
            with (
                (folder / "Xvfb_screen0").open("rb") as file,
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pixels,
            ):
                yield display, pixels
        finally:
            server.terminate()


def first_paint(command: list[str], place: Path) -> float:
    """Seconds from the start of the process until its window's own colour is on the screen."""
    folders = ["--config-dir", str(place / "config"), "--data-dir", str(place / "data")]
    with tempfile.TemporaryDirectory() as folder, screen(Path(folder)) as (display, pixels):
        environ = {**os.environ, "QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
        began = time.monotonic()
        with subprocess.Popen([*command, "demo", *folders], env=environ, stdin=subprocess.DEVNULL) as run:
            try:
                while not any(pixels[at : at + 3] == PANEL for at in range(len(pixels) - SEEN, len(pixels), 4 * 4001)):
                    if run.poll() is not None or time.monotonic() - began > LIMIT_S:
                        raise RuntimeError(f"{command} showed no window")
                    time.sleep(0.001)
                return time.monotonic() - began
            finally:
                run.terminate()


def row(metric: str, ours: float, baseline: float, *, unit: str, name: str, target: float) -> str:
    """A line of benchmarks/run.py's table; the ratio is baseline ÷ ours."""
    facts = {"metric": metric, "ours": ours, "baseline": baseline, "unit": unit, "baseline_name": name}
    return json.dumps({**facts, "ratio": baseline / ours, "target": target})


def main() -> None:
    """Print a JSON row for size and one for first paint."""
    ours = ROOT / "dist" / "capflow"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        size = build_bundle.size_of(default_bundle(work))
        # At most 0.77 of the default, so at least 1.30 the other way round.
        mine = build_bundle.size_of(ours)
        print(row("onedir bundle", mine / 1e6, size / 1e6, unit="MB", name="PyInstaller's default", target=1 / 0.77))
        frozen = [str(ours / f"capflow{'.exe' if os.name == 'nt' else ''}")]
        source = [str(PYTHON), "-m", "capflow_gui"]
        took: dict[str, list[float]] = {"frozen": [], "source": []}
        for name in ("frozen", "source"):
            (work / name).mkdir()
            first_paint({"frozen": frozen, "source": source}[name], work / name)
        for _ in range(ROUNDS):
            took["frozen"].append(first_paint(frozen, work / "frozen"))
            took["source"].append(first_paint(source, work / "source"))
        medians = {name: statistics.median(times) for name, times in took.items()}
        # At most 1.3 times the source run's.
        print(
            row(
                "first paint of the bundle",
                medians["frozen"],
                medians["source"],
                unit="s",
                name="from source",
                target=1 / 1.3,
            )
        )


if __name__ == "__main__":
    main()
