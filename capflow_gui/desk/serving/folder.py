"""What a served desk keeps: the server's configuration, its users, their secrets, its certificate.

server.conf · users.conf (600)     made anew at each start
secrets/NAME (600)                 made once: removing or emptying a file and starting again makes a new secret
authority.pem                      what windows trust, `?ca=`
server.pem · server.key (600) · authority.key (600)
store/                             what the server keeps
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, ensure_certificates
from capflow_gui.desk.serving.configuration import COLLECTOR, USERS_FILE, server_text, users_text
from capflow_gui.desk.serving.private_files import read_kept, write_private
from capflow_gui.errors import InvalidInput
from capflow_gui.file_lock import try_lock
from capflow_gui.paths import shown
from capflow_gui.reason import Code, Reason

_SECRET_BYTES = 32
_LONGEST_SECRET = 1024


@dataclass(frozen=True, slots=True)
class DeskFolder:
    """The files of a desk that is served; `windows` are the users beside the collector."""

    folder: Path
    host: str
    port: int
    windows: tuple[str, ...]

    @property
    def server_file(self) -> Path:
        """What the server is started with."""
        return self.folder / "server.conf"

    @property
    def authority(self) -> Path:
        """What windows trust."""
        return self.folder / AUTHORITY_FILE

    def secret_file(self, user: str) -> Path:
        """Where a user's secret lies."""
        return self.folder / "secrets" / user

    def address(self, user: str, host: str, port: int) -> str:
        """What is typed in a window of this computer: the secret is not in it, only where it lies."""
        shown = f"[{host}]" if ":" in host else host
        files = f"ca={quote(str(self.authority))}&secret={quote(str(self.secret_file(user)))}"
        return f"desk://{user}@{shown}:{port}?{files}"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Serve from a folder alone. Raises InvalidInput where another program does, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("ab") as file:
        if not try_lock(file.fileno()):
            raise InvalidInput(shown(folder), Reason.of(Code.DESK_SERVED), Reason.of(Code.CHOOSE_FOLDER))
        yield


def prepare(folder: Path, host: str, port: int, windows: Sequence[str], now: datetime) -> DeskFolder:
    """Write what is missing, and the configuration as it is wanted now. To be called off the loop.

    Raises OSError, and InvalidInput where a secret or the authority is there and cannot be read or used.
    """
    desk = DeskFolder(folder, host, port, tuple(windows))
    (folder / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
    known = {user: _secret(desk.secret_file(user)) for user in (COLLECTOR, *windows)}
    certificate = ensure_certificates(folder, host, now)
    write_private(folder / USERS_FILE, users_text(known).encode())
    text = server_text(host, port, store=folder / "store", certificate=certificate)
    desk.server_file.write_text(text, encoding="utf-8")
    return desk


def _secret(file: Path) -> str:
    """The secret that a file holds; a new one where it is not there or empty, which would let everybody in."""
    try:
        kept = read_kept(file).decode("utf-8").strip() if file.exists() else ""
    except UnicodeDecodeError:  # its text is a piece of the secret
        raise _no_secret(file) from None
    if not kept.isprintable() or len(kept) > _LONGEST_SECRET:
        raise _no_secret(file)
    if not kept:
        kept = secrets.token_urlsafe(_SECRET_BYTES)
        write_private(file, f"{kept}\n".encode())
    return kept


def _no_secret(file: Path) -> InvalidInput:
    reason = Reason.of(Code.DESK_SECRET_UNUSABLE, most=_LONGEST_SECRET)
    return InvalidInput(shown(file), reason, Reason.of(Code.REMOVE_SECRET))
