"""A copy of a stream stays its equal, whatever happens to what is published."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from capflow_gui.wire.desk.follower import (
    AHEAD_S,
    ANSWER_S,
    DEBOUNCE_S,
    LONGEST_ANSWER_S,
    SURE_S,
    Action,
    AskInfo,
    Clear,
    Fetch,
    Follower,
    Full,
    Live,
    Tail,
)

SUBJECTS = ["a", "b", "c", "d.e"]


@dataclass
class Stream:
    """The last message of each subject: its sequence, and every line published so far. A tail is the newest line."""

    created: int = 1
    last: int = 0
    held: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def made_at(self) -> str:
        return f"second {self.created:04}"

    def publish(self, subject: str, *, with_tail: bool, whole: bool = False) -> Live:
        self.last += 1
        before, text = self.held.get(subject, (0, ""))
        line = f"{self.created}.{self.last};"
        self.held[subject] = self.last, text + line
        repeated = Full(subject, (text + line).encode(), f"{self.made_at}.{self.last}Z") if whole else None
        return Live(subject, self.last, before, line if with_tail else None, repeated)

    def batch(self, start: int, size: int) -> tuple[list[tuple[str, int, str]], int]:
        """Messages from a sequence on, and how many are left."""
        found = sorted((at, subject, text) for subject, (at, text) in self.held.items() if at >= start)
        return [(subject, at, text) for at, subject, text in found[:size]], max(0, len(found) - size)


class Copy:
    """A follower and what it was told to keep."""

    def __init__(self) -> None:
        self.follower = Follower()
        self.states: dict[str, str] = {}
        self.questions: list[AskInfo | Fetch] = []
        self.asked = 0

    def do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Clear():
                    self.states.clear()
                case Full(subject, payload):
                    self.states[subject] = payload.decode()
                case Tail(subject, tail):
                    self.states[subject] += tail
                case AskInfo() | Fetch():
                    self.asked += isinstance(action, AskInfo)
                    self.questions = [action]

    def answered(self, stream: Stream, now: float, size: int = 1024) -> None:
        """The question that is open, answered."""
        match self.questions.pop():
            case AskInfo(number):
                self.do(self.follower.info(number, stream.made_at, stream.last, now))
            case Fetch(number, start):
                found, left = stream.batch(start, size)
                previous = 0
                for subject, at, text in found:
                    self.do(self.follower.state(number, Full(subject, text.encode()), at, previous, now))
                    previous = at
                self.do(self.follower.end(number, previous, left, now))

    def settled(self, stream: Stream, now: float, size: int = 1024) -> None:
        while self.questions:
            self.answered(stream, now, size)

    def equals(self, stream: Stream) -> bool:
        return self.states == {subject: text for subject, (_, text) in stream.held.items()}


def followed(*, symbols: int = 3) -> tuple[Stream, Copy]:
    """A copy of a stream that is complete."""
    stream, copy = Stream(), Copy()
    for number in range(symbols):
        stream.publish(SUBJECTS[number], with_tail=True)
    copy.do(copy.follower.connected(0.0))
    copy.settled(stream, 0.0)
    return stream, copy


class Following(RuleBasedStateMachine):
    """Messages are lost, doubled, held up and swapped; the connection breaks; the stream is made anew."""

    def __init__(self) -> None:
        super().__init__()
        self.stream, self.copy = Stream(), Copy()
        self.now = 0.0
        self.up = False
        self.on_the_way: list[Live] = []

    @rule(subject=st.sampled_from(SUBJECTS), says=st.sampled_from(["tail", "whole", ""]), fate=st.sampled_from("kkkld"))
    def publish(self, subject: str, says: str, fate: str) -> None:
        message = self.stream.publish(subject, with_tail=says == "tail", whole=says == "whole")
        if self.up:
            self.on_the_way += [message] * {"k": 1, "l": 0, "d": 2}[fate]

    @precondition(lambda self: self.on_the_way)
    @rule(place=st.integers(0, 3))
    def deliver(self, place: int) -> None:
        message = self.on_the_way.pop(min(place, len(self.on_the_way) - 1))
        self.copy.do(self.copy.follower.live(message, self.now))

    @precondition(lambda self: self.copy.questions)
    @rule(size=st.integers(1, 3))
    def answer(self, size: int) -> None:
        self.copy.answered(self.stream, self.now, size)

    @precondition(lambda self: self.copy.questions)
    @rule()
    def answer_in_part(self) -> None:
        """A message of a batch is lost."""
        question = self.copy.questions[0]
        if isinstance(question, Fetch):
            found, left = self.stream.batch(question.start, 3)
            for place, (subject, at, text) in enumerate(found):
                before = found[place - 1][1] if place else 0
                if place != 1:
                    actions = self.copy.follower.state(question.number, Full(subject, text.encode()), at, before, 0.0)
                    self.copy.do(actions)
            if found:
                self.copy.do(self.copy.follower.end(question.number, found[-1][1], left, self.now))

    @rule()
    def connection(self) -> None:
        if self.up:
            self.copy.follower.disconnected()
            self.copy.questions.clear()
            self.on_the_way.clear()
        else:
            self.copy.do(self.copy.follower.connected(self.now))
        self.up = not self.up

    @rule()
    def make_anew(self) -> None:
        self.stream = Stream(self.stream.created + 1)

    @rule(seconds=st.sampled_from([0.01, DEBOUNCE_S, AHEAD_S, ANSWER_S, SURE_S]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.copy.do(self.copy.follower.tick(self.now))

    def teardown(self) -> None:
        """Connected, with a beat now and then and nothing else, the copy is the stream's equal."""
        follower = self.copy.follower
        if not self.up:
            self.copy.do(follower.connected(self.now))
        for message in self.on_the_way:
            self.copy.do(follower.live(message, self.now))
        # What tells a stream made anew from the old one is a message of it, or a connection.
        self.copy.do(follower.live(self.stream.publish("a", with_tail=True), self.now))
        for _ in range(8):
            follower.beat(self.stream.last, self.now)
            self.now += LONGEST_ANSWER_S
            self.copy.do(follower.tick(self.now))
            self.copy.settled(self.stream, self.now, 2)
        assert self.copy.equals(self.stream)
        assert follower.is_live
        assert follower.deadline() is None


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_the_start_fetches_everything_in_batches():
    stream, copy = Stream(), Copy()
    for subject in SUBJECTS:
        stream.publish(subject, with_tail=True)
    assert copy.follower.deadline() is None
    copy.do(copy.follower.connected(5.0))
    assert copy.follower.deadline() == 5.0 + ANSWER_S
    copy.settled(stream, 5.0, 3)
    assert copy.equals(stream)
    assert copy.follower.is_live
    assert copy.follower.repairs == 0


