"""The last calls of every source and interface, in one small locked file.

Restarts, and several capflow processes of one user, share a budget through it (domain rule 12). Times are
monotonic seconds of this machine: comparable between processes of one boot. After a reboot old stamps lie in the
future; they are then as old as the boot at least, and are counted from monotonic zero.

The lock is held for one read-modify-write. Nothing is ever synced to disk: a crash of the process loses nothing, and
after a power cut the stamps are older than a boot takes. Where the file cannot be used (a full disk, a folder that may
not be written), this process counts in its memory, tries the file again twice a minute, and brings its calls along.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from capflow_gui.file_lock import try_lock, unlock
from capflow_gui.reason import Code, Reason

T = TypeVar("T")

_MAGIC = b"CFQ1"
_HEADER = len(_MAGIC) + 8  # magic, u32 length, u32 crc
_MAX_SIZE = 1 << 20
_LOCK_TRIES = 10
_LOCK_PAUSE_S = 0.0005
_TRY_AGAIN_S = 30.0
_FUTURE_S = 1.0  # stamps are taken before they are written, and time is read under the lock: none lies ahead


class Slot(msgspec.Struct, array_like=True):
    """One call. `at`: when it was reserved, or, once `replied`, when its reply was seen.

    cut  when the connection it went out on was seen to be gone: nobody will answer it any more
    """

    token: str
    at: float
    replied: bool = False
    cut: float | None = None


class Quota(msgspec.Struct):
    """What is known of one interface of one source.

    full_at    everything before this moment is unknown: count the quota as used up then; None = nothing unknown
    halvings   how often an unexplained refusal has halved the budget, last at `halved_at`
    clients    processes that waited for a slot, and when they last looked
    """

    slots: list[Slot] = []
    clients: dict[str, float] = {}
    halvings: int = 0
    halved_at: float = 0.0
    full_at: float | None = None

    def of_this_boot(self, now: float) -> None:
        """Bring stamps of an earlier boot to the only thing that is sure: they are older than this boot."""
        limit = now + _FUTURE_S
        for slot in self.slots:
            if slot.at > limit:
                slot.at, slot.replied = 0.0, True
        if self.full_at is not None and self.full_at > limit:
            self.full_at = 0.0
        if self.halved_at > limit:
            self.halvings, self.halved_at = 0, 0.0
        self.clients = {client: seen for client, seen in self.clients.items() if seen <= limit}


class _State(msgspec.Struct):
    quotas: dict[str, Quota] = {}
    full_at: float | None = None


class QuotaBusy(Exception):
    """Another process holds the lock longer than a read-modify-write takes."""


class QuotaFile:
    """The file, or only memory where `path` is None or cannot be used now; `trouble` then says why."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._memory = _State()
        self._alone_until: float | None = None  # None = the file is in use
        self.trouble: Reason | None = None

    def transact(self, key: str, monotonic: Callable[[], float], change: Callable[[Quota, float], T]) -> T:
        """Apply `change(quota, now)` to the quota of `key` under the lock and keep the result.

        `now` is read under the lock, or a process that waited for it would take its neighbours' stamps for the future.
        Raises QuotaBusy after about 5 ms of waiting for the lock; nothing has changed then.
        """
        if self._path is None or (self._alone_until is not None and monotonic() < self._alone_until):
            return self._apply(self._memory, key, monotonic(), change)
        results: list[T] = []
        try:
            with _locked(self._path) as handle:
                now = monotonic()
                state = self._read(handle, now)
                if self._alone_until is not None:
                    _bring_along(state, self._memory)
                results.append(self._apply(state, key, now, change))
                self._memory = state
                _write(handle, state)
        except OSError as error:
            self.trouble = Reason.of(Code.QUOTA_FILE_UNUSABLE, error=error.strerror or str(error))
            self._alone_until = monotonic() + _TRY_AGAIN_S
            # What could not be written is in memory already: it must not be changed twice.
            return results[0] if results else self._apply(self._memory, key, monotonic(), change)
        if self._alone_until is not None:
            self._alone_until = self.trouble = None
        return results[0]

    def _read(self, handle: int, now: float) -> _State:
        raw = os.read(handle, _MAX_SIZE)
        if not raw:
            return _State()
        try:
            return _decode(raw)
        except (ValueError, msgspec.MsgspecError):
            self.trouble = Reason.of(Code.QUOTA_FILE_DAMAGED)
            return _State(full_at=now)

    @staticmethod
    def _apply(state: _State, key: str, now: float, change: Callable[[Quota, float], T]) -> T:
        quota = state.quotas.get(key)
        if quota is None:
            quota = state.quotas[key] = Quota(full_at=state.full_at)
        quota.of_this_boot(now)
        result = change(quota, now)
        for idle in [name for name, other in state.quotas.items() if name != key and _forgotten(other, now)]:
            del state.quotas[idle]
        return result


def _bring_along(state: _State, memory: _State) -> None:
    """Add to the file what was counted without it."""
    for key, counted in memory.quotas.items():
        quota = state.quotas.setdefault(key, Quota(full_at=state.full_at))
        known = {slot.token: slot for slot in quota.slots}
        known |= {slot.token: slot for slot in counted.slots if slot.replied or slot.token not in known}
        quota.slots = list(known.values())


def _forgotten(quota: Quota, now: float) -> bool:
    """Whether nothing of a quota can matter any more: an hour is longer than any window, time-out and halving."""
    stamps = [slot.at for slot in quota.slots] + [quota.halved_at if quota.halvings else 0.0, quota.full_at or 0.0]
    return max(stamps) < now - 3600


def _decode(raw: bytes) -> _State:
    if raw[:4] != _MAGIC or len(raw) < _HEADER:
        raise ValueError("not a quota file")
    length, crc = int.from_bytes(raw[4:8], "little"), int.from_bytes(raw[8:12], "little")
    body = raw[_HEADER : _HEADER + length]
    if len(body) != length or zlib.crc32(body) != crc:
        raise ValueError("damaged")
    return msgspec.json.decode(body, type=_State)


def _write(handle: int, state: _State) -> None:
    body = msgspec.json.encode(state)
    header = _MAGIC + len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little")
    os.lseek(handle, 0, os.SEEK_SET)
    # One write, and no truncation before it: a process killed in between leaves the old state or the new one.
    if os.write(handle, header + body) != len(header) + len(body):
        raise OSError("short write")


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        for attempt in range(_LOCK_TRIES):
            if try_lock(handle):
                break
            if attempt == _LOCK_TRIES - 1:
                raise QuotaBusy(str(path))
            time.sleep(_LOCK_PAUSE_S)
        try:
            yield handle
        finally:
            unlock(handle)
    finally:
        os.close(handle)
