"""The layouts of a profile in a file of their own, layouts.json, and files of layouts that are passed on.

The file is never lost: one that is damaged is set aside as `layouts.json.damaged-1`, -2, …; where one layout of it
cannot be read the others stay, after a copy was set aside; one that a newer version wrote is left as it is. A change
is made to what is in the file at that moment, under a lock, so that two programs on one profile keep each other's.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from capflow_gui.domain.arrangement.layouts import (
    BUILT_IN,
    MOST,
    Arrangement,
    Desk,
    Layout,
    Layouts,
    checked_name,
    when,
)
from capflow_gui.domain.arrangement.screens import read_screens
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.file_lock import try_lock, unlock
from capflow_gui.paths import Paths, disk_words, shown, target
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.file import first_few, present_content, set_aside, write_settings

VERSION = 1
_OF_A_PROFILE, _PASSED_ON = "layouts", "layouts export"
_ARRANGEMENTS = 40  # of one layout
_DEEP, _VALUES, _TEXT = 16, 20_000, 20_000
_LARGEST = 4 << 20  # bytes of a file: no larger one is read
_LOCK_TRIES, _LOCK_PAUSE_S = 400, 0.005

Edit = Callable[[Layouts], Layouts]


@dataclass(frozen=True, slots=True)
class LoadedLayouts:
    """`problems` are for the user. `at_risk`: why the file must not be written over."""

    layouts: Layouts = field(default_factory=Layouts)
    problems: list[Reason] = field(default_factory=list)
    at_risk: Reason | None = None


class LayoutsFile:
    """layouts.json of one profile. Its methods use the disk, and may wait two seconds for another program."""

    def __init__(self, paths: Paths) -> None:
        self._path = paths.config / "layouts.json"
        self._lock = paths.state / "layouts.lock"
        self._known = Layouts()

    def load(self) -> LoadedLayouts:
        """What is in the file; nothing where there is none. Raises SettingsError where it cannot be read at all."""
        loaded = self._read(present_content(self._path))
        self._known = loaded.layouts
        return loaded

    def change(self, edit: Edit) -> Layouts:
        """Make a change to what is in the file now; what there is afterwards.

        Raises what `edit` raises, and SettingsError where the file cannot be written, or is not to be.
        """
        try:
            with _locked(self._lock):
                return self._change(edit)
        except OSError as error:
            why = Reason.of(Code.CANNOT_BE_WRITTEN, why=disk_words(error))
            raise SettingsError(shown(self._lock), why) from error

    def _change(self, edit: Edit) -> Layouts:
        loaded = self._read(present_content(self._path))
        if loaded.at_risk is not None:
            raise SettingsError(shown(self._path), loaded.at_risk)
        # Where all of it was damaged since, what was known of it is not lost with it.
        present = self._known if loaded.problems and not loaded.layouts.layouts else loaded.layouts
        changed = edit(present)
        if changed != loaded.layouts or loaded.problems:
            content = _written(changed)
            if len(content) > _LARGEST:
                raise SettingsError(shown(self._path), Reason.of(Code.LAYOUTS_TOO_LARGE, most=_LARGEST >> 20))
            write_settings(self._path, content, None)
        self._known = changed
        return changed

    def _read(self, raw: bytes) -> LoadedLayouts:
        if not raw.strip():
            return LoadedLayouts()
        name = self._path.name
        try:
            document = _document(raw, _OF_A_PROFILE)
        except ValueError as error:
            damaged = Reason.of(Code.LAYOUTS_DAMAGED, name=name, error=str(error))
            return self._aside(raw, Layouts(), [damaged], move=True)
        if document["version"] > VERSION:
            newer = Reason.of(Code.LAYOUTS_NEWER, name=name)
            return LoadedLayouts(problems=[newer], at_risk=newer)
        layouts, faults = _layouts(document, name)
        return self._aside(raw, layouts, first_few(faults, name), move=False) if faults else LoadedLayouts(layouts)

    def _aside(self, raw: bytes, layouts: Layouts, problems: list[Reason], *, move: bool) -> LoadedLayouts:
        kept, at_risk = set_aside(self._path, target(self._path), raw, "damaged", move=move)
        return LoadedLayouts(layouts, [*problems, kept], at_risk)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        for attempt in range(_LOCK_TRIES):
            if try_lock(handle):
                break
            if attempt == _LOCK_TRIES - 1:
                raise SettingsError(shown(path), Reason.of(Code.LAYOUTS_BUSY))
            time.sleep(_LOCK_PAUSE_S)
        try:
            yield
        finally:
            unlock(handle)
    finally:
        os.close(handle)


# files that are passed on


def exported(layouts: Iterable[Layout], passed_on: Callable[[Desk], Desk]) -> bytes:
    """A file of layouts; `passed_on` leaves out of a desk what is the user's own."""
    own = [
        replace(layout, arrangements=tuple(replace(each, desk=passed_on(each.desk)) for each in layout.arrangements))
        for layout in layouts
    ]
    return _encoded({"capflow": _PASSED_ON, "version": VERSION, "layouts": [*map(_kept, own)]})


