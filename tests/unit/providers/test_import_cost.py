from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = (
    "import sys, capflow_gui.providers.opend.provider; print([name for name in sys.argv[1:] if name in sys.modules])"
)


@pytest.mark.parametrize("modules", [["cryptography", "aiohttp", "keyring", "PySide6"]])
def test_the_provider_imports_nothing_heavy_before_a_key_is_used(modules: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *modules], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
