"""What the window looks like: one colour a role, one font a role, light and dark.

Colours are asked for by what they mean (`up`, `alert_text`, `extra_large`), never by hue: red-up swaps two values,
the colour-blind palette replaces four, and nothing else in the program knows.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QGuiApplication, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from capflow_gui.paths import resource
from capflow_gui.present.language.texts import language
from capflow_gui.ui.stylesheet import SHEET

if TYPE_CHECKING:
    from capflow_gui.settings import Appearance

# Arguments of QApplication: Qt's own style on every platform. setStyle would load all that Python knows of styles,
# before the first paint.
FUSION = ("-style", "fusion")
FONT_FAMILY = "Inter"
# Named, so that Chinese never comes from whatever font happens to hold the glyph; who reads traditional characters
# never gets the mainland's forms of them.
_SIMPLIFIED = ("Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei")
_TRADITIONAL = (
    *("Noto Sans CJK HK", "Noto Sans CJK TC", "PingFang HK", "PingFang TC"),
    *("Microsoft JhengHei UI", "Microsoft JhengHei"),
)
FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf")


class Role(Enum):
    """What a piece of text is: its points at 96 dpi and its weight, of visual-design.md "Type"."""

    CHART_NET = 22.0, 650
    TITLE = 15.0, 700
    ROW_NET = 14.0, 600
    FIGURE = 13.0, 600
    ROW_SYMBOL = 11.5, 650
    TURNOVER = 11.0, 500
    CELL = 10.0, 450
    SENTENCE = 9.0, 450
    SENTENCE_STRONG = 9.0, 650
    CAPTION = 8.6, 500
    CAPTION_STRONG = 8.6, 650


_SMALLEST_POINTS = 8.0
# The height of a line of Role.CELL in the design; every pixel size of the design grows with the measured height.
_DESIGN_LINE = 16.13
_KEPT_WIDTHS = 4096
_STYLED_A_STEP = 40  # widgets: 3 to 6 ms
# By row of flow.COLUMNS, which is not imported: the first paint does not wait for numpy.
_CURVES = ("text", "extra_large", "extra_large", "large", "medium", "small")
# On dark, on light.
_GROUPS = {
    "violet": ("#c4a5ff", "#5b2fc9"),
    "cyan": ("#4cc4de", "#006e86"),
    "pink": ("#f58ac4", "#b3267c"),
    "indigo": ("#8f9bff", "#3f46c8"),
    "grey": ("#9ba8b6", "#4e5a67"),
}
# A point is 1/72 inch and the design is drawn at 96 dpi; macOS calls a pixel a point.
_POINTS_TO_QT = 96 / 72 if sys.platform == "darwin" else 1.0


class Face:
    """A font, measured: lines are `height` pixels high, `ascent` of them over the baseline. Widths are remembered."""

    __slots__ = ("_advances", "_metrics", "ascent", "font", "height")

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height = self._metrics.height()
        self.ascent = self._metrics.ascent()
        self._advances: dict[str, float] = {}

    def width(self, text: str) -> float:
        """Pixels from the start of `text` to its end; figures are as wide as their characters."""
        known = self._advances
        if len(known) > _KEPT_WIDTHS:
            known.clear()
        if text and text[-1].isdigit():  # figures: made of a dozen characters, never twice the same
            for character in text:
                if character not in known:
                    known[character] = self._metrics.horizontalAdvance(character)
            return sum(map(known.__getitem__, text))
        if text not in known:
            known[text] = self._metrics.horizontalAdvance(text)
        return known[text]

    def draw_right(self, painter: QPainter, area: QRectF, text: str) -> None:
        """Draw `text` with the painter's pen in the middle of the right side of an area; what is too wide is cut.

        It looks as Qt's own drawing into a rectangle does, which lays paragraphs out and takes three times as long.
        """
        if not text:
            return
        painter.setFont(self.font)
        width = self.width(text)
        if width <= area.width():
            middle = area.top() + (area.height() - self.height) / 2
            painter.drawText(QPointF(area.right() - width, middle + self.ascent), text)
        else:
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def elided(self, text: str, width: float) -> str:
        """`text`, or as much of it as fits into `width` pixels and an ellipsis."""
        if self.width(text) <= width:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(width, 0.0))


@dataclass(frozen=True, eq=False)
class Theme:
    """Every colour by role. `scheme` is "dark" or "light"; `palette` "green_up", "red_up" or "colour_blind"."""

    scheme: str
    palette: str
    font_scale: float
    bg: QColor
    panel: QColor
    raised: QColor
    line: QColor
    line2: QColor
    text: QColor
    dim: QColor
    faint: QColor
    up: QColor
    down: QColor
    alert: QColor
    alert_ink: QColor
    alert_text: QColor
    alert_border: QColor
    accent: QColor
    extra_large: QColor
    large: QColor
    medium: QColor
    small: QColor
    none: QColor
    faces: dict[tuple[float, int], Face] = field(default_factory=dict, init=False, repr=False)

    @property
    def dark(self) -> bool:
        """Whether this is the dark scheme."""
        return self.scheme == "dark"

    def direction(self, value: float | None, *, true: bool = True) -> QColor:
        """The colour of a signed figure; `none` where it is missing, zero, or not true now."""
        if not true or value is None or math.isnan(value) or value == 0:
            return self.none
        return self.up if value > 0 else self.down

    def curve(self, column: int) -> QColor:
        """The colour of a curve; `column` is a row of FlowSeries.values."""
        color: QColor = getattr(self, _CURVES[column])
        return color

    def curve_name(self, column: int) -> QColor:
        """The colour a curve's name is written in: on light, two curves are too pale for text."""
        name = _CURVES[column]
        if name == "small" or (name == "large" and not self.dark):
            return self.dim
        return self.curve(column)

    def group(self, name: str) -> QColor:
        """The colour of a group of the watchlist, by its name in the settings: none that means anything else."""
        return QColor(_GROUPS[name][0 if self.dark else 1])

    def font(self, role: Role) -> QFont:
        """The font of a role, with tabular figures."""
        return self.face(role).font

    def sized_font(self, points: float, weight: int = 450) -> QFont:
        """A font of any size (points at 96 dpi, before the font scale) and weight, with tabular figures."""
        return self.sized_face(points, weight).font

    def face(self, role: Role) -> Face:
        """The font of a role, with its measures."""
        return self.sized_face(*role.value)

    def sized_face(self, points: float, weight: int = 450) -> Face:
        """A font of any size and weight, with its measures; made once a theme."""
        key = points, weight
        if key not in self.faces:
            self.faces[key] = Face(_font(points * self.font_scale, weight))
        return self.faces[key]

    @cached_property
    def scale(self) -> float:
        """How much larger than designed a line of text is, by its measured height; never below 1."""
        return max(self.face(Role.CELL).height / _DESIGN_LINE, 1.0)

    def px(self, pixels: float) -> int:
        """A height or width of the design, in pixels of the text as it is."""
        return round(pixels * self.scale)


