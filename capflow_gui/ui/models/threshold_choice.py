"""What a person can choose as a threshold: a level, none, or whatever holds for all."""

from __future__ import annotations

from enum import Enum


class Choice(Enum):
    """The choices that are no amount."""

    NONE = "none"
    INHERIT = "inherit"


NONE = Choice.NONE
INHERIT = Choice.INHERIT
ThresholdChoice = float | Choice
