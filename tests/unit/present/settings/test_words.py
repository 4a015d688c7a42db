from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from capflow_gui.present.settings.words import (
    is_found,
    lock_words,
    nothing_found,
    number_text,
    setting_name,
    setting_sentence,
    unit_words,
    value_words,
)
from capflow_gui.settings import Policy, Settings
from capflow_gui.settings.declared import leaves

KNOWN = leaves(Settings)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("appearance.scheme", "dark", "Dark"),
        ("appearance.font_scale", 1.1, "110 %"),
        ("archive.final_days", 730, "730 days"),
        ("opend.budget", 20, "20 in 30 s"),
        ("alerts.sound", True, "on"),
        ("archive.record", False, "off"),
        ("opend.rsa_key", None, "none"),
        ("source", None, "none"),
        ("opend.host", "10.0.0.9", "10.0.0.9"),
        ("thresholds.default", "-3%", "-3%"),
        ("watchlist.symbols", ["700.HK", "5.HK"], "2"),
    ],
)
def test_a_value_in_words(key: str, value: object, said: str) -> None:
    assert value_words(KNOWN[key], value) == said


def test_a_number_as_it_is_typed() -> None:
    assert number_text(KNOWN["appearance.font_scale"], 1.25) == "125"
    assert number_text(KNOWN["opend.port"], 11111) == "11111"
    assert number_text(KNOWN["opend.rsa_key"], None) == ""
    assert unit_words(KNOWN["opend.port"]) == ""


def test_what_holds_later_says_so_unless_its_own_dialog_applies_it() -> None:
    assert setting_sentence(KNOWN["archive.record"]).endswith("Changes hold from the next start.")
    assert "next start" not in setting_sentence(KNOWN["opend.host"])
    assert "next start" not in setting_sentence(KNOWN["alerts.volume"])


def test_what_has_no_name_is_called_by_its_key() -> None:
    assert setting_name(KNOWN["updates.page"]) == "updates.page"
    assert setting_name(KNOWN["alerts.volume"]) == "Volume"


def test_a_search_looks_at_names_sentences_values_and_keys() -> None:
    volume = KNOWN["alerts.volume"]
    assert all(is_found(volume, text) for text in ("vol", "LOUD", "alerts.volume", "own sounds", "alerts"))
    assert not is_found(volume, "volume dark")
    assert is_found(KNOWN["appearance.font_scale"], "font scale")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("apearance", "No setting is found for “apearance”. Did you mean “Appearance”?"),
        ("volum3", "No setting is found for “volum3”. Did you mean “Volume”?"),
        ("xyzzy", "No setting is found for “xyzzy”."),
    ],
)
def test_what_is_not_found_names_what_is_written_alike(typed: str, said: str) -> None:
    assert nothing_found(KNOWN.values(), typed) == said


def test_who_locked_a_setting_and_why() -> None:
    policy = Policy(Path("/etc/capflow/policy.toml"), by="IT, ext. 12", why={"opend": "One OpenD for the floor."})
    assert lock_words(policy, "opend.host") == "Set by IT, ext. 12 (/etc/capflow/policy.toml): One OpenD for the floor."
    assert lock_words(replace(policy, by=""), "log_level") == "Set by your administrator (/etc/capflow/policy.toml)."
