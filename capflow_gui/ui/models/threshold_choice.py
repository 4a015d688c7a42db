"""What a person can choose as a threshold: a level, none, or whatever holds for all."""

from __future__ import annotations

from enum import Enum

from capflow_gui.domain.typed.level import Level


class Choice(Enum):
    """The choices that are no level."""

    NONE = "none"
    INHERIT = "inherit"


NONE = Choice.NONE
INHERIT = Choice.INHERIT
ThresholdChoice = Level | Choice