def test_a_server_or_window_that_is_slow_is_given_twice_the_time_for_each_question_that_is_asked_again():
    """Each answer takes five seconds: those to the first questions are late, and the copy is complete all the same."""
    stream, copy = Stream(), Copy()
    for subject in SUBJECTS:
        stream.publish(subject, with_tail=True)
    now, took = 0.0, 5.0
    copy.do(copy.follower.connected(now))
    asked: list[tuple[float, AskInfo | Fetch]] = []
    while not copy.follower.is_live:
        asked += [(now + took, question) for question in copy.questions]
        copy.questions.clear()
        now = min(asked[0][0], copy.follower.deadline() or 0.0)
        assert now < 60.0
        if now == asked[0][0]:
            copy.questions.append(asked.pop(0)[1])
            copy.answered(stream, now)
        else:
            copy.do(copy.follower.tick(now))
    assert copy.equals(stream)
    # The next question is given the usual time.
    copy.do(copy.follower.reload(now))
    assert copy.follower.deadline() == now + ANSWER_S


def test_no_question_is_waited_for_longer_than_the_longest():
    copy, now = Copy(), 0.0
    copy.do(copy.follower.connected(now))
    for _ in range(9):
        waited, now = (copy.follower.deadline() or 0.0) - now, copy.follower.deadline() or 0.0
        copy.do(copy.follower.tick(now))
    assert waited == LONGEST_ANSWER_S


