"""Tiles of one size in places that no figure moves; what has no room is counted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, QSizeF

from capflow_gui.ui.wall.layout import Measures, lay_out

MEASURES = Measures(QSizeF(60, 32), 6, 22)


@pytest.mark.parametrize("counts", [[1], [7, 3], [54], [36, 18], [200, 200, 100]])
def test_all_tiles_have_one_size_lie_inside_and_none_over_another(counts: list[int]) -> None:
    area = QRectF(18, 44, 1564, 938)
    found = lay_out(counts, area, MEASURES)
    assert found.hidden == 0
    assert len(found.tiles) == sum(counts)
    assert len({(tile.width(), tile.height()) for tile in found.tiles}) == 1
    assert all(area.adjusted(-1, -1, 1, 1).contains(tile) for tile in found.tiles)
    cells = {(tile.x(), tile.y()) for tile in found.tiles}
    assert len(cells) == sum(counts)
    for one, other in zip(found.tiles, found.tiles[1:], strict=False):
        assert not one.intersects(other)


def test_sections_begin_under_their_headings() -> None:
    found = lay_out([3, 2], QRectF(0, 0, 1200, 800), MEASURES)
    first, second = found.headings
    assert first == 0
    assert second is not None
    assert found.tiles[0].top() == pytest.approx(first + 22)
    assert found.tiles[3].top() == pytest.approx(second + 22, abs=1)
    assert found.tiles[2].bottom() <= second


@pytest.mark.parametrize("counts", [[1], [3], [4, 2], [7, 3]])
def test_few_tiles_fill_the_area_and_stay_where_they_are_while_there_are_as_many(counts: list[int]) -> None:
    area = QRectF(18, 44, 1564, 938)
    found = lay_out(counts, area, MEASURES)
    assert max(tile.right() for tile in found.tiles) == pytest.approx(area.right(), abs=2)
    assert max(tile.bottom() for tile in found.tiles) == pytest.approx(area.bottom(), abs=8)
    assert lay_out(counts, area, MEASURES) == found


def test_where_there_is_no_room_the_last_ones_are_counted_and_no_tile_is_smaller_than_can_be_read() -> None:
    found = lay_out([400, 100], QRectF(0, 0, 640, 400), MEASURES)
    assert found.hidden == 500 - len(found.tiles) > 300
    assert found.headings == (0, None)
    assert found.tiles[0].width() >= 60
    assert found.tiles[0].height() == 32


def test_nothing_to_show_is_no_tile() -> None:
    assert lay_out([], QRectF(0, 0, 100, 100), MEASURES).tiles == ()
    assert lay_out([0], QRectF(0, 0, 100, 100), MEASURES).headings == (None,)
    assert lay_out([5], QRectF(0, 0, 10, 10), MEASURES).hidden == 5
