"""What a release promises is checked: audits that could not answer, wrong versions, licences, desktop data."""

from __future__ import annotations

import configparser
import importlib
import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

import capflow_gui
from capflow_gui.licences import read_index, text_of
from tests.packaging.conftest import WHEN_NAMED

ROOT = Path(__file__).resolve().parents[2]
ID = "io.github.capflow.Capflow"


@pytest.fixture(scope="module")
def packaging() -> Iterator[None]:
    sys.path.insert(0, str(ROOT / "packaging"))
    yield
    sys.path.remove(str(ROOT / "packaging"))


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ([{"name": "numpy", "version": "2.4.6", "vulns": []}], 0, "audited: 1 packages"),
        (
            [{"name": "numpy", "version": "2.4.6", "vulns": []}, {"name": "qasync", "skip_reason": "not found"}],
            2,
            "NOT AUDITED: 1 of 2",
        ),
        ([], 2, "NOT AUDITED"),
        (
            [{"name": "numpy", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}],
            1,
            "numpy 1: CVE-1, fixed in: 2",
        ),
    ],
)
def test_an_audit_that_skipped_is_no_audit(
    packaging: None, answer: list[dict[str, object]], status: int, said: str
) -> None:
    found, lines = module("audit").judge(json.dumps({"dependencies": answer}))
    assert found == status
    assert lines[0].startswith(said)


@pytest.mark.parametrize("answer", ["", "{}", "no"])
def test_no_answer_is_no_audit(packaging: None, answer: str) -> None:
    assert module("audit").judge(answer)[0] == 2


def test_a_release_is_of_one_version_and_in_the_changelog(packaging: None) -> None:
    faults = module("checksums").faults
    log = "## [1.2.0] - 2026-01-31\n"
    assert faults(["capflow-1.2.0-linux-x86_64.tar.gz", "capflow_1.2.0_amd64.deb"], "1.2.0", log) == []
    assert faults(["capflow_1.2.1_amd64.deb"], "1.2.0", log) == ["capflow_1.2.1_amd64.deb is not of version 1.2.0"]
    assert faults(["capflow_1.2.0_amd64.deb"], "1.2.0", "## [Unreleased]\n") == [
        "CHANGELOG.md has no dated section [1.2.0]"
    ]
    assert faults([], "1.2.0", log) == ["there is no package in the folder"]


def test_the_changelog_has_a_place_for_what_comes() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", text, re.MULTILINE)
    assert sections[0] in {"Unreleased", capflow_gui.__version__}
    assert len(sections) == text.count("\n## ")


def test_the_bill_of_materials_is_the_same_every_time(packaging: None) -> None:
    sbom, licences = module("sbom"), module("licences")
    parts = [metadata.distribution("numpy"), metadata.distribution("qasync")]
    system = [licences.SystemPart("libssl3", "3.0.19-1~deb12u2", ROOT / "LICENSE")]
    text = sbom.as_json(parts, system, "1.2.0")
    assert text == sbom.as_json(parts, system, "1.2.0")
    assert text != sbom.as_json(parts, [], "1.2.0")
    bill = json.loads(text)
    assert [part["name"] for part in bill["components"]] == ["numpy", "qasync", "libssl3", "CPython"]
    assert bill["components"][1]["purl"] == f"pkg:pypi/qasync@{metadata.version('qasync')}"


