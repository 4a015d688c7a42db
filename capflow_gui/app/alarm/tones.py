"""The three sounds of alerts, made of a few sine waves when they are played: nothing of them lies on disk."""

from __future__ import annotations

from enum import StrEnum

# Samples a second.
RATE = 22050
_ATTACK_S, _DECAY_S, _FADE_S = 0.008, 0.18, 0.1
_LENGTH_S = 0.75


class Tone(StrEnum):
    """What a sound says."""

    ALERT = "alert"
    WORSE = "worse"
    CANNOT_JUDGE = "cannot_judge"


# Each note: where it begins in seconds, and its hertz.
_NOTES = {
    Tone.ALERT: ((0.0, 659.3), (0.14, 880.0)),
    Tone.WORSE: ((0.0, 880.0), (0.13, 880.0), (0.26, 1174.7)),
    Tone.CANNOT_JUDGE: ((0.0, 440.0), (0.2, 349.2)),
}


def samples(tone: Tone, volume: int) -> bytes:
    """Mono samples of 16 bits, in this computer's byte order; `volume` is in per cent of the loudest."""
    import numpy as np  # noqa: PLC0415 - when something is heard, not when the program starts

    time = np.arange(int(_LENGTH_S * RATE)) / RATE
    sound = np.zeros_like(time)
    for begin, hertz in _NOTES[tone]:
        since = np.clip(time - begin, 0.0, None)
        envelope = np.minimum(since / _ATTACK_S, 1.0) * np.exp(-since / _DECAY_S)
        # An octave above, quietly: small loudspeakers lose the ground note.
        sound += envelope * (np.sin(2 * np.pi * hertz * since) + 0.3 * np.sin(4 * np.pi * hertz * since))
    sound *= np.clip((_LENGTH_S - time) / _FADE_S, 0.0, 1.0)
    sound *= volume / 100 / np.abs(sound).max()
    return np.rint(sound * 32767).astype(np.int16).tobytes()
