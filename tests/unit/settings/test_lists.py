from __future__ import annotations

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import Settings, WatchSettings, kept_groups, own_groups
from capflow_gui.settings.types import GroupSettings


def test_groups_come_out_of_the_settings_as_they_went_in() -> None:
    groups = Groups((Group("HK core", (Symbol.parse("700.HK"), Symbol.parse("5.HK")), "pink"), Group("Empty")))
    kept = kept_groups(groups)
    assert kept == [GroupSettings("HK core", ["700.HK", "5.HK"], "pink"), GroupSettings("Empty")]
    assert own_groups(Settings(watchlist=WatchSettings(groups=kept))) == groups
