"""The secrets of one channel: read where it is opened, and kept out of what is said afterwards."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from yarl import URL

from capflow_gui.delivery.text import one_line
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason

_LONGEST_QUOTE = 200
# A piece of that length gives a secret away.
_PIECE = 12
_SHORTEST_IN_BASE64 = 8
_ADDRESS = re.compile(r"\w+://\S+")
_TOKEN = re.compile(r"[!-~]+")


class Secrets:
    """Asks for secrets by the names of their fields, and remembers what must not be repeated."""

    def __init__(self, ask: Callable[[str], str]) -> None:
        self._ask = ask
        self._pieces: dict[int, set[str]] = {}

    def text(self, field: str) -> str:
        """A password: any text. Raises SettingsError for an empty one, and what asking raises."""
        found = self._ask(field).strip()
        if not found:
            raise SettingsError(field, Reason.of(Code.SECRET_EMPTY))
        for form in (found, *_in_base64(found)):
            size = min(len(form), _PIECE)
            self._pieces.setdefault(size, set()).update(_pieces(form, size))
        return found

    def token(self, field: str) -> str:
        """A key or token: no blanks, no letters but those of ASCII. Raises SettingsError."""
        found = self.text(field)
        if not _TOKEN.fullmatch(found):
            raise SettingsError(field, Reason.of(Code.SECRET_UNUSABLE))
        return found

    def address(self, field: str) -> str:
        """A web address. Raises SettingsError."""
        found = self.token(field)
        try:
            parts = URL(found)
        except ValueError:
            parts = URL()
        if parts.scheme not in ("http", "https") or not parts.host:
            raise SettingsError(field, Reason.of(Code.NOT_A_WEB_ADDRESS))
        return found

    def safe(self, text: object) -> str:
        """A service's own words on one line, cut, without addresses; "" for words that repeat a part of a secret."""
        if not isinstance(text, str):
            return ""
        words = one_line(_ADDRESS.sub("…", text))[:_LONGEST_QUOTE]
        forms = (words, unquote(words))
        repeated = any(_pieces(form, size) & pieces for form in forms for size, pieces in self._pieces.items())
        return "" if repeated else words


def _in_base64(text: str) -> Iterator[str]:
    """How a text looks inside a longer one in base64, as a server may repeat a sign-in, without what the rest decides.

    Nothing for one so short that little of it is left.
    """
    raw = text.encode()
    for before in range(3) if len(raw) >= _SHORTEST_IN_BASE64 else ():
        whole = len(raw) - (before + len(raw)) % 3
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw[:whole])[(0, 2, 3)[before] :].decode()


def _pieces(text: str, size: int) -> set[str]:
    return {text[start : start + size] for start in range(len(text) - size + 1)}
