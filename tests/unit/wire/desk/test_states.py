from __future__ import annotations

import base64
import contextlib
import math
from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RemoteProtocolError, UpdateNeeded
from capflow_gui.wire.desk import coding, states
from capflow_gui.wire.desk.lines import MOST_LINES, Lines
from capflow_gui.wire.desk.states import (
    Facts,
    Fault,
    FlowState,
    Known,
    Money,
    Price,
    decode_flow,
    decode_tail,
    encode_flow,
    encode_tail,
)

SECONDS = st.floats(0, 253402214399)
AMOUNTS = st.floats(allow_nan=False, allow_infinity=False)
SHORT = st.text(max_size=64)
COUNTS = st.integers(0, 2**62)
SYMBOLS = st.builds(Symbol, st.sampled_from(Market), st.from_regex(r"[A-Z0-9]{1,8}(\.[A-Z])?", fullmatch=True))
PRICES = st.builds(Price, st.none() | SHORT, AMOUNTS, AMOUNTS, AMOUNTS, COUNTS, st.none() | SECONDS, st.booleans())
SIDES = st.dictionaries(st.sampled_from(("large", "medium", "small")), st.none() | AMOUNTS)
KNOWN = st.builds(
    Known,
    st.none() | SECONDS,
    st.none() | SECONDS,
    SECONDS,
    st.integers(0, 2047),
    st.none() | st.builds(Fault, SHORT, st.integers(-(2**31), 2**31), st.text(max_size=200)),
    st.none() | PRICES,
    st.none() | st.builds(Money, st.none() | SECONDS, SIDES, SIDES),
)
FACTS = st.none() | st.builds(Facts, SHORT, SHORT, st.integers(0, 10**6), st.none() | SHORT, st.booleans())


@st.composite
def some_lines(draw: st.DrawFn) -> Lines:
    count = draw(st.integers(0, 9))
    stamps = draw(st.lists(st.integers(0, 10**10), min_size=count, max_size=count))
    amounts = draw(st.lists(AMOUNTS | st.just(math.nan), min_size=5 * count, max_size=5 * count))
    confirmed = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return Lines(
        np.array(stamps, np.int64),
        np.array(amounts, np.float64).reshape(5, count),
        np.array(stamps, np.int64).astype(np.uint16),
        np.array(confirmed, np.bool_),
    )


STATES = st.builds(
    FlowState,
    st.sampled_from(("opend", "opend-2", "longport")),
    st.sampled_from(("opend", "longport")),
    st.booleans(),
    SYMBOLS,
    st.none() | st.dates(),
    COUNTS,
    COUNTS,
    KNOWN,
    FACTS,
    some_lines(),
)


def fields(state: FlowState) -> dict[str, object]:
    return msgspec.structs.asdict(state)


@given(STATES)
def test_a_state_comes_back_whole(state: FlowState) -> None:
    assert fields(decode_flow(encode_flow(state))) == fields(state)


@settings(max_examples=30)
@given(STATES, some_lines(), KNOWN)
def test_a_tail_leads_from_any_state_to_the_next(before: FlowState, lines: Lines, known: Known) -> None:
    after = replace(before, rev=before.rev + 1, lines=lines, known=known)
    header = encode_tail(before, after)
    assert header is not None
    assert header.isascii()
    assert fields(before.with_tail(decode_tail(header))) == fields(after)


@settings(max_examples=30)
@given(STATES, st.lists(st.tuples(some_lines(), KNOWN), max_size=4))
def test_tails_one_after_the_other_give_what_was_published_last(
    first: FlowState, steps: list[tuple[Lines, Known]]
) -> None:
    published, window = first, decode_flow(encode_flow(first))
    for lines, known in steps:
        after = replace(published, rev=published.rev + 1, lines=lines, known=known)
        header = encode_tail(published, after)
        assert header is not None
        window = window.with_tail(decode_tail(header))
        published = after
    assert fields(window) == fields(decode_flow(encode_flow(published)))


