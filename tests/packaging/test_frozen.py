"""The bundle as its users run it: no Python, a path with spaces and Chinese characters, odd homes, a real screen.

Run by `make test-package`, which builds the bundle that CAPFLOW_BUNDLE names.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import capflow_gui
from capflow_gui.licences import read_index, text_of
from tests.packaging.frozen_bundle import LIMIT_S, ROOT, SIMULATED, Frozen

NOBODY = 65534
PANEL = bytes.fromhex("12171d")[::-1]  # the window's own colour, blue first as X stores it
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone")
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root becomes another user")


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A display of its own, and the file its pixels lie in."""
    folder = tmp_path_factory.mktemp("screen")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-fbdir", str(folder), "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield f":{server.stdout.readline().strip()}", folder / "Xvfb_screen0"
        finally:
            server.terminate()


def test_it_knows_its_version(frozen: Frozen) -> None:
    assert frozen.run("--version") == f"capflow {capflow_gui.__version__}\n"


def test_it_starts_polls_draws_and_ends(frozen: Frozen) -> None:
    frozen.run("--self-test")


def test_two_at_once_do_not_disturb_each_other(frozen: Frozen) -> None:
    runs = [frozen.start("--self-test") for _ in range(2)]
    for run in runs:
        with run:
            _, err = run.communicate(timeout=LIMIT_S)
        assert (run.returncode, err) == (0, "")


def test_of_two_started_at_once_one_stays(frozen: Frozen, tmp_path: Path) -> None:
    """As an impatient double click does it: the other raises the window of the first, and leaves."""
    folders = ("--config-dir", str(tmp_path), "--data-dir", str(tmp_path / "data"))
    runs = [frozen.start("demo", *folders) for _ in range(2)]
    with runs[0], runs[1]:
        try:
            left = first_to_speak(runs)
            assert left.communicate(timeout=LIMIT_S) == ("", "Capflow is running already: its window was raised.\n")
            (stays,) = (run for run in runs if run is not left)
            assert (left.returncode, stays.poll()) == (0, None)
            stays.terminate()
            assert stays.communicate(timeout=LIMIT_S) == ("", "")
        finally:
            for run in runs:
                run.kill()
    assert stays.returncode == 0 or os.name == "nt"


