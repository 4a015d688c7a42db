"""A rule of the profile: its text, on which symbols it is judged, and to whom its alerts are told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from capflow_gui.domain.alert_grammar import Rule, level_rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import OFFERED, Level
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.errors import InvalidInput

# The ids of the default threshold, and the beginning of those of single symbols.
_DEFAULT_ID, _OWN_ID = "default", "own:"
# What a new rule may begin as, by name: shares of turnover, which fit every currency. *Normal* is the threshold that is
# offered. What they would do on the simulator's days is in the user guide, and tested.
TEMPLATES = {
    "Conservative": "net/turnover <= -4% for 3m rearm 50% skip first 30m",
    "Normal": level_rule(OFFERED).condition,
    "Nervous": "net/turnover <= -1% rearm 50% skip first 30m",
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A rule that cannot be read: it is kept as it was written, and judges nothing.

    `fault` says why. `table` is the rule's whole table in the file, where more than its text is at fault.
    """

    id: str
    text: str
    fault: InvalidInput = field(compare=False)
    table: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule of the profile.

    rule      None where it cannot be read; `unread` is what is known of it then
    enabled   whether it is in force at all
    muted     the symbols for which it is not
    channels  names of the channels that its alerts are sent to; None: as for every rule without a choice of its own
    quiet     the hours in which they are not sent, as they were written
    urgent    whether they are sent in quiet hours too
    kept      what the rule's table in the file has besides, as it is there
    """

    rule: Rule | None
    enabled: bool = True
    muted: frozenset[Symbol] = frozenset()
    channels: tuple[str, ...] | None = None
    quiet: str = ""
    kept: Mapping[str, object] = field(default_factory=dict)
    unread: Unread | None = None
    urgent: bool = False

    @property
    def id(self) -> str:
        """Given once; it stays when the text changes."""
        return self._known.id

    @property
    def text(self) -> str:
        """The canonical text, or as it was written where it cannot be read."""
        return self._known.text

    @property
    def _known(self) -> Rule | Unread:
        known = self.rule or self.unread
        assert known is not None  # noqa: S101  one of them is
        return known

    @property
    def is_threshold(self) -> bool:
        """Whether it is a net-outflow threshold, which the settings keep."""
        return is_threshold_id(self.id)

    def covers(self, symbol: Symbol, groups: Collection[str] = ()) -> bool:
        """Whether it is in force for `symbol`, which stands in the watchlist groups named by `groups`."""
        if self.rule is None or not self.enabled or symbol in self.muted:
            return False
        return self.rule.scope.covers(symbol, groups)

    def written(self, text: str) -> RuleEntry:
        """The entry with another text; its id, and all that was chosen beside its text, stay.

        A text that cannot be read is kept as it is, with its fault.
        """
        try:
            rule = parse_rule(text)
        except InvalidInput as error:
            return replace(self, rule=None, unread=Unread(self.id, text, error))
        return replace(self, rule=replace(rule, own_id=self.id), unread=None)


def is_threshold_id(number: str) -> bool:
    """Whether an id belongs to the thresholds: no other rule may have it."""
    return number == _DEFAULT_ID or number.startswith(_OWN_ID)


def threshold_entry(level: Level, symbol: Symbol | None, muted: Collection[Symbol] = ()) -> RuleEntry:
    """A threshold as an entry: that of a symbol, or (None) of all but those it is muted for."""
    return RuleEntry(level_rule(level, symbol), muted=frozenset(muted))


def new_entry(text: str, taken: Collection[str] = ()) -> RuleEntry:
    """A new rule, with an id that is not `taken`: that of its text where it is free. Raises InvalidInput."""
    rule = parse_rule(text)
    return RuleEntry(replace(rule, own_id=free_id(f"rule:{rule.version}", taken)))


def free_id(number: str, taken: Collection[str]) -> str:
    """The id, or where it is taken one of `-2`, `-3`, … behind it that is not: the first one, if there are no gaps.

    A file may have thousands of one text: they are not counted one by one.
    """
    if number not in taken:
        return number
    low, high = 1, 2
    while f"{number}-{high}" in taken:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if f"{number}-{middle}" in taken else (low, middle)
    return f"{number}-{high}"
