"""The profile's rules: `rules.toml` beside the settings, a `[[rule]]` table each.

    [[rule]]
    id = "rule:9c1f…"            given by Capflow where it is left out
    text = "*: main <= -80M for 2m"
    enabled = false              true where it is left out
    muted = ["700.HK"]
    channels = ["phone"]
    quiet = "22:00-07:00"
    urgent = true                is told in quiet hours too

Nothing in the file is lost. A rule that cannot be read stays in it, is named, and is not judged; a file that is no
TOML is set aside as the settings are, and what somebody wrote into it meanwhile is kept as a copy. The same form is
exported and imported.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import msgspec
import tomli_w

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import RuleEntry, Unread, free_id, is_threshold_id, new_entry
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.paths import disk_words, read_document, shown, target
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import Hours
from capflow_gui.settings.file import (
    Saved,
    first_few,
    keep_edited,
    opening_comment,
    present_content,
    set_aside,
    write_settings,
)
from capflow_gui.settings.layers import Document
from capflow_gui.settings.lines import Path as Place
from capflow_gui.settings.lines import document_of, fault_of, marked, parsed, places

_VERSION = 1
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)
_TABLES = "rule"
_UNREAD = "rule:unread"  # the id of a rule that has none and cannot be read


class _Table(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A rule's table."""

    id: str = ""
    text: str
    enabled: bool = True
    channels: list[str] | None = None
    quiet: str = ""
    urgent: bool = False
    muted: list[str] = []


_KNOWN = _Table.__struct_fields__


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """`problems` are for the user. `at_risk`: the file could be neither read nor kept: do not save over it.

    content  the file as it is known: `save_rules` keeps another one
    """

    rules: tuple[RuleEntry, ...] = ()
    problems: list[Reason] = field(default_factory=list)
    at_risk: Reason | None = None
    content: bytes = field(default=b"", compare=False, repr=False)


def load_rules(path: Path) -> LoadedRules:
    """The rules in the order of the file; none where there is no file.

    Where the system refuses to read it, the file is at risk.
    """
    try:
        end = target(path)
        raw = read_document(end)
    except FileNotFoundError:
        return LoadedRules()
    except OSError as error:
        why = Reason.of(Code.RULES_DAMAGED, name=shown(path), why=disk_words(error))
        return LoadedRules((), [why], why)
    try:
        rules = read_rules(raw, path.name)
    except SettingsError as error:
        kept, at_risk = set_aside(path, end, raw, "damaged", move=True)
        return LoadedRules((), [Reason.of(Code.RULES_DAMAGED, name=error.key, why=error.reason), kept], at_risk)
    faulty = [(number, rule.unread) for number, rule in enumerate(rules) if rule.unread]
    return LoadedRules(rules, _problems(raw, path.name, faulty), content=raw)


def read_edited_rules(raw: bytes, path: Path, known: Collection[RuleEntry]) -> tuple[RuleEntry, ...]:
    """The rules of a file that somebody edited while Capflow runs; nothing is set aside.

    Raises SettingsError where the file or a rule cannot be read that was not unreadable in `known` already.
    """
    rules = read_rules(raw, path.name)
    faulty = [(number, rule.unread) for number, rule in enumerate(rules) if rule.unread and rule not in known]
    if faulty:
        raise SettingsError(path.name, _problems(raw, path.name, faulty[:1])[0])
    return rules


def _problems(raw: bytes, name: str, faulty: Sequence[tuple[int, Unread]]) -> list[Reason]:
    """What is wrong with the first rules of a file that cannot be read, and how many more there are."""
    text = raw.decode("utf-8-sig")
    lines, found = text.split("\n"), places(text) if faulty else {}
    return first_few([_problem(name, lines, found, number, rule) for number, rule in faulty], name)


def _problem(name: str, lines: Sequence[str], found: Mapping[Place, int], number: int, rule: Unread) -> Reason:
    """Which rule cannot be read and why; where its text is at fault, with a caret."""
    whole = found[_TABLES, number]
    line = found.get((_TABLES, number, "text"), whole) if rule.text else whole
    at, begins, text, column = rule.fault.position, lines[line - 1].find(rule.text), rule.text, 1
    if at is not None and rule.table is None and begins >= 0:
        column, text = begins + at + 1, marked(text, at)
    return Reason.of(Code.RULE_UNREADABLE, name=name, line=line, column=column, text=text, why=rule.fault.reason)


def read_rules(raw: bytes, name: str) -> tuple[RuleEntry, ...]:
    """The rules of a file, those that cannot be read with their fault.

    Raises SettingsError where it is no TOML, or has no list of rules; `name` is how that error calls the file.
    """
    tables = document_of(raw, name).get(_TABLES, [])
    if not (isinstance(tables, list) and all(isinstance(table, dict) for table in tables)):
        raise SettingsError(name, Reason.of(Code.NOT_RULE_TABLES))
    rules: dict[str, RuleEntry] = {}
    for table in tables:
        entry = _read(table, rules)
        rules[entry.id] = entry
    return tuple(rules.values())


