"""Runs in a bundle before the program: stands in for Qt's OpenGL, which pyqtgraph imports and Capflow never draws with.

pyqtgraph asks for both modules where it defines its curves, and for the type below where it paints one. The real
modules and the library are 9 MB (PySide6 6.11).
"""

import sys
import types


class _QOpenGLWidget:
    """What no widget is."""


for _name in ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"):
    sys.modules[_name] = types.ModuleType(_name)
sys.modules["PySide6.QtOpenGLWidgets"].QOpenGLWidget = _QOpenGLWidget  # type: ignore[attr-defined]
