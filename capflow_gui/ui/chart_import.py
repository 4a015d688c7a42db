"""Imports the chart behind the first paint, a little between two of the window's events.

All that makes or names a Qt type happens in the window's own thread. PySide 6.11 asks Python types for their
QMetaObject without holding the interpreter's lock (seen in a core file: QMetaObject::cast, called by
QApplication::notify, ended in MetaObjectBuilder::update with a torn pointer), so a thread that makes types
meanwhile, as importing pyqtgraph does, now and then ends the program. Only what is free of Qt comes in by thread.

pyqtgraph imports some 150 modules in one go, which takes longer than a turn may. It comes in by parts: the package's
own code is run until it has imported one module more, and again from its start in the next turn.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

MODULE = "capflow_gui.ui.chart.chart"
# What pyqtgraph imports besides Qt.
_WITHOUT_QT = (
    "numpy",
    "cProfile",
    "multiprocessing.connection",
    "pydoc",
    "xml.etree.ElementTree",
    "capflow_gui.domain.measures.derived",
)
_PACKAGE = "pyqtgraph"
# What it imports of Qt's modules, each in one go.
_BEFORE = ("PySide6.QtSvg", "PySide6.QtOpenGLWidgets", "PySide6.QtTest")
# Each is imported in one go; of the chart what takes long, in the order of its imports.
_AFTER = (
    "capflow_gui.ui.chart.look",
    "capflow_gui.ui.chart.axes",
    "capflow_gui.ui.chart.crosshair",
    "capflow_gui.ui.chart.view",
    "capflow_gui.ui.chart.layers.price",
    "capflow_gui.ui.chart.intraday",
    "capflow_gui.ui.chart.annotations",
    MODULE,
)
_POLL_MS = 15
_TURN_MS = 8
_JOIN_S = 3.0


class ChartImport(QObject):
    """Emits `finished` once, when importing `MODULE` costs nothing more."""

    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._steps = _steps()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        """Begin; once only."""
        if self._thread is None:
            self._thread = threading.Thread(target=_import_without_qt, name="import for the chart", daemon=True)
            self._thread.start()
            self._timer.start(_POLL_MS)

    def stop(self) -> None:
        """Nobody waits any more; an import on its way is seen to its end, or exit would cut it off."""
        self._timer.stop()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _turn(self) -> None:
        if self._thread is None or self._thread.is_alive():
            return
        self._timer.setInterval(0)
        spent = QElapsedTimer()
        spent.start()
        for _step in self._steps:
            if spent.elapsed() >= _TURN_MS:
                return
        self._timer.stop()
        self.finished.emit()


def _import_without_qt() -> None:
    for name in _WITHOUT_QT:
        importlib.import_module(name)


def _steps() -> Iterator[None]:
    """Every name of Qt first: pyqtgraph asks for all of them in one go, and PySide makes each type when asked."""
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name)
            yield
    for name in _BEFORE:
        importlib.import_module(name)
        yield
    yield from import_in_parts(_PACKAGE)
    for name in _AFTER:
        importlib.import_module(name)
        yield


def import_in_parts(name: str) -> Iterator[None]:
    """Import a package, one of the modules that its own code imports a step; its code is run once a step.

    Its namespace is one for all steps, as where `importlib.reload` runs a module again. Between two steps whoever asks
    for what is not there yet has the whole package. What an import raises is raised, and the package is not imported.
    """
    package = sys.modules.get(name)
    if package is None:
        spec = find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        package = sys.modules[name] = module_from_spec(spec)
        package.__class__ = _Incomplete
    while isinstance(package, _Incomplete):
        _import_one_more(package)
        yield


class _Incomplete(ModuleType):
    """A package that is being imported in parts."""

    def __getattr__(self, attribute: str) -> object:
        for _step in import_in_parts(self.__name__):
            pass
        return getattr(self, attribute)


class _OneMore(ImportError):
    """A step has imported its module."""


def _import_one_more(package: ModuleType) -> None:
    spec, imported = package.__spec__, False
    if spec is None or spec.loader is None:
        raise ImportError(f"{package.__name__} has no code to run")

    def import_or_end(
        name: str,
        globals: dict[str, object] | None = None,  # noqa: A002 - the names of __import__
        locals: dict[str, object] | None = None,  # noqa: A002
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> ModuleType:
        nonlocal imported
        if level == 1 and name and f"{package.__name__}.{name}" not in sys.modules:
            if imported:
                raise _OneMore
            imported = True
        return builtins.__import__(name, globals, locals, fromlist, level)

    package.__class__ = ModuleType  # its modules ask it for each other, and import what it does not have
    own = vars(builtins) | {"__import__": import_or_end}
    try:
        vars(package)["__builtins__"] = own
        spec.loader.exec_module(package)
        del vars(package)["__builtins__"]
        spec.loader.exec_module(package)
    except _OneMore:
        package.__class__ = _Incomplete
    except BaseException:
        del sys.modules[package.__name__]
        raise
    finally:
        own["__import__"] = builtins.__import__  # for functions that a module has taken early on
