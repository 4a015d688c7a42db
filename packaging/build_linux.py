"""Make the Linux packages of dist/capflow: a tarball with an install script, and a .deb where dpkg-deb is.

    python packaging/build_linux.py

`make package-linux` builds the bundle first. The same bundle gives the same bytes: times come from the changelog.
"""

from __future__ import annotations

import datetime
import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import bundle

sys.path.insert(0, str(bundle.ROOT))
from capflow_gui.app.system import packages as system_packages

LINUX = bundle.ROOT / "packaging" / "linux"
DIST = bundle.ROOT / "dist"
ICONS = bundle.ROOT / "build" / "icons"
ID = bundle.BUNDLE_ID
# Every Debian system has these, and lintian wants them said all the same.
ALWAYS = ("libc6 (>= {libc})", "libgcc-s1", "libstdc++6", "libx11-6", "libxcb1")
MAINTAINER = "The Capflow developers <capflow@users.noreply.github.com>"
DEBIAN_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}
# The C library of the systems that the user guide names.
LIBC_OF = {"Ubuntu 22.04": (2, 35), "Debian 12": (2, 36), "Ubuntu 24.04": (2, 39), "Debian 13": (2, 41)}
GUIDE = bundle.ROOT / "packaging" / "docs" / "user-guide.md"
# Relocations packed this way need a loader of 2.36 and are marked with a version that has no number.
PACKED_RELOCATIONS = ("GLIBC_ABI_DT_RELR", (2, 36))
FILES_A_CALL = 200
OVERRIDES = """\
# A bundle carries its interpreter, and the modules of the first paint compiled: nothing is compiled at installation.
capflow: package-installs-python-bytecode [usr/lib/capflow/*]
# The libraries are the ones its wheels were built and tested with; replacing Qt's is allowed for (licences/).
capflow: embedded-library *
# ICU's data and Python's smallest extensions call nothing; wheels find their neighbours by a relative search path.
capflow: library-not-linked-against-libc [usr/lib/capflow/_internal/python*/lib-dynload/*]
capflow: shared-library-lacks-prerequisites [usr/lib/capflow/*]
capflow: custom-library-search-path *
# strip corrupts the OpenBLAS of numpy's wheels.
capflow: unstripped-binary-or-object [usr/lib/capflow/_internal/numpy.libs/*]
# PyInstaller's starter.
capflow: hardening-no-pie [usr/lib/capflow/capflow]
# The pictures of the program are compared pixel by pixel: it draws with the typeface it brings.
capflow: duplicate-font-file *
capflow: initial-upload-closes-no-bugs *
"""


def main() -> int:
    """0 both made, 1 not."""
    if not (DIST / "capflow").is_dir():
        print("build the bundle first: make package", file=sys.stderr)
        return 1
    if shutil.which("appstreamcli"):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / f"{ID}.metainfo.xml"
            data.write_text(metainfo(), encoding="utf-8")
            subprocess.run(["appstreamcli", "validate", "--no-net", str(data)], check=True)
    needed, promised = libc_needed(DIST / "capflow"), libc_promised(GUIDE.read_text(encoding="utf-8"))
    if needed > promised:
        found, oldest = (".".join(map(str, version)) for version in (needed, promised))
        print(f"the bundle needs libc {found}, and the user guide names a system that has {oldest}", file=sys.stderr)
        return 1
    print(tarball())
    if shutil.which("dpkg-deb") is None:
        print("no dpkg-deb here: no .deb", file=sys.stderr)
        return 1
    print(deb())
    return 0


def metainfo() -> str:
    """The AppStream data of this version."""
    text = (LINUX / f"{ID}.metainfo.xml").read_text(encoding="utf-8")
    return text.replace("@VERSION@", bundle.version()).replace("@DATE@", bundle.released()[0])


