from __future__ import annotations

import tomllib

import pytest

from capflow_gui.present.reasons import reason_words
from capflow_gui.settings.lines import fault_of, marked, parsed, places

TEXT = """version = 1
[[rule]]
text = "a"

[[rule]]
muted = [
  "700.HK",
]
text = "b\u2028"

[a.b]
c = {d.e = 1}
f = [1,
  {g = 2}]
[rule.more]
x = 1
[[q]]
[[q.r]]
s = 1
[[q]]
[[q.r]]
# the end
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("version",), 1),
        (("rule", 0), 2),
        (("rule", 0, "text"), 3),
        (("rule", 1), 5),
        (("rule", 1, "muted"), 6),
        (("rule", 1, "text"), 9),
        (("a",), 11),
        (("a", "b"), 11),
        (("a", "b", "c", "d", "e"), 12),
        (("a", "b", "f", 1, "g"), 13),
        (("rule", 1, "more", "x"), 16),
        (("q", 0), 17),
        (("q", 0, "r", 0, "s"), 19),
        (("q", 1, "r", 0), 21),
        ((), 21),
    ],
)
def test_a_value_is_in_the_line_its_statement_begins_in(path: tuple[str | int, ...], line: int) -> None:
    assert places(TEXT)[path] == line


def test_where_everything_is_takes_no_longer_a_line_in_a_long_file() -> None:
    long = "".join(f"[[rule]]\ntext = '{number}'\n" for number in range(2000))
    assert places(long)["rule", 1999, "text"] == 4000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 20_000, "nested too deeply"),
        ("a = " + "{a = " * 20_000, "nested too deeply"),
        ("x." * 2000 + "x = 1", "nested too deeply"),
        ("a = " + "1" * 5000, "a number is too long"),
        ("a = ", "invalid value"),
    ],
    ids=["lists", "tables", "keys", "number", "value"],
)
def test_a_text_that_the_reader_of_toml_gives_up_on_is_damaged_as_any_other(text: str, said: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as raised:
        parsed(text)
    *_, why = fault_of(raised.value, text)
    assert reason_words(why) == f"this is not TOML: {said}"


def test_a_syntax_error_is_told_with_its_line() -> None:
    for text, place in (("a = 1\nb = \n", (2, 5)), ("a = [\n1,\n", (3, 1))):
        with pytest.raises(tomllib.TOMLDecodeError) as raised:
            tomllib.loads(text)
        line, column, why = fault_of(raised.value, text)
        assert (line, column) == place
        assert reason_words(why).startswith("this is not TOML: ")
        assert "(at" not in reason_words(why)


@pytest.mark.parametrize(
    ("text", "at", "shown"),
    [
        ("text = ", 7, "text = ‸"),
        ("*: net <= -200Q", 14, "*: net <= -200‸Q"),
        ("x" * 40 + "|" + "y" * 40, 40, "…" + "x" * 24 + "‸|" + "y" * 23 + "…"),
    ],
)
def test_a_caret_stands_before_the_fault_with_little_around_it(text: str, at: int, shown: str) -> None:
    assert marked(text, at) == shown
