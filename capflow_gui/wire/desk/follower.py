"""Keeps a copy of a stream that holds the last message of each subject: no I/O, `now` is an argument.

    OFF --connected--> ASKING --stream info--> FETCHING --end of the last batch--> LIVE
                         ^ a gap, the stream made anew, no answer in time            |
                         +----------------------------------------------------------+

Live messages have numbers that follow each other. One that does not fit is not applied: everything newer than what is
here is fetched, and what arrives meanwhile waits. One that follows, and says neither what it changes nor all of it, is
fetched at once; whether the stream is still the same is asked a moment later, for many of them once. A fetch goes on in
batches from a number, so any count of subjects can be had. Each method returns what its caller has to do. Times are
monotonic seconds.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from capflow_gui.wire.desk.subjects import stored_at

DEBOUNCE_S = 0.1
AHEAD_S = 1.0
SURE_S = 10.0
# An answer that comes later is of no use, so each question that is asked again is given twice the time.
ANSWER_S, LONGEST_ANSWER_S = 2.0, 16.0
# A slow reader is not cut off in the middle of what it cannot read in time.
BATCH = 128


class Live(NamedTuple):
    """A published message as its headers say it.

    subject   where it is stored
    sequence  its number in the stream; `before` is that of the message it replaced, 0 where there was none
    tail      what changed against the message before; None where it does not say
    whole     what is stored; None where that is not repeated
    """

    subject: str
    sequence: int
    before: int
    tail: str | None
    whole: Full | None = None


class AskInfo(NamedTuple):
    """Ask for the stream's info; the answer is for `info` or `no_answer`, with this number."""

    number: int


class Fetch(NamedTuple):
    """Ask for a batch of at most BATCH messages from sequence `start`; answers are for `state` and `end`."""

    number: int
    start: int


class Clear(NamedTuple):
    """Forget every state: the stream was made anew, or set back."""


class Full(NamedTuple):
    """The state of a subject is this payload; `time` as the server says when it stored it, "" where it does not."""

    subject: str
    payload: bytes
    time: str = ""


class Tail(NamedTuple):
    """The state of a subject changed by this tail."""

    subject: str
    tail: str


Action = AskInfo | Fetch | Clear | Full | Tail


class _Phase(Enum):
    OFF = auto()
    ASKING = auto()
    FETCHING = auto()
    LIVE = auto()