def test_what_follows_is_applied_without_a_question():
    stream, copy = followed()
    for subject in ("a", "b", "a", "d.e"):
        copy.do(copy.follower.live(stream.publish(subject, with_tail=True), 1.0) if subject != "d.e" else [])
    assert (copy.asked, copy.equals(stream)) == (1, True)


def test_a_gap_is_repaired_once_after_a_moment():
    stream, copy = followed()
    stream.publish("a", with_tail=True)
    for _ in range(20):
        copy.do(copy.follower.live(stream.publish("b", with_tail=True), 1.0))
    assert copy.follower.deadline() == 1.0 + DEBOUNCE_S
    copy.do(copy.follower.tick(1.05))
    assert not copy.questions
    copy.do(copy.follower.tick(1.1))
    assert copy.questions == [AskInfo(3)]
    copy.answered(stream, 1.1)
    assert copy.questions == [Fetch(4, 4)]
    copy.settled(stream, 1.1)
    assert (copy.asked, copy.follower.repairs, copy.equals(stream)) == (2, 1, True)


def test_messages_without_their_tails_are_fetched_at_once_and_the_stream_is_asked_about_later():
    stream, copy = followed()
    copy.do(copy.follower.live(stream.publish("a", with_tail=False), 1.0))
    assert copy.questions == [Fetch(3, 4)]
    later = [stream.publish("d.e", with_tail=False), stream.publish("a", with_tail=True)]
    copy.answered(stream, 1.002)
    assert (copy.equals(stream), copy.follower.is_live) == (True, True)
    for message in later:  # they were on their way while it was fetched
        assert copy.follower.live(message, 1.003) == []
    copy.do(copy.follower.live(stream.publish("b", with_tail=True), 1.004))
    assert (copy.equals(stream), copy.asked, copy.questions) == (True, 1, [])
    assert copy.follower.deadline() == 1.0 + AHEAD_S
    copy.do(copy.follower.tick(2.0))
    copy.answered(stream, 2.0)
    assert (copy.asked, copy.questions, copy.follower.deadline()) == (2, [], None)


def test_the_stream_is_asked_about_in_time_though_each_fetch_ends_with_another_message_to_fetch():
    stream, copy = followed()
    now = 1.0
    copy.do(copy.follower.live(stream.publish("a", with_tail=False), now))
    while copy.asked == 1:
        assert now <= 1.0 + AHEAD_S
        (question,) = copy.questions
        found, left = stream.batch(question.start, 9)
        later = stream.publish("a", with_tail=False)
        copy.do(copy.follower.live(later, now))
        now += 0.25
        copy.questions.clear()
        for subject, at, text in found:
            copy.do(copy.follower.state(question.number, Full(subject, text.encode()), at, 0, now))
        copy.do(copy.follower.end(question.number, found[-1][1], left, now))
    copy.settled(stream, now)
    assert copy.equals(stream)


def test_a_stream_made_anew_is_noticed_though_its_number_follows_by_chance():
    _, copy = followed()
    stream = Stream(2)
    for _ in range(3):
        stream.publish("b", with_tail=True)  # lost
    copy.do(copy.follower.live(stream.publish("a", with_tail=False), 1.0))
    copy.settled(stream, 1.0)
    assert not copy.equals(stream)
    assert copy.follower.deadline() == 1.0 + AHEAD_S
    copy.do(copy.follower.tick(1.0 + AHEAD_S))
    copy.settled(stream, 2.0)
    assert copy.equals(stream)


