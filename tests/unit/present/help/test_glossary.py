"""The definitions of the figures: complete, and one text for the page and for hovering."""

from __future__ import annotations

from capflow_gui.present.help.glossary import brief_words, figure, figures, hover_words, states


def test_every_figure_has_one_definition_in_whole_sentences() -> None:
    keys = [each.key for each in figures()]
    assert sorted(keys) == sorted(set(keys))
    names = [each.name for each in (*figures(), *states())]
    assert sorted(names) == sorted(set(names))
    for each in figures():
        assert each.name
        assert each.what.endswith(".")
        assert all(text.endswith(".") for _name, text in each.facts()), each.key
    assert all(state.what.endswith(".") for state in states())
    assert {state.look for state in states()} == {"true", "grey", "none"}


def test_a_flow_figure_says_its_unit_sign_time_source_and_what_it_is_not() -> None:
    for key in ("net", "turnover", "main", "large", "mix", "per_minute"):
        found = figure(key)
        assert found is not None
        assert [name for name, _text in found.facts()] == ["Unit", "Sign", "Time", "Source", "Is not"], key


def test_hovering_says_the_whole_definition_and_nothing_else() -> None:
    for each in figures():
        said = hover_words(each.key)
        whole = [each.name, each.what, *(f"{name}: {text}" for name, text in each.facts())]
        assert " ".join(said.split()) == " ".join((*whole, "⇧F1: what do these numbers mean?"))
        assert max(map(len, said.splitlines())) <= 70
        assert " ".join(brief_words(each.key).split()) == f"{each.name}: {each.what}"
    assert hover_words("nothing") == brief_words("nothing") == ""
