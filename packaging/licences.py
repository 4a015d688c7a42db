"""The third parties in a bundle and their licences, found in what PyInstaller collected: no list kept by hand."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import bundle

LICENCE_FILE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$|/licenses/", re.IGNORECASE)
TEXTS = Path(__file__).with_name("licence-texts")
NOTE = """\
Capflow is under the MIT licence (LICENSE beside this folder). It contains the parts listed below, each under its
own licence; the texts are in the folder of the part's name.

Qt and Qt for Python (PySide6, shiboken6) are used under the GNU Lesser General Public License, version 3. They lie in
`_internal/PySide6` and `_internal/shiboken6` as separate shared libraries: put your own build of the same version
there, and Capflow runs with it. Their sources are at the Qt Project (download.qt.io).

"""


def shipped_distributions(work: Path) -> list[metadata.Distribution]:
    """The distributions of which something is in the bundle that PyInstaller built in `work`, by name."""
    entries = list(collected(work))
    sources = {normal_path(Path(source).resolve()) for _, source in entries}
    # Modules that lie unpacked were compiled into the work folder: their place in the bundle names their package.
    tops = {re.split(r"[./\\]", place)[0] for place, _ in entries if place.endswith(".pyc")}
    owners = metadata.packages_distributions()
    unpacked = {bundle.normal(owner) for top in tops for owner in owners.get(top, ())}
    found = {}
    for distribution in metadata.distributions():
        name = bundle.normal(distribution.metadata["Name"])
        if name == "capflow-gui" or name not in bundle.pinned("runtime"):
            continue
        files = distribution.files or []
        if name in unpacked or any(normal_path(Path(str(file.locate())).resolve()) in sources for file in files):
            found[name] = distribution
    return [found[name] for name in sorted(found)]


@dataclass(frozen=True, slots=True)
class SystemPart:
    """A package of the Linux system that the bundle was built on, of which a library was taken along."""

    name: str
    version: str
    copyright: Path


def system_parts(work: Path) -> list[SystemPart]:
    """The Debian packages of which a library is in the bundle, by name; none where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return []
    prefixes = (sys.prefix, sys.base_prefix.rstrip("/") + "/lib/python", str(bundle.ROOT))
    files = [file for _, file in collected(work) if ".so" in Path(file).name and not file.startswith(prefixes)]
    # Where /lib is a link to /usr/lib, dpkg knows the one name or the other.
    names = {name for file in files for name in (os.path.realpath(file), os.path.realpath(file).removeprefix("/usr"))}
    if not names:
        return []
    command = ["dpkg-query", "--search", *sorted(names)]
    owned = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    packages = sorted({line.partition(": ")[0] for line in owned.splitlines() if ": " in line})
    parts = []
    for package in packages:
        shown = ["dpkg-query", "--show", "--showformat=${Package} ${Version}", package]
        name, version = subprocess.run(shown, capture_output=True, text=True, check=True).stdout.split()
        parts.append(SystemPart(name, version, Path("/usr/share/doc", name, "copyright")))
    return parts


def normal_path(path: Path) -> str:
    """Comparable on a file system that ignores case."""
    return path.as_posix().lower() if sys.platform == "win32" else path.as_posix()


def collected(work: Path) -> Iterator[tuple[str, str]]:
    """(place in the bundle, file) of everything PyInstaller wrote down in its tables of contents."""
    for table in (work / "PYZ-00.toc", work / "COLLECT-00.toc"):
        content = ast.literal_eval(table.read_text(encoding="utf-8"))
        for group in content:
            if isinstance(group, list):
                yield from (entry[:2] for entry in group if isinstance(entry, tuple) and len(entry) >= 2 and entry[1])


def licence_of(distribution: metadata.Distribution) -> str:
    """The licence as the distribution itself names it."""
    facts = distribution.metadata
    named = facts.get("License-Expression") or facts.get("License") or ""
    if named and "\n" not in named.strip():
        return str(named).strip()
    classified = [line.rpartition(" :: ")[2] for line in facts.get_all("Classifier") or () if "License ::" in line]
    return " and ".join(classified) or "see its licence text"


def collect(distributions: Iterable[metadata.Distribution], packages: Iterable[SystemPart], folder: Path) -> None:
    """Write every licence text below `folder`, and THIRD-PARTY.txt that lists them."""
    lines = []
    for distribution in distributions:
        name = bundle.normal(distribution.metadata["Name"])
        texts = [file for file in distribution.files or [] if LICENCE_FILE.search(file.as_posix())]
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        for file in texts:
            # One distribution may carry several texts of one name: the folders become part of it.
            parts = [part for part in file.parts if not part.endswith(".dist-info") and part != "licenses"]
            (place / "-".join(parts)).write_bytes(Path(str(file.locate())).read_bytes())
        if "LGPL-3.0" in licence_of(distribution):
            for text in sorted(TEXTS.glob("*.txt")):
                (place / text.name).write_bytes(text.read_bytes())
        elif not texts:
            (place / "LICENCE.txt").write_text(
                f"{name} {distribution.version} comes without a licence text; it names: {licence_of(distribution)}\n",
                encoding="utf-8",
            )
        lines.append(f"{name} {distribution.version}: {licence_of(distribution)}\n")
    for package in packages:
        place = folder / package.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "copyright").write_bytes(package.copyright.read_bytes())
        lines.append(f"{package.name} {package.version}: see {package.name}/copyright\n")
    python = Path(sys.base_prefix) / "LICENSE.txt"
    interpreter = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    lines.append(f"Python {interpreter}: PSF-2.0\n")
    (folder / "python").mkdir(parents=True, exist_ok=True)
    text = python.read_text(encoding="utf-8") if python.exists() else _python_licence()
    (folder / "python" / "LICENSE.txt").write_text(text, encoding="utf-8")
    font = bundle.RESOURCES / "fonts" / "OFL.txt"
    (folder / "inter").mkdir(exist_ok=True)
    (folder / "inter" / font.name).write_bytes(font.read_bytes())
    lines.append("Inter (typeface): OFL-1.1\n")
    (folder / "THIRD-PARTY.txt").write_text(NOTE + "".join(lines), encoding="utf-8")


def _python_licence() -> str:
    """The interpreter's licence, wherever this installation keeps it."""
    places = Path(sys.base_prefix).glob(f"lib/python{sys.version_info.major}*/LICENSE.txt")
    text = next((place.read_text(encoding="utf-8") for place in places), None)
    return text or f"{sys.copyright}\n\nPSF License Agreement: https://docs.python.org/3/license.html\n"
