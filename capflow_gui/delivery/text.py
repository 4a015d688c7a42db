"""Text that fits what a service takes, and the facts of a message for a program."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from capflow_gui.delivery.model import TITLE_CHARACTERS, Message

MORE = "…"
_LONGEST_LINK = 2048
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
# All but the line break and the tab.
_CONTROLS = dict.fromkeys((*range(9), *range(11, 32), 127))

_LINK = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"]+")
_MARKS = re.compile(r"[\\`*_~|<>#@\[\]()+-]")

Fits = Callable[[str], bool]


def plain(text: str) -> str:
    """The text without control characters and without halves of characters, which no service takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_CONTROLS)


def one_line(text: str) -> str:
    """The text on one line."""
    return " ".join(plain(text).split())


def utf8(text: str) -> int:
    """How many bytes a text has."""
    return len(text.encode())


def utf16(text: str) -> int:
    """How many characters a service counts that counts as JavaScript does; never fewer than there are."""
    return len(text.encode("utf-16-le")) // 2


def most(limit: int, size: Callable[[str], int] = utf16) -> Fits:
    """Whether a text is no longer than a limit."""
    return lambda text: size(text) <= limit


def cut(text: str, fits: Fits) -> str:
    """The text if it fits, else as much of its beginning as does, and “…”. "" where not even that fits.

    What is one character on screen stays one: it is not cut from its accents. A text that fits must still fit when it
    is made shorter.
    """
    if not text or fits(text):
        return text
    if not fits(MORE):
        return ""
    end, too_long = 0, len(text)
    while too_long - end > 1:
        middle = (end + too_long) // 2
        if fits(text[:middle] + MORE):
            end = middle
        else:
            too_long = middle
    while end and _joins(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip() + MORE


def _joins(before: str, after: str) -> bool:
    marks = unicodedata.category(after).startswith("M") or ord(after) in _SKIN_TONES
    return marks or _JOINER in (before, after)


def whole(message: Message, fits: Fits, shown: Callable[[str], str] = str) -> str:
    """Title, text and link below each other, the text cut so that all of it fits.

    `shown` is how the service wants a text written; `fits` judges what is written.
    """
    title, text, link = title_of(message), plain(message.text).strip(), link_of(message)

    def written(text: str) -> str:
        return "\n".join(filter(None, (shown(title), shown(text), link)))

    kept = cut(text, lambda shorter: fits(written(shorter)))
    # A title or a link that is longer than all there is room for.
    return written(kept) if fits(written(kept)) else cut(title, lambda shorter: fits(shown(shorter)))


def title_of(message: Message) -> str:
    """The title, no longer than a title is."""
    return cut(one_line(message.title), most(TITLE_CHARACTERS))


def link_of(message: Message, limit: int = _LONGEST_LINK) -> str:
    """The link; "" for what is none, and for one longer than a service takes: a part of a link leads nowhere."""
    link = one_line(message.link)
    return link if _LINK.fullmatch(link) and utf8(link) <= limit else ""


def moment(at: float) -> str:
    """A time, UTC epoch seconds, as ISO 8601."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def facts(message: Message) -> dict[str, Any]:
    """What a message says, for a receiver that is a program: its facts and its words."""
    fields = {name: plain(value) if isinstance(value, str) else value for name, value in message.fields.items()}
    return {
        **fields,
        "title": title_of(message),
        "text": plain(message.text),
        "incident": message.incident,
        "urgent": message.urgency == "urgent",
        "link": link_of(message),
    }


def as_json(value: object) -> bytes:
    """JSON in UTF-8, without blanks. What is not a number (NaN, infinity) becomes null."""
    return msgspec.json.encode(value)


def without_markdown(text: str) -> str:
    """The text so that a service that reads Markdown shows it as it is."""
    return _MARKS.sub(r"\\\g<0>", text)
