"""Ask pip-audit about known vulnerabilities of what ships, and say honestly whether it could answer.

    python packaging/audit.py [pip-audit's options]

0 audited and clean, 1 vulnerable, 2 *not audited*: pip-audit itself ends well, and says that nothing is known, when it
had to skip every package (behind a mirror, without a network).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RUNTIME = Path(__file__).resolve().parent / "requirements" / "runtime.txt"
CLEAN, VULNERABLE, NOT_AUDITED = 0, 1, 2


def main() -> int:
    """Run pip-audit on the requirements of the program and judge its answer."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(RUNTIME), "--disable-pip", "--require-hashes"]
    command += ["--strict", "--format", "json", "--progress-spinner", "off", *sys.argv[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if not done.stdout.strip():
        # --strict ends at the first package it cannot look up; without it the answer says which they all are.
        command.remove("--strict")
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    status, lines = judge(done.stdout)
    print(*lines, sep="\n")
    if status == NOT_AUDITED:
        sys.stderr.write(done.stderr)
    return status


def judge(answer: str) -> tuple[int, Sequence[str]]:
    """The status and the lines to print for pip-audit's JSON; empty or broken JSON means it could not answer."""
    try:
        packages: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return NOT_AUDITED, ["NOT AUDITED: pip-audit gave no answer"]
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in: {', '.join(flaw['fix_versions'])}"
        for package in packages
        for flaw in package.get("vulns", ())
    ]
    skipped = [f"{package['name']}: {package['skip_reason']}" for package in packages if "skip_reason" in package]
    if found:
        return VULNERABLE, found
    if skipped or not packages:
        return NOT_AUDITED, [f"NOT AUDITED: {len(skipped)} of {len(packages)} packages were skipped", *skipped]
    return CLEAN, [f"audited: {len(packages)} packages, no known vulnerability"]


if __name__ == "__main__":
    sys.exit(main())
