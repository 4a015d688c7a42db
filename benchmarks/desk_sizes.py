"""What a desk takes: `python benchmarks/desk_sizes.py` prints a row for each number of symbols and windows.

Server, collector and windows run on this computer, as in `soak_desk.py`: the collector asks a simulator so many times a
second, records, and judges one rule. Measured after every window has every symbol.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from soak_desk import ask, cpu_s, running, wait_complete

MEGABYTE = 1 << 20


def memory(pid: int) -> float:
    """Megabytes of a process that are its own, and its share of what it shares."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(text.partition("\nPss:")[2].split()[0]) * 1024 / MEGABYTE


def folder_bytes(folder: Path) -> int:
    """Of all files in a folder, on the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def row(symbols: int, windows: int, rate: int, seconds: float) -> str:
    """One line of the table."""
    about = argparse.Namespace(symbols=symbols, windows=windows, rate=rate, speed=1.0, keep=False)
    with running(about) as desk:
        others = desk.start_windows(1, windows)
        try:
            wait_complete([others], f"{windows} windows have {symbols} symbols")
            processes = desk.server, desk.collector, others
            pids = [process.pid for process in processes if process is not None]
            before, began = [cpu_s(pid) for pid in pids], time.monotonic()
            first = ask(others)
            time.sleep(seconds)
            took = time.monotonic() - began
            server, collector, client = ((cpu_s(pid) - spent) / took for pid, spent in zip(pids, before, strict=True))
            assert ask(others)["downs"] == first["downs"], "a window lost its connection"
            store = folder_bytes(desk.folder / "js")
            cells = (
                *(f"{server:.1%}", f"{memory(pids[0]):.0f} MB", f"{collector:.1%}", f"{memory(pids[1]):.0f} MB"),
                *(f"{client / windows:.1%}", f"{store / symbols / 1024:.1f} kB"),
            )
            return f"| {symbols} | {windows} | {' | '.join(cells)} |"
        finally:
            others.kill()
            others.wait()


def machine() -> str:
    """What it was measured on."""
    model = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("model name\t: ")[2].partition("\n")[0]
    kernel = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    return f"{os.cpu_count()} cores of {model}, Linux {kernel}, load {os.getloadavg()[0]:.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of measuring, a row")
    parser.add_argument("--rate", type=int, default=10, help="replies a second")
    parser.add_argument("--symbols", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--windows", type=int, nargs="+", default=[3, 10, 50])
    arguments = parser.parse_args()
    print("| symbols | windows | server | | collector | | a window without a screen | store, a symbol |")
    for symbols in arguments.symbols:
        for windows in arguments.windows:
            print(row(symbols, windows, arguments.rate, arguments.seconds), flush=True)
    print(machine())


if __name__ == "__main__":
    main()
