from __future__ import annotations

from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.present.settings.exchange import import_lines, import_problems, imported_words
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings


def test_each_change_has_a_line() -> None:
    values = {"appearance.scheme": "light", "watchlist.symbols": ["700.HK", "5.HK"], "opend.budget": 20}
    assert import_lines(Settings(), values, [new_entry("*: net <= -5M")]) == [
        "Appearance: Dark → Light",
        "The watchlist in its order: 0 → 2",
        "OpenD: requests: 30 in 30 s → 20 in 30 s",
        "New rule: *: net ≤ −5M",
    ]


def test_what_cannot_be_taken_is_said_and_counted() -> None:
    assert import_problems([], []) == ""
    unknown = [Reason.of(Code.SETTING_UNKNOWN, name=f"x{number}") for number in range(7)]
    said = import_problems(unknown, ["appearance.scheme"])
    assert said.count("is not known, and is left out.") == 5
    guess = Reason.of(Code.DID_YOU_MEAN, name="alerts.volume")
    misspelt = [Reason.of(Code.SETTING_MISSPELT, name="alerts.volum", guess=guess)]
    assert (
        import_problems(misspelt, [])
        == "Setting alerts.volum is not known, and is left out: did you mean alerts.volume?"
    )
    assert said.endswith("2 more faults. Locked by your administrator, and left as they are: Appearance.")


def test_what_was_imported_is_counted() -> None:
    assert imported_words(1, "s.toml").startswith("1 change was imported from s.toml. The files as they were")
    assert imported_words(4, "s.toml").startswith("4 changes were imported")


def test_what_cannot_be_used_of_a_file_changes_nothing() -> None:
    refused = Reason.of(
        Code.SETTING_REFUSED,
        name="appearance.scheme",
        shown="'purple'",
        why=Reason.of(Code.ONE_OF, names="dark, light"),
        instead=Reason.of(Code.DEFAULT_USED, value="'dark'"),
    )
    said = import_problems([refused], [])
    assert said == "Setting appearance.scheme: 'purple' cannot be used: one of: dark, light; what you have stays."
