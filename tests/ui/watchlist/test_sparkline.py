from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from capflow_gui.ui.models.figures import figures_of, spark_points
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.sparkline import draw_sparkline
from tests.ui.boards import row_of


@pytest.mark.parametrize("net", [0.0, -0.0, 5e-324, -1e-320, 1e-7, 1e14])
def test_any_amount_can_be_drawn(theme: Theme, net: float) -> None:
    row = row_of("700.HK", "Tencent", -1e6, 1e9)
    assert row.series is not None
    values = row.series.values * 0.0
    values[:, -1] = net
    series = msgspec.structs.replace(row.series, values=values)
    figures = figures_of(replace(row, series=series), link_ready=True)
    image = QImage(200, 40, QImage.Format.Format_ARGB32)
    with np.errstate(invalid="raise", over="raise"), QPainter(image) as painter:
        draw_sparkline(painter, QRectF(0, 0, 200, 40), spark_points(figures), figures, theme)
