"""Where new versions are published. The build says so, since only who publishes knows: a source checkout does not.

The release workflow names its own page to the build (the environment variable below), which writes it into the bundle.
Standard library only: the build reads this, too.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

FILE = "releases-page.txt"
VARIABLE = "CAPFLOW_RELEASES_PAGE"


def is_page(text: str) -> bool:
    """Whether this is the address of a page: https, with a host, without blanks and without credentials."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host) and "@" not in parts.netloc and not any(map(str.isspace, text))


def read_page(folder: Path) -> str:
    """What `write_page` wrote into `folder`; empty where there is nothing that can be used."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # without a page nothing is offered, and nothing else is missing
    return text if is_page(text) else ""


def write_page(folder: Path, page: str) -> None:
    """Write the page of a build into `folder`; nothing for an empty one. Raises ValueError for what is no page."""
    if page and not is_page(page):
        raise ValueError(f"{VARIABLE} is no https address: {page!r}")
    if page:
        (folder / FILE).write_text(f"{page}\n", encoding="utf-8")
