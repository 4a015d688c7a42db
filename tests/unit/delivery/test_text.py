from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.delivery.model import Urgency
from capflow_gui.delivery.text import (
    as_json,
    cut,
    facts,
    link_of,
    moment,
    most,
    one_line,
    plain,
    utf8,
    utf16,
    whole,
    without_markdown,
)
from tests.stand_ins.kinds import message

ANY = st.text(st.characters())


@given(ANY)
def test_plain_text_is_text_and_has_no_controls(text: str) -> None:
    found = plain(text)
    assert found.encode().decode() == found
    assert {character for character in found if unicodedata.category(character) == "Cc" and ord(character) < 128} <= {
        "\n",
        "\t",
    }
    assert plain("a\ud83d\ude00b\ud83dc\r\0") == "a😀b\ufffdc"
    assert one_line(" a \n b\u2028c ") == "a b c"


@given(ANY, st.integers(0, 40), st.sampled_from([len, utf8, utf16]))
def test_what_is_cut_fits_and_is_the_beginning(text: str, limit: int, size: object) -> None:
    text = plain(text)
    fits = most(limit, size)  # type: ignore[arg-type]
    found = cut(text, fits)
    assert fits(found)
    if fits(text):
        assert found == text
    else:
        assert text.startswith(found.removesuffix("…"))
        assert found.endswith("…") or not fits("…")


@pytest.mark.parametrize("one", ["e\u0301", "👍🏽", "👩\u200d👩\u200d👧", "a\ufe0f\u20e3"])
def test_what_is_one_character_on_screen_is_not_cut(one: str) -> None:
    for limit in range(1, utf8(one) + 6):
        assert cut(f"ab{one}cdefghi", most(limit, utf8)) in ("", "…", "a…", "ab…", f"ab{one}…", f"ab{one}cdefghi")


def test_as_much_is_kept_as_fits() -> None:
    assert cut("abcdefgh", most(5)) == "abcd…"
    assert cut("abc defg", most(5)) == "abc…"
    assert cut("资金流向", most(9, utf8)) == "资金…"
    assert cut("", lambda _text: False) == ""


def test_a_message_keeps_title_and_link_and_cuts_its_text() -> None:
    made = message(title="Title\nof it", text="x" * 500 + "\n", link="https://a.example")
    assert whole(made, most(2000)) == f"Title of it\n{'x' * 500}\nhttps://a.example"
    assert whole(made, most(60)) == f"Title of it\n{'x' * 29}…\nhttps://a.example"
    assert whole(made, most(10)) == "Title of…"
    assert whole(message(title="*ST", text="", link=""), most(9), without_markdown) == "\\*ST"


@pytest.mark.parametrize("link", ["", "no link", "https://a.example/<b>", "https://" + "x" * 2048, "https://"])
def test_what_is_no_link_is_left_out(link: str) -> None:
    assert link_of(message(link=link)) == ""
    assert whole(message(title="a", text="b", link=link), most(99)) == "a\nb"


def test_facts_are_json_whatever_they_are() -> None:
    made = message(fields={"value": float("nan"), "symbol": "7\ud800", "test": True}, urgency=Urgency.URGENT)
    found = json.loads(as_json(facts(made)))
    assert (found["value"], found["symbol"], found["test"], found["urgent"]) == (None, "7\ufffd", True, True)
    assert moment(1_654_651_800.5) == "2022-06-08T01:30:00.500Z"


def test_markdown_is_shown_as_it_is() -> None:
    assert without_markdown("a_b *c* [d](e) <@1> `f` #g") == r"a\_b \*c\* \[d\]\(e\) \<\@1\> \`f\` \#g"
