"""A row is painted once a change."""

from __future__ import annotations

import pytest

from capflow_gui.ui.models.figures import figures_of
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.watchlist.row_cache import RowCache
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import row_of


def test_an_unchanged_row_is_the_same_picture(window: MainWindow, theme: Theme) -> None:
    style = window.watchlist.table._style
    cache = RowCache(theme)
    figures = figures_of(row_of("700.HK", "Tencent", -1e8, 8e9), link_ready=True)
    first = cache.pixmap(figures, style, 1.0, selected=False)
    assert cache.pixmap(figures, style, 1.0, selected=False) is first
    seen = first.toImage()
    assert cache.pixmap(figures, style, 1.0, selected=True).toImage() != seen
    again = cache.pixmap(figures_of(row_of("700.HK", "Tencent", 3e8, 8e9), link_ready=True), style, 1.0, selected=False)
    assert again.toImage() != seen
    sharp = cache.pixmap(figures, style, 2.0, selected=False)
    assert (sharp.devicePixelRatio(), sharp.width()) == (2.0, round(style.width * 2))


def test_another_theme_paints_all_anew_and_only_so_many_are_kept(window: MainWindow, theme: Theme) -> None:
    style = window.watchlist.table._style
    cache = RowCache(theme)
    for code in range(1, 120):
        cache.pixmap(figures_of(row_of(f"{code}.HK", "x", 1e6, 1e9), link_ready=True), style, 1.0, selected=False)
    assert len(cache.drawn) == pytest.approx(96, abs=1)
    assert "119.HK" in map(str, cache.drawn)
    cache.set_theme(build_theme("light"))
    assert cache.drawn == {}
