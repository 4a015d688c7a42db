"""Settings in words: how each is called, what its value is, and what a search finds."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from capflow_gui.paths import shown
from capflow_gui.present.language.texts import _, ngettext, one_after_other
from capflow_gui.settings import Policy
from capflow_gui.settings.declared import Item


def setting_name(item: Item) -> str:
    """How it is called on screen; its key where it has no name."""
    return _(item.setting.name) if item.setting.name else item.key


def setting_sentence(item: Item) -> str:
    """What it does, and when a change holds where its own dialog does not say so."""
    says = _(item.setting.sentence) if item.setting.sentence else ""
    if not item.setting.restart or item.setting.page:
        return says
    return one_after_other((says, _("Changes hold from the next start.")))


def unit_words(item: Item) -> str:
    """What stands behind its value."""
    return _(item.setting.unit) if item.setting.unit else ""


def value_words(item: Item, value: object) -> str:
    """A value as a person reads it: `Dark`, `110 %`, `60 sessions`, `on`."""
    if value is None or value == "":
        return _("none")
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, list | dict):
        return str(len(value))
    if value in item.setting.values:
        return _(item.setting.values[str(value)])
    return f"{number_text(item, value)} {unit_words(item)}".strip()


def number_text(item: Item, value: object) -> str:
    """A value as it is typed, without its unit."""
    if item.setting.percent and isinstance(value, int | float):
        return f"{value * 100:g}"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def is_found(item: Item, text: str) -> bool:
    """Whether every word of a search is in its name, its sentence, its values, its other names or its key."""
    known = " ".join(_texts(item)).casefold()
    return all(word in known for word in text.casefold().split())


def _texts(item: Item) -> Iterable[str]:
    setting = item.setting
    yield from (setting_name(item), setting_sentence(item), unit_words(item), item.key, item.key.replace("_", " "))
    yield from (_(text) for text in (setting.also, *setting.values.values()) if text)
    if setting.section is not None:
        yield _(setting.section.value)


def nothing_found(items: Iterable[Item], text: str) -> str:
    """What to say where a search finds nothing: the name that is written most alike."""
    names = {setting_name(item).casefold(): setting_name(item) for item in items}
    words = {word: name for low, name in names.items() for word in (low, *low.split())}
    close = difflib.get_close_matches(text.strip().casefold(), words, 1)
    if not close:
        return _("No setting is found for “{text}”.").format(text=text.strip())
    return _("No setting is found for “{text}”. Did you mean “{name}”?").format(text=text.strip(), name=words[close[0]])


def lock_words(policy: Policy, key: str) -> str:
    """Who locked a setting, where, and why if the policy says so."""
    who = policy.by or _("your administrator")
    why = policy.why_locked(key)
    file = "" if policy.file is None else shown(policy.file)
    if not why:
        return _("Set by {who} ({file}).").format(who=who, file=file)
    return _("Set by {who} ({file}): {why}").format(who=who, file=file, why=why)


def changed_words(count: int) -> str:
    """What is said when settings were changed."""
    return ngettext("{count} setting was changed.", "{count} settings were changed.", count).format(count=count)
