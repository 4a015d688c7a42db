"""What befalls single programs of a desk: `make soak-desk-hosts` runs it before the faults between two hosts.

The commands themselves, on loopback: a collector and a window that are stopped (SIGSTOP) and go on, and a desk that is
backed up, destroyed, and restored elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from capflow_gui.desk.serving.configuration import COLLECTOR
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import Beat, decode_beat

sys.path.insert(0, str(Path(__file__).parent))
from two_hosts import CAPFLOW, SYMBOLS, Window, same_figures, until

TAKEN_OVER_S = 6.0
FROZEN_S = 15.0


class Beats:
    """What the collectors of a desk say of themselves, heard in a thread. `heard`: when, and the beat, by holder."""

    def __init__(self, port: int, keys: Path) -> None:
        self.heard: dict[str, tuple[float, Beat]] = {}
        threading.Thread(target=lambda: asyncio.run(self._listen(port, keys)), name="beats", daemon=True).start()

    async def _listen(self, port: int, keys: Path) -> None:
        async def hear(message: Msg) -> None:
            beat = decode_beat(message.data)
            self.heard[beat.holder] = time.monotonic(), beat

        client = Client()
        await client.connect(
            f"nats://127.0.0.1:{port}",
            tls=ssl.create_default_context(cafile=str(keys / "authority.pem")),
            user=COLLECTOR,
            password=(keys / "secrets" / COLLECTOR).read_text(encoding="utf-8").strip(),
            inbox_prefix=subjects.inbox(COLLECTOR),
            allow_reconnect=False,
            error_cb=self._end,
        )
        await client.subscribe(subjects.LIVE_BEATS, cb=hear)
        await asyncio.Event().wait()

    async def _end(self, error: Exception) -> None:
        """The server has ended, as is wanted."""

    def now(self, *, holding: bool) -> set[str]:
        """Who has been heard within five seconds, and holds a shard or waits for one."""
        since = time.monotonic() - 5.0
        return {name for name, (at, beat) in tuple(self.heard.items()) if at > since and bool(beat.epoch) is holding}


class Desk:
    """One desk in a folder, on a simulated OpenD that all its collectors ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        simulate = ("simulate", "--opend-port", "0", "--speed", "4", "--symbols", ",".join(SYMBOLS))
        told = self.start("simulator", *simulate, stdout=subprocess.PIPE).stdout
        assert told is not None
        self.source = f"opend://{json.loads(told.readline())['opend']}"
        self.port = 0

    def start(self, log: str, *words: object, **streams: Any) -> subprocess.Popen[str]:
        err = (self.folder / f"{log}.log").open("ab")
        process = subprocess.Popen([CAPFLOW, *map(str, words)], stderr=err, text=True, **streams)
        self.processes.append(process)
        return process

    def places(self, name: str) -> tuple[object, ...]:
        return "--config-dir", self.folder / name / "config", "--data-dir", self.folder / name / "data"

    def serve(self, name: str) -> tuple[subprocess.Popen[str], list[str]]:
        """`desk serve` from a folder, on the port of before, and the addresses it prints."""
        listen = ("--source", self.source, "--listen", f"127.0.0.1:{self.port}", "--windows", 3)
        process = self.start(name, "desk", "serve", *SYMBOLS, *listen, *self.places(name), stdout=subprocess.PIPE)
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(5)]
        addresses = [line for line in said if line.startswith("desk://")]
        assert len(addresses) == 3, said
        self.port = int(addresses[0].partition("?")[0].rpartition(":")[2])
        return process, addresses

    def collect(self, name: str) -> subprocess.Popen[str]:
        """A second collector for the desk that is served from the folder `served`."""
        keys = self.folder / "served" / "data" / "desk"
        bus = ("--bus", f"nats://127.0.0.1:{self.port}", "--ca", keys / "authority.pem")
        own = ("--secret", keys / "secrets" / "collector", "--source", self.source)
        return self.start(name, "desk", "collect", *SYMBOLS, *bus, *own, *self.places(name))

    def watch(self, name: str, address: str) -> Window:
        words = ("watch", *SYMBOLS, "--source", address, *self.places(name), "--format", "jsonl")
        return Window(self.start(name, *words, stdout=subprocess.PIPE))

    def exported(self, name: str) -> str:
        words = [CAPFLOW, "export", *SYMBOLS, "--format", "csv", *map(str, self.places(name))]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def close(self) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                print(f"{process.args} did not end", file=sys.stderr)


