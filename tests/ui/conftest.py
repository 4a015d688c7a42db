"""Widgets are tested without a display unless the caller chose a platform."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from capflow_gui.ui.theme import Theme, apply, build_theme


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The dark theme, with the application dressed in it."""
    dark = build_theme("dark", "green_up")
    apply(qapp, dark)
    yield dark
    qapp.setStyleSheet("")