class Follower:
    """One stream, over any number of connections.

    last     the sequence up to which everything is here, or was replaced by something that is
    repairs  how often it fetched after the first time
    """

    def __init__(self) -> None:
        self.last = 0
        self.repairs = 0
        self._phase = _Phase.OFF
        self._created: str | None = None
        self._sequences: dict[str, int] = {}
        self._held: dict[int, Live] = {}  # by sequence: cannot be applied yet
        self._number = 0  # of the question whose answer is awaited
        self._answer_by = 0.0
        self._patience_s = ANSWER_S
        self._floor = self._got = 0  # of the fetch: the stream's last sequence before it, and the highest received
        self._previous = 0  # the sequence received last in this batch
        self._repair_at: float | None = None
        self._ahead_since: float | None = None
        self._complete = False

    @property
    def is_live(self) -> bool:
        """Whether everything is here, as far as is known."""
        return self._phase is _Phase.LIVE

    @property
    def has_loaded(self) -> bool:
        """Whether everything was here once: what comes now is news."""
        return self._complete

    def deadline(self) -> float | None:
        """When `tick` is due; None while nothing is awaited."""
        match self._phase:
            case _Phase.OFF:
                return None
            case _Phase.LIVE:
                ahead = None if self._ahead_since is None else self._ahead_since + AHEAD_S
                return min((at for at in (self._repair_at, ahead) if at is not None), default=None)
            case _:
                return self._answer_by

    def connected(self, now: float) -> list[Action]:
        """There is a connection, and live messages are subscribed to on it."""
        return self._ask(now)

    def disconnected(self) -> None:
        """The connection is gone; what is here stays."""
        self._phase = _Phase.OFF
        self._patience_s = ANSWER_S
        self._held.clear()

    def reload(self, now: float) -> list[Action]:
        """What is here does not fit what came: have everything once more."""
        if self._phase is _Phase.OFF:
            return []
        self.last = 0
        self._sequences.clear()
        return self._ask(now)

    def tick(self, now: float) -> list[Action]:
        """Time has passed."""
        at = self.deadline()
        if at is None or now < at:
            return []
        if not self.is_live:
            self._patience_s = min(self._patience_s * 2.0, LONGEST_ANSWER_S)
        return self._ask(now)

    def live(self, message: Live, now: float) -> list[Action]:
        """A message was published."""
        if self._phase is _Phase.OFF:
            return []
        if message.sequence == self._sequences.get(message.subject):
            # A fetch brought it before it came, or the stream was set back and gives its numbers again.
            self._repair_by(now + AHEAD_S)
            return []
        if self._phase is not _Phase.ASKING:
            self._held[message.sequence] = message
        return self._apply_held(now) if self.is_live else []

    def beat(self, last: int, now: float) -> None:
        """The publisher says the sequence of what it published last."""
        if last <= self.last:
            self._ahead_since = None
        elif self._ahead_since is None:
            self._ahead_since = now

    def info(self, number: int, created: str, last: int, now: float) -> list[Action]:
        """The stream was made at `created`, and `last` is its newest sequence."""
        if number != self._number or self._phase is not _Phase.ASKING:
            return []
        actions: list[Action] = []
        # Of a stream that was set back to an older state numbers are given again, and mean something else.
        if created != self._created or last < self.last:
            if self._created is not None:
                actions.append(Clear())
            self._created = created
            self.last = 0
            self._sequences.clear()
        self._floor, self._got = last, self.last
        self._phase = _Phase.FETCHING
        return [*actions, *(self._fetch(now) if last > self.last else self._be_live(now))]

    def no_answer(self, number: int, now: float) -> None:
        """A question cannot be answered now: it is asked again a while later."""
        if number == self._number and self._phase in (_Phase.ASKING, _Phase.FETCHING):
            self._answer_by, self._patience_s = now + AHEAD_S, ANSWER_S

    def state(self, number: int, message: Full, sequence: int, previous: int, now: float) -> list[Action]:
        """A message of a batch; `previous` is the sequence of the one before it in the batch, 0 for the first."""
        if number != self._number or self._phase is not _Phase.FETCHING:
            return []
        if previous != self._previous:
            return self._ask(now)
        self._previous, self._got = sequence, max(self._got, sequence)
        self._answer_by = now + self._patience_s
        # They come in ascending order: a fetch that is cut off goes on from here, and not from its beginning.
        self.last = max(self.last, sequence)
        if sequence <= self._sequences.get(message.subject, 0):
            return []
        self._sequences[message.subject] = sequence
        return [message]

    def end(self, number: int, previous: int, pending: int, now: float) -> list[Action]:
        """A batch is over, its last sequence was `previous` (0: there was none), and so many are left."""
        if number != self._number or self._phase is not _Phase.FETCHING:
            return []
        if previous != self._previous:
            return self._ask(now)
        return self._fetch(now) if pending and previous else self._be_live(now)

    def _ask(self, now: float) -> list[Action]:
        if self._complete:
            self.repairs += 1
        self._phase = _Phase.ASKING
        # The answer says what is stored by then, and that is fetched: a server that never gives it fills no memory.
        self._held.clear()
        self._number += 1
        self._answer_by = now + self._patience_s
        self._repair_at = self._ahead_since = None
        return [AskInfo(self._number)]

    def _fetch(self, now: float) -> list[Action]:
        self._number += 1
        self._answer_by = now + self._patience_s
        self._previous = 0
        return [Fetch(self._number, self._got + 1)]

    def _be_live(self, now: float) -> list[Action]:
        self._phase = _Phase.LIVE
        self._patience_s = ANSWER_S
        self._complete = True
        self.last = max(self.last, self._floor, self._got)
        self._held = {sequence: message for sequence, message in self._held.items() if sequence > self.last}
        return self._apply_held(now)

    def _apply_held(self, now: float) -> list[Action]:
        """Apply what follows what is here. Anything left is ahead of a gap, or of a stream that was made anew."""
        actions: list[Action] = []
        while (message := self._held.get(self.last + 1)) is not None:
            said = message.whole if message.tail is None else Tail(message.subject, message.tail)
            known = self._sequences.get(message.subject)
            if said is None or (known is None and not self._is_new(message)):
                return [*actions, *self._fetch_at_once(message, now)]
            if known is None:
                self._repair_by(now + SURE_S)
            elif message.before != known:
                break
            del self._held[message.sequence]
            self._sequences[message.subject] = self.last = message.sequence
            actions.append(said)
        if self._held:
            self._repair_by(now + DEBOUNCE_S)
        return actions

    def _is_new(self, message: Live) -> bool:
        """Whether it is the first of its subject, and all of it. Of an older stream it was stored before this was made.

        A subject that is new fits any stream: whether it is still the same is asked a while later, for many once.
        """
        whole = message.whole
        return (
            message.before == 0
            and whole is not None
            and message.tail is None
            and stored_at(whole.time) >= stored_at(self._created or "")
        )

    def _fetch_at_once(self, message: Live, now: float) -> list[Action]:
        """Each symbol's first message of a day is such a one: to ask about the stream first would take far longer."""
        if self._repair_at is not None and now >= self._repair_at:
            return self._ask(now)  # where such messages come all the time, too
        self.repairs += 1
        self._phase = _Phase.FETCHING
        self._floor, self._got = message.sequence, self.last
        # Of a stream made anew, whose messages before this one were lost, the number may follow by chance.
        self._repair_by(now + AHEAD_S)
        return self._fetch(now)

    def _repair_by(self, at: float) -> None:
        """Many messages that do not fit are one repair."""
        self._repair_at = at if self._repair_at is None else min(self._repair_at, at)