def cjk_families(code: str) -> tuple[str, ...]:
    """The fonts of Chinese characters for a reader of a language, best first."""
    return (*_TRADITIONAL, *_SIMPLIFIED) if code == "zh_HK" else (*_SIMPLIFIED, *_TRADITIONAL)


def _font(points: float, weight: int) -> QFont:
    font = QFont()
    font.setFamilies([FONT_FAMILY, *cjk_families(language())])
    font.setPointSizeF(max(points, _SMALLEST_POINTS) * _POINTS_TO_QT)
    font.setWeight(_nearest_weight(weight))
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _nearest_weight(weight: int) -> QFont.Weight:
    """The bundled cut that stands for a weight of the design: 450 is set in Medium, 650 in SemiBold."""
    if weight < 450:
        return QFont.Weight.Normal
    if weight < 600:
        return QFont.Weight.Medium
    return QFont.Weight.Bold if weight >= 700 else QFont.Weight.DemiBold


def mix(over: QColor, under: QColor, share: float) -> QColor:
    """`over` laid on `under` at an opacity of `share` (0–1), as one opaque colour."""
    return QColor.fromRgbF(
        over.redF() * share + under.redF() * (1 - share),
        over.greenF() * share + under.greenF() * (1 - share),
        over.blueF() * share + under.blueF() * (1 - share),
    )