def test_a_beat_that_stays_ahead_is_a_repair_and_one_that_was_early_is_none():
    stream, copy = followed()
    lost = stream.publish("a", with_tail=True)
    copy.follower.beat(stream.last, 1.0)
    copy.do(copy.follower.live(lost, 1.5))
    copy.follower.beat(stream.last, 3.0)
    assert copy.follower.deadline() is None
    stream.publish("b", with_tail=True)
    copy.follower.beat(stream.last, 5.0)
    copy.follower.beat(stream.last, 5.5)
    assert copy.follower.deadline() == 5.0 + AHEAD_S
    copy.do(copy.follower.tick(6.0))
    copy.settled(stream, 6.0)
    assert copy.equals(stream)


def test_a_stream_made_anew_is_cleared_and_loaded():
    stream, copy = followed()
    stream = Stream(2)
    copy.do(copy.follower.live(stream.publish("a", with_tail=True), 1.0))
    copy.do(copy.follower.tick(2.0))
    copy.settled(stream, 2.0)
    assert copy.states == {"a": "2.1;"}


def test_a_stream_that_was_set_back_is_cleared_and_loaded():
    """Its numbers are given again: a message with one that is known already is new."""
    stream, copy = followed()
    older = Stream(stream.created, 1, {"a": (1, "1.1;")})
    copy.do(copy.follower.live(older.publish("b", with_tail=True), 1.0))
    copy.do(copy.follower.tick(2.0))
    copy.settled(older, 2.0)
    assert copy.equals(older)
    copy.do(copy.follower.live(older.publish("b", with_tail=True), 3.0))
    assert copy.equals(older)
    assert copy.follower.deadline() is None


def test_no_answer_is_asked_again_and_a_late_one_is_not_heeded():
    stream, copy = Stream(), Copy()
    stream.publish("a", with_tail=True)
    copy.do(copy.follower.connected(0.0))
    copy.follower.no_answer(1, 0.5)
    assert copy.follower.deadline() == 0.5 + AHEAD_S
    copy.do(copy.follower.tick(1.5))
    assert copy.questions == [AskInfo(2)]
    assert copy.follower.info(1, "1", 1, 1.5) == []
    copy.answered(stream, 1.5)
    assert copy.follower.state(1, Full("a", b"old"), 1, 0, 1.5) == []
    assert copy.follower.end(1, 0, 0, 1.5) == []
    copy.settled(stream, 1.5)
    assert copy.equals(stream)


def test_nothing_happens_while_there_is_no_connection():
    stream, copy = followed()
    copy.follower.disconnected()
    assert copy.follower.live(stream.publish("a", with_tail=True), 1.0) == []
    assert copy.follower.reload(1.0) == []
    assert copy.follower.tick(9.0) == []
    copy.do(copy.follower.connected(2.0))
    copy.settled(stream, 2.0)
    assert copy.equals(stream)


def test_everything_can_be_had_once_more():
    stream, copy = followed()
    copy.states["a"] = "spoilt"
    copy.do(copy.follower.reload(1.0))
    copy.settled(stream, 1.0)
    assert copy.equals(stream)


@pytest.mark.parametrize("lost", [1, 2])
def test_a_message_that_a_batch_lost_is_asked_for_again(lost: int):
    stream, copy = Stream(), Copy()
    for subject in SUBJECTS[:3]:
        stream.publish(subject, with_tail=True)
    copy.do(copy.follower.connected(0.0))
    copy.answered(stream, 0.0)
    found, _ = stream.batch(1, 3)
    for place, (subject, at, text) in enumerate(found):
        if place != lost:
            copy.do(copy.follower.state(2, Full(subject, text.encode()), at, place, 0.0))
    copy.do(copy.follower.end(2, 3, 0, 0.0))
    assert copy.questions == [AskInfo(3)]
    copy.settled(stream, 0.0)
    assert copy.equals(stream)


