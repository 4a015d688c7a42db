"""One symbol as it is typed, printed and guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code


def code_of(text: str, *, guess: bool = False) -> Code:
    with pytest.raises(InvalidInput) as caught:
        Symbol.guess(text) if guess else Symbol.parse(text)
    assert caught.value.text == text
    return caught.value.reason.code


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("700.HK", "700.HK"),
        ("hk.00700", "700.HK"),
        (" US.BRK.B ", "BRK.B.US"),
        ("brk.b.us", "BRK.B.US"),
        ("2.SZ", "000002.SZ"),
        ("SH.US", "SH.US"),
        ("US.SH", "SH.US"),
        ("US.F", "F.US"),
        ("D05.SG", "D05.SG"),
        ("７００．ＨＫ", "700.HK"),
        ("700。HK", "700.HK"),
        ("\ufeff700\u200b.HK\u200f\u00a0", "700.HK"),
        ("HK.800000", "800000.HK"),
    ],
)
def test_both_brokers_styles_from_any_keyboard(text: str, printed: str) -> None:
    assert str(Symbol.parse(text)) == printed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("700", Code.NO_MARKET),
        ("", Code.NO_MARKET),
        ("700.", Code.NO_MARKET),
        ("711111", Code.NO_MARKET),
        ("700.XX", Code.UNKNOWN_MARKET),
        ("920748.BJ", Code.BEIJING_NOT_COVERED),
        ("bj.430047", Code.BEIJING_NOT_COVERED),
        ("920748", Code.BEIJING_NOT_COVERED),
        ("7x.HK", Code.NOT_A_HK_CODE),
        ("1234567.HK", Code.NOT_A_HK_CODE),
        ("000.HK", Code.CODE_ZERO),
        ("ABC.SH", Code.NOT_AN_A_SHARE_CODE),
        ("1234567.SZ", Code.NOT_AN_A_SHARE_CODE),
        ("-A.US", Code.NOT_A_CODE),
        ("ß.US", Code.NOT_A_CODE),
        ("10².US", Code.NOT_A_CODE),
    ],
)
def test_what_is_no_symbol_says_why(text: str, code: Code) -> None:
    assert code_of(text) is code


def test_a_code_without_a_market_is_written_out_where_its_exchange_is_known() -> None:
    for text, example in (("600519", "600519.SH"), ("700", "700.HK"), ("tencent", "700.HK, HK.00700")):
        with pytest.raises(InvalidInput) as caught:
            Symbol.parse(text)
        assert caught.value.suggestion is not None
        assert dict(caught.value.suggestion.args)["examples"] == example


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("700", "700.HK"),
        ("00005", "5.HK"),
        ("aapl", "AAPL.US"),
        ("BRK.B", "BRK.B.US"),
        ("600519", "600519.SH"),
        ("688981", "688981.SH"),
        ("900901", "900901.SH"),
        ("510300", "510300.SH"),
        ("588000", "588000.SH"),
        ("113050", "113050.SH"),
        ("110059", "110059.SH"),
        ("000001", "000001.SZ"),
        ("002594", "002594.SZ"),
        ("300750", "300750.SZ"),
        ("200012", "200012.SZ"),
        ("159919", "159919.SZ"),
        ("161725", "161725.SZ"),
        ("128136", "128136.SZ"),
        ("180101", "180101.SZ"),
        ("hk.00700", "700.HK"),
        ("９８８", "988.HK"),
    ],
)
def test_a_code_alone_is_told_by_its_number(text: str, printed: str) -> None:
    assert str(Symbol.guess(text)) == printed


@pytest.mark.parametrize("text", ["920748", "430047", "830799", "873169", "889001"])
def test_beijings_codes_are_named_as_not_covered(text: str) -> None:
    assert code_of(text, guess=True) is Code.BEIJING_NOT_COVERED


@pytest.mark.parametrize("text", ["399001", "399006.SZ", "000001.SH", "SH.000300", "800000.HK"])
def test_an_index_is_no_stock(text: str) -> None:
    assert code_of(text, guess=True) is Code.AN_INDEX


@pytest.mark.parametrize("text", ["711111", "1234567", "tencent", "中国", "²", "D05", ""])
def test_a_code_of_no_known_exchange_is_not_guessed(text: str) -> None:
    assert code_of(text, guess=True) is Code.NO_MARKET


def test_code_zero_is_nothing() -> None:
    assert code_of("0", guess=True) is Code.CODE_ZERO


def test_a_broker_may_still_speak_of_an_index() -> None:
    assert Symbol.parse("000001.SH").is_index
    assert not Symbol.parse("000001.SZ").is_index
    assert not Symbol.parse("AAPL.US").is_index


PARTS = st.text("ABCHKSUZ.-_0157", min_size=1, max_size=9)


@given(PARTS, st.sampled_from(Market))
def test_a_printed_symbol_reads_back(code: str, market: Market) -> None:
    for text in (f"{code}.{market}", f"{market}.{code}"):
        try:
            symbol = Symbol.parse(text)
        except InvalidInput:
            continue
        assert Symbol.parse(str(symbol)) == symbol


@given(st.text() | st.text("0123456789.HKhkus。．７\u200b", max_size=12))
def test_any_text_is_a_symbol_or_a_fault(text: str) -> None:
    for read in (Symbol.parse, Symbol.guess):
        try:
            assert Symbol.parse(str(read(text))) == read(text)
        except InvalidInput as error:
            assert error.text == text  # noqa: PT017 - either outcome is right