def tarball() -> Path:
    """capflow-VERSION-linux-MACHINE.tar.gz: the bundle, and a script that installs it."""
    name = f"capflow-{bundle.version()}-linux-{platform.machine()}"
    path = DIST / f"{name}.tar.gz"
    epoch = bundle.released()[1]

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        return entry

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "metainfo.xml").write_text(metainfo(), encoding="utf-8")
        with (
            path.open("wb") as file,
            gzip.GzipFile("", "wb", 6, file, mtime=epoch) as packed,
            tarfile.open(fileobj=packed, mode="w") as tar,
        ):
            for source, target in (
                (DIST / "capflow", "capflow"),
                (LINUX / "install.sh", "install.sh"),
                (LINUX / f"{ID}.desktop", f"{ID}.desktop"),
                (bundle.RESOURCES / "icons" / "capflow.svg", f"{ID}.svg"),
                (Path(folder) / "metainfo.xml", f"{ID}.metainfo.xml"),
            ):
                tar.add(source, f"{name}/{target}", filter=plain)
    return path


def libc_needed(folder: Path) -> tuple[int, ...]:
    """The C library a bundle asks for: the highest version of a symbol that one of its files needs."""
    files = [
        str(path) for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink() and is_elf(path)
    ]
    highest: tuple[int, ...] = (0,)
    for at in range(0, len(files), FILES_A_CALL):
        command = ["objdump", "-p", *files[at : at + FILES_A_CALL]]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        highest = max(highest, *symbol_versions(told), (0,))
    return highest


def is_elf(path: Path) -> bool:
    """Whether a file is a program or a library of Linux."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def symbol_versions(told: str) -> list[tuple[int, ...]]:
    """The versions of libc that `objdump -p` names."""
    found = [tuple(map(int, version.split("."))) for version in re.findall(r"\bGLIBC_(\d+(?:\.\d+)+)\b", told)]
    mark, version = PACKED_RELOCATIONS
    return [*found, version] if mark in told else found


def libc_promised(guide: str) -> tuple[int, ...]:
    """The C library of the oldest system that the guide names for the .deb."""
    (row,) = (line for line in guide.splitlines() if "_amd64.deb" in line and line.startswith("|"))
    return min(version for system, version in LIBC_OF.items() if system in row)


def depends() -> list[str]:
    """What the package asks of the system: its C library, and the one list of system packages."""
    listed = system_packages.parse((bundle.RESOURCES / "system-packages.txt").read_text(encoding="utf-8"))
    libc = ".".join(map(str, libc_needed(DIST / "capflow")))
    always = [package.format(libc=libc) for package in ALWAYS]
    # The libraries were renamed in Ubuntu 24.04 for its 64-bit time; either will do.
    renamed = {"libglib2.0-0": "libglib2.0-0 | libglib2.0-0t64"}
    needed = [renamed.get(package.name, package.name) for package in listed if package.purpose == "qt"]
    return sorted({*always, *(name for name in needed if not name.startswith("fonts-"))})


def recommends() -> list[str]:
    """Fonts: Qt starts without, but draws boxes."""
    listed = system_packages.parse((bundle.RESOURCES / "system-packages.txt").read_text(encoding="utf-8"))
    return sorted(package.name for package in listed if package.name.startswith("fonts-"))


def control(size: int) -> str:
    """DEBIAN/control."""
    architecture = DEBIAN_ARCHITECTURE[platform.machine()]
    return f"""\
