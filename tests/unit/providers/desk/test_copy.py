"""What came over the bus, by symbol."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.domain.flow import Flag
from capflow_gui.domain.quote import SecurityKind
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import NoQuoteRight, ProviderError, RemoteProtocolError, UnknownSymbol
from capflow_gui.providers.desk.copy import SILENCE_S, STANDBY, DeskCopy
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.coding import VERSION
from capflow_gui.wire.desk.messages import Beat, SourceBeat
from capflow_gui.wire.desk.states import Facts, Fault, FlowState, Known, Money, Price, encode_flow, encode_tail
from tests.desk_publisher import OPEN, SESSION, lines

TENCENT = Symbol.parse("700.HK")
SUBJECT = subjects.flow("opend", TENCENT)
WHY = Reason.of(Code.BROKER_SAID, message="no right", number=7)


def state(*, source: str = "opend", epoch: int = 1, rev: int = 1, count: int = 3, **known: object) -> FlowState:
    said = replace(Known(float(OPEN + 60 * count), OPEN + 60.0 * count + 5, 100.0, 0), **known)
    return FlowState(source, source, False, TENCENT, SESSION, epoch, rev, said, None, lines(count))


def beat(shard: str = "shard0", *, epoch: int = 1, at: float = 130.0, shards: int = 1, holder: str = "c1") -> Beat:
    about = "opend", "opend", True, True, OPEN + 600.0, 2.0, "ready", None
    source = SourceBeat(*about, 12, 30, 30.0, 20.0, "700.HK", 3.0, 0, 120, 5, 0)
    return Beat(VERSION, shard, shards, holder, epoch, 9, at, 1, 5, (source,))


@pytest.fixture
def copy() -> DeskCopy:
    return DeskCopy("desk")


def test_a_state_is_a_series_with_what_the_collector_knows(copy: DeskCopy):
    money = Money(OPEN + 1.0, {"large": 5.0}, {"large": None})
    price = Price("Tencent", 400.0, 390.0, 9e9, 7, OPEN + 2.0, True)
    whole = replace(state(flags=Flag.PER_MINUTE.value, price=price, money=money), facts=Facts("Tencent", "stock", 100))
    assert copy.full(SUBJECT, encode_flow(whole), 50.0) == TENCENT
    pushed = copy.pushed(TENCENT)
    assert pushed is not None
    series = pushed.series
    assert (series.source, series.session, series.received) == ("desk", date(2026, 6, 8), OPEN + 185.0)
    assert series.flags is Flag.PER_MINUTE
    assert series.confirmed.tolist() == [True, True, False]
    assert np.array_equal(series.values[0], whole.lines.amounts[0])
    assert pushed.replied_at == 50.0
    assert pushed.quote is not None
    assert (pushed.quote.price, pushed.quote.halted) == (400.0, True)
    assert pushed.info is not None
    assert (pushed.info.kind, pushed.info.currency) == (SecurityKind.STOCK, None)
    assert pushed.distribution is not None
    assert pushed.distribution.outflow == {"large": None}
    assert copy.symbols == (TENCENT,)


def test_nothing_is_there_of_a_symbol_that_no_collector_has(copy: DeskCopy):
    assert copy.pushed(TENCENT) is None


def test_the_time_of_a_reply_is_told_by_the_clock_of_its_collector_alone(copy: DeskCopy):
    """The reply came 30 s before the beat, whatever else the clocks of both machines say."""
    copy.beat(beat(at=130.0), 900.0)
    copy.full(SUBJECT, encode_flow(state()), 901.0)
    pushed = copy.pushed(TENCENT)
    assert pushed is not None
    assert pushed.replied_at == 870.0


def test_no_reply_came_later_than_it_was_here(copy: DeskCopy):
    copy.beat(beat(at=70.0), 900.0)
    copy.full(SUBJECT, encode_flow(state()), 901.0)
    pushed = copy.pushed(TENCENT)
    assert pushed is not None
    assert pushed.replied_at == 901.0


def test_a_tail_leads_to_the_next_state(copy: DeskCopy):
    before = state()
    after = replace(state(rev=2, count=4))
    copy.full(SUBJECT, encode_flow(before), 1.0)
    header = encode_tail(before, after)
    assert header is not None
    assert copy.tail(SUBJECT, header, 2.0) == TENCENT
    pushed = copy.pushed(TENCENT)
    assert pushed is not None
    assert len(pushed.series) == 4
    with pytest.raises(RemoteProtocolError):
        copy.tail(SUBJECT, header, 3.0)


def test_of_two_collectors_the_later_holder_counts(copy: DeskCopy):
    other = subjects.flow("longport", TENCENT)
    assert copy.full(SUBJECT, encode_flow(state(epoch=5)), 1.0) == TENCENT
    assert copy.full(other, encode_flow(state(source="longport", epoch=3, rev=40)), 2.0) is None
    assert copy.full(other, encode_flow(state(source="longport", epoch=6, count=7)), 3.0) == TENCENT
    pushed = copy.pushed(TENCENT)
    assert pushed is not None
    assert len(pushed.series) == 7


def test_a_newer_message_is_no_error_and_is_said_once(copy: DeskCopy, expect_log):
    expect_log("WARNING capflow_gui.providers.desk.copy: desk: desk_newer found=9 known=1")
    newer = b"\x9e\x09" + encode_flow(state())[2:]
    assert copy.full(SUBJECT, newer, 1.0) is None
    assert copy.full(SUBJECT, newer, 1.0) is None
    assert copy.tail(SUBJECT, "x", 1.0) is None
    assert copy.update is not None
    assert copy.update.code is Code.DESK_NEWER


def test_a_message_that_cannot_be_read_is_said_and_left_out(copy: DeskCopy, expect_log):
    expect_log("WARNING capflow_gui.providers.desk.copy: desk: capflow.v1.flow.opend.HK.700: desk_unreadable")
    assert copy.full(SUBJECT, b"?", 1.0) is None
    assert copy.symbols == ()


@pytest.mark.parametrize(
    ("kind", "error"), [("UnknownSymbol", UnknownSymbol), ("NoQuoteRight", NoQuoteRight), ("Later", ProviderError)]
)
def test_the_collectors_error_is_the_one_it_had(copy: DeskCopy, kind: str, error: type[Exception]):
    fault = Fault(kind, 7, WHY.to_json())
    copy.full(SUBJECT, encode_flow(state(fault=fault)), 1.0)
    pushed = copy.pushed(TENCENT)
    assert pushed is not None
    assert type(pushed.error) is error
    assert pushed.error.reason == WHY


def test_an_error_without_a_reason_is_one_still(copy: DeskCopy):
    copy.full(SUBJECT, encode_flow(state(fault=Fault("Odd", 0, "{"))), 1.0)
    pushed = copy.pushed(TENCENT)
    assert pushed is not None
    assert str(pushed.error) == "desk: verbatim text=Odd"


def test_a_stream_made_anew_begins_with_nothing(copy: DeskCopy):
    copy.full(SUBJECT, encode_flow(state()), 1.0)
    copy.clear()
    assert copy.pushed(TENCENT) is None


def test_the_holders_are_those_that_were_heard_of_late(copy: DeskCopy):
    assert (copy.heard_at, copy.clock(), copy.missing(0.0)) == (None, None, 0)
    copy.beat(beat("shard0", shards=2), 10.0)
    copy.beat(beat("shard1", shards=2, holder="c2"), 11.0)
    copy.beat(beat(STANDBY, shards=2, holder="c3"), 30.0)
    assert copy.heard_at == 11.0
    assert copy.clock() == (OPEN + 600.0, 2.0, 11.0)
    assert (len(copy.holders(12.0)), copy.missing(12.0)) == (2, 0)
    assert (len(copy.holders(10.5 + SILENCE_S)), copy.missing(10.5 + SILENCE_S)) == (1, 1)
    assert copy.missing(11.0 + SILENCE_S) == 0  # none at all is another thing


def test_a_holder_that_is_stopped_is_none_and_its_clock_is_known_still(copy: DeskCopy):
    copy.full(SUBJECT, encode_flow(state()), 50.0)
    copy.beat(beat(epoch=1), 50.0)
    replied_at = copy.pushed(TENCENT).replied_at
    copy.beat(beat(epoch=0, holder="another"), 50.5)
    assert len(copy.holders(51.0)) == 1
    copy.beat(beat(epoch=0), 51.0)
    assert (copy.holders(51.0), copy.heard_at, copy.sources(51.0)) == ([], 50.0, ())
    assert copy.pushed(TENCENT).replied_at == replied_at
    copy.beat(beat(epoch=2, holder="another"), 51.5)
    assert len(copy.holders(51.5)) == 1


def test_a_source_that_cannot_be_asked_is_known_until_it_is_ready(copy: DeskCopy):
    """While it is connected to anew nothing says why; what a collector without a shard says does not count."""

    def said(phase: str, reason: str | None, shard: str = "shard0") -> None:
        found = beat(shard)
        copy.beat(replace(found, sources=(replace(found.sources[0], phase=phase, reason=reason),)), 10.0)

    said("waiting", WHY.to_json())
    assert copy.downs(11.0) == (("opend", WHY),)
    said("connecting", None)
    assert copy.downs(11.0) == (("opend", WHY),)
    assert copy.downs(10.0 + SILENCE_S) == ()
    copy.beat(replace(beat(STANDBY, epoch=0, holder="c2"), sources=()), 10.0)
    said("ready", None)
    assert copy.downs(11.0) == ()
    said("failed", "no reason")
    assert copy.downs(11.0) == (("opend", Reason.of(Code.VERBATIM, text="")),)
    copy.beat(beat(holder="c3"), 11.0)
    assert copy.downs(11.0) == ()
    assert copy._downs == {}


def test_a_collector_of_two_shards_has_its_sources_once(copy: DeskCopy):
    copy.beat(beat("shard0", shards=2), 10.0)
    copy.beat(beat("shard1", shards=2), 11.0)
    assert [(source.name, at) for source, at in copy.sources(12.0)] == [("opend", 11.0)]


@pytest.mark.parametrize("subject", [subjects.flow("opend", Symbol.parse("5.HK")), subjects.flow("longport", TENCENT)])
def test_a_state_of_another_subject_is_none(copy: DeskCopy, subject: str, expect_log):
    expect_log("WARNING capflow_gui.providers.desk.copy: desk: .*: desk_unreadable")
    assert copy.full(subject, encode_flow(state()), 50.0) is None
    assert copy.symbols == ()
