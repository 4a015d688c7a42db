"""Days for the tape, by session minute, in millions."""

from __future__ import annotations

from math import isfinite, nan

import numpy as np
from msgspec import structs

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.tape.event import TapeEvent
from tests.unit.domain.test_alert import DAY, TENCENT, run, series

__all__ = ["DAY", "TENCENT", "lines", "moves", "noisy", "run", "said", "series", "zigzag"]


def zigzag(minutes: int = 40, around: float = 50.0) -> list[float]:
    """Net that starts at zero and then goes up and down by one a minute: the largest change is that of the start."""
    return [0.0] + [around + minute % 2 for minute in range(1, minutes)]


def moves(values: list[float], *steps: float) -> list[float]:
    """The values, and more after the last of them, by what each minute changes."""
    return values + [float(each) for each in values[-1] + np.cumsum(steps)]


def noisy(seed: int) -> list[float]:
    """A whole day's net with bursts and reversals."""
    random = np.random.default_rng(seed)
    return np.cumsum(random.standard_t(2.5, DAY.minutes + 1)).tolist()


def lines(net: list[float], main: list[float] | None = None, **more: object) -> FlowSeries:
    """A series from the open on; `main` is missing unless given."""
    made = series(run(*net), **more)
    values = made.values.copy()
    values[1] = nan if main is None else [each * 1e6 for each in main]
    return structs.replace(made, values=values)


def said(events: list[TapeEvent] | tuple[TapeEvent, ...]) -> list[tuple[str, int, float]]:
    """Kind, minute of the line and size in millions of each event."""
    return [
        (each.kind.value, round(DAY.index(each.line)), round(each.size / 1e6, 3) if isfinite(each.size) else 0.0)
        for each in events
    ]
