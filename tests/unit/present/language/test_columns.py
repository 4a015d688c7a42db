import pytest

from capflow_gui.present.language.columns import display_width, left, right, table, wrapped


@pytest.mark.parametrize(
    ("text", "columns"), [("Net", 3), ("净流入", 6), ("−1.5亿", 6), ("é", 1), ("e\u0301", 1), ("", 0)]
)
def test_a_chinese_character_takes_two_columns(text: str, columns: int) -> None:
    assert display_width(text) == columns
    assert display_width(left(text, 9)) == display_width(right(text, 9)) == 9


def test_columns_stand_under_each_other_in_every_language() -> None:
    assert table([("代號", "淨流入", ""), ("700.HK", "−2.63億", "早")], {1}) == [
        "代號     淨流入",
        "700.HK  −2.63億  早",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("print the capital flow  of symbols", ["print the", "capital", "flow of", "symbols"]),
        ("显示此帮助，然后退出", ["显示此帮", "助，然后", "退出"]),
        ("不带 VERB 时打开", ["不带 VERB", "时打开"]),
        ("外观（主题）", ["外观（主", "题）"]),
        ("", [""]),
    ],
)
def test_lines_break_at_spaces_and_between_chinese_characters(text: str, lines: list[str]) -> None:
    assert wrapped(text, 9) == lines
