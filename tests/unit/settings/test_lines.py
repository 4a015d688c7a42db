from __future__ import annotations

import tomllib

import pytest

from capflow_gui.present.reasons import reason_words
from capflow_gui.settings.lines import fault_of, line_of, marked

TEXT = """version = 1
[[rule]]
text = "a"

[[rule]]
muted = [
  "700.HK",
]
text = "b"
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
        (("rule", 2), 9),
        (("version", "text"), 9),
    ],
)
def test_a_value_is_in_the_line_its_statement_begins_in(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT.splitlines(keepends=True), path) == line


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
