"""The sounds of alerts: short samples, each its own, as loud as asked for."""

from __future__ import annotations

import numpy as np
import pytest

from capflow_gui.app.alarm.tones import RATE, Tone, samples


def heard_of(tone: Tone, volume: int) -> np.ndarray:
    heard = np.frombuffer(samples(tone, volume), np.int16).astype(int)
    assert heard.size / RATE < 1.0
    return heard


@pytest.mark.parametrize("tone", list(Tone))
def test_a_sound_begins_and_ends_without_a_click_and_never_clips(tone: Tone) -> None:
    heard = heard_of(tone, 100)
    assert np.abs(heard).max() == 32767
    assert np.abs(heard[[0, -1]]).max() < 0.01 * 32767


def test_each_is_its_own() -> None:
    assert len({samples(tone, 70) for tone in Tone}) == len(Tone)


def test_it_is_as_loud_as_asked_for() -> None:
    assert np.abs(heard_of(Tone.ALERT, 25)).max() == round(32767 / 4)
