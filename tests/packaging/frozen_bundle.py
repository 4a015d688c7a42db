"""A copy of the bundle as its users have it: an odd path, an empty home, nothing on the PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / os.environ.get("CAPFLOW_BUNDLE", "dist/capflow")
SUFFIX = ".exe" if os.name == "nt" else ""
LIMIT_S = 90
SIMULATED = "SIMULATED: these figures come from a simulator.\n"


class Frozen:
    """A copy of the bundle in a place of its own, and an empty home."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "Capflow 资金流 (copy)"
        shutil.copytree(BUNDLE, self.folder, symlinks=True)
        self.home = place / "home"
        self.nothing = place / "nothing"
        for folder in (self.home, self.nothing):
            folder.mkdir()
        self.program = self.folder / f"capflow{SUFFIX}"

    @property
    def environ(self) -> dict[str, str]:
        """No Python, no command at all on the PATH, nothing of the tests' own environment."""
        kept = {key: os.environ[key] for key in ("SYSTEMROOT", "TEMP", "TMP") if key in os.environ}
        home = str(self.home)
        return {
            **kept,
            "PATH": str(self.nothing),
            "HOME": home,
            "USERPROFILE": home,
            "APPDATA": home,
            "LOCALAPPDATA": home,
            "LC_ALL": "C.UTF-8",  # a desktop has some UTF-8 locale; with none, Qt says a word on stderr
            "QT_QPA_PLATFORM": "offscreen",
        }

    def start(self, *arguments: str, uid: int | None = None, **environ: str) -> subprocess.Popen[str]:
        """Start the program; a variable set to "" is left out."""
        wanted = {key: value for key, value in {**self.environ, **environ}.items() if value}
        return subprocess.Popen(
            [str(self.program), *arguments],
            cwd=self.nothing,
            env=wanted,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )

    def ended(self, *arguments: str, uid: int | None = None, **environ: str) -> tuple[int, str, str]:
        """Run to the end: status, stdout, stderr."""
        with self.start(*arguments, uid=uid, **environ) as run:
            try:
                out, err = run.communicate(timeout=LIMIT_S)
            finally:
                run.kill()
        return run.returncode, out, err

    def run(self, *arguments: str, said: str = "", **environ: str) -> str:
        """Run to a good end, with nothing on stderr but `said`; stdout."""
        status, out, err = self.ended(*arguments, **environ)
        assert (status, err) == (0, said), f"{arguments} ended with {status}: {err}"
        return out

    @contextmanager
    def simulator(self, *arguments: str) -> Iterator[dict[str, Any]]:
        """What a simulator says when it is ready: from the bundle, its market clock held on the seed day."""
        with self.start("simulate", "--scenario", "seed-day", "--speed", "0", *arguments) as run:
            try:
                assert run.stdout is not None
                yield json.loads(run.stdout.readline())
            finally:
                run.terminate()
        assert run.returncode == 0 or os.name == "nt"