def test_licence_texts_are_collected(packaging: None, tmp_path: Path) -> None:
    licences = module("licences")
    parts = [metadata.distribution(name) for name in ("numpy", "shiboken6")]
    licences.collect(parts, [licences.SystemPart("libssl3", "3", ROOT / "LICENSE")], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "THIRD-PARTY.txt",
        "capflow",
        "index.json",
        "inter",
        "libssl3",
        "numpy",
        "python",
        "shiboken6",
    }
    assert len(list((tmp_path / "numpy").iterdir())) > 3, "texts of one name must not overwrite each other"
    assert {path.name for path in (tmp_path / "shiboken6").iterdir()} == {"LGPL-3.0.txt", "GPL-3.0.txt"}
    shown = {part.name: part for part in read_index(tmp_path)}
    assert list(shown) == ["Capflow", "numpy", "shiboken6", "libssl3", "Python", "Inter (typeface)"]
    assert all(text_of(part).strip() for part in shown.values())
    assert "Permission is hereby granted, free of charge" in text_of(shown["Capflow"])
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text_of(shown["shiboken6"])
    listed = (tmp_path / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    assert all(name in listed for name in list(shown)[1:])


def test_the_desktop_data_name_each_other(packaging: None) -> None:
    entry = configparser.ConfigParser(interpolation=None, strict=True)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(ROOT / "packaging" / "linux" / f"{ID}.desktop", encoding="utf-8")
    assert entry["Desktop Entry"]["Icon"] == ID == module("bundle").BUNDLE_ID
    text = (ROOT / "packaging" / "linux" / f"{ID}.metainfo.xml").read_text(encoding="utf-8")
    data = ElementTree.fromstring(text)  # noqa: S314 - our own file
    assert data.findtext("launchable") == f"{ID}.desktop"
    assert data.findtext("project_license") == "MIT"


def test_the_deb_asks_for_what_the_program_asks_for(packaging: None) -> None:
    listed = (ROOT / "resources" / "system-packages.txt").read_text(encoding="utf-8")
    qt = set(re.findall(r"^qt +(\S+)", listed, re.MULTILINE))
    build = module("build_linux")
    depends = {name.split(" ")[0] for name in build.depends()}
    assert qt == {name for name in depends | set(build.recommends()) if name in qt}
    assert all(name.startswith("fonts-") for name in build.recommends())


def test_the_macos_and_windows_recipes_name_the_same_programs(packaging: None) -> None:
    rights = plistlib.loads((ROOT / "packaging" / "macos" / "entitlements.plist").read_bytes())
    assert rights["com.apple.security.cs.disable-library-validation"] is True
    inno = (ROOT / "packaging" / "windows" / "capflow.iss").read_text(encoding="utf-8")
    assert "PrivilegesRequired=lowest" in inno
    assert inno.count("capflow-desktop.exe") >= 3
    assert f'"{ID}"' in inno


def test_the_entitlements_are_what_apple_knows(packaging: None) -> None:
    rights = plistlib.loads((ROOT / "packaging" / "macos" / "entitlements.plist").read_bytes())
    # Source: Apple's documentation, "Hardened Runtime" and "App Sandbox" entitlements.
    known = {
        "com.apple.security.cs.allow-unsigned-executable-memory",
        "com.apple.security.cs.disable-library-validation",
        "com.apple.security.network.client",
    }
    assert set(rights) == known
    assert all(value is True for value in rights.values())


def test_the_installer_is_whole_inno(packaging: None) -> None:
    """What its compiler refuses is found by `make check-inno`; this is what every run can see."""
    inno = (ROOT / "packaging" / "windows" / "capflow.iss").read_text(encoding="utf-8")
    sections = re.findall(r"^\[(\w+)\]$", inno, re.MULTILINE)
    assert len(sections) == len(set(sections))
    assert {"Setup", "Files", "Icons", "InstallDelete", "Registry", "Code"} <= set(sections)
    assert inno.count("#ifndef") + inno.count("#ifdef") == inno.count("#endif")
    code = inno.partition("[Code]")[2]
    assert len(re.findall(r"\bbegin\b", code)) == len(re.findall(r"\bend\b", code))
    for source in re.findall(r'^Source: "dist\\(\w+)\\\*"', inno, re.MULTILINE):
        assert source == "capflow"


def test_the_check_of_the_installer_says_when_it_did_not_run(packaging: None) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "ISCC"}
    command = [sys.executable, str(ROOT / "packaging" / "check_inno.py")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("NOT RUN: ")


def test_the_release_workflow_runs_what_there_is() -> None:
    """No YAML reader is among the tools; what the workflow starts must exist, and be started with the right tools."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "\t" not in text
    assert re.findall(r"^  (\w+):$", text.partition("\njobs:\n")[2], re.MULTILINE) == ["package", "release"]
    assert re.findall(r"os: (\w+)-[\d.]+, name: (\w+)", text) == [
        ("ubuntu", "linux"),
        ("windows", "windows"),
        ("macos", "macos"),
    ]
    actions = re.findall(r"uses: (\S+)", text)
    assert actions
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in actions)
    commands = text.partition("\njobs:\n")[2]
    targets = set(re.findall(r"\bmake ([a-z][\w-]+)", commands))
    assert targets >= {"audit", "test-package", "package-linux"}
    rules = set(re.findall(r"^([a-z][\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert targets <= rules
    named = re.findall(r"packaging[/\\][\w/\\.-]+", commands)
    assert named
    for name in named:
        assert (ROOT / name.replace("\\", "/")).exists(), name


def test_what_the_tests_leave_out_is_run_with_the_package() -> None:
    done = subprocess.run(["make", "-n", "test-package"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"tests/packaging/(\w+\.py)", done.stdout)) == {"test_frozen.py", *WHEN_NAMED}


@pytest.mark.skipif(os.name != "posix" or shutil.which("shellcheck") is None, reason="no shellcheck here")
def test_shell_scripts_are_good_shell() -> None:
    scripts = [str(ROOT / name) for name in ("packaging/linux/install.sh", "packaging/macos/sign.sh", ".ci/run")]
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(os.name != "posix", reason="shell scripts")
@pytest.mark.parametrize("script", ["linux/install.sh", "macos/sign.sh"])
def test_shell_scripts_are_shell(script: str) -> None:
    path = ROOT / "packaging" / script
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
    assert os.access(path, os.X_OK)


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_the_tarball_installs_replaces_and_removes(tmp_path: Path) -> None:
    source, prefix = tmp_path / "tarball with spaces", tmp_path / "prefix 资金"
    (source / "capflow").mkdir(parents=True)
    for name in ("capflow", "Capflow"):
        (source / "capflow" / name).write_text("#!/bin/sh\necho capflow 9\n", encoding="utf-8")
        (source / "capflow" / name).chmod(0o755)
    linux = ROOT / "packaging" / "linux"
    for name, content in (
        ("install.sh", (linux / "install.sh").read_bytes()),
        (f"{ID}.desktop", (linux / f"{ID}.desktop").read_bytes()),
        (f"{ID}.metainfo.xml", b"<component/>"),
        (f"{ID}.svg", b"<svg/>"),
    ):
        (source / name).write_bytes(content)

    def install(*arguments: str) -> str:
        command = ["sh", str(source / "install.sh"), *arguments]
        environ = {"PATH": os.environ["PATH"], "PREFIX": str(prefix)}
        return subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout

    assert "capflow 9" in install()
    (prefix / "lib" / "capflow" / "of an older version").touch()
    install()
    assert not (prefix / "lib" / "capflow" / "of an older version").exists()
    entry = (prefix / "share" / "applications" / f"{ID}.desktop").read_text(encoding="utf-8")
    assert f'Exec="{prefix}/bin/Capflow" demo' in entry
    install("--uninstall")
    assert [path for path in prefix.rglob("*") if not path.is_dir()] == []


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs objdump")
def test_the_package_asks_for_the_libc_its_files_need(packaging: None, tmp_path: Path) -> None:
    build_linux = module("build_linux")
    assert build_linux.symbol_versions("  0x0d696914 0x00 02 GLIBC_2.4\n 0x 0x00 03 GLIBC_2.34\n") == [(2, 4), (2, 34)]
    assert (2, 36) in build_linux.symbol_versions("0x0 0x00 10 GLIBC_ABI_DT_RELR\n 0x GLIBC_2.2.5")
    (tmp_path / "readme").write_text("no program, GLIBC_2.99", encoding="utf-8")
    assert build_linux.libc_needed(tmp_path) == (0,)
    shutil.copy(metadata.distribution("msgspec").locate_file("msgspec").joinpath(_core()), tmp_path)
    needed = build_linux.libc_needed(tmp_path)
    assert (2, 0) < needed < (2, 34), "a wheel of an old manylinux needs what this system has, and no more"


def _core() -> str:
    import msgspec._core

    return Path(msgspec._core.__file__).name


def test_the_user_guide_names_no_system_older_than_the_package_takes(packaging: None) -> None:
    build_linux = module("build_linux")
    assert build_linux.libc_promised(build_linux.GUIDE.read_text(encoding="utf-8")) == (2, 35)
    assert build_linux.libc_promised("| Debian 12 | `capflow_VERSION_amd64.deb` |") == (2, 36)
