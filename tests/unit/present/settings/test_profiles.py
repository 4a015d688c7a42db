from __future__ import annotations

from capflow_gui.present.settings.profiles import deletion_words, profile_line, profile_title


def test_the_main_profile_has_a_title_before_it_has_a_name() -> None:
    assert profile_title("") == "Main profile"
    assert profile_line("", here=True, is_open=True) == "Main profile (this window)"
    assert profile_line("Desk 2", here=False, is_open=True) == "Desk 2 (open)"
    assert profile_line("Desk 2", here=False, is_open=False) == "Desk 2"


def test_what_goes_is_said_before_it_goes() -> None:
    said = deletion_words("Desk 2", 1, 3_400_000)
    assert said.startswith(
        "Delete “Desk 2”? Its settings, its rules, a list of 1 symbol, its alerts and its recordings"
    )
    assert "3.4 MB on this computer. This cannot be undone." in said
