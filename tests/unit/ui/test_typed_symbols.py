"""What people type and paste becomes symbols, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.ui.models.typed_symbols import guesses, read_symbols, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("700.HK", ["700.HK"]),
        ("hk.00700", ["700.HK"]),
        ("700.HK, US.AAPL;600519.SH\n5.hk\t2.SZ", ["700.HK", "AAPL.US", "600519.SH", "5.HK", "000002.SZ"]),
        ("700.HK HK.00700", ["700.HK"]),
        ("“700.HK”、'BRK.B.US'", ["700.HK", "BRK.B.US"]),
        ("700.HK\u2028AAPL.US", ["700.HK", "AAPL.US"]),
    ],
)
def test_both_styles_and_every_separator(text: str, expected: list[str]) -> None:
    typed = read_symbols(text)
    assert list(map(str, typed.symbols)) == expected
    assert not typed.faults


def test_what_cannot_be_read_is_named_and_kept() -> None:
    typed = read_symbols("700.HK tencent AAPL.XX 5.HK")
    assert list(map(str, typed.symbols)) == ["700.HK", "5.HK"]
    assert typed.rest == "tencent AAPL.XX"
    assert "“tencent”, “AAPL.XX” were not added" in typed.complaint()
    assert "700.HK or HK.00700" in typed.complaint()


def test_one_fault_says_its_own_reason() -> None:
    assert "“ABC.HK” was not added: 'ABC' is not a Hong Kong code." in read_symbols("ABC.HK").complaint()
    assert read_symbols("700.HK").complaint() == ""


@given(st.text(alphabet="07AB.HKUS ,;\n中", max_size=40))
def test_every_word_is_either_a_symbol_or_a_fault(text: str) -> None:
    typed = read_symbols(text)
    words = words_of(text)
    assert len(typed.faults) + len(typed.symbols) <= len(words)
    assert [fault.text for fault in typed.faults] == [word for word in words if word in typed.rest.split()]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("700", ["700.HK"]), ("aapl", ["AAPL.US"]), ("600519", ["600519.SH"]), ("000858", ["000858.SZ"]), ("1234567", [])],
)
def test_a_bare_code_is_guessed(word: str, expected: list[str]) -> None:
    assert list(map(str, guesses(word))) == expected
