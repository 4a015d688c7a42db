from __future__ import annotations

import msgspec
import pytest

from capflow_gui.settings import Appearance, OpendSettings, Settings, WindowSettings
from capflow_gui.settings.declared import (
    Item,
    Part,
    PolicyReach,
    Section,
    changed,
    items,
    leaves,
    nearest,
    replaced,
    value_at,
)

KNOWN = leaves(Settings)


def known(kind: type[msgspec.Struct]) -> dict[str, Item]:
    return {item.name: item for item in items(kind)}


def test_tables_are_told_from_settings() -> None:
    found = known(Settings)
    assert found["opend"].struct is OpendSettings
    assert found["log_level"].struct is None
    assert next(iter(found)) == "version"
    assert list(known(OpendSettings)) == ["host", "port", "rsa_key", "budget"]


def test_what_may_be_left_empty() -> None:
    assert KNOWN["source"].optional
    assert KNOWN["opend.rsa_key"].optional
    assert not KNOWN["opend.port"].optional
    assert KNOWN["updates.looked"].optional


def test_what_a_policy_may_do_with_a_setting() -> None:
    assert KNOWN["log_level"].setting.policy is PolicyReach.LOCK
    assert KNOWN["version"].setting.policy is PolicyReach.NOTHING
    # What is said of a table holds for all in it, unless the setting itself is stricter.
    assert KNOWN["window.geometry"].setting.policy is PolicyReach.NOTHING
    assert KNOWN["watchlist.symbols"].setting.policy is PolicyReach.DEFAULT
    assert KNOWN["updates.looked"].setting.policy is PolicyReach.NOTHING


def test_a_table_gives_section_part_and_restart_to_what_is_in_it() -> None:
    host = KNOWN["opend.host"].setting
    assert (host.section, host.restart, host.part) == (Section.SOURCES, True, Part.SETTINGS)
    assert KNOWN["watchlist.groups"].setting.part is Part.LISTS
    assert KNOWN["opend.rsa_key"].setting.part is Part.NOTHING
    assert not KNOWN["appearance.scheme"].setting.restart
    assert KNOWN["updates.page"].setting.restart


def test_what_is_shown_has_words_and_a_section() -> None:
    shown = {key: item for key, item in KNOWN.items() if item.setting.name}
    assert len(shown) > 20
    for key, item in shown.items():
        assert item.setting.sentence.endswith("."), key
        assert item.setting.section is not None, key
    names = [item.setting.name for item in shown.values()]
    assert len(set(names)) == len(names)


def test_every_setting_of_the_user_has_a_sentence() -> None:
    silent = [key for key, item in KNOWN.items() if not item.setting.sentence]
    own = [key for key, item in KNOWN.items() if item.setting.policy is PolicyReach.NOTHING and key != "channels"]
    assert silent == own


def test_every_fixed_word_has_a_name() -> None:
    for key, item in KNOWN.items():
        schema = msgspec.json.schema(item.type)
        words = next((each["enum"] for each in schema.get("anyOf", [schema]) if "enum" in each), [])
        if item.setting.name:
            assert sorted(item.setting.values) == sorted(words), key


def test_values_are_taken_and_replaced_by_their_keys() -> None:
    settings = replaced(Settings(), {"appearance.scheme": "light", "appearance.font_scale": 1.5, "log_level": "error"})
    assert settings == Settings(appearance=Appearance("light", font_scale=1.5), log_level="error")
    assert value_at(settings, "appearance.font_scale") == 1.5
    assert changed(Settings(), settings) == ["log_level", "appearance.scheme", "appearance.font_scale"]
    assert changed(settings, settings) == []
    assert changed(Settings(), Settings(window=WindowSettings(sort="net"))) == ["window.sort"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("apearance.scheme", "appearance.scheme"),
        ("apearance", "appearance"),
        ("scheme", "appearance.scheme"),
        ("look.fontscale", "appearance.font_scale"),
        ("theme", "appearance.scheme"),
        ("verbose", "log_level"),
        ("nothing_like_it", None),
    ],
)
def test_a_key_nobody_knows_is_guessed(typed: str, meant: str | None) -> None:
    assert nearest(typed, Settings) == meant
