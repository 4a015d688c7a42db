"""A profile while it is open: folders, settings, and every change of them written at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from capflow_gui.app.children import start_capflow
from capflow_gui.app.request import DEMO, Request
from capflow_gui.clock import Clock
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import OFFERED, Choice, Level, ThresholdChoice, format_level, parse_level
from capflow_gui.errors import SettingsError
from capflow_gui.paths import Paths, policy_files, read_document, target
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import reason_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import (
    NO_THRESHOLD,
    Connection,
    DeskSettings,
    LongportSettings,
    OpendSettings,
    Saved,
    Settings,
    Thresholds,
    WatchSettings,
    enforced,
    kept_groups,
    load,
    own_groups,
    prepare,
    read_edited,
    read_policy,
    save,
)
from capflow_gui.settings.channels import DesktopSettings
from capflow_gui.settings.declared import replaced
from capflow_gui.settings.file import set_aside
from capflow_gui.settings.profiles import KnownProfile, Profiles

if TYPE_CHECKING:
    from capflow_gui.alerts.rules import RuleTable
    from capflow_gui.domain.typed.rule_entry import RuleEntry
    from capflow_gui.settings.rules import LoadedRules
    from capflow_gui.ui.ports import ProfileFacts

_log = logging.getLogger(__name__)

# What the demo watches and warns of when it is opened for the first time.
_DEMO_SYMBOLS = (3690, 700, 981, 1810, 9618, 941, 2015, 2318, 388, 5, 1211, 1299, 2800, 883, 9988, 1024)
_DEMO_AT_LONGPORT = (9618, 2015, 388, 5, 2800, 1024)
_DEMO_THRESHOLDS = {"700.HK": "-200M", "3690.HK": "-150M", "981.HK": "-100M"}
_SAVE_AGAIN_S = 5.0
_KINDS: dict[type[Connection], Literal["opend", "longport", "desk"]] = {
    OpendSettings: "opend",
    LongportSettings: "longport",
    DeskSettings: "desk",
}


def _traded(count: int | None) -> frozenset[str] | None:
    """What the demo's market trades where it has so many symbols; None where it has all of the demo's list."""
    if count is None:
        return None
    from capflow_gui.simulator.market.universe import build_universe  # noqa: PLC0415 - only such a demo needs it

    return frozenset(map(str, build_universe(count)))


def _demo_sources(request: Request) -> dict[str, str]:
    """With both brokers, some of a short list are asked at Longport: all of it would be on screen, and at OpenD."""
    return {f"{code}.HK": "longport" for code in _DEMO_AT_LONGPORT} if "longport" in request.sources else {}


class Held(NamedTuple):
    """What could not be saved: settings, and the user's rules where they are not in their file."""

    settings: Settings
    rules: tuple[RuleEntry, ...] | None = None


class OtherProfiles:
    """An implementation of ui.ports.ProfileShelf over the profiles beside the one that is open."""

    def __init__(self, request: Request) -> None:
        self._profiles = Profiles(request.main_folders)
        self._here = request.profile
        self._main_folders = request.main_folders

    @property
    def name(self) -> str:
        """What the open profile is called."""
        return next((each.name for each in self._profiles.all() if each.id == self._here), "")

    async def all(self) -> list[ProfileFacts]:
        """See ui.ports."""
        return await asyncio.to_thread(lambda: [self._facts(each) for each in self._profiles.all()])

    def _facts(self, known: KnownProfile) -> ProfileFacts:
        here, size, symbols = known.id == self._here, 0, 0
        is_open = here or self._profiles.is_open(known.id)
        if known.id and not is_open:
            size = self._profiles.size(known.id)
            with contextlib.suppress(SettingsError, OSError):  # said when it is opened
                file = Paths.resolve(None, *self._profiles.folders(known.id)).settings_file
                symbols = len(read_edited(read_document(file), file)[0].watchlist.symbols) if file.exists() else 0
        from capflow_gui.ui.ports import ProfileFacts  # noqa: PLC0415 - after the first paint

        return ProfileFacts(known.id, known.name, here=here, is_open=is_open, symbols=symbols, size=size)

    async def create(self, name: str, *, copied: bool) -> ProfileFacts:
        """See ui.ports."""
        copied_from = self._here if copied else None
        return await asyncio.to_thread(lambda: self._facts(self._profiles.create(name, copied_from)))

    async def rename(self, profile: str, name: str) -> ProfileFacts:
        """See ui.ports."""
        return await asyncio.to_thread(lambda: self._facts(self._profiles.rename(profile, name)))

    async def delete(self, profile: str) -> None:
        """See ui.ports."""
        await asyncio.to_thread(self._profiles.delete, profile)

    async def open(self, profile: str) -> None:
        """See ui.ports."""
        config, data = self._main_folders
        folders = [
            *(["--config-dir", str(config)] if config is not None else []),
            *(["--data-dir", str(data)] if data is not None else []),
        ]
        await asyncio.to_thread(start_capflow, [*folders, *(["--profile", profile] if profile else [])])