def read_imported(raw: bytes, name: str) -> tuple[RuleEntry, ...]:
    """The rules of a file or of a text that somebody sent, those that cannot be read with their fault.

    Where it is no TOML as a whole, each of its `[[rule]]` tables is read alone; a text without any has a rule a line.
    Raises SettingsError as read_rules does, where there is no rule in it at all.
    """
    try:
        return read_rules(raw, name)
    except SettingsError as error:
        if error.reason.code is not Code.IN_PLACE:
            raise
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        starts = [found.start() for found in _HEADER.finditer(text)]
        if not starts:
            return _of_lines(text, error)
    rules: dict[str, RuleEntry] = {}
    for start, end in pairwise([*starts, len(text)]):
        entry = _of_part(text[start:end], rules)
        rules[entry.id] = entry
    return tuple(rules.values())


def _of_part(part: str, taken: Collection[str]) -> RuleEntry:
    """The rule of one table's text."""
    try:
        return _read(parsed(part)[_TABLES][0], taken)
    except tomllib.TOMLDecodeError as error:
        line, column, why = fault_of(error, part)
        at = sum(len(each) + 1 for each in part.split("\n")[: line - 1]) + column - 1
        return RuleEntry(None, unread=Unread(free_id(_UNREAD, taken), part, InvalidInput(part, why, None, at)))


def _of_lines(text: str, error: SettingsError) -> tuple[RuleEntry, ...]:
    """A rule a line; raises the error where none of them is one."""
    rules: dict[str, RuleEntry] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if not line.startswith("#"):
            entry = _read({"text": line}, rules)
            rules[entry.id] = entry
    if all(entry.rule is None for entry in rules.values()):
        raise error
    return tuple(rules.values())


def _read(table: Document, taken: Collection[str]) -> RuleEntry:
    """One rule. Where its table cannot be used at all, all of that is kept as it is."""
    try:
        said = msgspec.convert(table, _Table)
        muted = frozenset(Symbol.parse(each) for each in said.muted)
        _check_id(said.id, taken)
        _check_hours(said.quiet)
    except msgspec.ValidationError as error:
        words = str(error)
        return _unusable(table, taken, Reason.of(Code.VERBATIM, text=words[:1].lower() + words[1:]))
    except InvalidInput as error:
        return _unusable(table, taken, error.reason, error.suggestion)
    try:
        rule = new_entry(said.text, taken).rule
    except InvalidInput as error:
        entry = RuleEntry(None, unread=Unread(said.id or free_id(_UNREAD, taken), said.text, error))
    else:
        assert rule is not None  # noqa: S101  it could be read
        entry = RuleEntry(replace(rule, own_id=said.id) if said.id else rule)
    channels = None if said.channels is None else tuple(said.channels)
    entry = replace(entry, enabled=said.enabled, muted=muted, channels=channels, quiet=said.quiet)
    return replace(entry, urgent=said.urgent, kept=_others(table))


def _check_id(number: str, taken: Collection[str]) -> None:
    if number in taken:
        raise InvalidInput(number, Reason.of(Code.RULE_ID_TWICE, id=number))
    if is_threshold_id(number):
        raise InvalidInput(number, Reason.of(Code.RULE_ID_RESERVED, id=number))


def _check_hours(text: str) -> None:
    try:
        msgspec.convert(text, Hours)
    except msgspec.ValidationError:
        raise InvalidInput(text, Reason.of(Code.WRITE_AS, form="22:00-07:00")) from None


def _unusable(table: Document, taken: Collection[str], why: Reason, advice: Reason | None = None) -> RuleEntry:
    text = str(table.get("text", ""))
    unread = Unread(free_id(_UNREAD, taken), text, InvalidInput(text, why, advice), table)
    return RuleEntry(None, kept=_others(table), unread=unread)


def _others(table: Document) -> Document:
    return {key: value for key, value in table.items() if key not in _KNOWN}


def save_rules(path: Path, rules: Iterable[RuleEntry], known: bytes | None = None) -> Saved:
    """Replace the file in one step. What it has beside rules is carried over.

    `known` is the content that these rules replace: one that somebody edited meanwhile is kept as a copy.
    Raises SettingsError where the folder or the file cannot be written, or the copy cannot be made.
    """
    present: Document = {}
    raw = present_content(path)
    kept = keep_edited(path, raw, known)
    with contextlib.suppress(ValueError):
        # A file that cannot be parsed has nothing to carry over; a copy of it was kept.
        present = parsed(raw.decode("utf-8-sig"))
    others = {key: value for key, value in present.items() if key != _TABLES}
    return write_settings(path, opening_comment(raw) + rules_toml(rules, {"version": _VERSION} | others), kept)


def rules_toml(rules: Iterable[RuleEntry], others: Document | None = None) -> bytes:
    """Rules as a file has them, behind what else it has."""
    return tomli_w.dumps({**(others or {}), _TABLES: [rule_table(rule) for rule in rules]}).encode()


def rule_table(rule: RuleEntry) -> Document:
    """A rule as its table in a file."""
    if rule.unread is not None and rule.unread.table is not None:
        return dict(rule.unread.table)
    table = _Table(
        id=rule.id,
        text=rule.text,
        enabled=rule.enabled,
        channels=None if rule.channels is None else list(rule.channels),
        quiet=rule.quiet,
        urgent=rule.urgent,
        muted=sorted(map(str, rule.muted)),
    )
    return {**msgspec.to_builtins(table), **rule.kept}
