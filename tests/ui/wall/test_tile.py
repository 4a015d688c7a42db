"""What a tile says of a row that is not true now, and how much of it has room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from capflow_gui.feed.board import AlertState, Freshness, Row
from capflow_gui.ui.models.figures import AgeTone, figures_of
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.wall.tile import Detail, Tile, TilePainter, tile_of
from tests.ui.boards import alert_of, flagged_row, row_of

ROW = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)


def tile(row: Row, words: str = "3s", tone: AgeTone = AgeTone.FAINT) -> Tile:
    return tile_of(figures_of(row, link_ready=True), (words, tone))


@pytest.mark.parametrize(
    ("row", "age", "state", "loud"),
    [
        (ROW, ("3s", AgeTone.FAINT), "", False),
        (replace(ROW, turnover=None), ("3s", AgeTone.FAINT), "turnover not known", False),
        (replace(ROW, freshness=Freshness.STALE), ("2m 14s", AgeTone.AMBER), "stale 2m 14s", True),
        (replace(ROW, freshness=Freshness.HALTED), ("halted", AgeTone.DIM), "halted", False),
        (flagged_row("941.HK"), ("5s", AgeTone.FAINT), "check failed", True),
    ],
)
def test_a_figure_that_is_not_true_says_why(row: Row, age: tuple[str, AgeTone], state: str, loud: bool) -> None:
    said = tile(row, *age)
    assert (said.state, said.loud) == (state, loud)
    assert said.true is (state == "")


def drawn(theme: Theme, shown: Tile, size: tuple[int, int] = (180, 140)) -> QImage:
    image = QImage(*size, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        TilePainter(theme).paint(painter, QRectF(0, 0, *size), shown, current=False)
    return image


def test_only_a_true_figure_has_colour(theme: Theme) -> None:
    fills = TilePainter(theme).fills
    assert drawn(theme, tile(ROW)).pixelColor(170, 70).name() == fills[-3].name()
    grey = drawn(theme, tile(replace(ROW, freshness=Freshness.STALE), "2m 14s", AgeTone.AMBER))
    colors = {grey.pixelColor(x, y).name() for x in range(100, 178) for y in range(8, 60)}
    assert colors.isdisjoint({fill.name() for fill in fills.values()})


def test_the_border_says_whether_somebody_has_seen_the_alert(theme: Theme) -> None:
    alert = alert_of(ROW)
    waiting, seen = (
        drawn(theme, tile(replace(ROW, alert=replace(alert, state=AlertState.ACTIVE, seen=seen)))) for seen in (0, 1)
    )
    amber = theme.alert.name()
    assert [waiting.pixelColor(x, 70).name() == amber for x in (0, 2, 4, 7)] == [True, True, True, False]
    assert [seen.pixelColor(x, 70).name() == amber for x in (0, 1, 4)] == [True, True, False]


def test_a_small_tile_says_code_and_share_alone(theme: Theme) -> None:
    painter = TilePainter(theme)
    assert painter.detail(painter.least()) is Detail.LEAST
    assert painter.detail(QSizeF(100, 72)) is Detail.MORE
    assert painter.detail(QSizeF(160, 130)) is Detail.ALL
    for size in ((60, 36), (100, 72), (160, 130)):
        shown = drawn(theme, tile(ROW), size)
        assert len({shown.pixelColor(x, y).name() for x in range(size[0]) for y in range(size[1])}) > 5


def test_words_grow_with_their_tiles_and_what_a_tile_must_have_does_not(theme: Theme) -> None:
    painter = TilePainter(theme)
    least, usual = painter.least(), painter._share.height
    painter.fit(QSizeF(640, 480) * theme.scale)
    assert painter._share.height > 2 * usual
    assert painter.least() == least
    assert painter.detail(QSizeF(100, 72)) is Detail.MORE
    painter.fit(QSizeF(60, 40))
    assert painter._share.height == usual
