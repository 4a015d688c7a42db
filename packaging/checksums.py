"""Write SHA256SUMS of the packages in a folder, sign it where a key is named, and check that the release is whole.

    python packaging/checksums.py FOLDER [--key GPG-KEY]

The version in every file's name must be the program's, and CHANGELOG.md must have a dated section for it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import bundle

PACKAGES = (".tar.gz", ".deb", ".exe", ".dmg", ".cdx.json")
LIST = "SHA256SUMS"


def main() -> int:
    """0 written, 1 not a release (the reasons on stderr)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--key", help="sign with this GPG key: SHA256SUMS.asc")
    options = parser.parse_args()
    files = sorted(path for path in options.folder.iterdir() if path.name.endswith(PACKAGES))
    changelog = (bundle.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    problems = faults([path.name for path in files], bundle.version(), changelog)
    for problem in problems:
        print(f"checksums: {problem}", file=sys.stderr)
    if problems:
        return 1
    listed = options.folder / LIST
    listed.write_text("".join(f"{digest(path)}  {path.name}\n" for path in files), encoding="utf-8")
    if options.key:
        sign = ["gpg", "--batch", "--yes", "--local-user", options.key, "--armor", "--detach-sign", str(listed)]
        subprocess.run(sign, check=True)
    else:
        print("SHA256SUMS is not signed: no --key was given", file=sys.stderr)
    return 0


def faults(names: list[str], version: str, changelog: str) -> list[str]:
    """What keeps these files from being a release of this version."""
    found = [
        f"{name} is not of version {version}"
        for name in names
        if not re.search(rf"[-_]{re.escape(version)}[-_.]", name)
    ]
    if not names:
        found.append("there is no package in the folder")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        found.append(f"CHANGELOG.md has no dated section [{version}]")
    return found


def digest(path: Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
