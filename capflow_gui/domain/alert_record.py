"""One alert and its life, as it is shown and as it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from capflow_gui.domain.symbol import Symbol
from capflow_gui.reason import Code, Reason

if TYPE_CHECKING:
    from capflow_gui.domain.alert import RuleState, StateKey


class AlertState(StrEnum):
    """ACTIVE = it stands; CLEARED and ENDED (its session is over) are history."""

    ACTIVE = "active"
    CLEARED = "cleared"
    ENDED = "ended"


class AlertChange(StrEnum):
    """What happened to a record. `watch --format jsonl` says these words, and `cleared` for JUDGED_AGAIN.

    EARLY: a minute that is not over is past the level. It is RAISED or WITHDRAWN when it is over.
    """

    RAISED = "raised"
    ESCALATED = "escalated"
    CLEARED = "cleared"
    CANNOT_JUDGE = "blocked"
    JUDGED_AGAIN = "judged_again"
    EARLY = "early"
    WITHDRAWN = "withdrawn"


# The rule id of records that say what is wrong with a source.
SOURCE_RULE = "source"
_ANNOUNCED = frozenset({AlertChange.RAISED, AlertChange.ESCALATED, AlertChange.CANNOT_JUDGE})
# Why no rule of a source can be judged.
_OF_SOURCE = frozenset(
    {
        Code.NOT_CONNECTED,
        Code.NOT_CONNECTED_BECAUSE,
        Code.SOURCE_LOGGED_OUT,
        Code.SOURCE_RIGHT_LOST,
        Code.SOURCE_SILENT,
        Code.SOURCE_STALLED,
    }
)
# What is shown, and said nowhere else.
PRELIMINARY = frozenset({AlertChange.EARLY, AlertChange.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One alert. Times are UTC epoch seconds, `value` and `threshold` in the symbol's currency or a fraction.

    A rule that cannot be judged has a record too (`cannot_judge`): its `value` is NaN. So has a source that is lost or
    silent (`of_source`): its `reason` says what is wrong, and `symbol` is one of those whose market is open.
    """

    id: str
    source: str
    symbol: Symbol
    rule: str  # as the app shows it, without its scope: "net <= -200M"
    state: AlertState
    session: str  # ISO date of the exchange session
    line_time: int  # label of the line that fired, or of the first line of a late breach; else when it was said
    value: float
    threshold: float
    raised_at: float  # market now when it was raised
    late: bool = False
    escalations: int = 0
    cleared_at: float | None = None
    reason: Reason | None = None  # why it cannot be judged, or why it ended
    cannot_judge: bool = False
    scope: str = "*"  # whom the rule is for: "*", a symbol, "@group"
    rule_id: str = ""
    version: str = ""  # of the rule it was judged by
    told: int = 1  # how often it was announced: when it was raised, and at each escalation; early ones are not
    seen: int = 0  # how many announcements are acknowledged
    simulated: bool = False  # whether its source is a simulator
    snoozed_until: float | None = None  # market time until which nobody is told of it; None: it is not snoozed
    snoozes: int = 0  # how often it was snoozed, or that ended: of two versions the higher one is newer
    seen_by: str = ""  # who acknowledged it, where the windows of a desk share it
    seen_at: float | None = None  # when that was, by the clock of whoever did
    desk: str = ""  # the source whose desk shares it; empty: it is of this profile

    @property
    def rule_text(self) -> str:
        """The rule's canonical text, scope first."""
        return f"{self.scope}: {self.rule}"

    @property
    def clock(self) -> str:
        """The source by whose clock its times pass here."""
        return self.desk or self.source

    @property
    def of_source(self) -> bool:
        """Whether it is of a source, and not of a rule."""
        return self.rule_id == SOURCE_RULE

    @property
    def standing(self) -> bool:
        """Whether it stands: it is not cleared, and its session is not over."""
        return self.state is AlertState.ACTIVE

    @property
    def early(self) -> bool:
        """Whether its minute is not over, so that it may be withdrawn."""
        return self.standing and not self.told

    @property
    def withdrawn(self) -> bool:
        """Whether its minute ended short of the level."""
        return not (self.standing or self.told)

    @property
    def acknowledged(self) -> bool:
        """Whether the user has acknowledged every announcement of it."""
        return self.seen >= self.told

    @property
    def snoozed(self) -> bool:
        """Whether nobody is to be told of it for a while."""
        return self.snoozed_until is not None

    @property
    def waiting(self) -> bool:
        """Whether it waits for the user: an alert until it is acknowledged, even if it has cleared.

        *Cannot judge* waits only while it stands, and nothing while it is snoozed.
        """
        # Asked of every record at each change: without the other properties it takes a quarter of the time.
        unseen = self.seen < self.told and self.snoozed_until is None
        return unseen and (self.state is AlertState.ACTIVE or not self.cannot_judge)


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """An alert, or a rule that cannot be judged, began, changed or ended.

    at         market now of the source, UTC epoch seconds
    time       label of the line that did it, UTC epoch seconds; None where no line did
    value      its figure, in the symbol's currency or as a fraction; None where `time` is
    threshold  the level it passed, or the further step of an escalation
    late       raised at the first evaluation of the session, for a breach that began before
    run        of the playback it is of; empty: it is live
    """

    at: float
    change: AlertChange
    record: AlertRecord
    time: int | None
    value: float | None
    threshold: float
    reason: Reason | None = None
    late: bool = False
    run: str = ""

    @property
    def announces(self) -> bool:
        """Whether it is of a kind that somebody has to be told of."""
        return self.change in _ANNOUNCED

    @property
    def announced(self) -> bool:
        """Whether somebody has to be told of it: not while the alert is snoozed."""
        return self.announces and not self.record.snoozed

    @property
    def is_of_lost_source(self) -> bool:
        """Whether a rule cannot be judged for what is wrong with its source, which is announced once a source."""
        is_of_rule = self.change is AlertChange.CANNOT_JUDGE and not self.record.of_source
        why = self.record.reason if is_of_rule else None
        return why is not None and why.code in _OF_SOURCE

    @property
    def is_source_again(self) -> bool:
        """Whether a source answers again: who was told that it does not is told that, too."""
        return self.reason is not None and self.reason.code is Code.SOURCE_AGAIN


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of an alert to a channel. Times are UTC epoch seconds.

    state    as delivery.plan.DeliveryState has it; what is in a digest has the digest's state, receipt and reason
    done_at  when it was sent, or given up; None while it may still be sent
    """

    channel: str
    state: str
    attempts: int
    created: float
    done_at: float | None
    receipt: str
    reason: Reason | None
    in_digest: bool


class AlertKind(StrEnum):
    """What alerts can be searched for: those of a kind of rule, rules that could not be judged, lost sources, and
    what a desk shares.
    """

    LEVEL = "level"
    SHARE = "share"
    CHANGE = "change"
    DRAWDOWN = "drawdown"
    CROSSES = "crosses"
    UNUSUAL = "unusual"
    DIVERGENCE = "divergence"
    CANNOT_JUDGE = "cannot_judge"
    SOURCE = "source"
    SHARED = "shared"


# So many alerts are found at a time.
PAGE = 100


@dataclass(frozen=True, slots=True)
class AlertSearch:
    """Which alerts are searched for: those of sessions from `first` to `last`.

    text    words that all stand in the symbol, the canonical rule, that rule as it is worded, or the name of whoever
            acknowledged it; "" for any
    kind    None: any
    worded  words a rule in the reader's language; called in any thread. None: rules are searched as they are kept
    """

    text: str
    kind: AlertKind | None
    first: date
    last: date
    worded: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What earlier runs kept, and notices about opening the file. Sent once, when the file is open."""

    states: Mapping[StateKey, RuleState]
    records: Collection[AlertRecord]
    notices: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """Records that another program may have written since."""

    records: Collection[AlertRecord]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing can be saved now; None: saving works again."""

    reason: Reason | None


News = Loaded | Changed | Trouble


def record_id(key: tuple[object, ...], ordinal: int, *, cannot_judge: bool, simulated: bool) -> str:
    """The id of a record: the same in every program that sees the same event, and in no other.

    key      rule id, version, source, symbol and session
    ordinal  which event it is: the label of the line that fired (a rule fires once a line), in UTC epoch seconds, or
             the minute in which it was said that the rule cannot be judged
    """
    text = "\n".join(map(str, (*key, ordinal, cannot_judge, simulated)))
    return hashlib.blake2s(text.encode(), digest_size=10).hexdigest()
