from __future__ import annotations

import msgspec

from capflow_gui.settings.types import Item, OpendSettings, PolicyReach, Settings, items


def known(kind: type[msgspec.Struct]) -> dict[str, Item]:
    return {item.name: item for item in items(kind)}


def test_tables_are_told_from_settings() -> None:
    found = known(Settings)
    assert found["opend"].struct is OpendSettings
    assert found["log_level"].struct is None
    assert next(iter(found)) == "version"
    assert list(known(OpendSettings)) == ["host", "port", "rsa_key", "budget"]


def test_what_may_be_left_empty() -> None:
    assert known(Settings)["source"].optional
    assert known(OpendSettings)["rsa_key"].optional
    assert not known(OpendSettings)["port"].optional
    updates = known(Settings)["updates"].struct
    assert updates is not None
    assert known(updates)["looked"].optional  # a marked type is looked into


def test_what_a_policy_may_do_with_a_setting() -> None:
    found = known(Settings)
    assert found["log_level"].reach is PolicyReach.LOCK
    assert (found["window"].reach, found["version"].reach) == (PolicyReach.NOTHING, PolicyReach.NOTHING)
    lists = found["watchlist"].struct
    assert lists is not None
    assert known(lists)["symbols"].reach is PolicyReach.DEFAULT
