"""Imports the chart behind the first paint, a little between two of the window's events.

All that makes or names a Qt type happens in the window's own thread. PySide 6.11 asks Python types for their
QMetaObject without holding the interpreter's lock (seen in a core file: QMetaObject::cast, called by
QApplication::notify, ended in MetaObjectBuilder::update with a torn pointer), so a thread that makes types
meanwhile, as importing pyqtgraph does, now and then ends the program. Only what is free of Qt comes in by thread.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator

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
# Each is imported in one go; of the chart what takes long, in the order of its imports.
_WITH_QT = (
    "PySide6.QtSvg",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtTest",
    "pyqtgraph",
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
    for name in _WITH_QT:
        importlib.import_module(name)
        yield
