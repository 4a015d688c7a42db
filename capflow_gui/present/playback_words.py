"""Words for a recorded session while it is played."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.present.numbers import clock_time
from capflow_gui.present.sentences import Sentence, rule_words

PLAYBACK = "PLAYBACK"
NOTHING_TO_PLAY = "Only the final lines of this session are kept: there is nothing to play back."
NO_MORE_ALERTS = "No further alert in this session"
NO_MORE_REVISIONS = "No further revision in this session"
UNDERNEATH = "nothing is polled or recorded for it; live alerts go on and ring"


def played_sentence(now: float, zone: str | ZoneInfo, said: Sentence) -> Sentence:
    """The chart head's sentence: the played time, and what was so then."""
    return Sentence(f"Playback {clock_time(now, zone)}", f"then: {said.state.lower()}", tone=said.tone)


def alert_told(record: AlertRecord, zone: str | ZoneInfo) -> str:
    """What happened, beside the controls."""
    return f"{clock_time(record.raised_at, zone)} alert: {rule_words(record.rule)}"


def window_title(*marks: str) -> str:
    """What the window is called: whatever is not the real, running market first."""
    return " – ".join((*([" · ".join(marks)] if marks else []), "Capflow"))
