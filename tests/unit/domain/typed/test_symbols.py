"""What people type and paste becomes symbols, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import TypedSymbols, read_in_steps, read_symbols, words_of
from capflow_gui.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("700.HK", "700.HK"),
        ("hk.00700", "700.HK"),
        ("700.HK, US.AAPL;600519.SH\n5.hk\t2.SZ", "700.HK AAPL.US 600519.SH 5.HK 000002.SZ"),
        ("700.HK HK.00700", "700.HK"),
        ("“700.HK”、'BRK.B.US'", "700.HK BRK.B.US"),
        ("700.HK\u2028AAPL.US", "700.HK AAPL.US"),
        ("00700\n600519", "700.HK 600519.SH"),
        ("00700\r\n600519\r\n", "700.HK 600519.SH"),
        ("700 AAPL 600519 BRK.B", "700.HK AAPL.US 600519.SH BRK.B.US"),
        ("aapl msft", "AAPL.US MSFT.US"),
        ('="1398.HK"', "1398.HK"),
        ('="1398"\t="00005"', "1398.HK 5.HK"),
        ("700 HK, AAPL US", "700.HK AAPL.US"),
        ("700。HK", "700.HK"),
        ("hk。00700", "700.HK"),
        ("700.HK。AAPL.US。", "700.HK AAPL.US"),
        ("７００．ＨＫ，ＡＡＰＬ", "700.HK AAPL.US"),
        ("\ufeff700.HK\u200b \u200fAAPL.US", "700.HK AAPL.US"),
        ("", ""),
        (" ,;\n\t ", ""),
    ],
)
def test_lists_in_every_form(text: str, expected: str) -> None:
    typed = read_symbols(text)
    assert " ".join(map(str, typed.symbols)) == expected
    assert not typed.faults


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00700\tTencent Holdings\n600519\t贵州茅台", "700.HK 600519.SH"),
        ("700\tTencent\t380.20\t12000\nAAPL\tApple\t190.5\t5", "700.HK AAPL.US"),
        ("AAPL\tApple", "AAPL.US"),
        ("Apple\tAAPL", "AAPL.US"),
        ("Code\tName\nAAPL\tApple", "AAPL.US"),
        ("CODE\tNAME\nAAPL\tApple", "AAPL.US"),
        ("代码\t名称\n00700\t腾讯控股", "700.HK"),
        ("1\t00700\tTencent\n2\t5\tHSBC", "700.HK 5.HK"),
        ("Tencent (00700.HK)\t380", "700.HK"),
        ("00700 腾讯控股\n600519 贵州茅台", "700.HK 600519.SH"),
        ("00939 建设银行 5.12 +1.2% −0.06 3.4亿", "939.HK"),
        ("腾讯控股(00700.HK)", "700.HK"),
        ("00700 Tencent Holdings Ltd\nAAPL Apple Inc", "700.HK AAPL.US"),
        ("700\tAAPL\t600519", "700.HK AAPL.US 600519.SH"),
        ("Code,Name\n2318.HK,Ping An\n", "2318.HK"),
        ("SYMBOL\nAAPL\n700", "AAPL.US 700.HK"),
        ("Symbol,Name,Last\nAAPL,Apple Inc,190.5\nMSFT,Microsoft,400", "AAPL.US MSFT.US"),
        ("1398.HK,ICBC\n5.HK,HSBC", "1398.HK 5.HK"),
        ('"00005","HSBC",60.1,12000\n"00388","HKEX",300,800', "5.HK 388.HK"),
        ("700,AAPL,5\n941,1398,MSFT", "700.HK AAPL.US 5.HK 941.HK 1398.HK MSFT.US"),
        ("700.HK, AAPL.US\n5.HK, MSFT.US", "700.HK AAPL.US 5.HK MSFT.US"),
    ],
)
def test_names_and_figures_beside_a_code_are_ignored(text: str, expected: str) -> None:
    typed = read_symbols(text)
    assert " ".join(map(str, typed.symbols)) == expected
    assert not typed.faults


@pytest.mark.parametrize(
    ("text", "symbols", "rest"),
    [
        ("700.HK tencent AAPL.XX 5.HK", "700.HK 5.HK", "tencent AAPL.XX"),
        ("threshold for all", "", "threshold for all"),
        ("700.HK\tx\n920748\t锦波生物", "700.HK", "920748"),
        ("399001, 5.HK", "5.HK", "399001"),
        ("腾讯控股", "", "腾讯控股"),
    ],
)
def test_what_cannot_be_read_is_named_and_kept(text: str, symbols: str, rest: str) -> None:
    typed = read_symbols(text)
    assert " ".join(map(str, typed.symbols)) == symbols
    assert typed.rest == rest


@given(st.text(alphabet="07AB.HKUS ,;\n中", max_size=40))
def test_every_fault_is_a_word_of_the_text(text: str) -> None:
    typed = read_symbols(text)
    # A code and its market may stand apart; what they do not make is read one by one.
    words = [*words_of(text), *re.split(r"[ ,;\n]+", text)]
    assert len(typed.faults) + len(typed.symbols) <= len(words)
    assert {fault.text for fault in typed.faults} <= set(words)


@given(st.text() | st.text('07AB.HKUSaz,;\t\n中。＝="’\u200b\ufeff（', max_size=60))
def test_any_clipboard_is_read(text: str) -> None:
    for symbol in read_symbols(text).symbols:
        assert Symbol.parse(str(symbol)) == symbol


@given(st.lists(st.sampled_from(["700", "AAPL", "600519", "BRK.B", "5.HK", "us.msft", "000858"]), min_size=1))
def test_pasted_is_as_typed_one_by_one(words: list[str]) -> None:
    alone = [read_symbols(word).symbols[0] for word in words]
    for between in (" ", "\n", ", ", "\r\n", "；"):
        assert list(read_symbols(between.join(words)).symbols) == list(dict.fromkeys(alone))


def test_a_fault_says_its_reason() -> None:
    (fault,) = read_symbols("ABC.HK").faults
    assert isinstance(fault, InvalidInput)
    assert fault.text == "ABC.HK"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{number}.HK" for number in range(1, 300)),
        "\n".join(f"{number}\tName\t1.5" for number in range(1, 300)),
    ],
)
def test_a_long_text_is_read_a_row_or_a_word_in_each_step(text: str) -> None:
    found: list[TypedSymbols] = []

    def steps() -> Iterator[None]:
        found.append((yield from read_in_steps(text)))

    assert len([*steps()]) >= 3 * 299
    assert found == [read_symbols(text)]
