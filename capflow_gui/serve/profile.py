"""The profile that is served: its settings and rules, changed and followed as a window does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.clock import Clock
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import parse_level
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.errors import SettingsError
from capflow_gui.paths import Paths, read_document
from capflow_gui.present.sentences import reason_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import (
    NO_THRESHOLD,
    Policy,
    Settings,
    WatchSettings,
    kept_groups,
    own_groups,
    read_edited,
    save,
)
from capflow_gui.settings.declared import changed, leaves
from capflow_gui.settings.file import present_content
from capflow_gui.settings.lists import Watching, pass_on
from capflow_gui.settings.rules import load_rules, read_edited_rules

if TYPE_CHECKING:
    from capflow_gui.monitor import Monitor

LOCKED = "watchlist.symbols"
_LOOK_S = 2.0
_log = logging.getLogger(__name__)


class Following(Watching, Protocol):
    """What takes up edited settings and rules: a monitor, or a collector of a desk."""

    def set_rules(self, entries: Sequence[RuleEntry]) -> None:
        """Replace the rules of the profile."""


class ServedProfile:
    """The settings and rules of a profile while it is served.

    keeps  whether a changed watchlist is saved; False for the simulator's, which is as it was at the next start
    """

    def __init__(self, paths: Paths, settings: Settings, policy: Policy, *, keeps: bool) -> None:
        """Reads the rules: to be called off the loop."""
        self._paths = paths
        self._policy = policy
        # Told of settings that hold from now on, beside the monitor.
        self.changed: Callable[[Settings], object] = lambda _settings: None
        # Told what became of an edit: EDIT_TAKEN, EDIT_TAKEN_LATER where some of it needs a restart, EDIT_REFUSED.
        self.edited: Callable[[Reason], object] = lambda _reason: None
        self._one_change = asyncio.Lock()
        self.keeps = keeps
        self.settings = settings
        self.rules = load_rules(paths.rules_file).rules
        self._known = {file: _content(file) for file in (paths.settings_file, paths.rules_file)}

    @property
    def symbols(self) -> list[Symbol]:
        """The watchlist."""
        return [Symbol.parse(text) for text in self.settings.watchlist.symbols]

    @property
    def groups(self) -> Groups:
        """The user's own groups of the watchlist."""
        return own_groups(self.settings)

    def table(self, groups: Callable[[Symbol], Collection[str]]) -> RuleTable:
        """The thresholds and the rules; `groups` names those that a symbol stands in."""
        kept = self.settings.thresholds
        own = {
            Symbol.parse(name): None if text == NO_THRESHOLD else parse_level(text)
            for name, text in kept.symbols.items()
        }
        default = None if kept.default is None else parse_level(kept.default)
        return RuleTable(default, own, groups=groups, entries=self.rules)

    async def set_watchlist(self, symbols: Sequence[Symbol], monitor: Monitor) -> None:
        """Watch these symbols, in this order, and keep them. Raises SettingsError."""
        async with self._one_change:
            before = self.settings
            if self.keeps:
                self.settings = await asyncio.to_thread(self._save, symbols)
            else:
                self.settings = replace(before, watchlist=self._listed(symbols, before))
            pass_on(before, self, monitor)

    def _save(self, symbols: Sequence[Symbol]) -> Settings:
        """Save the file as it is now with another watchlist: a window that is open takes it up as it does an edit."""
        file = self._paths.settings_file
        raw = present_content(file)
        settings = read_edited(raw, file, self._policy)[0]
        settings = replace(settings, watchlist=self._listed(symbols, settings))
        self._known[file] = save(file, settings, self._policy, raw).content
        return settings

    @staticmethod
    def _listed(symbols: Sequence[Symbol], settings: Settings) -> WatchSettings:
        groups = own_groups(settings).keep_only(symbols)
        return replace(settings.watchlist, symbols=[*map(str, symbols)], groups=kept_groups(groups))

    @property
    def is_locked(self) -> bool:
        """Whether the administrator decides on the watchlist."""
        return LOCKED in self._policy.locks

    async def follow(self, clock: Clock, monitor: Following) -> None:
        """Take up what a window or an editor writes to the files, until cancelled."""
        while self.keeps:
            await clock.sleep_until(clock.monotonic() + _LOOK_S)
            for file in self._known:
                async with self._one_change:
                    raw = await asyncio.to_thread(_content, file)
                    if raw is not None and raw != self._known[file]:
                        self._take(file, raw, monitor)
                        self._known[file] = raw  # not before: what failed is tried again

    def _take(self, file: Path, raw: bytes, monitor: Following) -> None:
        told = Reason.of(Code.EDIT_TAKEN, name=file.name)
        try:
            if file == self._paths.rules_file:
                entries: tuple[RuleEntry, ...] = read_edited_rules(raw, file, self.rules)
                monitor.set_rules(entries)
                self.rules = entries
            elif later := self._take_settings(read_edited(raw, file, self._policy)[0], monitor):
                told = Reason.of(Code.EDIT_TAKEN_LATER, name=file.name, settings=later)
        except SettingsError as error:
            _log.info("%s: not taken up: %s", file.name, error)
            told = Reason.of(Code.EDIT_REFUSED, name=file.name, why=reason_sentence(error.reason))
        self.edited(told)

    def _take_settings(self, settings: Settings, monitor: Following) -> str:
        """Have other settings, or where that fails those of before; the names of those that need a restart."""
        before, self.settings = self.settings, settings
        try:
            pass_on(before, self, monitor)
            self.changed(settings)
        except Exception:
            self.settings = before
            raise
        return ", ".join(key for key in changed(before, settings) if leaves(Settings)[key].setting.restart)


def _content(file: Path) -> bytes | None:
    """What is in a file; None where it is not there, or cannot be read now."""
    with contextlib.suppress(OSError):
        return read_document(file)
    return None
