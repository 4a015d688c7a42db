"""Pens, brushes and text in the colours of the theme; two looks a theme: figures true now, and not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QStaticText

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, MEDIUM, NET, SMALL
from capflow_gui.present.language.texts import N_, _
from capflow_gui.ui.theme import Face, Role, Theme, faded, mix

ALL_COLUMNS = (NET, MAIN, EXTRA_LARGE, LARGE, MEDIUM, SMALL)
# Another session's net: no row of a series, but drawn like one.
BESIDE = len(ALL_COLUMNS)
# The price, on an axis of its own.
PRICE = BESIDE + 1
NAMES = {
    NET: N_("Net"),
    MAIN: N_("Main"),
    EXTRA_LARGE: N_("Extra-large"),
    LARGE: N_("Large"),
    MEDIUM: N_("Medium"),
    SMALL: N_("Small"),
    PRICE: N_("Price"),
}

_POINT_PX = 4.5
_GREY_BANDS = (0.62, 0.46, 0.32, 0.2)
# Between the end of a curve and its name.
LEADER_PX = 17.0


def line_pen(color: QColor, width: float = 0.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A cosmetic pen: its width is in device pixels at any zoom; 0 is one."""
    pen = QPen(color, width, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin if width > 1 else Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def dashed(color: QColor, pattern: tuple[float, float], width: float = 1.0) -> QPen:
    """A dashed cosmetic pen; `pattern` is dash and gap in widths of the pen."""
    pen = line_pen(color, width)
    pen.setDashPattern(list(pattern))
    return pen


def _point(color: QColor, ratio: float) -> QPen:
    """What a single known value is drawn with: a dot."""
    pen = line_pen(color, _POINT_PX * ratio)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Everything a chart paints with. `true` says whether its figures may carry colour.

    `ratio` is device pixels a pixel: straight lines have pens that wide; curves are drawn of hairlines side by side.
    """

    theme: Theme
    true: bool
    ratio: float
    curve: dict[int, QPen]
    wash_up: QBrush
    wash_down: QBrush
    breach: QBrush
    bar_up: QBrush
    bar_down: QBrush
    rim_up: QPen
    rim_down: QPen
    future: QColor
    grid: QColor
    zero: QColor
    seam: QPen
    separator: QPen
    cross: QPen
    drop: QPen
    threshold: QPen
    threshold_hover: QPen
    gap: QPen
    derived: dict[int, QPen]
    snapshot: dict[int, QPen]
    band: dict[int, QBrush]
    band_rim: dict[int, QPen]
    price_gap: QPen

    def name_color(self, column: int) -> QColor:
        """What a curve's name is written in."""
        return self.theme.curve_name(column) if self.true and column != PRICE else self.theme.dim

    def value_color(self, value: float) -> QColor:
        """What a signed figure is written in."""
        return self.theme.direction(value, true=self.true)


@lru_cache(maxsize=8)
def build_look(theme: Theme, *, true: bool = True, ratio: float = 1.0) -> Look:
    """The look of a theme on a screen of `ratio`, one for all charts; `true=False` takes the colour out of figures."""
    wash = 0.085 if theme.dark else 0.06
    up, down, beyond = (theme.up, theme.down, theme.alert) if true else (theme.none, theme.none, theme.none)
    colors = {column: theme.curve(column) for column in ALL_COLUMNS}
    if not true:
        quiet = mix(theme.none, theme.panel, 0.62)
        colors = dict.fromkeys(ALL_COLUMNS, quiet) | {NET: theme.none}
    colors[BESIDE] = mix(theme.text, theme.panel, 0.46 if theme.dark else 0.5)
    colors[PRICE] = theme.dim
    curves = {column: line_pen(color) for column, color in colors.items()}
    if not true:  # among grey curves another grey would be one of them
        curves[BESIDE] = dashed(colors[BESIDE], (4, 3), ratio)
    bar = 0.87 if theme.dark else 0.85
    inflow, outflow = mix(up, theme.panel, bar), mix(down, theme.panel, bar)
    bands = _bands(theme, true=true)
    return Look(
        theme=theme,
        true=true,
        ratio=ratio,
        curve=curves,
        wash_up=QBrush(mix(up, theme.panel, wash)),
        wash_down=QBrush(mix(down, theme.panel, wash)),
        breach=QBrush(mix(beyond, mix(down, theme.panel, wash), 0.3 if theme.dark else 0.36)),
        bar_up=QBrush(inflow),
        bar_down=QBrush(outflow),
        rim_up=line_pen(inflow, ratio),
        rim_down=line_pen(outflow, ratio),
        future=mix(theme.bg, theme.panel, 0.33),
        grid=mix(theme.line, theme.panel, 0.22),
        zero=theme.faint,
        seam=dashed(theme.line2, (1, 2), ratio),
        separator=line_pen(theme.line2, ratio),
        cross=dashed(theme.dim, (4, 3), ratio),
        drop=dashed(faded(theme.alert_text, 0.6), (1, 2), ratio),
        threshold=dashed(theme.alert_text, (4, 2), ratio),
        threshold_hover=dashed(theme.alert_text, (4, 2), 2 * ratio),
        gap=dashed(theme.faint, (2, 3), ratio),
        derived={column: dashed(colors[column], (1, 3), ratio) for column in ALL_COLUMNS},
        snapshot={column: _point(colors[column], ratio) for column in ALL_COLUMNS},
        band={column: QBrush(color) for column, color in bands.items()},
        band_rim={column: line_pen(color, ratio) for column, color in bands.items()},
        price_gap=dashed(theme.dim, (1, 3), ratio),
    )


def _bands(theme: Theme, *, true: bool) -> dict[int, QColor]:
    """What order sizes are filled with where they stand one on the other; by shade alone where they have no colour."""
    columns = (EXTRA_LARGE, LARGE, MEDIUM, SMALL)
    if true:
        return {column: mix(theme.curve(column), theme.panel, 0.66) for column in columns}
    return {column: mix(theme.none, theme.panel, share) for column, share in zip(columns, _GREY_BANDS, strict=True)}


def names_width(fonts: Fonts, columns: Iterable[int], *, valued: bool) -> float:
    """Pixels from the end of the curves to the end of their names, with a value of the usual length or without."""
    value = 7 + fonts.value.width("−888.8M") if valued else 0.0
    return LEADER_PX + 18 + max(fonts.name.width(_(NAMES[column])) for column in columns) + value


class Text:
    """A piece of text, in pixels. It is laid out for good when it is drawn again: figures often are not."""

    __slots__ = ("_is_drawn", "_static", "color", "face", "height", "text", "width")

    def __init__(self, text: str, face: Face, color: QColor) -> None:
        self.text = text
        self.face = face
        self.color = color
        self.width = face.width(text)
        self.height = face.height
        self._is_drawn = False
        self._static: QStaticText | None = None

    def draw(self, painter: QPainter, x: float, middle: float) -> None:
        """Draw with the left end at `x` and the line's middle at `middle`."""
        painter.setFont(self.face.font)
        painter.setPen(self.color)
        left, top = round(x), round(middle - self.height / 2)
        if self._static is not None:
            painter.drawStaticText(QPointF(left, top), self._static)
        elif self._is_drawn:
            self._static = QStaticText(self.text)
            self._static.setTextFormat(Qt.TextFormat.PlainText)
            painter.drawStaticText(QPointF(left, top), self._static)
        else:
            self._is_drawn = True
            painter.drawText(QPointF(left, top + self.face.ascent), self.text)


class Fonts:
    """The chart's fonts, made once a theme; `scale` is how much larger than designed a line of text is."""

    __slots__ = ("axis", "caption", "caption_plain", "name", "pill", "scale", "tag", "value")

    def __init__(self, theme: Theme) -> None:
        self.scale = theme.scale
        self.caption = theme.face(Role.CAPTION_STRONG)
        self.caption_plain = theme.face(Role.CAPTION)
        self.axis = theme.sized_face(8.6, 450)
        self.tag = theme.sized_face(8.6, 600)
        self.name = theme.sized_face(9.0, 650)
        self.value = theme.sized_face(9.0, 600)
        self.pill = self.caption
