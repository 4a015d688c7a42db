"""Every code has words, and whoever makes a reason gives it the arguments that its words name."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import capflow_gui
from capflow_gui.domain.flag import Flag
from capflow_gui.present.reasons import _WORDS, reason_words
from capflow_gui.reason import Code, Reason

PACKAGE = Path(capflow_gui.__file__).parent


def fields(code: Code) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(_WORDS[code]) if name}


def made() -> list[tuple[str, Code, set[str]]]:
    """Every `Reason.of(Code.X, a=…)` of the package: its place, code and argument names."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "Reason" in text else ():
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "of"):
                continue
            if ast.unparse(node.func) != "Reason.of":
                continue
            name = ast.unparse(node.args[0])
            names = [keyword.arg for keyword in node.keywords]
            if name.startswith("Code.") and None not in names:
                found.append((f"{path.name}:{node.lineno}", Code[name.removeprefix("Code.")], set(names)))
    return found


def test_every_code_has_words() -> None:
    assert set(_WORDS) == set(Code)


def test_every_reason_is_made_with_the_arguments_of_its_words() -> None:
    assert [(place, code, names ^ fields(code)) for place, code, names in made() if names != fields(code)] == []


def test_words_are_a_clause() -> None:
    """Hundreds of codes are one test: a test for each takes longer to collect than to run."""
    assert {code: words for code, words in _WORDS.items() if words != words.strip() or words.endswith(".")} == {}


def test_a_reason_within_a_reason_is_worded_too() -> None:
    inner = Reason.of(Code.VERBATIM, text="the cable is out")
    assert reason_words(Reason.of(Code.VERBATIM, text=inner)) == "the cable is out"


@pytest.mark.parametrize("flag", Flag)
def test_every_flag_that_stops_a_rule_has_a_name(flag: Flag) -> None:
    words = reason_words(Reason.of(Code.NEWEST_FLAGGED, flags=int(flag)))
    assert words.startswith("the newest lines failed their checks (")
    assert "()" not in words


@pytest.mark.parametrize("args", [(), (("text", None), ("minutes", "ten"), ("wait_s", float("inf")), ("flags", -1))])
def test_arguments_of_another_version_break_nothing(args: tuple[tuple[str, Any], ...]) -> None:
    assert [code for code in Code if not reason_words(Reason(code, args))] == []
