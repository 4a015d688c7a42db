"""The sounds of alerts: short, whole WAV files, each its own, as loud as asked for."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from capflow_gui.app.alarm.tones import Tone, wav


def samples(tone: Tone, volume: int) -> np.ndarray:
    with wave.open(io.BytesIO(wav(tone, volume))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22050)
        assert file.getnframes() / file.getframerate() < 1.0
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(int)


@pytest.mark.parametrize("tone", list(Tone))
def test_a_sound_begins_and_ends_without_a_click_and_never_clips(tone: Tone) -> None:
    heard = samples(tone, 100)
    assert np.abs(heard).max() == 32767
    assert np.abs(heard[[0, -1]]).max() < 0.01 * 32767


def test_each_is_its_own() -> None:
    assert len({wav(tone, 70) for tone in Tone}) == len(Tone)


def test_it_is_as_loud_as_asked_for() -> None:
    assert np.abs(samples(Tone.ALERT, 25)).max() == round(32767 / 4)
