"""Takes up settings and rules that somebody edits in their files while the window is open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from capflow_gui.app.profile import Profile
from capflow_gui.clock import Clock
from capflow_gui.errors import SettingsError
from capflow_gui.paths import disk_words, read_document
from capflow_gui.present.language.texts import one_after_other
from capflow_gui.present.sentences import reason_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.settings.declared import changed, leaves

if TYPE_CHECKING:
    from capflow_gui.domain.typed.rule_entry import RuleEntry

_LOOK_S = 2.0
_log = logging.getLogger(__name__)

# When a file was written, its size and its number: others where it was edited.
_Mark = tuple[int, int, int]


class Edits:
    """The files of a profile, looked at every other second in a thread.

    settings_taken  is given the settings that held before
    rules_taken     is given the rules that hold now
    say             is given a sentence, and whether it waits until it is dismissed
    """

    def __init__(
        self,
        profile: Profile,
        *,
        settings_taken: Callable[[Settings], None],
        rules_taken: Callable[[tuple[RuleEntry, ...]], None],
        say: Callable[[str, bool], None],
    ) -> None:
        self._profile = profile
        self._settings_taken = settings_taken
        self._rules_taken = rules_taken
        self._say = say
        self._took_window = False  # the state of the window, which is then not saved over
        self._words: list[str] = []  # found by one look, and said together
        self._stay = False
        self._seen: dict[Path, _Mark | None] = {}
        self._settled: dict[Path, _Mark | None] = {}

    async def follow(self, clock: Clock) -> None:
        """Take up what is edited, until cancelled."""
        while True:
            saves = self._profile.saves
            found = await asyncio.to_thread(lambda: list(self._look()))
            if saves != self._profile.saves:
                self._settled.clear()  # what was read may be older than what was saved
                found.clear()
            for each in found:
                self._found(*each)
            self._say_all()
            await clock.sleep_until(clock.monotonic() + _LOOK_S)

    def _look(self) -> Iterator[tuple[Path, bytes | Reason]]:
        """What is in the files that were written since, and not while this looked before: half a file is no edit."""
        for file in self._profile.files:
            mark = _mark(file)
            if mark == self._seen.get(file, mark) != self._settled.get(file):
                self._settled[file] = mark
                try:
                    yield file, read_document(file)
                except FileNotFoundError:
                    pass  # it was deleted just now
                except OSError as error:
                    yield file, Reason.of(Code.CANNOT_BE_READ, why=disk_words(error))
            self._seen[file] = mark

    def take_last(self) -> bool:
        """Take up what was edited since the last look; whether the state of the window may be saved over it."""
        for file in self._profile.files:
            with contextlib.suppress(OSError):  # then there is nothing to save over
                self._found(file, raw := read_document(file))
                if not self._profile.knows(file, raw):
                    return False
        self._say_all()
        return not self._took_window

    def _found(self, file: Path, found: bytes | Reason) -> None:
        if isinstance(found, Reason):
            self._refuse(file, found)
        elif self._profile.unsaved is None and not self._profile.knows(file, found):
            # Else what the window could not save yet is the newer one; the edit is then kept as a copy.
            try:
                self._take(file, found)
            except SettingsError as error:
                self._refuse(file, error.reason)

    def _take(self, file: Path, raw: bytes) -> None:
        told = Reason.of(Code.EDIT_TAKEN, name=file.name)
        unknown: list[Reason] = []
        if file == self._profile.paths.rules_file:
            self._rules_taken(self._profile.take_rules(raw))
        else:
            before = self._profile.settings
            unknown = self._profile.take_settings(raw)
            self._settings_taken(before)
            keys = changed(before, self._profile.settings)
            self._took_window |= any(key.startswith("window.") for key in keys)
            if later := ", ".join(key for key in keys if leaves(Settings)[key].setting.restart):
                told = Reason.of(Code.EDIT_TAKEN_LATER, name=file.name, settings=later)
        self._tell([told, *unknown], stay=bool(unknown))

    def _refuse(self, file: Path, why: Reason) -> None:
        self._tell([Reason.of(Code.EDIT_REFUSED, name=file.name, why=reason_sentence(why))], stay=True)

    def _tell(self, reasons: Collection[Reason], *, stay: bool) -> None:
        words = one_after_other(map(reason_sentence, reasons))
        _log.info("%s", words)
        self._words.append(words)
        self._stay |= stay

    def _say_all(self) -> None:
        if self._words:
            self._say(one_after_other(self._words), self._stay)
        self._words, self._stay = [], False


def _mark(file: Path) -> _Mark | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
