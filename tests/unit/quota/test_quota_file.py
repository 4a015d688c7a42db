"""One budget for every process of a user, and nothing that happens to the file makes it larger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.domain.link import RateLimit
from capflow_gui.quota.limiter import Limiter
from capflow_gui.quota.quota_file import Quota, QuotaBusy, QuotaFile, Slot, _locked
from capflow_gui.reason import Code, Reason

KEY = "127.0.0.1:11111/capital_flow"

CHILD = """
import json, os, sys, time
from pathlib import Path
from capflow_gui.clock import SystemClock
from capflow_gui.quota.limiter import Limiter
from capflow_gui.quota.quota_file import QuotaFile
from capflow_gui.domain.link import RateLimit
path, calls, window, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
limiter = Limiter("k", RateLimit(calls, window), clock=SystemClock(), file=QuotaFile(path), timeout_s=1.0)
time.sleep(max(0.0, float(os.environ.get("CAPFLOW_BEGIN", "0")) - time.monotonic()))
ends, sent = time.monotonic() + seconds, []
while (now := time.monotonic()) < ends:
    reservation = limiter.try_reserve(now)
    if reservation is None:
        time.sleep(min(max(limiter.next_look - time.monotonic(), 0.0005), 0.05))
        continue
    sent.append(time.monotonic())
    reservation.replied()
