"""Build the bundle, and check it before anybody else does.

    python packaging/build_bundle.py [--no-check | --only-check]

Runs in an environment that holds packaging/requirements/package.txt (`make package` sees to that). Leaves
dist/capflow (and dist/Capflow.app on macOS), with licences and the bill of materials inside, and fails when the
bundle is larger than packaging/size-budget.txt allows, does not start, starts much slower than the source, or has a
link that leads nowhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import bundle
import licences
import sbom
import start_budget

sys.path.insert(0, str(bundle.ROOT))
from capflow_gui import releases

DIST = bundle.ROOT / "dist"
WORK = bundle.ROOT / "build"
BUDGET = bundle.ROOT / "packaging" / "size-budget.txt"


def main() -> int:
    """0 built and sound, 1 not (the reason on stderr)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--no-check", action="store_true", help="only build")
    parts.add_argument("--only-check", action="store_true", help="check what was built before")
    options = parser.parse_args()
    if not options.only_check:
        build()
    problems = [] if options.no_check else check(DIST / "capflow")
    for problem in problems:
        print(f"make package: {problem}", file=sys.stderr)
    return 1 if problems else 0


def build() -> None:
    """Icons, PyInstaller, then what the law and auditors want to find beside a program.

    CAPFLOW_RELEASES_PAGE names the page of new versions; without it the program does not speak of updates.
    """
    run("packaging/generate_icons.py", str(WORK / "icons"), QT_QPA_PLATFORM="offscreen")
    arguments = ["--noconfirm", "--log-level", "WARN", "--distpath", str(DIST), "--workpath", str(WORK / "pyinstaller")]
    # The same sources and requirements give the same bytes: no time of day gets in, and no order of a set.
    fixed = {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(bundle.released()[1])}
    run("-m", "PyInstaller", *arguments, "packaging/capflow.spec", **fixed)
    folder = DIST / "capflow"
    work = WORK / "pyinstaller" / "capflow"
    parts, packages = licences.shipped_distributions(work), licences.system_parts(work)
    licences.collect(parts, packages, folder / "licences")
    (folder / "sbom.cdx.json").write_text(sbom.as_json(parts, packages, bundle.version()), encoding="utf-8")
    releases.write_page(folder / "licences", os.environ.get(releases.VARIABLE, ""))
    shutil.copy(bundle.ROOT / "LICENSE", folder / "LICENSE")
    if sys.platform == "darwin":
        inside = DIST / "Capflow.app" / "Contents" / "Resources"
        shutil.copytree(folder / "licences", inside / "licences", dirs_exist_ok=True)
        shutil.copy(folder / "sbom.cdx.json", inside)


def run(*arguments: str, **environ: str) -> None:
    """Run this interpreter in the checkout; CalledProcessError when it fails."""
    print("+ python", *(word.removeprefix(f"{bundle.ROOT}{os.sep}") for word in arguments), flush=True)
    subprocess.run(
        [sys.executable, *arguments],
        cwd=bundle.ROOT,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        check=True,
    )


def size_of(folder: Path) -> int:
    """Bytes of all files; a link counts nothing."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def budget() -> int:
    """The bytes a bundle may have on this platform."""
    lines = (
        line.split(maxsplit=1) for line in BUDGET.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
    return int(dict(lines)[sys.platform])


def check(folder: Path) -> list[str]:
    """What is wrong with a bundle, in sentences."""
    problems = too_large(folder)
    problems += [f"{path} leads nowhere" for path in folder.rglob("*") if path.is_symlink() and not path.exists()]
    problems += invalid_bill(folder / "sbom.cdx.json")
    program = folder / (f"{bundle.CONSOLE_NAME}.exe" if os.name == "nt" else bundle.CONSOLE_NAME)
    done = subprocess.run(
        [str(program), "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60
    )
    if done.stdout.strip() != f"capflow {bundle.version()}":
        problems.append(f"`capflow --version` said {done.stdout!r} and {done.stderr!r}")
    if not problems:
        try:
            problems = start_budget.problems(start_budget.ratio(program))
        except start_budget.StartFailed as error:
            problems = [str(error)]
    return problems


def too_large(folder: Path) -> list[str]:
    """Whether the bundle keeps to its budget of bytes."""
    size, allowed = size_of(folder), budget()
    print(f"{folder.name}: {size:,} bytes of {allowed:,} allowed")
    over = f"the bundle has {size:,} bytes, {size - allowed:,} more than packaging/size-budget.txt allows"
    return [over] if size > allowed else []


def invalid_bill(path: Path) -> list[str]:
    """What CycloneDX's own schema says against the bill of materials."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text(encoding="utf-8"))
    return [f"{path.name} is not CycloneDX 1.6: {fault}"] if fault else []


if __name__ == "__main__":
    sys.exit(main())
