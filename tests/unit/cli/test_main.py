from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from capflow_gui.cli.main import main
from capflow_gui.credentials import Conceal
from capflow_gui.errors import InvalidInput, RemoteProtocolError, UnknownSymbol
from capflow_gui.present.language.catalogues import speak
from capflow_gui.settings import Settings
from tests.reasons import said

Run = Callable[[argparse.Namespace], int]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Run], int]:
    """Run `capflow fetch 700.HK` with another verb module in fetch's place."""

    def invoke(run: Run) -> int:
        module = ModuleType("capflow_gui.cli.fetch")
        module.run = lambda arguments, _settings, _conceal: run(arguments)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "capflow_gui.cli.fetch", module)
        return main(["fetch", "700.HK", "--data-dir", str(tmp_path), "--config-dir", str(tmp_path)])

    return invoke


def raising(error: BaseException) -> Run:
    def run(_arguments: argparse.Namespace) -> int:
        raise error

    return run


def test_a_verbs_status_is_the_programs(verb: Callable[[Run], int]) -> None:
    assert verb(lambda _arguments: 4) == 4


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, ""),
        (
            UnknownSymbol("opend", -1, "未知股票"),
            4,
            "capflow fetch: error: OpenD does not know this symbol: “未知股票” (-1). Check the code, or remove it.\n",
        ),
        (
            InvalidInput("opend:", said("no host"), said("add one")),
            2,
            "capflow fetch: error: 'opend:': no host; add one.\n",
        ),
        (
            InvalidInput("demo:x", said("nothing may follow"), position=5),
            2,
            "capflow fetch: error: 'demo:x': nothing may follow.\n  demo:x\n       ^\n",
        ),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_a_status(
    verb: Callable[[Run], int], capsys: pytest.CaptureFixture[str], error: BaseException, status: int, said: str
) -> None:
    assert verb(raising(error)) == status
    assert capsys.readouterr() == ("", said)


def test_a_broken_protocol(verb: Callable[[Run], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(raising(RemoteProtocolError(said("odd")))) == 5
    assert "odd" in capsys.readouterr().err


def test_a_bug_is_told_in_full_but_for_its_secrets(
    verb: Callable[[Run], int], capsys: pytest.CaptureFixture[str], expect_log: Callable[[str], None], tmp_path: Path
) -> None:
    expect_log("nobody caught this")
    assert verb(raising(ZeroDivisionError("for access_token=hush-hush"))) == 1
    for text in (capsys.readouterr().err, (tmp_path / "log" / "fetch.log").read_text(encoding="utf-8")):
        assert "ZeroDivisionError: for access_token=‹hidden›" in text
        assert "hush-hush" not in text.replace('for access_token=hush-hush"', "")


def test_what_a_verb_of_a_bundle_starts_gets_the_users_environment(
    verb: Callable[[Run], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel's command, for example: the bundle's own libraries are not the user's."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    seen: list[str] = []

    def run(_arguments: argparse.Namespace) -> int:
        seen.append(os.environ["LD_LIBRARY_PATH"])
        return 0

    assert verb(run) == 0
    assert seen == ["/opt/lib"]


def test_the_log_goes_to_a_file_of_the_verb_and_is_closed(verb: Callable[[Run], int], tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)

    def run(_arguments: argparse.Namespace) -> int:
        logging.getLogger("capflow_gui.test").info("hello")
        return 0

    assert verb(run) == 0
    assert logging.getLogger().handlers == before
    assert "hello" in (tmp_path / "log" / "fetch.log").read_text(encoding="utf-8")


def test_a_verb_can_hide_a_secret_from_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(_arguments: argparse.Namespace, _settings: Settings, conceal: Conceal) -> int:
        conceal("hush-hush")
        logging.getLogger("capflow_gui.test").info("it is hush-hush")
        return 0

    module = ModuleType("capflow_gui.cli.watch")
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "capflow_gui.cli.watch", module)
    assert main(["watch", "700.HK", "--data-dir", str(tmp_path), "--config-dir", str(tmp_path)]) == 0
    assert "it is ‹hidden›" in (tmp_path / "log" / "watch.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--data-dir", "--config-dir"])
@pytest.mark.parametrize("words", ["fetch 700.HK", "watch 700.HK", "simulate", "archive info", "demo"])
def test_a_file_is_no_profile(words: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main([*words.split(), option, str(tmp_path / "file")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("it is a file, and a profile is a folder")) == ("", 1)
    assert option in err


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "terminal", "said"),
    [
        ({"LANG": "zh_HK.UTF-8"}, True, "錯誤"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "zh_HK.UTF-8"}, True, "错误"),
        ({"LC_ALL": "C", "LANG": "zh_HK.UTF-8"}, True, "error"),
        ({"LANG": "zh_HK.UTF-8"}, False, "error"),
    ],
)
def test_a_terminal_is_told_in_the_language_of_the_environment_and_programs_in_english(
    environment: dict[str, str], terminal: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = _Terminal()
    monkeypatch.setattr("sys.stderr", told)
    monkeypatch.setattr("sys.stdout", _Terminal() if terminal else io.StringIO())
    try:
        with pytest.raises(SystemExit):
            main(["fetch"])
    finally:
        speak("en")
    assert said in told.getvalue()
