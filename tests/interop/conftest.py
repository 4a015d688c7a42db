"""The official SDKs in an environment of their own, a simulator in a process of its own, and what each side heard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = Path(__file__).parents[2]
CALLS = Path(__file__).with_name("sdk_calls.py")
_WAIT_S = 120
Heard = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def sdk_python() -> Path:
    """The interpreter that has futu-api and moomoo-api; `make test` builds its environment."""
    named = os.environ.get("CAPFLOW_INTEROP_PYTHON")
    inside = Path("Scripts/python.exe") if sys.platform == "win32" else Path("bin/python")
    python = Path(named) if named else ROOT / ".cache" / "interop-venv" / inside
    if not python.exists():
        pytest.fail(f"the official SDKs are not installed ({python} is missing): run `make test`, which sets them up")
    return python


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An RSA key as OpenD wants it: PKCS#1 PEM, 1024 bits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    path = tmp_path_factory.mktemp("key") / "opend.pem"
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return path


@pytest.fixture(scope="session")
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose home is empty: neither SDK nor program finds or leaves anything of the user's."""
    home = str(tmp_path_factory.mktemp("home"))
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "LANG", "SSL_CERT_FILE") if name in os.environ
    }
    return {**kept, "HOME": home, "USERPROFILE": home, "APPDATA": home, "LOCALAPPDATA": home, "PYTHONUTF8": "1"}


@pytest.fixture(scope="session")
def simulator(
    key_file: Path, clean_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], int]]:
    """`simulator(wire)` is the port of a `capflow simulate` whose market clock is held, so that numbers agree.

    `wire` is plain, cbc or ftaes.
    """
    running: dict[str, tuple[subprocess.Popen[str], int]] = {}

    def port(wire: str) -> int:
        if wire not in running:
            data = str(tmp_path_factory.mktemp("data"))
            command = [sys.executable, "-m", "capflow_gui", "simulate", "--speed", "0", "--rate-limit", "off"]
            command += ["--data-dir", data, "--config-dir", data]
            command += ["--rsa-key", str(key_file), "--cipher", wire] if wire != "plain" else []
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=clean_environment)
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            running[wire] = process, int(ready["opend"].rpartition(":")[2])
        return running[wire][1]

    yield port
    for process, _ in running.values():
        process.terminate()
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(20) == 0 or sys.platform == "win32"


@pytest.fixture(scope="session")
def sdk_heard(
    sdk_python: Path,
    key_file: Path,
    simulator: Callable[[str], int],
    clean_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], Heard]:
    """`sdk_heard(package, wire)`: what the SDK made of every answer. One process a combination."""
    heard: dict[tuple[str, str], Heard] = {}

    def ask(package: str, wire: str) -> Heard:
        if (package, wire) not in heard:
            output = tmp_path_factory.mktemp("heard") / "heard.json"
            key = str(key_file) if wire != "plain" else "-"
            done = subprocess.run(
                [str(sdk_python), str(CALLS), package, str(simulator(wire)), key, str(output)],
                env=clean_environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_WAIT_S,
                check=False,
            )
            assert done.returncode == 0, done.stdout.decode(errors="replace")
            heard[package, wire] = json.loads(output.read_text(encoding="utf-8"))
        return heard[package, wire]

    return ask
