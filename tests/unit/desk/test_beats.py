from __future__ import annotations

from capflow_gui.desk.beats import Collecting, beat_of, reason_text, standby_of
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.messages import decode_beat, encode_beat


def test_a_collector_beats_for_each_shard_or_as_one_that_waits() -> None:
    now = Collecting("me", 2, 55.0, 3, 9, (), (reason_text(Reason.of(Code.CLOSED)),))
    beat = decode_beat(encode_beat(beat_of(now, "shard1", 7, 40)))
    assert (beat.shard, beat.shards, beat.holder, beat.epoch, beat.sequence) == ("shard1", 2, "me", 7, 9)
    assert (beat.at, beat.windows, beat.symbols) == (55.0, 3, 40)
    assert [Reason.from_json(text) for text in beat.troubles] == [Reason.of(Code.CLOSED)]
    assert (standby_of(now).shard, standby_of(now).epoch, standby_of(now).symbols) == ("standby", 0, 0)


def test_a_reason_that_is_too_long_for_a_message_is_cut() -> None:
    reason = Reason.of(Code.VERBATIM, text="汉" * 5000)
    text = reason_text(reason)
    assert len(text) <= 4096
    assert str(Reason.from_json(text).get("text")).endswith("汉")
