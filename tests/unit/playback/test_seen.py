"""What somebody who watched a player has seen last."""

from __future__ import annotations

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.feed.freshness import Freshness
from capflow_gui.playback.player import Player
from capflow_gui.playback.recording import Recording
from capflow_gui.playback.seen import Seen
from tests.ui.boards import CALENDAR
from tests.ui.recorded_days import minute_by_minute, recorded


def test_the_newest_lines_and_the_last_alert_are_kept() -> None:
    session = minute_by_minute(recorded())
    recording = Recording(session.summary.key, session.summary.day, session.states)
    player, seen = Player([recording], calendar=CALENDAR, rules=RuleTable(-100e6)), Seen()
    seen.take(player.play_to(player.start + 3600))
    assert seen.series is not None
    assert len(seen.series) == 61
    assert (seen.freshness, seen.raised) == (Freshness.LIVE, None)
    seen.take(player.play_to_alert())
    assert seen.raised is not None
    assert seen.raised.raised_at == player.now
    seen.forget()
    assert (seen.series, seen.freshness, seen.raised) == (None, Freshness.NEVER_POLLED, None)
