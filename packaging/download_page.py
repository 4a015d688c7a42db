"""Write what the *Download* section of README.md claims: every block is a command and what it said, just now.

    python packaging/download_page.py [NAME ...]

`make download-page` builds the packages first. NAME: these blocks alone. A block whose tools are missing here (the
command ends with "not run", status 2) stays as it was made where they were, and is named on stderr. Nothing is written
when a command fails, or when an output names a place of this machine or an address: 1 then.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import bundle

README = bundle.ROOT / "README.md"
NOT_RUN = 2
LIMIT_S = 900
PRIVATE = re.compile(r"https?://|/(?:tmp|root|home|work|Users)/|[A-Z]:\\")
DEB = "dist/capflow_{version}_amd64.deb"
TARBALL = "dist/capflow-{version}-linux-x86_64.tar.gz"


@dataclass(frozen=True, slots=True)
class Block:
    """Commands as a person types them in the checkout; `ok` are the statuses that are an answer."""

    name: str
    commands: tuple[str, ...]
    ok: tuple[int, ...] = (0,)


BLOCKS = (
    Block("size", ("python packaging/build_bundle.py --only-check", f"du --apparent-size -m {DEB} {TARBALL}")),
    Block("needs", (f"dpkg-deb --field {DEB} Depends",)),
    Block(
        "works",
        (
            "dist/capflow/capflow --version",
            "QT_QPA_PLATFORM=offscreen dist/capflow/capflow --self-test && echo polled, drawn, ended",
            (
                "CAPFLOW_BUNDLE=dist/capflow .venv/bin/python -m pytest -q tests/packaging/test_frozen.py "
                "tests/packaging/test_frozen_upgrade.py | tail -n 1"
            ),
        ),
    ),
    Block("against", ("python benchmarks/run.py package 2>/dev/null | grep -v '^$' | head -n 4",)),
    Block(
        "deb",
        (
            "desktop-file-validate packaging/linux/*.desktop && echo no fault",
            f"lintian --allow-root --fail-on error,warning {DEB} && echo no fault",
            f"python packaging/try_deb.py {DEB} 2>/dev/null",
        ),
    ),
    Block("windows", ("python packaging/check_inno.py",), (0, NOT_RUN)),
    Block(
        "licences",
        (
            "ls -d dist/capflow/licences/*/ | wc -l",
            "grep -c '\"bom-ref\"' dist/capflow/sbom.cdx.json",
        ),
    ),
    Block("audit", ("python packaging/audit.py 2>/dev/null | head -n 1",), (0, 1, NOT_RUN)),
)


class NotSaid(Exception):
    """A command gave no answer that may stand on the page; the text says which and why."""


def main() -> int:
    """Run, and replace the blocks; 0 done, 1 nothing was written."""
    wanted = set(sys.argv[1:]) or {block.name for block in BLOCKS}
    found: dict[str, str] = {}
    try:
        for block in BLOCKS:
            if block.name in wanted:
                found[block.name] = answers(block)
    except NotSaid as error:
        print(f"download_page: {error}", file=sys.stderr)
        return 1
    text = README.read_text(encoding="utf-8")
    for name, said in found.items():
        if said:
            text = replaced(text, name, said)
        else:
            print(f"not run here, left as it was: {name}", file=sys.stderr)
    README.write_text(text, encoding="utf-8")
    return 0


def answers(block: Block) -> str:
    """The commands and what they said; empty where one was not run for want of a tool. Raises NotSaid."""
    lines = []
    for command in block.commands:
        shown = command.format(version=bundle.version())
        print(f"+ {shown}", file=sys.stderr, flush=True)
        status, said = run(shown)
        if status == NOT_RUN and said.startswith("NOT RUN"):
            return ""
        if status not in block.ok:
            raise NotSaid(f"`{shown}` ended with {status}: {said}")
        if found := PRIVATE.search(said):
            raise NotSaid(f"`{shown}` names a place or an address ({found[0]}): {said}")
        lines += [f"$ {shown}", said.rstrip()]
    return "\n".join(lines)


def run(command: str) -> tuple[int, str]:
    """Status and output of a shell's line, in the checkout, with this environment's python in front."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=bundle.ROOT,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(bundle.ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    return done.returncode, done.stdout


def marks(name: str) -> tuple[str, str]:
    """What a block stands between."""
    return f"<!-- download:{name}:begin -->", f"<!-- download:{name}:end -->"


def replaced(text: str, name: str, said: str) -> str:
    """The page with one block anew; ValueError where its marks are missing."""
    begin, end = marks(name)
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    if not rest or not after:
        raise ValueError(f"README.md has no {begin} … {end}")
    return f"{before}{begin}\n```console\n{said}\n```\n{end}{after}"


if __name__ == "__main__":
    sys.exit(main())