def settle(windows: list[Window], what: str, within_s: float = 60.0) -> None:
    """Until every window is connected and has the same figures."""
    with contextlib.suppress(AssertionError):
        until(lambda: all(window.is_ready() for window in windows), within_s, what)
    told = [window.links[-2:] for window in windows if not window.is_ready()]
    assert not told, f"{what}: a window is not connected: {told}"
    until(lambda: all(same_figures(windows[0], each) for each in windows), 30, f"{what}: other figures")


def stop_collector(desk: Desk, first: subprocess.Popen[str], windows: list[Window]) -> str:
    """Stop the holder, until another has its shard; then let it go on."""
    beats = Beats(desk.port, desk.folder / "served" / "data" / "desk")
    until(lambda: bool(beats.now(holding=False)), 60, "the second collector is not there")
    until(lambda: len(beats.now(holding=True)) == 1, 60, "the first collector is not heard")
    (holder,) = beats.now(holding=True)
    before = [len(window.links) for window in windows]
    windows[0].longest_s = 0.0
    first.send_signal(signal.SIGSTOP)
    took = until(lambda: bool(beats.now(holding=True) - {holder}), 30, "the second collector does not take over")
    taken_over = time.monotonic()
    until(lambda: windows[0].heard_at > taken_over, 30, "the second collector publishes nothing")
    settle(windows, "a stopped collector")
    silent = windows[0].longest_s
    first.send_signal(signal.SIGCONT)
    until(lambda: holder in beats.now(holding=False), 30, "the first collector does not step down")
    assert holder not in beats.now(holding=True)
    assert all(source.refused == 0 for _, beat in beats.heard.values() for source in beat.sources)
    settle(windows, "a stopped collector")
    told = [link[1:] for window, known in zip(windows, before, strict=True) for link in window.links[known:]]
    assert took <= TAKEN_OVER_S, f"taken over after {took:.1f} s"
    words = f"taken over after {took:.1f} s, a window without a figure for {silent:.1f} s"
    return f"{words}; the first waits when it goes on; windows said {told or 'nothing'}"


def stop_window(windows: list[Window]) -> str:
    """Stop a window for a while."""
    windows[1].process.send_signal(signal.SIGSTOP)
    shown = dict(windows[0].figures)
    time.sleep(FROZEN_S)
    until(lambda: all(windows[0].figures[each] != shown[each] for each in SYMBOLS), 60, "nothing new came")
    windows[1].process.send_signal(signal.SIGCONT)
    took = until(lambda: same_figures(windows[0], windows[1]), 30, "a stopped window")
    return f"same figures {took:.1f} s after {FROZEN_S:.0f} s and more"


def restore(desk: Desk, address: str) -> str:
    """Back up what is served, destroy it, restore it elsewhere. `address`: with the files that a window was given."""
    served = desk.folder / "served"
    recorded = desk.exported("served")
    shutil.make_archive(str(desk.folder / "backup"), "tar", served)
    shutil.rmtree(served)
    shutil.unpack_archive(desk.folder / "backup.tar", desk.folder / "moved")
    shutil.rmtree(desk.folder / "moved" / "data" / "desk" / "store")
    assert desk.exported("moved") == recorded
    desk.serve("moved")
    window = desk.watch("restored", address)
    until(lambda: window.is_ready() and window.figures.keys() == set(SYMBOLS), 60, "the window of before")
    lines = len(recorded.splitlines()) - 1
    return f"{lines} recorded lines are the same, and a window is let in as before"


def main() -> None:
    """Print what was seen; an AssertionError names what was not borne."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="desk-faults-") as name:
        desk = Desk(Path(name))
        try:
            first, addresses = desk.serve("served")
            second = desk.collect("second")
            windows = [desk.watch(f"window{number}", address) for number, address in enumerate(addresses[:2])]
            settle(windows, "the beginning", 240.0)
            print("a collector is stopped:", stop_collector(desk, first, windows), flush=True)
            print("a window is stopped:", stop_window(windows), flush=True)
            given = Path(name) / "given"
            given.mkdir()
            keys = Path(name) / "served" / "data" / "desk"
            for file in (keys / "authority.pem", keys / "secrets" / "ws01"):
                shutil.copy(file, given)
            for process in (*(window.process for window in windows), second, first):
                process.terminate()
                process.wait(30)
            place = addresses[0].partition("?")[0]
            told = restore(desk, f"{place}?ca={given}/authority.pem&secret={given}/ws01")
            print("backup and restore:", told, flush=True)
        finally:
            desk.close()


if __name__ == "__main__":
    main()
