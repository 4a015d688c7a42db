"""What a person can choose as a threshold: a level, none, or whatever holds for all."""

from __future__ import annotations

from enum import Enum

from capflow_gui.domain.typed.level import Level, Share


class Choice(Enum):
    """The choices that are no level."""

    NONE = "none"
    INHERIT = "inherit"


NONE = Choice.NONE
INHERIT = Choice.INHERIT
ThresholdChoice = Level | Choice
# What a new profile begins with, and what is offered where nothing was chosen: it fits every currency.
OFFERED = Share(-0.03)