def read_exported(raw: bytes, name: str, passed_on: Callable[[Desk], Desk]) -> tuple[Layout, ...]:
    """The layouts of such a file, at least one, each name once. Raises SettingsError: all of it, or nothing.

    `name` is how the error calls the file. What is not the layouts' is left out of them, whoever wrote it there.
    """
    if len(raw) > _LARGEST:
        raise SettingsError(name, Reason.of(Code.LAYOUTS_TOO_LARGE, most=_LARGEST >> 20))
    try:
        document = _document(raw, _PASSED_ON)
    except ValueError as error:
        raise SettingsError(name, Reason.of(Code.NOT_LAYOUTS, error=str(error))) from None
    if document["version"] > VERSION:
        raise SettingsError(name, Reason.of(Code.LAYOUTS_NEWER, name=name))
    read, faults = _layouts(document, name)
    if faults:
        raise SettingsError(name, Reason.of(Code.LAYOUT_NOT_TAKEN, number=faults[0].get("number")))
    if not read.layouts:
        raise SettingsError(name, Reason.of(Code.NOT_LAYOUTS, error="it has none"))
    return tuple(
        replace(layout, arrangements=tuple(replace(each, desk=passed_on(each.desk)) for each in layout.arrangements))
        for layout in read.layouts
    )


# how they are written and read


def _written(layouts: Layouts) -> bytes:
    return _encoded(
        {
            "capflow": _OF_A_PROFILE,
            "version": VERSION,
            "start": layouts.start,
            "used": layouts.used,
            "screens": [screen.kept() for screen in layouts.screens],
            "layouts": [*map(_kept, layouts.layouts)],
        }
    )


def _encoded(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, default=dict) + "\n").encode()


def _kept(layout: Layout) -> dict[str, object]:
    return {
        "name": layout.name,
        "arrangements": [
            {
                "screens": [screen.kept() for screen in each.screens],
                "saved": each.saved.isoformat(),
                "desk": each.desk,
            }
            for each in layout.arrangements
        ],
    }


def _document(raw: bytes, kind: str) -> dict[str, Any]:
    """The document of a file of this kind. Raises ValueError."""

    def no_number(text: str) -> object:
        raise ValueError(f"{text} is not a number")

    try:
        found = json.loads(raw.decode("utf-8-sig"), parse_constant=no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict) or found.get("capflow") != kind or not isinstance(found.get("layouts"), list):
        raise ValueError("it has no layouts that Capflow wrote")
    if type(found.get("version")) is not int or found["version"] < 1:
        raise ValueError("its version is no number")
    return found


def _layouts(document: Mapping[str, Any], file: str) -> tuple[Layouts, list[Reason]]:
    """The layouts that can be read, and what is wrong with the others."""
    found: list[Layout] = []
    faults: list[Reason] = []
    names: set[str] = set()
    for number, value in enumerate(document["layouts"], 1):
        layout = _layout(value)
        if layout is None or len(found) == MOST or layout.name.casefold() in names:
            faults.append(Reason.of(Code.LAYOUT_DAMAGED, name=file, number=number))
        else:
            names.add(layout.name.casefold())
            found.append(layout)
    layouts = Layouts(tuple(found))
    start, used = (_name_of(layouts, document.get(key)) for key in ("start", "used"))
    try:
        screens = read_screens(document.get("screens"))
    except ValueError:
        screens = ()
    return replace(layouts, start=start, used=used, screens=screens), faults


def _name_of(layouts: Layouts, value: object) -> str:
    return value if isinstance(value, str) and (value in BUILT_IN or layouts.find(value)) else ""


def _layout(value: object) -> Layout | None:
    """A layout; None where anything in it is wrong."""
    found = value if isinstance(value, Mapping) else {}
    name, arrangements = found.get("name"), found.get("arrangements")
    if not isinstance(name, str) or not isinstance(arrangements, list) or not 0 < len(arrangements) <= _ARRANGEMENTS:
        return None
    try:
        return Layout(checked_name(name), tuple(map(_arrangement, arrangements)))
    except (ValueError, TypeError, InvalidInput, OverflowError):
        return None


def _arrangement(value: object) -> Arrangement:
    found = value if isinstance(value, Mapping) else {}
    return Arrangement(read_screens(found.get("screens")), when(found.get("saved")), _checked(found.get("desk")))


def _checked(desk: object) -> Desk:
    """The desk. Raises ValueError or TypeError for what no window says of itself: much, deep, long, or no number."""
    if not isinstance(desk, dict):
        raise TypeError("not a desk")
    level: list[object] = [desk]
    values = 0
    for _depth in range(_DEEP):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner += [*value, *value.values()]
            elif isinstance(value, list):
                inner += value
            elif isinstance(value, str):
                value.encode()  # half a character cannot be
                if len(value) > _TEXT:
                    raise ValueError("a text is too long")
            elif isinstance(value, int | float) and not abs(value) < 2**53:
                raise ValueError("not a number")
        values += len(inner)
        if values > _VALUES:
            raise ValueError("it has too many values")
        level = inner
    if level:
        raise ValueError("it is nested too deeply")
    return desk
