"""A keyring for processes under test: a JSON file whose place the environment names."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.compat import properties

NAME = f"{__name__}.FileKeyring"
VARIABLE = "CAPFLOW_TEST_KEYRING"


class FileKeyring(KeyringBackend):
    """Whatever is asked for is looked up in the file anew. No choice for a process that was given no file."""

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805 - a property of the class
        if VARIABLE not in os.environ:
            raise RuntimeError(f"{VARIABLE} is not set")
        return 1.0

    def _read(self) -> dict[str, str]:
        path = Path(os.environ[VARIABLE])
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        Path(os.environ[VARIABLE]).write_text(json.dumps(kept), encoding="utf-8")

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._read() | {f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        del kept[f"{service}/{username}"]
        self._write(kept)
