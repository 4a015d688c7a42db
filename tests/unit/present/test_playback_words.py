"""Words of a playback: never taken for live."""

from __future__ import annotations

from capflow_gui.present.playback_words import played_sentence, window_title
from capflow_gui.present.sentences import Sentence, Tone
from tests.ui.boards import NOW


def test_the_sentence_begins_with_playback_and_its_time() -> None:
    said = played_sentence(NOW, "Asia/Hong_Kong", Sentence("Live", "true at 14:31:58", tone=Tone.LIVE))
    assert str(said) == "Playback 14:32:08 · then: live"


def test_the_window_is_named_by_what_is_not_real_or_not_now() -> None:
    assert window_title() == "Capflow"
    assert window_title("SIMULATED", "PLAYBACK") == "SIMULATED · PLAYBACK – Capflow"