Package: capflow
Version: {bundle.version()}
Architecture: {architecture}
Maintainer: {MAINTAINER}
Installed-Size: {-(-size // 1024)}
Depends: {", ".join(depends())}
Recommends: {", ".join(recommends())}
Section: misc
Priority: optional
Description: monitor of intraday capital flow of stocks
 Capflow shows the net inflow of Hong Kong, US and China stocks, minute by
 minute and by order size, and flags every symbol whose net outflow crosses
 your threshold. Quotes come from your own Futu or moomoo OpenD; a simulator
 is built in.
"""


def deb() -> Path:
    """capflow_VERSION_ARCHITECTURE.deb, made as root would have made it."""
    day, epoch = bundle.released()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        place = root / "usr" / "lib" / "capflow"
        shutil.copytree(DIST / "capflow", place, symlinks=True)
        (root / "usr" / "bin").mkdir(parents=True)
        for name in (bundle.CONSOLE_NAME, bundle.DESK_NAME):
            (root / "usr" / "bin" / name).symlink_to(f"../lib/capflow/{name}")
        put(root, f"usr/share/applications/{ID}.desktop", (LINUX / f"{ID}.desktop").read_bytes())
        put(root, f"usr/share/metainfo/{ID}.metainfo.xml", metainfo().encode())
        svg = (bundle.RESOURCES / "icons" / "capflow.svg").read_bytes()
        put(root, f"usr/share/icons/hicolor/scalable/apps/{ID}.svg", svg)
        for size in (48, 128, 256):
            png = (ICONS / f"capflow-{size}.png").read_bytes()
            put(root, f"usr/share/icons/hicolor/{size}x{size}/apps/{ID}.png", png)
        manual = gzip.compress((LINUX / "capflow.1").read_bytes(), 9, mtime=0)
        put(root, "usr/share/man/man1/capflow.1.gz", manual)
        (root / "usr/share/man/man1/Capflow.1.gz").symlink_to("capflow.1.gz")
        documents = "usr/share/doc/capflow"
        put(root, f"{documents}/copyright", copyright_text().encode())
        date = datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        entry = (
            f"capflow ({bundle.version()}) unstable; urgency=medium\n\n  * {day}: see CHANGELOG.md of the source.\n\n"
        )
        changes = f"{entry} -- {MAINTAINER}  {date}\n"
        put(root, f"{documents}/changelog.gz", gzip.compress(changes.encode(), 9, mtime=0))
        put(root, "usr/share/lintian/overrides/capflow", OVERRIDES.encode())
        settle(root)
        size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        put(root, "DEBIAN/control", control(size).encode())
        put(root, "DEBIAN/md5sums", md5sums(root).encode())
        path = DIST / f"capflow_{bundle.version()}_{DEBIAN_ARCHITECTURE[platform.machine()]}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", str(root), str(path)]
        environ = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
        subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
    return path


def put(root: Path, name: str, content: bytes) -> None:
    """Write a file that everybody may read."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)


def settle(root: Path) -> None:
    """Modes that do not depend on who built: folders and programs 755, files 644, nothing executable by accident."""
    for path in root.rglob("*"):
        if path.is_symlink():
            continue
        program = path.is_dir() or path == root / "usr" / "lib" / "capflow" / "capflow"
        path.chmod(0o755 if program else 0o644)
    root.chmod(0o755)


def md5sums(root: Path) -> str:
    """What dpkg checks an installation with."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    kept = [path for path in files if "DEBIAN" not in path.relative_to(root).parts[:1]]
    digests = ((hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(), path) for path in kept)
    return "".join(f"{digest}  {path.relative_to(root).as_posix()}\n" for digest, path in digests)


def copyright_text() -> str:
    """Debian's copyright file: ours, and where the third parties' licences lie."""
    ours = (bundle.ROOT / "LICENSE").read_text(encoding="utf-8")
    body = "".join(f" {line or '.'}\n" for line in ours.splitlines())
    return f"""\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Capflow
Comment: The package contains third-party software. What, and under which licence, is in
 /usr/lib/capflow/licences/THIRD-PARTY.txt and the folders beside it. Qt is used under the LGPL, version 3
 (/usr/share/common-licenses/LGPL-3); its libraries in /usr/lib/capflow/_internal/PySide6 may be replaced.

Files: *
Copyright: The Capflow developers
License: MIT
{body}"""


if __name__ == "__main__":
    sys.exit(main())
