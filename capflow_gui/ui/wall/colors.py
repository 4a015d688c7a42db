"""The colours of tiles: nine steps of the share of turnover, and the ink that can be read on each."""

from __future__ import annotations

from PySide6.QtGui import QColor

from capflow_gui.ui.theme import Theme, contrast, mix

# Shares of turnover at which a colour becomes stronger, on either side of zero.
EDGES = (0.005, 0.015, 0.03, 0.05)
# How much of the direction's colour is in each step beyond the middle one.
_DARK, _LIGHT = (0.18, 0.36, 0.56, 0.76), (0.16, 0.36, 0.62, 0.9)
_WHITE, _BLACK = QColor("#ffffff"), QColor("#05080b")


def step_of(share: float) -> int:
    """The step of a share of turnover as it is shown, with one decimal of a per cent: −4 to 4, 0 around zero."""
    shown = round(abs(share) * 100, 1)
    size = sum(shown >= round(edge * 100, 1) for edge in EDGES)
    return -size if share < 0 else size


def fills(theme: Theme) -> dict[int, QColor]:
    """The colour of each step."""
    strengths = _DARK if theme.dark else _LIGHT
    below = {-place: mix(theme.down, theme.raised, strength) for place, strength in enumerate(strengths, 1)}
    above = {place: mix(theme.up, theme.raised, strength) for place, strength in enumerate(strengths, 1)}
    return dict(sorted((below | {0: theme.raised} | above).items()))


def ink_on(fill: QColor) -> QColor:
    """White or near black, whichever has the better contrast."""
    return max((_WHITE, _BLACK), key=lambda ink: contrast(ink, fill))
