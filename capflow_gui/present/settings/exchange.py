"""What an import would change, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.present.language.texts import _, listed, ngettext, one_after_other
from capflow_gui.present.sentences import reason_sentence, rule_words
from capflow_gui.present.settings.words import setting_name, value_words
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.settings.declared import leaves, value_at

_NAMED = 5


def import_lines(settings: Settings, values: Mapping[str, Any], rules: Sequence[RuleEntry]) -> list[str]:
    """A line for each setting that changes, and one for each rule that comes in."""
    lines = []
    for key, new in values.items():
        item = leaves(Settings)[key]
        name = setting_name(item) if item.setting.name else _(item.setting.sentence).rstrip(".。")
        before, after = value_words(item, value_at(settings, key)), value_words(item, new)
        lines.append(_("{name}: {before} → {after}").format(name=name, before=before, after=after))
    return lines + [_("New rule: {text}").format(text=rule_words(entry.text)) for entry in rules]


def import_problems(problems: Sequence[Reason], locked: Collection[str]) -> str:
    """What of a file cannot be taken, and why; empty where all can."""
    said = [reason_sentence(_left_out(problem)) for problem in problems[:_NAMED]]
    more = len(problems) - _NAMED
    if more > 0:
        said.append(ngettext("{count} more fault.", "{count} more faults.", more).format(count=more))
    if locked:
        names = listed(setting_name(leaves(Settings)[key]) for key in locked)
        said.append(_("Locked by your administrator, and left as they are: {names}.").format(names=names))
    return one_after_other(said)


def _left_out(problem: Reason) -> Reason:
    """What is not known stays in a settings file that one has, and comes in from no other; nor does a default."""
    if problem.code is Code.SETTING_REFUSED:
        return Reason.of(problem.code, **{**dict(problem.args), "instead": Reason.of(Code.IMPORT_KEEPS)})
    codes = {Code.SETTING_UNKNOWN: Code.IMPORT_UNKNOWN, Code.SETTING_MISSPELT: Code.IMPORT_MISSPELT}
    return Reason(codes.get(problem.code, problem.code), problem.args)


def imported_words(count: int, name: str) -> str:
    """What is said after an import."""
    text = ngettext("{count} change was imported from {name}.", "{count} changes were imported from {name}.", count)
    return one_after_other((text.format(count=count, name=name), _("The files as they were are kept beside them.")))
