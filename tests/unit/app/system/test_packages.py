from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from capflow_gui.app.system import packages as subject
from capflow_gui.app.system.packages import SystemPackage
from capflow_gui.paths import resource

LISTED = subject.parse(resource("system-packages.txt").read_text(encoding="utf-8"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="system packages are a matter of Linux")


def test_the_list_names_every_library_once_and_in_debian_style() -> None:
    assert {package.purpose for package in LISTED} == {"python", "qt", "tests", "package", "linux"}
    assert len({package.name for package in LISTED}) == len(LISTED)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", package.name) for package in LISTED)
    for soname in ("libEGL.so.1", "libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1"):
        assert f"lib:{soname}" in {package.sign for package in LISTED}


@linux
def test_what_the_tests_need_is_here() -> None:
    assert subject.missing(LISTED, ["python", "qt", "tests"]) == []
    assert subject.library_problem(LISTED) == ""


@linux
def test_what_is_missing_is_named_with_the_command_that_helps() -> None:
    packages = [
        SystemPackage("qt", "libmoney1", "lib:libmoney.so.1"),
        SystemPackage("qt", "libc6", "lib:libc.so.6"),
        SystemPackage("tests", "capflow-nonsense", "cmd:capflow-nonsense"),
        SystemPackage("python", "python3-nonsense", "py:capflow_nonsense"),
    ]
    assert [package.name for package in subject.missing(packages, ["qt"])] == ["libmoney1"]
    assert len(subject.missing(packages, ["qt", "tests", "python"])) == 3
    problem = subject.library_problem(packages)
    assert "libmoney.so.1" in problem
    assert problem.endswith("sudo apt-get install --no-install-recommends libmoney1")


@linux
def test_fonts_are_found_by_their_files_where_there_is_no_fc_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(subject, "FONT_FOLDERS", (str(tmp_path),))
    fonts = [SystemPackage("qt", "fonts-dejavu-core", "fonts")]
    assert subject.missing(fonts, ["qt"]) == fonts
    assert subject.library_problem(fonts) == ""  # Qt starts without fonts, it only draws boxes
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "DejaVuSans.ttf").touch()
    assert subject.missing(fonts, ["qt"]) == []


@linux
@pytest.mark.parametrize(
    "environ", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}]
)
def test_a_display_or_a_platform_without_one_is_enough(environ: dict[str, str]) -> None:
    assert subject.display_problem(environ) == ""


@linux
@pytest.mark.parametrize("environ", [{}, {"QT_QPA_PLATFORM": "xcb"}, {"DISPLAY": ""}])
def test_without_a_display_two_ways_out_are_named(environ: dict[str, str]) -> None:
    problem = subject.display_problem(environ)
    assert "xvfb-run" in problem
    assert "--screenshot" in problem


def test_it_runs_before_anything_is_installed() -> None:
    """Set-up imports it with a bare interpreter: nothing but the standard library may be needed."""
    source = Path(subject.__file__).read_text(encoding="utf-8") + (
        Path(subject.__file__).with_name("__init__.py").read_text(encoding="utf-8")
    )
    imported = set(re.findall(r"^(?:from|import) ([\w]+)", source, re.MULTILINE))
    assert imported <= sys.stdlib_module_names
