"""The bundle as its users run it: no Python, a path with spaces and Chinese characters, odd homes, a real screen.

Run by `make test-package`, which builds the bundle that CAPFLOW_BUNDLE names.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import capflow_gui

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / os.environ.get("CAPFLOW_BUNDLE", "dist/capflow")
SUFFIX = ".exe" if os.name == "nt" else ""
NOBODY = 65534
LIMIT_S = 90
SIMULATED = "SIMULATED: these figures come from a simulator.\n"
PANEL = bytes.fromhex("12171d")[::-1]  # the window's own colour, blue first as X stores it
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone")
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root becomes another user")


class Frozen:
    """A copy of the bundle in a place of its own, and an empty home."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "Capflow 资金流 (copy)"
        shutil.copytree(BUNDLE, self.folder, symlinks=True)
        self.home = place / "home"
        self.nothing = place / "nothing"
        for folder in (self.home, self.nothing):
            folder.mkdir()
        self.program = self.folder / f"capflow{SUFFIX}"

    @property
    def environ(self) -> dict[str, str]:
        """No Python, no command at all on the PATH, nothing of the tests' own environment."""
        kept = {key: os.environ[key] for key in ("SYSTEMROOT", "TEMP", "TMP") if key in os.environ}
        home = str(self.home)
        return {
            **kept,
            "PATH": str(self.nothing),
            "HOME": home,
            "USERPROFILE": home,
            "APPDATA": home,
            "LOCALAPPDATA": home,
            "LC_ALL": "C.UTF-8",  # a desktop has some UTF-8 locale; with none, Qt says a word on stderr
            "QT_QPA_PLATFORM": "offscreen",
        }

    def start(self, *arguments: str, uid: int | None = None, **environ: str) -> subprocess.Popen[str]:
        """Start the program; a variable set to "" is left out."""
        wanted = {key: value for key, value in {**self.environ, **environ}.items() if value}
        return subprocess.Popen(
            [str(self.program), *arguments],
            cwd=self.nothing,
            env=wanted,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )

    def ended(self, *arguments: str, uid: int | None = None, **environ: str) -> tuple[int, str, str]:
        """Run to the end: status, stdout, stderr."""
        with self.start(*arguments, uid=uid, **environ) as run:
            try:
                out, err = run.communicate(timeout=LIMIT_S)
            finally:
                run.kill()
        return run.returncode, out, err

    def run(self, *arguments: str, said: str = "", **environ: str) -> str:
        """Run to a good end, with nothing on stderr but `said`; stdout."""
        status, out, err = self.ended(*arguments, **environ)
        assert (status, err) == (0, said), f"{arguments} ended with {status}: {err}"
        return out

    @contextmanager
    def simulator(self, *arguments: str) -> Iterator[dict[str, Any]]:
        """What a simulator says when it is ready: from the bundle, its market clock held on the seed day."""
        with self.start("simulate", "--scenario", "seed-day", "--speed", "0", *arguments) as run:
            try:
                assert run.stdout is not None
                yield json.loads(run.stdout.readline())
            finally:
                run.terminate()
        assert run.returncode == 0 or os.name == "nt"


@pytest.fixture(scope="module")
def frozen() -> Iterator[Frozen]:
    # pytest's own folders are closed to other users.
    place = Path(tempfile.mkdtemp(prefix="capflow-frozen-"))
    place.chmod(0o755)
    try:
        yield Frozen(place)
    finally:
        shutil.rmtree(place)


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


@pytest.mark.parametrize("encrypted", [False, True])
def test_fetch_reads_its_own_simulator(frozen: Frozen, tmp_path: Path, *, encrypted: bool) -> None:
    key = tmp_path / "key.pem"
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    key.write_bytes(text)
    with frozen.simulator(*(["--rsa-key", str(key)] if encrypted else [])) as ready:
        source = f"opend://{ready['opend']}" + (f"?rsa-key={key}" if encrypted else "")
        (answer,) = json.loads(frozen.run("fetch", "700.HK", "--source", source, "--format", "json", said=SIMULATED))
    assert answer["session"] == "2022-06-08"
    assert answer["lines"][1]["net"] == -4960940.0


def test_fetch_reads_its_own_longport(frozen: Frozen) -> None:
    with frozen.simulator() as ready:
        arguments = ("fetch", "700.HK", "--source", "longport:", "--format", "json")
        status, out, err = frozen.ended(*arguments, **ready["longport_environment"])
    assert status == 0, err
    (answer,) = json.loads(out)
    assert (answer["source"], answer["simulated"]) == ("longport", True)


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


def test_it_runs_over_the_data_of_an_older_version(frozen: Frozen, tmp_path: Path) -> None:
    """Settings as 0.1.0 wrote them, with a key that only a later version knows."""
    with frozen.simulator() as ready:
        host, _, port = ready["opend"].partition(":")
        settings = tmp_path / "settings.toml"
        settings.write_text(
            f'version = 1\nfirst_run_done = true\nsource = "opend"\nkept = "as it was"\n'
            f'[opend]\nhost = "{host}"\nport = {port}\nbudget = 30\n'
            f'[thresholds]\ndefault = "-200M"\n[watchlist]\nsymbols = ["700.HK", "9988.HK"]\n',
            encoding="utf-8",
        )
        folders = ("--config-dir", str(tmp_path), "--data-dir", str(tmp_path / "data"))
        said = f"Setting kept is not known: It is kept and has no effect.\n{SIMULATED}"
        (answer,) = json.loads(frozen.run("fetch", "700.HK", "--format", "json", *folders, said=said))
        frozen.run("--screenshot", str(tmp_path / "window.png"), "--after", "3", *folders)
    assert answer["session"] == "2022-06-08"
    kept = tomllib.loads(settings.read_text(encoding="utf-8"))
    assert (kept["kept"], kept["watchlist"]["symbols"]) == ("as it was", ["700.HK", "9988.HK"])
    assert [path.name for path in tmp_path.glob("settings.toml*")] == ["settings.toml"]


def test_every_resource_is_inside(frozen: Frozen) -> None:
    for file in (path for path in (ROOT / "resources").rglob("*") if path.is_file()):
        name = file.relative_to(ROOT)
        assert (frozen.folder / "_internal" / "capflow_gui" / name).read_bytes() == file.read_bytes()


def test_every_third_party_is_listed_with_its_licence(frozen: Frozen) -> None:
    bill = json.loads((frozen.folder / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert bill["metadata"]["component"]["version"] == capflow_gui.__version__
    names = {part["name"] for part in bill["components"] if part["type"] == "library"}
    assert {"numpy", "pyside6-essentials", "shiboken6", "pyqtgraph", "qasync", "cryptography"} <= names
    listed = (frozen.folder / "licences" / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    for name in names:
        assert re.search(rf"^{re.escape(name)} ", listed, re.MULTILINE)
        assert any((frozen.folder / "licences" / name).iterdir())
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
