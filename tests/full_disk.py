"""A disk that is full, and other places where nothing can be written although the user may: for Linux, as root."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _tried(*command: str) -> None:
    """Run a command; the test is skipped where it is not allowed (not root, not Linux, a container)."""
    if sys.platform != "linux":
        pytest.skip("Linux alone")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{' '.join(command)}: {done.stderr.strip()}")


@contextmanager
def small_disk(folder: Path, size: str = "64k") -> Iterator[Path]:
    """A small file system (tmpfs) in the folder; the file that fills it: delete that, and there is room."""
    folder.mkdir(parents=True, exist_ok=True)
    _tried("mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "capflow-test", str(folder))
    filler = folder / "filler"
    try:
        yield filler
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(filler: Path) -> None:
    """Use up what room there is."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


@contextmanager
def immutable(file: Path) -> Iterator[None]:
    """A file that not even root replaces (chattr +i)."""
    _tried("chattr", "+i", str(file))
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", str(file)], check=True)


@contextmanager
def bind_mounted(file: Path) -> Iterator[None]:
    """A file that is mounted over itself, read-only: as containers are given their settings."""
    _tried("mount", "--bind", str(file), str(file))
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(file)], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(file)], check=True)


def as_nobody() -> bool:
    """Whether this process may become another user."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
