"""Why PySide6 is pinned: 6.12.0 on CPython 3.11 loses a reference to None per void call, until none is left."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

CALLS = 1000


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None cannot die there")
def test_void_calls_keep_their_reference_to_none(qapp: QApplication) -> None:
    canvas = QPixmap(8, 8)
    painter = QPainter(canvas)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        painter.setOpacity(1.0)
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < CALLS // 10
