"""The groups of the watchlist as the settings have them."""

from __future__ import annotations

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings.types import GroupSettings, Settings


def own_groups(settings: Settings) -> Groups:
    """The user's own groups."""
    kept = settings.watchlist.groups
    return Groups(tuple(Group(each.name, tuple(map(Symbol.parse, each.symbols)), each.color) for each in kept))


def kept_groups(groups: Groups) -> list[GroupSettings]:
    """Groups as settings keep them; their colours are among those that there are."""
    return [GroupSettings(each.name, [*map(str, each.symbols)], each.color) for each in groups]  # type: ignore[arg-type]
