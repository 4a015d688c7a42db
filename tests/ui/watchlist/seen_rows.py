"""What is seen of a row."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.window.main_window import MainWindow

TENCENT = Symbol.parse("700.HK")


MEITUAN = Symbol.parse("3690.HK")


BYD = Symbol.parse("1211.HK")


def row_image(window: MainWindow, symbol: Symbol) -> QImage:
    table = window.watchlist.table
    row = window.watchlist.model.view_row(symbol)
    assert row is not None
    image = table.viewport().grab().toImage()
    height = table.verticalHeader().defaultSectionSize()
    return image.copy(0, row * height, image.width(), height)


def has_color(image: QImage, color: QColor, *, near: int = 24) -> bool:
    data = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8)
    pixels = data.reshape(image.height(), image.width(), 4)[:, :, :3].astype(int)
    wanted = np.array([color.blue(), color.green(), color.red()])
    return bool((np.abs(pixels - wanted).max(axis=2) <= near).any())


def right_part(image: QImage) -> QImage:
    """Net and % columns: where colour means truth (the pill and the alert's spine are left of it)."""
    return image.copy(300, 0, image.width() - 300, image.height())
