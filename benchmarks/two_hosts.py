"""A desk on one host and a window on another, and what goes wrong between them: `make soak-desk-hosts` (Linux, root).

Both hosts are network namespaces; nothing in them reaches any other network. Each has a TUN device, and this program is
the cable between the two: it hands every packet over, late, one way only, or not at all. On the first host runs
`capflow desk serve` and a window beside it; on the second, `capflow watch` over TLS. After each fault the second window
must have the figures of the first, and must have said within the time of the design that it had none.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import heapq
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

IP = shutil.which("ip") or "ip"
CAPFLOW = Path(sys.executable).with_name("capflow")
SYMBOLS = ("700.HK", "5.HK", "388.HK")
ADDRESSES = ("10.77.0.1", "10.77.0.2")
PORT = 4222
SAID_WITHIN_S = 6.0
SAME_WITHIN_S = 20.0
_TUNSETIFF, _IFF_TUN_NO_PI = 0x400454CA, 0x1001
_TCP = 6

Flow = tuple[bytes, bytes]


class Cable:
    """Hands packets from one device to the other, in a thread.

    delay_s     of every packet, each way
    lost        the ends whose packets are lost: 0 for those of the first host, 1 for those of the second
    forgotten   TCP connections of which the box in between knows nothing any more
    """

    def __init__(self, ends: tuple[int, int]) -> None:
        self.delay_s = 0.0
        self.lost: frozenset[int] = frozenset()
        self.forgotten: set[Flow] = set()
        self.seen: set[Flow] = set()
        self._ends = ends
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._run, name="cable")
        self._thread.start()

    def close(self) -> None:
        os.close(self._stopped)
        self._thread.join()
        for handle in (self._stop, *self._ends):
            os.close(handle)

    def _run(self) -> None:
        number = 0
        while True:
            wait = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            ready, _, _ = select.select((*self._ends, self._stop), (), (), wait)
            if self._stop in ready:
                return
            for end in ready:
                packet = os.read(end, 65536)
                number += 1
                side = self._ends.index(end)
                if not self._is_lost(side, packet):
                    heapq.heappush(self._waiting, (time.monotonic() + self.delay_s, number, 1 - side, packet))
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, side, packet = heapq.heappop(self._waiting)
                with contextlib.suppress(OSError):  # the device is down
                    os.write(self._ends[side], packet)

    def _is_lost(self, side: int, packet: bytes) -> bool:
        if packet[0] >> 4 == 4 and packet[9] == _TCP:
            start = (packet[0] & 15) * 4
            ends = (packet[12:16] + packet[start : start + 2], packet[16:20] + packet[start + 2 : start + 4])
            flow = (min(ends), max(ends))
            self.seen.add(flow)
            if flow in self.forgotten:
                return True
        return side in self.lost


class Hosts:
    """The two namespaces and the cable."""

    def __init__(self) -> None:
        self.names = tuple(f"capflow-{os.getpid()}-{number}" for number in (1, 2))
        ends = []
        for name, address in zip(self.names, ADDRESSES, strict=True):
            device = f"tun{os.getpid()}x{address[-1]}"
            handle = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH22x", device.encode(), _IFF_TUN_NO_PI))
            ends.append(handle)
            ip("netns", "add", name)
            ip("link", "set", device, "netns", name)
            ip("-n", name, "link", "set", device, "name", "cable0")
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "cable0")
            for each in ("lo", "cable0"):
                ip("-n", name, "link", "set", each, "up")
        self.cable = Cable((ends[0], ends[1]))

    def close(self) -> None:
        self.cable.close()
        for name in self.names:
            ip("netns", "del", name)

    def plug(self, host: int, *, there: bool) -> None:
        """Take the cable out of a host, or put it in again."""
        ip("-n", self.names[host], "link", "set", "cable0", "up" if there else "down")

    def start(self, host: int, log: Path, *command: object, **streams: Any) -> subprocess.Popen[str]:
        """The program on a host."""
        words = [IP, "netns", "exec", self.names[host], str(CAPFLOW), *map(str, command)]
        return subprocess.Popen(words, stderr=log.open("ab"), text=True, **streams)


def ip(*words: str) -> None:
    subprocess.run([IP, *words], check=True)


class Window:
    """`capflow watch`, and what it says.

    figures    the newest of each symbol
    links      when it said what of its link, and why
    longest_s  for how long it said nothing of any symbol; to be set to zero by who wants to know
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.figures: dict[str, tuple[object, ...]] = {}
        self.heard_at = self.longest_s = 0.0
        self.links: list[tuple[float, str, str]] = []
        threading.Thread(target=self._read, name="window", daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told = json.loads(line)
            if told["type"] == "flow":
                now = time.monotonic()
                self.longest_s, self.heard_at = max(self.longest_s, now - (self.heard_at or now)), now
                self.figures[told["symbol"]] = told["session"], told["lines"], told["net"], told["main"]
            elif told["type"] == "link":
                self.links.append((time.monotonic(), told["state"], str(told["reason"])))

    def is_ready(self) -> bool:
        return bool(self.links) and self.links[-1][1] == "ready"


def until(condition: Callable[[], bool], within_s: float, what: str) -> float:
    """Wait for something; the seconds that it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + within_s:
            raise AssertionError(f"{what}: not within {within_s:g} s")
        time.sleep(0.02)
    return time.monotonic() - began


@contextlib.contextmanager
def desk(folder: Path, hosts: Hosts) -> Iterator[tuple[Window, Window]]:
    """The desk with a window beside it, and the window on the other host."""
    served = folder / "served"
    places = ("--config-dir", served / "config", "--data-dir", served / "data")
    listen = ("--listen", f"{ADDRESSES[0]}:{PORT}", "--windows", 2)
    processes = []
    try:
        serve = hosts.start(
            0, folder / "serve.log", "desk", "serve", *SYMBOLS, "--source", "demo:", *listen, *places,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        processes.append(serve)
        assert serve.stdout is not None
        said = [serve.stdout.readline() for _ in range(4)]
        addresses = [line.strip() for line in said if line.strip().startswith("desk://")]
        assert len(addresses) == 2, said
        windows = []
        for host, address in enumerate(addresses):
            own = ("--config-dir", folder / f"config{host}", "--data-dir", folder / f"data{host}")
            watch = hosts.start(
                host, folder / f"window{host}.log", "watch", *SYMBOLS, "--source", address, *own, "--format", "jsonl",
                stdout=subprocess.PIPE,
            )  # fmt: skip
            processes.append(watch)
            windows.append(Window(watch))
        yield windows[0], windows[1]
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in reversed(processes):
            process.wait(20)


def through(fault: str, near: Window, far: Window, begin: Callable[[], None], end: Callable[[], None]) -> str:
    """One fault from its begin to its end; what was seen."""
    before, shown = len(far.links), dict(near.figures)
    begin()
    took = until(lambda: any(state == "lost" for _, state, _ in far.links[before:]), 30, f"{fault}: nothing is said")
    reason = next(words for _, state, words in far.links[before:] if state == "lost")
    assert took <= SAID_WITHIN_S, f"{fault}: said after {took:.1f} s"
    assert near.is_ready(), f"{fault}: the window beside the server lost it, too"
    # Else there is nothing that the other window could miss.
    until(lambda: all(near.figures[symbol] != shown[symbol] for symbol in SYMBOLS), 60, f"{fault}: nothing new came")
    end()
    back = until(far.is_ready, SAME_WITHIN_S, f"{fault}: it does not come back")
    same = until(lambda: same_figures(near, far), SAME_WITHIN_S, f"{fault}: {near.figures} and {far.figures}")
    return f"said after {took:.1f} s ({reason}), back {back:.1f} s after its end, same figures {same:.1f} s later"


def same_figures(near: Window, far: Window) -> bool:
    return near.figures == far.figures and far.figures.keys() == set(SYMBOLS)


def faults(hosts: Hosts) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
    """Each by its name: how it begins, and how it ends."""
    cable = hosts.cable

    def lose(*ends: int) -> Callable[[], None]:
        return lambda: setattr(cable, "lost", frozenset(ends))

    def forget() -> None:
        cable.forgotten = set(cable.seen)

    return {
        "the cable is pulled at the window": (
            lambda: hosts.plug(1, there=False),
            lambda: hosts.plug(1, there=True),
        ),
        "the cable is pulled at the server": (
            lambda: hosts.plug(0, there=False),
            lambda: hosts.plug(0, there=True),
        ),
        "a switch between them is off": (lose(0, 1), lose()),
        "nothing comes from the server": (lose(0), lose()),
        "nothing comes to the server": (lose(1), lose()),
        "a NAT forgets the connection": (forget, lambda: None),
    }


def run() -> None:
    """Every fault; AssertionError names the one that was not borne."""
    with tempfile.TemporaryDirectory(prefix="two-hosts-") as name, contextlib.ExitStack() as stack:
        hosts = Hosts()
        stack.callback(hosts.close)
        near, far = stack.enter_context(desk(Path(name), hosts))
        took = until(lambda: far.is_ready() and same_figures(near, far), 30, "they never began")
        print(f"begin: same figures after {took:.1f} s", flush=True)
        for fault, (begin, end) in faults(hosts).items():
            print(f"{fault}: {through(fault, near, far, begin, end)}", flush=True)
        hosts.cable.delay_s = 0.2
        before = len(far.links)
        time.sleep(20)
        assert far.links[before:] == [], f"200 ms each way: {far.links[before:]}"
        same = until(lambda: same_figures(near, far), SAME_WITHIN_S, "200 ms each way: other figures")
        print(f"200 ms each way: connected for 20 s, same figures after {same:.1f} s", flush=True)
        hosts.cable.lost = frozenset({0, 1})
        until(lambda: not far.is_ready(), 30, "200 ms each way: nothing is said")
        hosts.cable.lost = frozenset()
        back = until(far.is_ready, SAME_WITHIN_S, "200 ms each way: it does not come back")
        until(lambda: same_figures(near, far), SAME_WITHIN_S, "200 ms each way: other figures")
        print(f"200 ms each way: connected again {back:.1f} s after an interruption", flush=True)


def main() -> int:
    """Print what was seen; 2 where this computer allows no namespaces."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    if sys.platform != "linux" or os.geteuid() != 0:
        print("NOT RUN: it needs Linux, and root for network namespaces", file=sys.stderr)
        return 2
    run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
