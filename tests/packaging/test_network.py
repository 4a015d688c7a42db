"""The program calls nobody but the source it was given: every address it asks for is watched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WATCHED = """
import sys
def watch(event, arguments):
    if event == "socket.connect":
        print("CALLED", arguments[1], file=out)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        print("CALLED", (arguments[0], 0), file=out)
out = open(sys.argv.pop(1), "w", buffering=1)
sys.addaudithook(watch)
from capflow_gui.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    "arguments", [("--self-test",), ("fetch", "700.HK", "--source", "demo:")], ids=["window", "fetch"]
)
def test_only_the_source_is_called(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    seen = tmp_path / "calls"
    folders = ("--config-dir", str(tmp_path / "config"), "--data-dir", str(tmp_path / "data"))
    command = [sys.executable, "-c", WATCHED, str(seen), *arguments, *folders]
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, timeout=60)
    calls = seen.read_text(encoding="utf-8").splitlines()
    assert calls, "the watch saw nothing: it does not work"
    assert [call for call in calls if not call.startswith("CALLED ('127.0.0.1', ")] == []
