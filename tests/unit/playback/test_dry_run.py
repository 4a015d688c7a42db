from __future__ import annotations

from hypothesis import given, settings

from capflow_gui.domain.alert import Rule
from tests.unit.playback.recorded import SHORT_DAY, Poll, any_polls, any_rule, live, recorded, told, tried


@settings(max_examples=400)
@given(any_polls(), any_rule())
def test_a_dry_run_says_what_live_did(polls: list[Poll], rule: Rule) -> None:
    assert tried(recorded(polls, SHORT_DAY), rule) == told(live(polls, SHORT_DAY, [rule]))
