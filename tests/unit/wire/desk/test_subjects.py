from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.wire.desk import subjects

NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
SYMBOLS = st.builds(
    Symbol, st.sampled_from(Market), st.text("AB09._-", min_size=1, max_size=20).filter(subjects.is_code)
)


@given(NAMES, SYMBOLS)
def test_a_flow_subject_is_read_as_it_was_made(source: str, symbol: Symbol) -> None:
    subject = subjects.flow(source, symbol)
    assert subjects.read_flow(subject) == (source, symbol)
    assert subjects.read_flow(subject.replace("capflow.v1.", "capflow.v1.live.", 1)) == (source, symbol)


def test_a_code_keeps_its_dots() -> None:
    assert subjects.flow("opend", Symbol(Market.US, "BRK.B")) == "capflow.v1.flow.opend.US.BRK.B"
    assert subjects.read_flow("capflow.v1.flow.opend.US.BRK.B") == ("opend", Symbol(Market.US, "BRK.B"))


@given(NAMES, NAMES)
def test_the_other_subjects_are_read_as_they_were_made(user: str, other: str) -> None:
    assert subjects.read_ack(subjects.ack(user, other)) == (user, other)
    assert subjects.read_ack(f"capflow.v1.live.ack.{user}.{other}") == (user, other)
    assert subjects.read_interest(subjects.interest(user)) == user
    assert subjects.read_alert(subjects.alert(other)) == other
    assert subjects.read_beat(subjects.beat(other)) == other


@pytest.mark.parametrize(
    "code", ["A*", "A>", "*", ">", "A B", "", "A..B", ".A", "A.", "a", "Ä", "A" * 21, "A\n", "A\0"]
)
def test_a_code_that_would_be_another_subject_is_none(code: str) -> None:
    assert not subjects.is_code(code)
    with pytest.raises(LocalProtocolError):
        subjects.flow("opend", Symbol(Market.US, code))


@pytest.mark.parametrize("name", ["", "a.b", "a b", "*", ">", "x" * 65, "a\n", "ö"])
def test_a_name_that_would_be_another_subject_is_none(name: str) -> None:
    for make in (subjects.interest, subjects.alert, subjects.beat, subjects.inbox, subjects.flow_of):
        with pytest.raises(LocalProtocolError):
            make(name)


def test_what_is_subscribed_to() -> None:
    assert subjects.flow_of("opend") == "capflow.v1.flow.opend.>"
    assert subjects.flow_of("opend", Market.HK) == "capflow.v1.flow.opend.HK.>"
    assert subjects.acks_of("ws01") == "capflow.v1.ack.ws01.>"
    assert subjects.inbox("ws01") == "_INBOX_ws01"
    assert subjects.shard(3) == "shard3"


@given(st.text(max_size=60) | NAMES.map(lambda name: f"capflow.v1.flow.{name}"))
def test_any_text_is_a_subject_or_an_error_of_ours(text: str) -> None:
    readers = (
        subjects.read_flow, subjects.read_ack, subjects.read_interest, subjects.read_alert, subjects.read_beat
    )  # fmt: skip
    for read in readers:
        for subject in (text, f"capflow.v1.flow.{text}", f"capflow.v1.live.ack.{text}", f"capflow.v1.interest.{text}"):
            with contextlib.suppress(RemoteProtocolError):
                read(subject)
    with pytest.raises(RemoteProtocolError):
        subjects.read_flow("capflow.v1.flow.opend.XX.AAPL")
    with pytest.raises(RemoteProtocolError):
        subjects.read_alert("capflow.v1.alert.a.b")
    with pytest.raises(RemoteProtocolError):
        subjects.read_interest("capflow.v1.interest.a.b")
    with pytest.raises(RemoteProtocolError):
        subjects.read_beat("capflow.v1.live.beat.")


def test_each_subject_is_read_by_its_own_reader_alone() -> None:
    symbol = Symbol.parse("BRK.B.US")
    assert subjects.acks_of("ws01") == "capflow.v1.ack.ws01.>"
    made = {
        subjects.flow("opend", symbol): (subjects.read_flow, ("opend", symbol)),
        subjects.alert("aa11"): (subjects.read_alert, "aa11"),
        subjects.ack("ws01", "aa11"): (subjects.read_ack, ("ws01", "aa11")),
        subjects.interest("ws01"): (subjects.read_interest, "ws01"),
        subjects.beat("shard0"): (subjects.read_beat, "shard0"),
    }
    readers = [reader for reader, _ in made.values()]
    for subject, (own, found) in made.items():
        assert own(subject) == found
        kind = subject.split(".")[3 if ".live." in subject else 2]
        for reader in readers:
            for wrong in [f"capflow.v1.{kind}.a*b", *([subject] if reader is not own else [])]:
                with pytest.raises(RemoteProtocolError):
                    reader(wrong)


def test_times_of_the_server_are_compared_though_it_leaves_zeros_out() -> None:
    times = ["2026-06-08T02:00:00Z", "2026-06-08T02:00:00.07Z", "2026-06-08T02:00:00.5Z", "2026-06-08T02:00:00.507Z"]
    assert [subjects.stored_at(time) for time in times] == sorted(map(subjects.stored_at, times))
    assert subjects.stored_at(times[1]) < subjects.stored_at(times[2])
