"""argparse in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from capflow_gui.cli.options import build_parser
from capflow_gui.present.language.catalogues import speak
from capflow_gui.present.language.columns import display_width


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak("en")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit):
        build_parser().parse_args(arguments)
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_faults_and_usage_are_said_in_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    speak("zh_HK")
    assert said(capsys, "fetch") == (
        "capflow fetch：錯誤：缺少必要的參數：SYMBOL\n"
        "用法：capflow fetch SYMBOL … [選項 …]   （capflow fetch --help 列出全部選項）\n"
    )
    assert "無法識別的參數：--formt；你是否想寫 --format？" in said(capsys, "fetch", "700.HK", "--formt")
    assert "--start：'x' 不是日期" in said(capsys, "fetch", "700.HK", "--start", "x").replace("參數 ", "")


@pytest.mark.parametrize(
    "verb", ["fetch", "watch", "simulate", "export", "replay", "check-rule", "archive", "alerts", "serve"]
)
def test_help_is_of_one_language_and_as_wide_as_in_english(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    speak("zh_CN")
    told = said(capsys, verb, "--help")
    helped = [line for line in told.splitlines() if not line.startswith(("用法", " " * len("用法：capflow")))]
    assert max(map(display_width, told.splitlines())) <= 80
    assert "选项:" in told
    assert [line for line in helped if any(word in line for word in (" the ", " of ", "show ", "write "))] == []
