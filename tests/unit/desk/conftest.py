"""What tests of the desk share: a real bus, and states to publish."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk.lines import Lines
from capflow_gui.wire.desk.states import FlowState, Known
from tests.desk_bus import bus

__all__ = ["bus"]


def state_of(symbol: str = "700.HK", count: int = 3, at: float = 1.0, step: float = 1.0) -> FlowState:
    """A day of so many lines, as a collector has it before it is published."""
    stamps = 1_654_651_800 + 60 * np.arange(1, count + 1)
    amounts = np.arange(5.0 * count).reshape(5, count) * step
    lines = Lines(stamps, amounts, np.zeros(count, np.uint16), np.arange(count) < count - 1)
    known = Known(1654651860.0, 1654651861.0, at, 0)
    return FlowState("opend", "opend", True, Symbol.parse(symbol), date(2022, 6, 8), 0, 0, known, None, lines)


@pytest.fixture
def new_state() -> object:
    return state_of
