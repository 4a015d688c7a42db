"""The third parties in a bundle and their licences, found in what PyInstaller collected: no list kept by hand."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import bundle

sys.path.insert(0, str(bundle.ROOT))
from capflow_gui import licences
from capflow_gui.licences import Part

# For an interpreter whose installation keeps its licence nowhere.
_PYTHON = f"{sys.copyright}\n\nPSF License Agreement: https://docs.python.org/3/license.html\n"
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


def collect(distributions: Iterable[metadata.Distribution], packages: Iterable[SystemPart], folder: Path) -> None:
    """Write every licence text below `folder`, THIRD-PARTY.txt that lists them, and the list the program shows."""
    parts = [_collected_distribution(distribution, folder) for distribution in distributions]
    for package in packages:
        text = _put(folder / package.name / "copyright", package.copyright.read_bytes())
        parts.append(Part(package.name, package.version, f"see {package.name}/copyright", (text,)))
    python = licences.python_part()
    text = "\n\n".join(file.read_text(encoding="utf-8") for file in python.texts[:1]) or _PYTHON
    parts.append(replace(python, texts=(_put(folder / "python" / "LICENSE.txt", text.encode()),)))
    font = licences.font_part()
    texts = tuple(_put(folder / "inter" / text.name, text.read_bytes()) for text in font.texts)
    parts.append(replace(font, texts=texts))
    lines = [f"{part.name} {part.version}".strip() + f": {part.licence}\n" for part in parts]
    (folder / "THIRD-PARTY.txt").write_text(NOTE + "".join(lines), encoding="utf-8")
    own = _put(folder / "capflow" / "LICENSE", (bundle.ROOT / "LICENSE").read_bytes())
    licences.write_index(folder, [Part("Capflow", bundle.version(), "MIT", (own,)), *parts])


def _collected_distribution(distribution: metadata.Distribution, folder: Path) -> Part:
    name = bundle.normal(distribution.metadata["Name"])
    licence = licences.licence_of(distribution)
    texts = []
    for file in licences.licence_files(distribution):
        # One distribution may carry several texts of one name: the folders become part of it.
        words = [word for word in file.parts if not word.endswith(".dist-info") and word != "licenses"]
        texts.append(_put(folder / name / "-".join(words), Path(str(file.locate())).read_bytes()))
    texts += [_put(folder / name / text.name, text.read_bytes()) for text in licences.gnu_texts(distribution)]
    if not texts:
        said = f"{name} {distribution.version} comes without a licence text; it names: {licence}\n"
        texts.append(_put(folder / name / "LICENCE.txt", said.encode()))
    return Part(name, distribution.version, licence, tuple(dict.fromkeys(texts)))


def _put(place: Path, data: bytes) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return place
