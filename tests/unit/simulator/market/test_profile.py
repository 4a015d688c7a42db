"""A day's turnover: much at the open and the close, little at lunch, and all of it accounted for."""

from __future__ import annotations

import numpy as np
import pytest

from capflow_gui.domain.symbol import Market
from capflow_gui.simulator.market.profile import PROFILES, minute_weights, persistence

SESSIONS = {Market.HK: (330, 150), Market.US: (390, None), Market.SH: (240, 120), Market.SZ: (240, 120)}


@pytest.mark.parametrize("market", SESSIONS)
def test_the_weights_of_a_session_sum_to_one_and_open_loudest(market: Market) -> None:
    minutes, lunch = SESSIONS[market]
    weights = minute_weights(market, minutes, lunch)
    assert weights.shape == (minutes,)
    assert weights.sum() == pytest.approx(1.0)
    assert weights.min() >= 0
    assert weights.argmax() == 0
    if lunch is not None:
        assert weights[lunch] > weights[lunch - 1]  # the afternoon opens with a burst


def test_nothing_trades_in_the_mainland_s_closing_call() -> None:
    weights = minute_weights(Market.SH, 240, 120)
    flat = PROFILES[Market.SH].flat_tail
    assert flat == 2
    assert not weights[-1 - flat : -1].any()
    assert weights[-2 - flat] > 0


def test_the_weights_are_shared_and_cannot_be_changed() -> None:
    weights = minute_weights(Market.HK, 330, 150)
    assert minute_weights(Market.HK, 330, 150) is weights
    with pytest.raises(ValueError, match="read-only"):
        weights[0] = 1.0


def test_persistence_turns_innovations_into_an_autoregression() -> None:
    matrix = persistence(0.5, 4)
    innovations = np.array([1.0, 0.0, 2.0, 0.0])
    expected, value = [], 0.0
    for innovation in innovations:
        value = 0.5 * value + innovation
        expected.append(value)
    assert (matrix @ innovations).tolist() == expected
