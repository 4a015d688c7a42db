"""Whether things on screen move: spines that breathe, boxes that slide open, the text cursor that blinks."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

Choice = Literal["system", "on", "off"]
_EFFECTS = (
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_AnimateToolBox,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_FadeTooltip,
)


class _Used:
    """What was chosen, what the system wants, and the platform's own effects and blinking (ms a turn)."""

    choice: Choice = "system"
    system = False
    effects: tuple[bool, ...] | None = None
    flash = 0


def is_reduced() -> bool:
    """Whether nothing is to move."""
    return _Used.system if _Used.choice == "system" else _Used.choice == "on"


def use_motion(choice: Choice) -> None:
    """Reduce motion: as the system has it, on, or off."""
    _Used.choice = choice
    _apply()


def tell_system(*, reduced: bool) -> None:
    """Say what the system wants."""
    _Used.system = reduced
    _apply()


def _apply() -> None:
    hints, reduced = QApplication.styleHints(), is_reduced()
    if _Used.effects is None:
        if not reduced:
            return
        _Used.effects = tuple(map(QApplication.isEffectEnabled, _EFFECTS))
        _Used.flash = hints.cursorFlashTime()
    for effect, on in zip(_EFFECTS, _Used.effects, strict=True):
        QApplication.setEffectEnabled(effect, on and not reduced)
    hints.setCursorFlashTime(0 if reduced else _Used.flash)
