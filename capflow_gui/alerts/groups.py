"""Who is in the groups that rules name: the user's own first, else the broker's, asked whenever a source connects."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.quote import StaticInfo
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import RuleEntry

_log = logging.getLogger(__name__)
Found = list[StaticInfo]
# Runs a question beside the caller, and calls back with what was found, or the error.
Start = Callable[
    [Callable[[], Coroutine[Any, Any, Found]], Callable[[Found], None], Callable[[Exception], None]],
    Callable[[], None],
]


class RuleGroups:
    """The members of groups, as far as they are known. A group that cannot be had keeps the members it had.

    `ask` asks the broker for the members of a group; `own` tells the user's own groups, which no broker is asked about.
    """

    def __init__(
        self, ask: Callable[[str], Coroutine[Any, Any, Found]], start: Start, own: Callable[[], Groups] = Groups
    ) -> None:
        self._ask_broker, self._start, self._own = ask, start, own
        self._members: dict[str, frozenset[Symbol]] = {}

    def of(self, symbol: Symbol) -> frozenset[str]:
        """The groups a symbol is known to stand in."""
        own = self._own()
        asked = (name for name, members in self._members.items() if symbol in members and own.get(name) is None)
        return own.of(symbol).union(asked)

    def learn(self, entries: Iterable[RuleEntry], *, anew: bool = False) -> None:
        """Ask for the groups that rules name, where they are not known yet, or (`anew`) in any case."""
        named = dict.fromkeys(entry.rule.scope.group for entry in entries if entry.rule is not None)
        for name in named:
            if name is not None and self._own().get(name) is None and (anew or name not in self._members):
                self._members.setdefault(name, frozenset())
                self._ask(name)

    def _ask(self, name: str) -> None:
        def learnt(found: Found) -> None:
            self._members[name] = frozenset(info.symbol for info in found)

        def failed(error: Exception) -> None:
            _log.info("@%s: its members cannot be had: %s", name, error)

        self._start(lambda: self._ask_broker(name), learnt, failed)
