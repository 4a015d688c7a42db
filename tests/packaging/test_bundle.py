"""What goes into a bundle is computed from the code, and right for platforms that are not this one."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import capflow_gui
from capflow_gui.cli import main as cli_main
from capflow_gui.ui import chart_import

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def packaging() -> Iterator[None]:
    sys.path.insert(0, str(ROOT / "packaging"))
    yield
    sys.path.remove(str(ROOT / "packaging"))


@pytest.fixture(scope="module")
def bundle(packaging: None) -> ModuleType:
    return importlib.import_module("bundle")


def test_the_version_has_one_place(bundle: ModuleType) -> None:
    assert bundle.version() == capflow_gui.__version__
    assert bundle.numbers()[:3] == tuple(map(int, capflow_gui.__version__.split(".")[:3]))
    texts = [*(ROOT / "packaging").rglob("*.py"), *(ROOT / "packaging").rglob("*.spec"), ROOT / "pyproject.toml"]
    assert [path.name for path in texts if f'"{capflow_gui.__version__}"' in path.read_text(encoding="utf-8")] == []


def test_what_is_imported_by_name_comes_along(bundle: ModuleType) -> None:
    assert {*cli_main._MODULES.values(), chart_import.MODULE} <= set(bundle.hidden_imports())
    for name in bundle.hidden_imports():
        assert importlib.util.find_spec(name) is not None, name


def test_the_zones_of_all_markets_come_along(bundle: ModuleType) -> None:
    assert {"Asia/Hong_Kong", "America/New_York", "Asia/Shanghai"} <= set(bundle.zones())
    names = {f"{folder}/{Path(file).name}" for file, folder in bundle.data_files()}
    assert {f"tzdata/zoneinfo/{zone}" for zone in bundle.zones()} <= names
    assert all(Path(file).is_file() for file, _ in bundle.data_files())
    assert all(bundle.is_wanted(name) for name in names)
    assert not bundle.is_wanted("tzdata/zoneinfo/Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqlinuxfb.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/plugins/platforms/qdirect2d.dll", False),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/plugins/imageformats/qjpeg.dll", False),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/QtTest.abi3.so", True),
        ("libglib-2.0.so.0", False),
        ("libxcb-cursor.so.0", True),
        ("libcrypto.so.3", True),
        ("numpy/random/tests/data/pcg64-testset-1.csv", False),
        ("pyqtgraph/icons/peegee/peegee_512px.png", False),
        ("capflow_gui/resources/sessions.json", True),
    ],
)
def test_files_are_chosen_by_their_place(bundle: ModuleType, name: str, *, wanted: bool) -> None:
    assert bundle.is_wanted(name) is wanted


def test_libraries_that_nothing_needs_any_more_are_left_out(bundle: ModuleType) -> None:
    needs = {"plugin": ["liba.so.1"], "a": ["libb.so.1", "libc.so.6"], "b": [], "gtk": ["libcairo.so.2"], "cairo": []}
    libraries = {"lib/liba.so.1": "a", "libb.so.1": "b", "libgtk.so": "gtk", "libcairo.so.2": "cairo"}
    assert bundle.reachable(["plugin"], libraries, needs.__getitem__) == {"lib/liba.so.1", "libb.so.1"}


def test_openblas_is_never_stripped(bundle: ModuleType) -> None:
    assert not bundle.may_strip("_internal/numpy.libs/libscipy_openblas64_-32a4b2a6.so")
    assert not bundle.may_strip("capflow")
    assert bundle.may_strip("_internal/libpython3.11.so.1.0")
    assert not bundle.may_strip("_internal/base_library.zip")


def test_the_tools_of_the_build_stay_behind(bundle: ModuleType) -> None:
    excluded = set(bundle.excluded_modules())
    assert {"pytest", "mypy", "tkinter"} <= excluded
    assert not {"numpy", "PySide6", "msgspec", "google", "capflow_gui", "platformdirs"} & excluded


def test_nothing_of_a_dependency_is_excluded_whole(bundle: ModuleType) -> None:
    """Today nothing may import it; tomorrow something does, and only the bundle breaks."""
    owners = importlib.metadata.packages_distributions()
    runtime = bundle.pinned("runtime")
    ours = {top for top, dists in owners.items() if {bundle.normal(dist) for dist in dists} & runtime}
    assert ours >= {"attr", "numpy", "aiohttp"}
    assert not ours & set(bundle.excluded_modules())


def test_curves_are_drawn_without_qts_opengl(bundle: ModuleType) -> None:
    """As in a bundle, which leaves it out: the hook runs first, and nothing brings the real modules in."""
    assert {"PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"} <= set(bundle.excluded_modules())
    assert "without_opengl.py" in (ROOT / "packaging" / "capflow.spec").read_text(encoding="utf-8")
    code = f"""
exec(open({str(ROOT / "packaging" / "entry" / "without_opengl.py")!r}).read())
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
import capflow_gui.ui.chart, pyqtgraph
plot = pyqtgraph.PlotWidget()
plot.plot([0, 1, 2], [3, 1, 2], pen=pyqtgraph.mkPen("w", width=3), shadowPen=None)
assert not plot.grab().isNull()
print(*(name for name in sys.modules if "PySide6.QtOpenGL" in name and getattr(sys.modules[name], "__file__", None)))
"""
    environ = {"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_recipe_is_python() -> None:
    ast.parse((ROOT / "packaging" / "capflow.spec").read_text(encoding="utf-8"))


def test_icons_hold_every_size(packaging: None, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "packaging" / "generate_icons.py"), str(tmp_path)]
    subprocess.run(command, check=True, env={"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"})
    ico = (tmp_path / "capflow.ico").read_bytes()
    _, kind, count = struct.unpack_from("<HHH", ico)
    assert (kind, count) == (1, 9)
    for at in range(count):
        *_, length, offset = struct.unpack_from("<BBBBHHII", ico, 6 + 16 * at)
        assert ico[offset : offset + 4] == b"\x89PNG"
        assert offset + length <= len(ico)
    icns = (tmp_path / "capflow.icns").read_bytes()
    assert struct.unpack_from(">4sI", icns) == (b"icns", len(icns))
    assert (tmp_path / "capflow-256.png").read_bytes().startswith(b"\x89PNG")


def test_the_desk_entry_works_without_any_stream() -> None:
    """As Windows starts it: no stdout, no stderr; what would have been said is shown in a box."""
    script = (
        "import sys; sys.path.insert(0, {entry!r}); import desk; shown = []; desk.show = shown.append\n"
        "sys.argv = ['Capflow', 'fetch', 'nonsense']; out = sys.stdout; sys.stdout = sys.stderr = None\n"
        "status = desk.run(); print(status, *shown, file=out)"
    ).format(entry=str(ROOT / "packaging" / "entry"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith("2 capflow fetch: error: argument SYMBOL: 'nonsense'")
    assert "\nusage: capflow fetch" in done.stdout
    assert done.stderr == ""
