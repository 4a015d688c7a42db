"""Settings, lists and rules as a file that is passed on."""

from __future__ import annotations

import pytest

from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.errors import SettingsError
from capflow_gui.present.sentences import error_sentence, reason_sentence
from capflow_gui.settings import (
    Appearance,
    LongportSettings,
    OpendSettings,
    Settings,
    Thresholds,
    UpdateSettings,
    WatchSettings,
    WindowSettings,
)
from capflow_gui.settings.channels import CommandSettings, TelegramSettings
from capflow_gui.settings.exchange import LISTS, PARTS, RULES, SETTINGS, exported, merged, new_rules, read_export
from capflow_gui.settings.types import GroupSettings

OWN = Settings(
    first_run_done=True,
    source="opend",
    opend=OpendSettings(host="10.0.0.9", rsa_key="/keys/key.pem"),
    longport=LongportSettings(http_url="https://ann:secret@example.com"),
    appearance=Appearance("light"),
    channels={
        "phone": TelegramSettings(token="keyring", chat="7"),
        "run": CommandSettings(enabled=True, command=["x"]),
    },
    thresholds=Thresholds("-3%", {"700.HK": "-200M"}),
    updates=UpdateSettings(remind=True, looked="2026-01-02"),
    watchlist=WatchSettings(["700.HK", "5.HK"], [GroupSettings("Banks", ["5.HK"])]),
    window=WindowSettings(sort="net"),
)
RULES_OF_OWN = [new_entry("*: main <= -80M for 2m"), new_entry("700.HK: net <= -1M")]


def test_what_was_exported_comes_in_elsewhere() -> None:
    found = read_export(exported(OWN, RULES_OF_OWN, PARTS), "s.toml")
    assert found.problems == []
    taken = merged(Settings(), found, PARTS, ())
    assert taken["appearance.scheme"] == "light"
    assert taken["thresholds.symbols"] == {"700.HK": "-200M"}
    assert taken["watchlist.groups"] == [GroupSettings("Banks", ["5.HK"])]
    assert taken["channels"]["phone"] == TelegramSettings(enabled=False, token="keyring", chat="7")
    assert new_rules((), found.rules) == RULES_OF_OWN
    assert merged(OWN, found, PARTS, ()) == {}
    assert new_rules(RULES_OF_OWN, found.rules) == []


def test_no_secret_and_nothing_of_one_window_goes_out() -> None:
    content = exported(OWN, [], PARTS).decode()
    assert all(text not in content for text in ("key.pem", "secret@", "first_run", "looked", "sort"))
    assert 'host = "10.0.0.9"' in content


def test_no_file_says_where_the_accounts_tokens_are_sent() -> None:
    own = {"http_url": "https://elsewhere.example", "ws_url": "wss://elsewhere.example", "tcp": "elsewhere.example:1"}
    elsewhere = LongportSettings(region="custom", **own)
    assert "elsewhere" not in exported(Settings(longport=elsewhere), [], PARTS).decode()
    file = b'[longport]\nregion = "custom"\nhttp_url = "https://elsewhere.example"\ntcp = "elsewhere.example:1"\n'
    assert merged(Settings(), read_export(file, "s.toml"), PARTS, ()) == {}


def test_only_the_parts_wanted_go_out_and_come_in() -> None:
    assert "watchlist" not in exported(OWN, RULES_OF_OWN, [SETTINGS]).decode()
    assert "main <=" not in exported(OWN, RULES_OF_OWN, [SETTINGS, LISTS]).decode()
    lists = exported(OWN, RULES_OF_OWN, [LISTS]).decode()
    assert "appearance" not in lists
    assert "main <=" in exported(OWN, RULES_OF_OWN, [RULES]).decode()
    found = read_export(exported(OWN, [], PARTS), "s.toml")
    assert set(merged(Settings(), found, [LISTS], ())) == {
        "thresholds.symbols",
        "watchlist.symbols",
        "watchlist.groups",
    }


def test_what_a_policy_has_locked_neither_goes_out_nor_comes_in() -> None:
    locks = {"opend.host"}
    assert "10.0.0.9" not in exported(OWN, [], PARTS, locks).decode()
    found = read_export(exported(OWN, [], PARTS), "s.toml")
    assert "opend.host" not in merged(Settings(), found, PARTS, locks)


def test_lists_get_what_they_lack_and_keep_what_they_have() -> None:
    here = Settings(
        channels={"phone": TelegramSettings(token="keyring", chat="1")},
        watchlist=WatchSettings(["9988.HK", "5.HK"], [GroupSettings("banks", ["9988.HK"], "cyan")]),
        thresholds=Thresholds(None, {"700.HK": "-1M", "5.HK": "none"}),
    )
    taken = merged(here, read_export(exported(OWN, [], PARTS), "s.toml"), PARTS, ())
    assert taken["watchlist.symbols"] == ["9988.HK", "5.HK", "700.HK"]
    assert taken["watchlist.groups"] == [GroupSettings("banks", ["9988.HK", "5.HK"], "cyan")]
    assert taken["thresholds.symbols"] == {"700.HK": "-200M", "5.HK": "none"}
    assert taken["channels"]["phone"] == here.channels["phone"]
    # What runs a program or sends a secret somewhere does so only once its user has looked at it.
    assert taken["channels"]["run"] == CommandSettings(enabled=False, command=["x"])


def test_a_rule_of_an_id_that_is_taken_gets_another() -> None:
    mine = new_entry("*: net <= -5M")
    theirs = read_export(f'[[rule]]\nid = "{mine.id}"\ntext = "*: net <= -9M"\n[[rule]]\ntext = "?"\n'.encode(), "r")
    (came,) = new_rules([mine], theirs.rules)
    assert came.text == "*: net <= -9M"
    assert came.id != mine.id


def test_a_settings_file_comes_in_too_and_what_is_not_known_is_said() -> None:
    found = read_export(
        b"version = 1\n[appearance]\nscheme = 'drak'\nfont_scael = 1.5\n[alerts]\nvolume = 30\n", "x.toml"
    )
    assert merged(Settings(), found, PARTS, ()) == {"alerts.volume": 30}
    said = " ".join(map(reason_sentence, found.problems))
    assert "did you mean 'dark'?" in said
    assert "did you mean appearance.font_scale?" in said


def test_a_file_of_a_newer_version_is_said() -> None:
    found = read_export(b"capflow = 'export'\nversion = 9\n[settings.alerts]\nvolume = 30\n", "x.toml")
    assert reason_sentence(found.problems[0]) == "The settings file x.toml was written by a newer Capflow."
    assert merged(Settings(), found, PARTS, ()) == {"alerts.volume": 30}


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"\xff", "UTF-8"), (b"a = 1\nb = [[", "line 2"), (b"settings = 7", "it has no settings that Capflow wrote")],
)
def test_what_is_no_export(raw: bytes, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_export(raw, "x.toml")
    assert said in error_sentence(caught.value)