def faded(color: QColor, share: float) -> QColor:
    """`color` with an alpha of `share` (0–1)."""
    return _faded(color.rgba(), share)


@lru_cache(256)
def _faded(rgba: int, share: float) -> QColor:
    result = QColor.fromRgba(rgba)
    result.setAlphaF(share)
    return result


def contrast(first: QColor, second: QColor) -> float:
    """The contrast ratio of two opaque colours, 1–21 (WCAG 2.x)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: QColor) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


_DARK = {
    "bg": "#0c1014",
    "panel": "#12171d",
    "raised": "#1b222b",
    "line": "#232b35",
    "line2": "#384452",
    "text": "#e6ebf1",
    "dim": "#9ba8b6",
    "faint": "#748191",
    "up": "#35c48b",
    "down": "#ff6470",
    "alert": "#ffc53d",
    "alert_ink": "#221800",
    "alert_text": "#ffc53d",
    "alert_border": "#ffc53d",
    "accent": "#5ca4ff",
    "extra_large": "#c4a5ff",
    "large": "#8b6ff0",
    "medium": "#4cc4de",
    "small": "#71849a",
    "none": "#8d99a6",
}
_LIGHT = {
    "bg": "#e9edf1",
    "panel": "#ffffff",
    "raised": "#eef2f6",
    "line": "#e0e5eb",
    "line2": "#c0c9d3",
    "text": "#12181f",
    "dim": "#4e5a67",
    "faint": "#6b7785",
    "up": "#087a4b",
    "down": "#cc1f33",
    "alert": "#ffc53d",
    "alert_ink": "#221800",
    "alert_text": "#8a5800",
    "alert_border": "#8a5800",
    "accent": "#1463d2",
    "extra_large": "#5b2fc9",
    "large": "#9270ea",
    "medium": "#006e86",
    "small": "#748393",
    "none": "#6b7785",
}
_COLOUR_BLIND_DARK = {
    "up": "#58a6ff",
    "down": "#ff8a3d",
    "alert": "#ffe873",
    "alert_text": "#ffe873",
    "alert_border": "#ffe873",
}
# Makes the frame of a ticked box the one of an empty box: Fusion darkens it by 140 % and lightens it by 110 %.
_FRAME = 127
_TICKED = ("QCheckBox", "RulesTable")
_COLOUR_BLIND_LIGHT = {"up": "#0b62c4", "down": "#b34700", "alert": "#ffd52e"}


class Themed(Protocol):
    """What has colours and fonts of its own."""

    def set_theme(self, theme: Theme, /) -> None:
        """Use other ones."""


def build_theme(scheme: str = "dark", palette: str = "green_up", font_scale: float = 1.0) -> Theme:
    """The theme of a setting: scheme "dark", "light" or "system"; palette "green_up", "red_up" or "colour_blind"."""
    if scheme == "system":
        light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
        scheme = "light" if light else "dark"
    tokens = dict(_DARK if scheme == "dark" else _LIGHT)
    if palette == "colour_blind":
        tokens |= _COLOUR_BLIND_DARK if scheme == "dark" else _COLOUR_BLIND_LIGHT
    colors = {role: QColor(value) for role, value in tokens.items()}
    theme = Theme(scheme=scheme, palette=palette, font_scale=font_scale, **colors)
    return replace(theme, up=theme.down, down=theme.up) if palette == "red_up" else theme


def theme_of(look: Appearance) -> Theme:
    """The theme of the settings."""
    return build_theme(look.scheme, look.palette, look.font_scale)


def load_fonts(app: QGuiApplication) -> None:
    """Register the bundled fonts with Qt, once an application."""
    if app.property("bundledFonts"):
        return
    for name in FONT_FILES:
        QFontDatabase.addApplicationFontFromData(resource(f"fonts/{name}").read_bytes())
    app.setProperty("bundledFonts", True)


def apply_theme(app: QApplication, theme: Theme, *, sheet: bool = True) -> None:
    """Give the application the theme: its palette, its default font and its style sheet. The style is FUSION.

    Without the sheet a window is built in half the time: Qt looks every widget up in it each time it gets a parent.
    """
    for _step in dress(app, theme, sheet=sheet):
        pass


def dress(app: QApplication, theme: Theme, *, sheet: bool = True) -> Iterator[None]:
    """`apply_theme`, in steps: where a style sheet is on and another is wanted, so many that none of them is long."""
    load_fonts(app)
    in_place = sheet and bool(app.styleSheet())
    if not in_place:
        app.setStyleSheet("")
        yield
    app.styleHints().setColorScheme(Qt.ColorScheme.Dark if theme.dark else Qt.ColorScheme.Light)
    palette = _palette(theme)
    app.setPalette(palette)
    for kind in _TICKED:
        app.setPalette(_ticked(palette, theme), kind)  # type: ignore[arg-type]  # the stub says bytes, which it refuses
    app.setFont(theme.font(Role.CELL))
    yield
    if in_place:
        style = app.style()
        # Without this setStyleSheet styles every widget that was styled, and all that is in it: each one as often as it
        # lies deep, in one turn. So it finds none that it knows.
        style.unpolish(app)
        app.setStyleSheet(_style_sheet(theme))
        style.polish(app)
        yield from _style_all(app)
    elif sheet:
        app.setStyleSheet(_style_sheet(theme))


def _style_all(app: QApplication) -> Iterator[None]:
    """Have each widget look at the style sheet that is on now."""
    tops = app.topLevelWidgets()
    widgets = list(dict.fromkeys(each for top in tops for each in (top, *top.findChildren(QWidget))))
    for first in range(0, len(widgets), _STYLED_A_STEP):
        yield
        for widget in widgets[first : first + _STYLED_A_STEP]:
            if isValid(widget):
                if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
                    widget.style().polish(widget)
                QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))


def _ticked(palette: QPalette, theme: Theme) -> QPalette:
    """The palette of what has boxes to tick: Fusion frames a ticked one in a shade of the window's colour."""
    result = QPalette(palette)
    result.setColor(QPalette.ColorRole.Window, theme.faint.lighter(_FRAME))
    return result


def _style_sheet(theme: Theme) -> str:
    values = {each.name: getattr(theme, each.name) for each in fields(theme)}
    colors = {name: value.name() for name, value in values.items() if isinstance(value, QColor)}
    colors["on_accent"] = (theme.bg if theme.dark else theme.panel).name()
    box, rim = theme.px(14), theme.px(5)
    sizes = {"line": theme.px(18), "box": box, "round": box // 2 + 1, "rim": rim, "tick": box + 2 - 2 * rim}
    return SHEET % (colors | {f"{name}_px": str(size) for name, size in sizes.items()})


def _palette(theme: Theme) -> QPalette:
    roles = QPalette.ColorRole
    result = QPalette()
    for role, color in {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.panel,
        roles.AlternateBase: theme.raised,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.dim,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.text,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.bg if theme.dark else theme.panel,
        roles.Light: theme.line2,
        roles.Midlight: theme.line2,
        roles.Mid: theme.line2,
        roles.Dark: theme.line,
        roles.Shadow: theme.bg,
        roles.Accent: theme.accent,
    }.items():
        result.setColor(role, color)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.faint)
    return result
