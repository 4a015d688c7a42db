from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import capflow_gui

PROGRAM = (
    "import sys, capflow_gui.providers.opend.provider; print([name for name in sys.argv[1:] if name in sys.modules])"
)


@pytest.mark.parametrize("modules", [["cryptography", "aiohttp", "keyring", "PySide6"]])
def test_the_provider_imports_nothing_heavy_before_a_key_is_used(modules: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *modules], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


EVERYTHING_ELSE = (
    "import sys, capflow_gui.cli.watch, capflow_gui.cli.fetch, capflow_gui.app.session, capflow_gui.sources; "
    "print([name for name in sys.modules if f'{name}.'.startswith(('nats.', 'capflow_gui.providers.desk.'))])"
)


def test_without_a_desk_nothing_of_it_is_imported() -> None:
    """The client of the bus takes a tenth of a second, and nobody else needs it."""
    done = subprocess.run([sys.executable, "-c", EVERYTHING_ELSE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_windows_channel_and_what_ends_the_client_alone_import_the_client_of_the_bus() -> None:
    package = Path(capflow_gui.__file__).parent
    texts = {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    importing = {name for name, text in texts.items() if re.search(r"^\s*(from|import) nats\b", text, re.MULTILINE)}
    others = {name for name in importing if not name.startswith("desk/")}
    assert others == {"providers/desk/channel.py", "providers/desk/client.py"}