def a_state(count: int = 390) -> FlowState:
    flows = np.cumsum(np.random.default_rng(1).normal(0, 1e6, (5, count)), axis=1).round(2)
    stamps = 1_654_651_800 + 60 * np.arange(1, count + 1)
    lines = Lines(stamps, flows, np.zeros(count, np.uint16), np.arange(count) < count - 1)
    known = Known(1654651860.0, 1654651861.0, 12.0, 0)
    facts = Facts("Tencent", "stock", 100, "HKD")
    return FlowState("opend", "opend", False, Symbol.parse("700.HK"), date(2022, 6, 8), 5, 1, known, facts, lines)


def test_a_reply_that_changed_nothing_is_a_short_tail_and_one_of_two_lines_is_short() -> None:
    before = a_state()
    same = replace(before, rev=2, known=Known(1654651920.0, 1654651921.0, 72.0, 0))
    header = encode_tail(before, same)
    assert header is not None
    assert len(header) < 80
    assert len(decode_tail(header).lines) == 0
    longer = a_state(391).lines
    cut = Lines(longer.timestamps[:390], longer.amounts[:, :390], longer.flags[:390], np.arange(390) < 389)
    header = encode_tail(replace(before, lines=cut), replace(before, rev=2, lines=longer))
    assert header is not None
    assert len(header) < 240
    assert (decode_tail(header).start, decode_tail(header).count) == (390, 391)


@pytest.mark.parametrize(
    "changed",
    [
        {"epoch": 6},
        {"source": "opend-2"},
        {"simulated": True},
        {"rev": 3},
        {"symbol": Symbol.parse("5.HK")},
    ],
)
def test_what_no_tail_says_has_none(changed: dict[str, object]) -> None:
    before = a_state(3)
    assert encode_tail(before, replace(before, **{"rev": 2, **changed})) is None


@pytest.mark.parametrize("count", [0, 2])
def test_the_first_reply_of_a_day_is_a_tail_with_its_session_and_its_facts(count: int) -> None:
    before = a_state(390)
    facts = Facts("Tencent", "stock", 200, "HKD")
    known = Known(1654738260.0, 1654738261.0, 13.0, 0)
    for session, what in ((date(2022, 6, 9), facts), (None, None), (before.session, facts)):
        after = replace(a_state(count), rev=2, session=session, facts=what, known=known)
        header = encode_tail(before, after)
        assert header is not None
        assert fields(before.with_tail(decode_tail(header))) == fields(after)


def test_a_reply_that_confirms_a_whole_day_is_a_short_tail() -> None:
    lines = a_state(391).lines
    seen = Lines(lines.timestamps[:390], lines.amounts[:, :390], lines.flags[:390], np.zeros(390, np.bool_))
    before, after = replace(a_state(), lines=seen), replace(a_state(391), rev=2)
    for confirmed in (lines.confirmed, np.arange(391) != 389):
        after = replace(after, lines=Lines(lines.timestamps, lines.amounts, lines.flags, confirmed))
        header = encode_tail(before, after)
        assert header is not None
        assert len(header) < 400
        assert fields(before.with_tail(decode_tail(header))) == fields(after)
    # Of some lines that are confirmed, and of lines that are no more, nothing short can be said.
    some = replace(after, lines=Lines(lines.timestamps, lines.amounts, lines.flags, np.arange(391) % 2 == 1))
    assert encode_tail(before, some) is None
    assert encode_tail(replace(after, rev=1), replace(before, rev=2)) is None


@pytest.mark.parametrize("wrong", [["yesterday", None], [None, ["n", "stock", "100"]], "2022-06-09"])
def test_a_tail_about_no_day_is_refused(wrong: object) -> None:
    plain = msgspec.msgpack.encode([1, 5, 2, 0, 0, [None, None, 1.0, 0], False, b"", wrong])
    with pytest.raises(RemoteProtocolError):
        decode_tail(base64.b64encode(plain).decode())


def test_the_first_tail_of_a_later_holder_goes_on_from_what_another_said() -> None:
    before = a_state(3)
    after = replace(a_state(4), epoch=9, rev=1)
    header = encode_tail(replace(before, rev=70), after)
    assert header is not None
    assert fields(replace(before, rev=70).with_tail(decode_tail(header))) == fields(after)
    assert encode_tail(replace(before, epoch=10), after) is None


