"""The third parties Capflow contains, or runs on, and their licences: no list is kept by hand.

A bundle has a folder `licences` that packaging/licences.py wrote, with `index.json`; elsewhere the installed
distributions are asked that Capflow requires. Standard library only: the build reads it, too.
"""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from capflow_gui.paths import resource

if TYPE_CHECKING:
    from importlib import metadata

INDEX = "index.json"
OWN = "capflow-gui"
_LICENCE_FILE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$|/licenses/", re.IGNORECASE)
_NO_TEXT = "It comes without a licence text."


@dataclass(frozen=True, slots=True)
class Part:
    """`licence` is as the part names it; `texts` are files to read."""

    name: str
    version: str
    licence: str
    texts: tuple[Path, ...]


def normal(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def third_parties() -> list[Part]:
    """All of them, Capflow itself first. Reads the disk; raises OSError or ValueError where a bundle is damaged."""
    folder = bundled_folder()
    return _installed() if folder is None else read_index(folder)


def bundled_folder() -> Path | None:
    """The folder of a bundle's licences; None where this is none."""
    if not getattr(sys, "frozen", False):
        return None
    place = Path(sys.executable).resolve().parent
    return (place.parent / "Resources" if sys.platform == "darwin" else place) / "licences"


def text_of(part: Part) -> str:
    """The full texts of a part, one below the other. Reads the disk."""
    texts = [(file.name, file.read_text(encoding="utf-8", errors="replace").strip()) for file in part.texts]
    if len(texts) == 1:
        return texts[0][1]
    return "\n\n\n".join(f"{name}\n{'─' * len(name)}\n\n{text}" for name, text in texts) or _NO_TEXT


def write_index(folder: Path, parts: list[Part]) -> None:
    """Write the list of what lies below `folder`; the texts must lie there."""
    listed = [
        {
            "name": part.name,
            "version": part.version,
            "licence": part.licence,
            "texts": [text.relative_to(folder).as_posix() for text in part.texts],
        }
        for part in parts
    ]
    (folder / INDEX).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def read_index(folder: Path) -> list[Part]:
    """What `write_index` wrote, its texts below `folder`."""
    listed = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    return [
        Part(each["name"], each["version"], each["licence"], tuple(folder / text for text in each["texts"]))
        for each in listed
    ]


def licence_of(distribution: metadata.Distribution) -> str:
    """The licence as the distribution itself names it."""
    facts = distribution.metadata
    named = next((facts[key].strip() for key in ("License-Expression", "License") if key in facts), "")
    if named and "\n" not in named:
        return named
    classified = [line.rpartition(" :: ")[2] for line in facts.get_all("Classifier") or () if "License ::" in line]
    return " and ".join(classified) or "see its licence text"


def licence_files(distribution: metadata.Distribution) -> list[metadata.PackagePath]:
    """The licence texts in a distribution; those of the GNU licences it may lack, they are in `gnu_texts`."""
    return [file for file in distribution.files or [] if _LICENCE_FILE.search(file.as_posix())]


def gnu_texts(distribution: metadata.Distribution) -> list[Path]:
    """The LGPL and the GPL it adds to, for a distribution under them (Qt for Python brings no text)."""
    return (
        sorted(resource("licence-texts").glob("*.txt"), reverse=True) if "LGPL-3.0" in licence_of(distribution) else []
    )


def python_part() -> Part:
    """The interpreter. Some installations keep its licence nowhere."""
    base = Path(sys.base_prefix)
    places = [base / "LICENSE.txt", *base.glob(f"lib/python{sys.version_info.major}*/LICENSE.txt")]
    return Part("Python", platform.python_version(), "PSF-2.0", tuple(place for place in places[:2] if place.is_file()))


def font_part() -> Part:
    """The typeface."""
    return Part("Inter (typeface)", "", "OFL-1.1", (resource("fonts/OFL.txt"),))


def _installed() -> list[Part]:
    parts = []
    for distribution in sorted(_required(), key=lambda each: (normal(each.name) != OWN, normal(each.name))):
        texts = [Path(str(file.locate())) for file in licence_files(distribution)]
        parts.append(
            Part(
                "Capflow" if normal(distribution.name) == OWN else normal(distribution.name),
                distribution.version,
                licence_of(distribution),
                tuple(text for text in [*texts, *gnu_texts(distribution)] if text.is_file()),
            )
        )
    return [*parts, python_part(), font_part()]


def _required() -> Iterator[metadata.Distribution]:
    """Capflow and, through all of them, what is installed of what they require, extras left out."""
    from importlib import metadata  # noqa: PLC0415 - loads the library of e-mails: not before the window is painted

    ahead, seen = [OWN], {OWN}
    while ahead:
        try:
            distribution = metadata.distribution(ahead.pop())
        except metadata.PackageNotFoundError:
            continue  # for another platform or Python, or this is a checkout that was never installed
        yield distribution
        for requirement in distribution.requires or ():
            named = re.match(r"[A-Za-z0-9._-]+", requirement)
            name = normal(named[0]) if named and "extra ==" not in requirement else ""
            if name and name not in seen:
                seen.add(name)
                ahead.append(name)