def first_to_speak(runs: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """The one that has something to say on stderr."""
    with selectors.DefaultSelector() as streams:
        for run in runs:
            assert run.stderr is not None
            streams.register(run.stderr, selectors.EVENT_READ, run)
        spoken = streams.select(timeout=LIMIT_S)
    assert spoken, "neither of the two gave way"
    found: subprocess.Popen[str] = spoken[0][0].data
    return found


@pytest.mark.parametrize("encrypted", [False, True])
def test_fetch_reads_its_own_simulator_as_the_source_does(frozen: Frozen, tmp_path: Path, *, encrypted: bool) -> None:
    key = tmp_path / "key.pem"
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    key.write_bytes(text)
    with frozen.simulator(*(["--rsa-key", str(key)] if encrypted else [])) as ready:
        source = f"opend://{ready['opend']}" + (f"?rsa-key={key}" if encrypted else "")
        arguments = ("fetch", "700.HK", "--source", source, "--format", "json")
        said = frozen.run(*arguments, said=SIMULATED)
        assert said == from_source(frozen, *arguments)
        if encrypted:
            status, out, err = frozen.ended("fetch", "700.HK", "--source", f"opend://{ready['opend']}")
            assert (status, out) == (3, ""), "the simulator took an unencrypted call"
            assert "encryption settings may differ" in err
    (answer,) = json.loads(said)
    assert answer["session"] == "2022-06-08"
    assert answer["lines"][1]["net"] == -4960940.0


@pytest.mark.parametrize("transport", ["websocket", "tcp", "http"])
def test_fetch_reads_its_own_longport_as_the_source_does(frozen: Frozen, transport: str) -> None:
    # The recorded seed day is OpenD's alone.
    with frozen.simulator("--scenario", "default") as ready:
        environment = {**ready["longport_environment"], "LONGBRIDGE_QUOTE_URL": ready["longport_tcp"]}
        arguments = ("fetch", "700.HK", "--source", f"longport:?transport={transport}", "--format", "json")
        said = frozen.run(*arguments, said=SIMULATED, **environment)
        assert said == from_source(frozen, *arguments, **environment)
    (answer,) = json.loads(said)
    assert (answer["source"], answer["simulated"]) == ("longport", True)
    assert len(answer["lines"]) > 1
    assert any(line["net"] for line in answer["lines"])


def from_source(frozen: Frozen, *arguments: str, **environ: str) -> str:
    """What the checkout prints, by the interpreter of the tests."""
    kept = {**frozen.environ, **environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "capflow_gui", *arguments]
    return subprocess.run(
        command, env=kept, check=True, capture_output=True, encoding="utf-8", timeout=LIMIT_S, stdin=subprocess.DEVNULL
    ).stdout


@linux
def test_nothing_of_another_python_is_loaded(frozen: Frozen) -> None:
    """The interpreter, the standard library and Qt are the bundle's own, whatever the machine has."""
    assert list(frozen.nothing.iterdir()) == [], "the PATH leads somewhere"
    status, _, told = frozen.ended("--self-test", LD_DEBUG="files")
    assert status == 0
    loaded = set(re.findall(r"calling init: (.+)$", told, re.MULTILINE))
    ours = {name for name in loaded if name.startswith(f"{frozen.folder}/")}
    assert any("libpython" in name for name in ours)
    assert any("libQt6Widgets" in name for name in ours)
    assert {name for name in loaded - ours if re.search(r"python|PySide|Qt6|numpy", name)} == set()


@linux
@pytest.mark.parametrize("name", ["capflow", "Capflow"])
def test_the_real_window_is_on_the_screen(frozen: Frozen, screen: tuple[str, Path], tmp_path: Path, name: str) -> None:
    display, pixels = screen
    picture = tmp_path / "window.png"
    frozen.program = frozen.folder / name
    arguments = ("demo", "--screenshot", str(picture), "--after", "4")
    try:
        with frozen.start(*arguments, DISPLAY=display, QT_QPA_PLATFORM="xcb") as run:
            most = 0
            while run.poll() is None:
                seen = pixels.read_bytes()[-1280 * 800 * 4 :]
                most = max(most, sum(seen[at : at + 3] == PANEL for at in range(0, len(seen), 4 * 97)))
            assert run.stderr is not None
            assert (run.returncode, run.stderr.read()) == (0, "")
    finally:
        frozen.program = frozen.folder / "capflow"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert most > 500, "the window's own colour was never on the screen"


@linux
def test_without_a_screen_it_says_so(frozen: Frozen) -> None:
    status, out, err = frozen.ended("demo", QT_QPA_PLATFORM="")
    assert (status, out) == (1, "")
    assert "There is no display" in err


@linux
@as_root
def test_a_home_that_cannot_be_written_is_named(frozen: Frozen) -> None:
    status, out, err = frozen.ended("demo", uid=NOBODY)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert str(frozen.home) in err
    assert "Permission denied; give your user access to it, or choose other folders with --config-dir" in err


@linux
@as_root
def test_figures_come_where_nothing_can_be_written(frozen: Frozen) -> None:
    status, out, err = frozen.ended("fetch", "700.HK", "--source", "demo:", "--format", "json", uid=NOBODY)
    assert (status, err) == (0, SIMULATED)
    assert len(json.loads(out)[0]["lines"]) > 1


@linux
@as_root
def test_another_user_with_a_home_can_use_it(frozen: Frozen, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="capflow-nobody-") as home:
        os.chown(home, NOBODY, NOBODY)
        assert frozen.ended("--self-test", uid=NOBODY, HOME=home) == (0, "", "")


def test_every_resource_is_inside(frozen: Frozen) -> None:
    for file in (path for path in (ROOT / "resources").rglob("*") if path.is_file()):
        name = file.relative_to(ROOT)
        assert (frozen.folder / "_internal" / "capflow_gui" / name).read_bytes() == file.read_bytes()


def test_what_is_never_drawn_with_is_outside(frozen: Frozen) -> None:
    assert not list((frozen.folder / "_internal" / "PySide6").glob("QtOpenGL*"))


def test_every_third_party_is_listed_with_its_licence(frozen: Frozen) -> None:
    bill = json.loads((frozen.folder / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert bill["metadata"]["component"]["version"] == capflow_gui.__version__
    names = {part["name"] for part in bill["components"] if part["type"] == "library"}
    assert {"numpy", "pyside6-essentials", "shiboken6", "pyqtgraph", "qasync", "cryptography"} <= names
    listed = (frozen.folder / "licences" / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    for name in names:
        assert re.search(rf"^{re.escape(name)} ", listed, re.MULTILINE)
        assert any((frozen.folder / "licences" / name).iterdir())
    shown = {part.name: part for part in read_index(frozen.folder / "licences")}
    assert names | {"Capflow", "Python", "Inter (typeface)"} <= set(shown)
    assert all(text_of(part).strip() for part in shown.values())
    assert "Version 3, 29 June 2007" in (frozen.folder / "licences" / "shiboken6" / "LGPL-3.0.txt").read_text("utf-8")


@linux
def test_qt_can_be_replaced(frozen: Frozen) -> None:
    """The LGPL's condition: Qt's libraries are files of their own, found by name beside the program."""
    libraries = frozen.folder / "_internal" / "PySide6" / "Qt" / "lib"
    assert {path.name for path in libraries.glob("libQt6*.so.6")} >= {"libQt6Core.so.6", "libQt6Widgets.so.6"}
    moved = libraries / "libQt6Widgets.so.6"
    aside = moved.with_name("aside")
    moved.rename(aside)
    try:
        status, _, err = frozen.ended("--self-test")
        assert status != 0
        assert "libQt6Widgets.so.6" in err
    finally:
        aside.rename(moved)