def test_who_says_it_makes_no_other_state() -> None:
    before = a_state(3)
    assert before.says_the_same(replace(a_state(3), epoch=9, rev=4))
    price = Price("Tencent", 400.0, 401.0, 1e9, 5, None, False)
    assert before.says_the_same(replace(before, known=replace(before.known, price=price)))
    for other in (a_state(4), replace(before, facts=None), replace(before, known=Known(1.0, 2.0, 3.0, 0))):
        assert not before.says_the_same(other)


def test_a_long_tail_is_left_out() -> None:
    assert encode_tail(a_state(0), replace(a_state(390), rev=2)) is None


def test_a_tail_of_another_state_is_not_applied() -> None:
    before = a_state(3)
    header = encode_tail(before, replace(before, rev=2))
    assert header is not None
    tail = decode_tail(header)
    for wrong in (replace(before, rev=2), replace(before, epoch=4), replace(before, lines=Lines.none())):
        with pytest.raises(RemoteProtocolError, match="tail"):
            wrong.with_tail(tail)


def test_the_longest_day_fits_into_a_message() -> None:
    noise = np.random.default_rng(1).normal(0, 1e9, (5, MOST_LINES))
    lines = Lines(np.arange(MOST_LINES), noise, np.zeros(MOST_LINES, np.uint16), np.zeros(MOST_LINES, np.bool_))
    payload = encode_flow(replace(a_state(1), lines=lines))
    assert len(payload) < coding.LONGEST_MESSAGE / 2
    assert decode_flow(payload).lines == lines


@pytest.mark.parametrize(
    ("place", "wrong"),
    [(1, "a.b"), (4, "XX"), (5, "A*"), (6, "yesterday"), (9, [math.nan, None, 0.0, 0]), (9, [None, None, 0.0, 1 << 30]),
     (9, [None, None, 1.0, 0, None, [None, math.inf, 0.0, 0.0, 1, None, False]]), (1, "a" * 65)],
)  # fmt: skip
def test_a_state_that_no_collector_has_is_refused(place: int, wrong: object) -> None:
    plain = msgspec.msgpack.decode(encode_flow(a_state(1)))
    plain[place] = wrong
    with pytest.raises(RemoteProtocolError):
        decode_flow(msgspec.msgpack.encode(plain))


def test_money_comes_back_and_an_infinite_amount_of_it_is_refused() -> None:
    sides = {"large": 5e6, "small": None}
    known = Known(1654651860.0, 1654651861.0, 12.0, 0, money=Money(1654651860.0, sides, {"large": 4e6}))
    state = replace(a_state(1), known=known)
    assert fields(decode_flow(encode_flow(state))) == fields(state)
    infinite = replace(known, money=Money(None, {"large": math.inf}, {}))
    with pytest.raises(RemoteProtocolError, match="amounts"):
        decode_flow(encode_flow(replace(state, known=infinite)))


def test_what_is_too_long_or_no_base64_is_not_read() -> None:
    for header in ("A" * (states.LONGEST_TAIL + 4), "???", "ä"):
        with pytest.raises(RemoteProtocolError):
            decode_tail(header)
    # It starts after its end; it ends after the longest day.
    for count, start in ((1, 2), (2**40, 2**40)):
        plain = msgspec.msgpack.encode([1, 1, 1, count, start, [None, None, 1.0, 0], False, b""])
        with pytest.raises(RemoteProtocolError, match="tail"):
            decode_tail(base64.b64encode(plain).decode())


def test_a_newer_version_is_an_error_of_its_own() -> None:
    with pytest.raises(UpdateNeeded, match="found=2"):
        decode_flow(msgspec.msgpack.encode([2, {"anything": "else"}]))
    with pytest.raises(UpdateNeeded):
        decode_tail(base64.b64encode(msgspec.msgpack.encode([99])).decode())


@given(st.binary(max_size=80))
def test_garbage_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_flow(payload)
    with pytest.raises(RemoteProtocolError):
        decode_tail(base64.b64encode(payload).decode())


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=3))
def test_a_state_that_was_changed_on_its_way_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    payload = bytearray(encode_flow(a_state(3)))
    for place, bits in changes:
        payload[place % len(payload)] ^= bits
    with contextlib.suppress(RemoteProtocolError):
        decode_flow(bytes(payload))
