"""The desktop program's arguments, and what is asked before Qt is loaded."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from capflow_gui.app.request import Request
from capflow_gui.cli import desktop
from capflow_gui.cli.main import main
from capflow_gui.domain.arrangement.layouts import Arrangement
from capflow_gui.domain.arrangement.screens import Rect, Screen
from capflow_gui.paths import Paths
from capflow_gui.settings.layouts import LayoutsFile
from capflow_gui.settings.profiles import Profiles


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What the program was asked for; it is not started."""
    requests: list[Request] = []
    program = ModuleType("capflow_gui.app.run")
    program.main = lambda request: requests.append(request) or 7  # type: ignore[attr-defined, func-returns-value]
    monkeypatch.setitem(sys.modules, "capflow_gui.app.run", program)
    monkeypatch.setattr(desktop, "display_problem", lambda _environment: "")
    monkeypatch.setattr(desktop, "library_problem", lambda _packages: "")
    return requests


def run(*words: str) -> int:
    return main(words)


def test_the_program_is_asked_for_what_was_typed(started: list[Request], tmp_path: Path) -> None:
    assert run("--self-test", "--config-dir", str(tmp_path), "--screenshot", "x.png", "--after", "2") == 7
    (request,) = started
    assert (request.demo, request.self_test, request.screenshot, request.after) == (False, True, Path("x.png"), 2.0)
    assert request.folders == (tmp_path, None)
    assert (request.sources, request.speed) == (("opend",), None)


def test_a_named_profile_is_opened_by_its_folders(
    started: list[Request], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ("--config-dir", str(tmp_path / "c"), "--data-dir", str(tmp_path / "d"))
    made = Profiles((tmp_path / "c", tmp_path / "d")).create("Desk 2")
    assert run("--profile", "desk 2", *folders) == 7
    (request,) = started
    assert request.profile == made.id
    assert request.folders == (tmp_path / "c/profiles/p-desk-2", tmp_path / "d/profiles/p-desk-2")
    assert request.main_folders == (tmp_path / "c", tmp_path / "d")
    assert run("--profile", "Desc 2", *folders) == 2
    assert "did you mean Desk 2?" in capsys.readouterr().err


def test_a_demo_has_its_market_and_its_brokers(started: list[Request]) -> None:
    run("demo", "--speed", "30", "--symbols", "12", "--sources", "opend,longport")
    (request,) = started
    assert (request.demo, request.speed, request.symbols, request.sources) == (True, 30.0, 12, ("opend", "longport"))


@pytest.mark.parametrize("check", ["display_problem", "library_problem"])
def test_without_a_display_or_a_library_it_says_so_and_is_not_started(
    started: list[Request], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: str
) -> None:
    monkeypatch.setattr(desktop, check, lambda _asked: "no screen here")
    assert run() == 1
    assert started == []
    assert capsys.readouterr().err == "capflow: no screen here\n"


def test_a_layout_is_found_in_the_profile_whatever_its_case_and_a_misspelt_one_is_named(
    started: list[Request], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screens = (Screen("A", Rect(0, 0, 800, 600), Rect(0, 0, 800, 600)),)
    made = Arrangement(screens, datetime(2026, 11, 30, tzinfo=UTC), {})
    folders = ("--config-dir", str(tmp_path / "config"), "--data-dir", str(tmp_path / "data"))
    paths = Paths.resolve(None, tmp_path / "config", tmp_path / "data")
    LayoutsFile(paths).change(lambda layouts: layouts.save("Morning", made))
    assert run(*folders, "--layout", "morning") == 7
    assert run(*folders, "demo", "--layout", "list only") == 7
    assert [request.layout for request in started] == ["Morning", "List only"]
    assert run(*folders, "--layout", "Mornig") == 2
    assert "'Mornig': there is no such layout; did you mean Morning?" in capsys.readouterr().err
    assert len(started) == 2