def test_a_fetch_that_is_cut_off_goes_on_where_it_was():
    """Else one that takes longer than a connection lasts would never end."""
    stream, copy = Stream(), Copy()
    for subject in SUBJECTS:
        stream.publish(subject, with_tail=True)
    copy.do(copy.follower.connected(0.0))
    copy.answered(stream, 0.0)
    for subject, at, text in stream.batch(1, 2)[0]:
        copy.do(copy.follower.state(2, Full(subject, text.encode()), at, at - 1, 0.0))
    copy.follower.disconnected()
    copy.do(copy.follower.connected(1.0))
    copy.answered(stream, 1.0)
    assert copy.questions == [Fetch(4, 3)]
    copy.settled(stream, 1.0)
    assert copy.equals(stream)


def test_what_is_repeated_whole_is_not_fetched():
    stream, copy = followed(symbols=2)
    asked = copy.asked
    copy.do(copy.follower.live(stream.publish("a", with_tail=False, whole=True), 1.0))
    assert copy.equals(stream)
    assert copy.follower.deadline() is None
    copy.do(copy.follower.live(stream.publish("d.e", with_tail=False, whole=True), 2.0))
    assert (copy.asked, copy.questions) == (asked, [])
    assert copy.equals(stream)
    # Any stream may have the next number of a subject that is new.
    assert copy.follower.deadline() == 2.0 + SURE_S
    copy.do(copy.follower.tick(2.0 + SURE_S))
    copy.settled(stream, 20.0)
    assert (copy.asked, copy.equals(stream)) == (asked + 1, True)


def test_what_an_older_stream_repeated_whole_is_not_believed():
    old, copy = Stream(), Copy()
    late = old.publish("a", with_tail=False, whole=True)
    copy.do(copy.follower.connected(0.0))
    copy.settled(Stream(2), 0.0)
    copy.do(copy.follower.live(late, 1.0))
    assert isinstance(copy.questions[0], Fetch)
    copy.settled(Stream(2), 1.0)
    assert copy.states == {}


def test_what_is_repeated_whole_of_a_message_that_is_not_here_is_looked_into():
    stream, copy = followed(symbols=2)
    message = stream.publish("a", with_tail=False, whole=True)
    copy.do(copy.follower.live(message._replace(before=message.before + 1), 1.0))
    copy.do(copy.follower.tick(1.0 + DEBOUNCE_S))
    copy.settled(stream, 2.0)
    assert copy.equals(stream)


def test_what_comes_is_news_once_everything_was_here():
    stream, copy = Stream(), Copy()
    assert not copy.follower.has_loaded
    copy.do(copy.follower.connected(0.0))
    assert not copy.follower.has_loaded
    copy.settled(stream, 0.0)
    assert copy.follower.has_loaded
    copy.follower.disconnected()
    assert copy.follower.has_loaded


@pytest.mark.parametrize("again", [2, 3])
def test_a_batch_that_brings_a_subject_again_and_no_newer_changes_nothing(again: int):
    stream, copy = followed()
    stream.publish("a", with_tail=True)
    copy.do(copy.follower.reload(1.0))
    copy.answered(stream, 1.0)
    assert copy.follower.state(4, Full("a", b"newest"), 3, 0, 1.0) == [Full("a", b"newest")]
    assert copy.follower.state(4, Full("a", b"older"), again, 3, 1.0) == []


def test_what_comes_while_an_answer_is_awaited_is_not_kept():
    """The answer says what is stored by then. A server may publish for ever, and never answer."""
    copy, stream = Copy(), Stream()
    copy.do(copy.follower.connected(0.0))
    for _ in range(1000):
        copy.do(copy.follower.live(stream.publish("a", with_tail=True), 0.0))
    assert copy.follower._held == {}
    copy.answered(stream, 0.1)
    copy.answered(stream, 0.1)
    assert copy.states == {"a": stream.held["a"][1]}