print(json.dumps(sent))
"""


class At:
    def __init__(self, now: float) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        raise AssertionError("not here")


def limiter_on(path: Path | None, clock: object, calls: int = 3) -> Limiter:
    return Limiter(KEY, RateLimit(calls, 30.0), clock=clock, file=QuotaFile(path))  # type: ignore[arg-type]


def take_all(limiter: Limiter) -> int:
    taken = 0
    while (reservation := limiter.try_reserve()) is not None:
        reservation.replied()
        taken += 1
    return taken


def test_a_restart_does_not_forget(tmp_path: Path) -> None:
    clock = At(5000.0)
    assert take_all(limiter_on(tmp_path / "state" / "quota", clock)) == 3
    again = limiter_on(tmp_path / "state" / "quota", clock)
    assert take_all(again) == 0
    clock.now += 30.06
    assert take_all(again) == 3


def test_sources_and_interfaces_do_not_share(tmp_path: Path) -> None:
    file = QuotaFile(tmp_path / "quota")
    clock = At(5000.0)
    for key in ("a/capital_flow", "b/capital_flow", "a/snapshot"):
        assert Limiter(key, RateLimit(1, 30.0), clock=clock, file=file).try_reserve() is not None


def test_a_process_killed_mid_call_holds_its_slot_until_the_time_out(tmp_path: Path) -> None:
    clock = At(5000.0)
    assert limiter_on(tmp_path / "quota", clock, 1).try_reserve() is not None  # and is never heard of again
    survivor = limiter_on(tmp_path / "quota", clock, 1)
    clock.now += 42.04
    assert survivor.try_reserve() is None
    clock.now += 0.02
    assert survivor.try_reserve() is not None


@pytest.mark.parametrize(("uptime", "free"), [(5.0, 0), (29.0, 0), (31.0, 3)])
def test_after_a_reboot_old_calls_are_as_old_as_the_boot(tmp_path: Path, uptime: float, free: int) -> None:
    assert take_all(limiter_on(tmp_path / "quota", At(900_000.0))) == 3
    assert take_all(limiter_on(tmp_path / "quota", At(uptime))) == free


@pytest.mark.parametrize("damage", [b"garbage" * 20, b"CFQ1", None])
def test_a_damaged_file_counts_as_used_up_and_says_so(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "quota"
    clock = At(5000.0)
    limiter_on(path, clock).try_reserve()
    raw = bytearray(path.read_bytes())
    raw[-2] ^= 0x20
    path.write_bytes(bytes(raw) if damage is None else damage)
    limiter, neighbour = limiter_on(path, clock), limiter_on(path, clock)
    assert take_all(limiter) == 0
    assert limiter.file.trouble == Reason.of(Code.QUOTA_FILE_DAMAGED)
    assert take_all(neighbour) == 0
    clock.now += 30.06
    assert take_all(neighbour) == 3


def test_where_nothing_can_be_written_memory_counts_and_says_so(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("not a directory")
    clock = At(5000.0)
    limiter = limiter_on(blocker / "quota", clock)
    assert take_all(limiter) == 3
    assert take_all(limiter) == 0
    assert limiter.file.trouble is not None
    assert limiter.file.trouble.code is Code.QUOTA_FILE_UNUSABLE


def test_a_file_that_can_be_used_again_is_and_learns_what_was_counted_without_it(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    clock = At(5000.0)
    limiter = limiter_on(folder / "quota", clock)
    assert limiter.try_reserve() is not None
    folder.unlink()
    clock.now += 29.0
    assert take_all(limiter) == 2
    assert limiter.file.trouble is not None
    assert limiter.file.trouble.code is Code.QUOTA_FILE_UNUSABLE
    clock.now += 13.06  # the first call, never answered, is over; the others were made a moment ago
    assert take_all(limiter) == 1
    assert limiter.file.trouble is None
    assert take_all(limiter_on(folder / "quota", clock)) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="/dev/full is Linux's")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_costs_no_call_twice(tmp_path: Path) -> None:
    clock = At(5000.0)
    limiter = limiter_on(Path("/dev/full"), clock)
    limiter.file._read = lambda handle, now: limiter.file._memory  # type: ignore[method-assign] # it reads as zeros
    assert take_all(limiter) == 3
    assert limiter.file.trouble is not None
    assert limiter.file.trouble.code is Code.QUOTA_FILE_UNUSABLE
    clock.now += 30.04
    assert take_all(limiter) == 0


@pytest.mark.parametrize(
    "slot",
    [["other-1", 5000.0, True], ["other-1", 5000.0, True, None, "of a later version"]],
    ids=["an earlier version", "a later version"],
)
def test_the_file_of_another_version_is_understood(tmp_path: Path, slot: list[object]) -> None:
    path = tmp_path / "quota"
    body = json.dumps({"quotas": {KEY: {"slots": [slot], "clients": {}, "novelty": 1}}, "more": 2}).encode()
    path.write_bytes(b"CFQ1" + len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little") + body)
    limiter = limiter_on(path, At(5001.0))
    assert take_all(limiter) == 2
    assert limiter.file.trouble is None


def test_processes_that_start_in_the_same_moment_share_from_the_first_call(tmp_path: Path) -> None:
    calls, children = 10, 6
    arguments = [sys.executable, "-c", CHILD, str(tmp_path / "state" / "quota"), str(calls), "60", "0.3"]
    variables = os.environ | {"PYTHONPATH": str(Path.cwd()), "CAPFLOW_BEGIN": str(time.monotonic() + 2.0)}
    running = [subprocess.Popen(arguments, stdout=subprocess.PIPE, env=variables) for _ in range(children)]
    sent = [json.loads(child.communicate(timeout=60)[0]) for child in running]
    assert sum(map(len, sent)) == calls


def test_a_held_lock_delays_and_never_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("capflow_gui.quota.quota_file.time.sleep", pauses.append)
    path = tmp_path / "quota"
    clock = At(5000.0)
    limiter = limiter_on(path, clock)
    reservation = limiter.try_reserve()
    assert reservation is not None
    with _locked(path):
        assert limiter.try_reserve() is None
        clock.now = 5001.0
        reservation.replied()  # cannot be written yet
        with pytest.raises(QuotaBusy):
            QuotaFile(path).transact(KEY, clock.monotonic, lambda quota, now: None)
    assert 0.0 < sum(pauses) < 3 * 0.006  # three looks, about 5 ms each
    clock.now = 5002.0
    assert take_all(limiter) == 2
    clock.now = 5031.04  # the first reply was seen at 5001, and that is what counts
    assert take_all(limiter) == 0
    clock.now = 5031.06
    assert take_all(limiter) == 1


def test_the_file_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "quota"
    clock = At(0.0)
    file = QuotaFile(path)
    for port in range(50):
        limiter = Limiter(f"127.0.0.1:{port}/capital_flow", RateLimit(30, 30.0), clock=clock, file=file)
        assert take_all(limiter) == 30
        clock.now += 1800.0
    assert len(file._memory.quotas) <= 4
    assert path.stat().st_size < 60_000


@pytest.mark.skipif(sys.platform == "win32", reason="cost is measured where the lock is flock")
def test_a_look_costs_far_less_than_a_millisecond(tmp_path: Path) -> None:
    limiter = Limiter(KEY, RateLimit(30, 30.0), clock=SystemClock(), file=QuotaFile(tmp_path / "quota"))
    take_all(limiter)
    costs = []
    for _ in range(200):
        began = time.thread_time()
        limiter.try_reserve()
        costs.append(time.thread_time() - began)  # what others do on this machine costs nothing here
    assert sorted(costs)[100] < 0.001


def test_two_processes_never_exceed_what_one_may(tmp_path: Path) -> None:
    calls, window = 10, 0.5
    arguments = [sys.executable, "-c", CHILD, str(tmp_path / "quota"), str(calls), str(window), "4"]
    children = [subprocess.Popen(arguments, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.getcwd()})]  # noqa: PTH109
    children.append(subprocess.Popen(arguments, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.getcwd()}))  # noqa: PTH109
    each = [json.loads(child.communicate(timeout=60)[0]) for child in children]
    stamps = sorted(each[0] + each[1])
    gaps = sorted(later - earlier for earlier, later in zip(stamps, stamps[calls:], strict=False))
    assert gaps[0] > window
    assert min(map(len, each)) >= 5
    assert gaps[len(gaps) // 2] < (window + 0.05) / 0.7  # and together they waste little: a stall or two aside


def test_what_was_known_before_a_reboot_is_as_old_as_the_boot() -> None:
    quota = Quota(slots=[Slot("1-a-1", 9000.0)], clients={"1-a": 9000.0}, halvings=2, halved_at=9000.0, full_at=9000.0)
    quota.of_this_boot(60.0)
    assert quota == Quota(slots=[Slot("1-a-1", 0.0, replied=True)], full_at=0.0)


def test_a_short_write_is_an_error_and_the_call_is_counted_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = At(5000.0)
    limiter = limiter_on(tmp_path / "quota", clock)
    with monkeypatch.context() as patch:
        patch.setattr("capflow_gui.quota.quota_file.os.write", lambda _handle, _data: 3)
        assert limiter.try_reserve() is not None
    assert limiter.file.trouble is not None
    assert take_all(limiter) == 2