class Profile:
    """`problems` are sentences to show; `policy` is the computer's, as it was when the profile was opened.

    `unsaved` says why the settings on screen are not in the file, until they are; `held` is what an earlier
    session of this run could not save. Raises SettingsError where a folder cannot be used, PolicyError where the policy
    cannot.
    """

    def __init__(self, request: Request, *, demo: bool, held: Mapping[Path, Held] | None = None) -> None:
        self.demo = demo
        self.paths = Paths.resolve(DEMO if demo else None, *request.folders)
        self._folders = request.folders
        self._keep = not request.fleeting
        self._traded = _traded(request.symbols) if demo else None
        self.policy = read_policy(policy_files())
        unready = prepare(self.paths)
        self._loaded = load(self.paths.settings_file, self.policy)
        # A damaged file was set aside just now: the demo is as new then too.
        first = not self.paths.settings_file.exists()
        self.settings: Settings = self._loaded.settings
        self.problems = [reason_sentence(problem) for problem in (*unready, *self._loaded.problems)]
        self.unsaved: Reason | None = None
        # Told what is found later.
        self.say: Callable[[str], object] = self.problems.append
        # Told of each change: of the list and of thresholds, too.
        self.changed: Callable[[], object] = lambda: None
        self._rules_to_save = False
        self.saves = 0  # how often a file of it was written
        if held is not None and self.paths.settings_file in held:
            settings, rules = held[self.paths.settings_file]
            self.settings = enforced(settings, self.policy)
            if rules is not None:
                self._own_rules, self._rules_to_save = replace(self._own_rules, rules=rules), True
            self.save()
        elif demo and first:
            self._replace(
                first_run_done=True,
                tour_due=True,
                watchlist=WatchSettings([f"{code}.HK" for code in _DEMO_SYMBOLS], sources=_demo_sources(request)),
                thresholds=Thresholds(format_level(OFFERED), dict(_DEMO_THRESHOLDS)),
            )
        elif first:
            self._replace(channels={"desktop": DesktopSettings()})
            if self.settings.thresholds.default is None:
                self._replace(thresholds=Thresholds(format_level(OFFERED), self.settings.thresholds.symbols))

    def change(self, **parts: object) -> None:
        """Replace parts of the settings and save them; what is locked stays as it is."""
        self._replace(**parts)
        self.changed()
        self.save()

    def change_settings(self, values: Mapping[str, object]) -> None:
        """Replace settings by their keys, and save them; what is locked stays as it is."""
        self.settings = enforced(replaced(self.settings, values), self.policy)
        self.changed()
        self.save()

    def keep_copies(self) -> None:
        """Keep the files of settings and rules as they are, before much is changed in them."""
        for file in self.files:
            with contextlib.suppress(OSError):  # there is none
                set_aside(file, target(file), read_document(file), "before-import", move=False)

    def _replace(self, **parts: object) -> None:
        self.settings = enforced(msgspec.structs.replace(self.settings, **parts), self.policy)

    def save(self) -> None:
        """Write the settings; where that fails, what is on screen stays, and `unsaved` says so."""
        if not self._keep:
            return
        file, before, self.unsaved = self.paths.settings_file, self.unsaved, None
        try:
            if self._loaded.at_risk:
                self._loaded = load(file, self.policy)
            if self._loaded.at_risk:
                self.unsaved = Reason.of(Code.SETTINGS_UNSAVED, what=self._loaded.at_risk)
            else:
                saved = save(file, self.settings, self.policy, self._loaded.content)
                self._loaded = replace(self._loaded, content=saved.content)
                self._saved(saved)
                self._save_rules()
        except SettingsError as error:
            self.unsaved = Reason.of(
                Code.SETTINGS_UNSAVED, what=Reason.of(Code.SETTING_UNUSABLE, key=error.key, why=error.reason)
            )
        if self.unsaved != before:
            _log.warning("%s", reason_words(self.unsaved) if self.unsaved else "settings are saved again")

    def _save_rules(self) -> None:
        from capflow_gui.settings.rules import load_rules, save_rules  # noqa: PLC0415 - loads numpy

        if not self._rules_to_save:
            return
        if self._own_rules.at_risk:
            rules, self._own_rules = self._own_rules.rules, load_rules(self.paths.rules_file)
            self._own_rules = replace(self._own_rules, rules=rules)
        if self._own_rules.at_risk:
            self.unsaved = Reason.of(Code.SETTINGS_UNSAVED, what=self._own_rules.at_risk)
        else:
            saved = save_rules(self.paths.rules_file, self._own_rules.rules, self._own_rules.content)
            self._own_rules = replace(self._own_rules, content=saved.content)
            self._rules_to_save = False
            self._saved(saved)

    def _saved(self, saved: Saved) -> None:
        self.saves += 1
        if saved.kept is not None:
            _log.warning("%s", reason_words(saved.kept))
            self.say(reason_sentence(saved.kept))

    @property
    def held(self) -> Held:
        """What is to be held where it is not saved."""
        return Held(self.settings, self._own_rules.rules if self._rules_to_save else None)

    async def save_again(self, clock: Clock) -> None:
        """Retry, for ever, what could not be saved: making room on a disk changes no setting."""
        while True:
            await clock.sleep_until(clock.monotonic() + _SAVE_AGAIN_S)
            if self.unsaved is not None:
                self.save()

    @property
    def files(self) -> tuple[Path, ...]:
        """What this profile is saved in."""
        return (self.paths.settings_file, self.paths.rules_file) if self._keep else ()

    def knows(self, file: Path, raw: bytes) -> bool:
        """Whether this is what is known to be in the file of settings, or of rules."""
        return raw == (self._own_rules if file == self.paths.rules_file else self._loaded).content

    def take_settings(self, raw: bytes) -> list[Reason]:
        """Let the settings of an edited file hold; the keys in it that nobody knows. Raises SettingsError."""
        self.settings, unknown = read_edited(raw, self.paths.settings_file, self.policy)
        self._loaded = replace(self._loaded, content=raw, at_risk=None)
        return unknown

    def take_rules(self, raw: bytes) -> tuple[RuleEntry, ...]:
        """Let the rules of an edited file hold. Raises SettingsError where not all can be read."""
        from capflow_gui.settings.rules import LoadedRules, read_edited_rules  # noqa: PLC0415 - loads numpy

        rules = read_edited_rules(raw, self.paths.rules_file, self._own_rules.rules)
        self._own_rules = LoadedRules(rules, content=raw)
        return rules

    @property
    def symbols(self) -> list[Symbol]:
        """The watchlist, without what a demo of a few symbols does not trade."""
        return [Symbol.parse(text) for text in self.settings.watchlist.symbols if self._is_traded(text)]

    @property
    def groups(self) -> Groups:
        """The user's own groups, without what is not traded."""
        groups = own_groups(self.settings)
        return groups.keep_only([each for each in groups.symbols if self._is_traded(str(each))])

    def _is_traded(self, symbol: str) -> bool:
        return self._traded is None or symbol in self._traded

    def watch(self, symbols: tuple[Symbol, ...], groups: Groups) -> None:
        """Keep a watchlist and its groups, and behind what is in them what is not traded in this run."""
        before = self.settings.watchlist
        unseen = [text for text in before.symbols if not self._is_traded(text)]
        for group in own_groups(self.settings):
            groups = groups.put(group.name, [each for each in group.symbols if not self._is_traded(str(each))])
        kept = msgspec.structs.replace(
            before,
            symbols=list(dict.fromkeys([*map(str, symbols), *unseen])),
            groups=kept_groups(groups),
        )
        if kept != before:
            self.change(watchlist=kept)

    def source_names(self, request: Request) -> tuple[str, ...]:
        """What the sources of this profile are called, the first one first."""
        if self.demo:
            return ("opend", "longport") if "longport" in request.sources else (DEMO,)
        named = (self.settings.source, self.settings.second_source)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def own_sources(self) -> dict[Symbol, str]:
        """Symbols that are asked at a source of their own."""
        return {Symbol.parse(name): source for name, source in self.settings.watchlist.sources.items()}

    def set_source(self, symbol: Symbol, source: str | None) -> None:
        """Keep a symbol's own source; None: shared automatically."""
        kept = {name: held for name, held in self.settings.watchlist.sources.items() if name != str(symbol)}
        if source is not None:
            kept[str(symbol)] = source
        self.change(watchlist=msgspec.structs.replace(self.settings.watchlist, sources=kept))

    def connect(self, connection: Connection) -> None:
        """Keep a connection: the first one is the profile's source, one of the other kind joins it."""
        name = _KINDS[type(connection)]
        settings = self.settings
        changes: dict[str, object] = {name: connection, "first_run_done": True}
        if not settings.first_run_done and not self._demo_was_seen():
            changes["tour_due"] = True
        if settings.source is None:
            changes["source"] = name
        elif settings.source != name:
            changes["second_source"] = name
        self.change(**changes)

    def _demo_was_seen(self) -> bool:
        """Whether there is a profile of the demo: it had the tour."""
        return Paths.resolve(DEMO, *self._folders).settings_file.exists()

    def begin_tour(self) -> bool:
        """Whether the tour of the window is to be shown now, which is once: the next saving keeps that it was."""
        due = self.settings.tour_due
        self._replace(tour_due=False)
        return due

    def disconnect(self, source: str) -> None:
        """Leave a source; what is known of it, the list and every symbol's own source are kept for its return."""
        settings = self.settings
        others = [name for name in (settings.source, settings.second_source) if name not in (None, source)]
        self.change(source=others[0] if others else None, second_source=None)

    @property
    def default_threshold(self) -> Level | None:
        """The level that holds for every symbol without one of its own."""
        text = self.settings.thresholds.default
        return None if text is None else parse_level(text)

    def rules(self, groups: Callable[[Symbol], Collection[str]] = lambda _symbol: ()) -> RuleTable:
        """The thresholds and the user's rules; `groups` names those a symbol stands in."""
        from capflow_gui.alerts.rules import RuleTable  # noqa: PLC0415 - loads numpy: after the first paint

        overrides = {
            Symbol.parse(name): None if text == NO_THRESHOLD else parse_level(text)
            for name, text in self.settings.thresholds.symbols.items()
        }
        return RuleTable(self.default_threshold, overrides, groups=groups, entries=self._own_rules.rules)

    @cached_property
    def _own_rules(self) -> LoadedRules:
        from capflow_gui.settings.rules import load_rules  # noqa: PLC0415 - loads numpy: after the first paint

        loaded = load_rules(self.paths.rules_file)
        self.problems += [reason_sentence(problem) for problem in loaded.problems]
        return loaded

    def keep_rules(self, rules: Iterable[RuleEntry]) -> None:
        """Keep the user's rules; thresholds among them have their own place."""
        own = tuple(rule for rule in rules if not rule.is_threshold)
        if own != self._own_rules.rules:
            self._own_rules, self._rules_to_save = replace(self._own_rules, rules=own), True
            self.save()

    def set_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        """Keep a threshold: a symbol's, or (None) the default."""
        text = NO_THRESHOLD if isinstance(choice, Choice) else format_level(choice)
        kept = self.settings.thresholds
        if symbol is None:
            self.change(thresholds=Thresholds(None if choice is Choice.NONE else text, kept.symbols))
            return
        symbols = {name: level for name, level in kept.symbols.items() if name != str(symbol)}
        if choice is not Choice.INHERIT:
            symbols[str(symbol)] = text
        self.change(thresholds=Thresholds(kept.default, symbols))
