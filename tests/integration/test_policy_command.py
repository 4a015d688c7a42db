"""The administrator's policy, as every verb meets it: a process, and a folder of XDG_CONFIG_DIRS."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import DESKTOP

ROOT = Path(__file__).parents[2]
BROKEN = "[locked.opend]\nhost = 'h'\nprot = 1\n"
REFUSED = "line 3, locked.opend.prot): this setting is not known; did you mean locked.opend.port?"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no variable leads to the policy")


def capflow(home: Path, policy: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it under a policy, with folders of its own."""
    (home / "xdg" / "capflow").mkdir(parents=True, exist_ok=True)
    (home / "xdg" / "capflow" / "policy.toml").write_text(policy, encoding="utf-8")
    folders = ["--data-dir", str(home / "data"), "--config-dir", str(home / "config")]
    environ = os.environ | {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_DIRS": str(home / "xdg"),
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
    }
    return subprocess.run(
        [*DESKTOP, "-m", "capflow_gui", *arguments, *folders],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
        env=environ,
        check=False,
    )


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_locked_source_is_the_one_that_is_asked(tmp_path: Path, closed_port: int) -> None:
    settings = tmp_path / "config" / "settings.toml"
    settings.parent.mkdir()
    own = 'source = "longport"\n[opend]\nport = 5\n'
    settings.write_text(own, encoding="utf-8")
    policy = f'[locked]\nsource = "opend"\nlog_level = "critical"\n[locked.opend]\nport = {closed_port}\n'
    done = capflow(tmp_path, policy, "fetch", "700.HK")
    assert done.returncode == 3
    assert f"127.0.0.1:{closed_port}" in done.stderr
    assert settings.read_text(encoding="utf-8") == own
    assert (tmp_path / "data" / "log" / "fetch.log").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    "arguments", [("fetch", "700.HK", "--source", "demo:"), ("watch", "700.HK", "--source", "demo:"), ("demo",), ()]
)
def test_a_broken_policy_stops_every_verb_that_has_settings(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = capflow(tmp_path, BROKEN, *arguments)
    assert done.returncode == 2
    assert REFUSED in done.stderr
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("fetch", "700.HK", "--source", "demo:"), 2), (("demo",), 2), (("--self-test",), 0)],
)
def test_a_demo_that_is_switched_off(tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    done = capflow(tmp_path, "[locked]\nallow_demo = false\n", *arguments)
    assert done.returncode == status
    assert ("the demo is switched off on this computer (allow_demo)" in done.stderr) is bool(status)
