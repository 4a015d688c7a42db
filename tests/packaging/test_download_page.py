"""The README's download section claims nothing that is not a command's answer, and the answers fit this repository."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import capflow_gui

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Download\n")[2].partition("\n## ")[0]
FRAMES = dict(re.findall(r"<!-- download:(\w+):begin -->\n(.*?)<!-- download:\1:end -->", PAGE, re.DOTALL))


@pytest.fixture(scope="module")
def page() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "packaging"))
    yield importlib.import_module("download_page")
    sys.path.remove(str(ROOT / "packaging"))


def test_every_block_stands_on_the_page_with_its_commands(page: ModuleType) -> None:
    assert set(FRAMES) == {block.name for block in page.BLOCKS}
    for block in page.BLOCKS:
        shown = re.findall(r"^\$ (.+)$", FRAMES[block.name], re.MULTILINE)
        assert shown == [command.format(version=capflow_gui.__version__) for command in block.commands]
        answers = [line for line in FRAMES[block.name].splitlines() if not line.startswith(("$", "```"))]
        assert len(answers) >= len(block.commands), "a command without an answer"


def test_what_the_commands_name_is_there(page: ModuleType) -> None:
    for block in page.BLOCKS:
        for command in block.commands:
            for name in re.findall(r"\b(?:packaging|benchmarks|tests)/[\w./*-]+", command):
                assert list(ROOT.glob(name)), name


def test_prose_claims_no_figure() -> None:
    prose = re.sub(
        r"<!-- download:(\w+):begin -->.*?<!-- download:\1:end -->|```.*?```|`[^`\n]*`", "", PAGE, flags=re.DOTALL
    )
    assert "Third parties" in prose
    assert re.findall(r".*\d.*", prose) == []


def test_no_answer_names_a_place_or_an_address(page: ModuleType) -> None:
    for said in FRAMES.values():
        assert page.PRIVATE.search(said) is None
    assert page.PRIVATE.search("built in /tmp/somewhere")


def test_the_figures_fit_this_repository() -> None:
    budgets = (ROOT / "packaging" / "size-budget.txt").read_text(encoding="utf-8")
    found = re.search(r"^capflow: ([\d,]+) bytes of ([\d,]+) allowed$", FRAMES["size"], re.MULTILINE)
    assert found
    size, allowed = (int(text.replace(",", "")) for text in found.groups())
    assert f"linux {allowed}\n" in budgets
    assert size <= allowed
    started = re.search(
        r"^start: ([\d.]+) of the source run's processor time, ([\d.]+) allowed$", FRAMES["size"], re.MULTILINE
    )
    assert started
    assert float(started[1]) <= float(started[2])
    assert f"capflow {capflow_gui.__version__}\n" in FRAMES["works"]
    assert re.search(r"^\d+ passed in", FRAMES["works"], re.MULTILINE)
    assert "(missed)" not in FRAMES["against"]
    assert f"runs: capflow {capflow_gui.__version__}\n" in FRAMES["deb"]
    assert f"compiles: capflow-{capflow_gui.__version__}-windows-x64-setup.exe\n" in FRAMES["windows"]


def test_the_package_needs_what_the_list_says(page: ModuleType) -> None:
    build = importlib.import_module("build_linux")
    said = FRAMES["needs"].splitlines()[2]
    named = {part.partition(" ")[0] for part in said.split(", ")}
    assert named == {part.partition(" ")[0] for part in build.depends()}


def test_a_failed_or_telltale_command_writes_nothing(page: ModuleType) -> None:
    with pytest.raises(page.NotSaid, match="ended with 3"):
        page.answers(page.Block("x", ("echo a; exit 3",)))
    with pytest.raises(page.NotSaid, match="names a place"):
        page.answers(page.Block("x", ("echo /tmp/abc",)))
    assert page.answers(page.Block("x", ("echo NOT RUN; exit 2",), (0, 2))) == ""
    assert (
        page.answers(page.Block("x", ("echo {version}",)))
        == f"$ echo {capflow_gui.__version__}\n{capflow_gui.__version__}"
    )


def test_only_a_block_is_replaced(page: ModuleType) -> None:
    text = "a\n<!-- download:x:begin -->\nold\n<!-- download:x:end -->\nb\n"
    new = page.replaced(text, "x", "$ c\nd")
    assert new == "a\n<!-- download:x:begin -->\n```console\n$ c\nd\n```\n<!-- download:x:end -->\nb\n"
    with pytest.raises(ValueError, match="no <!-- download:y"):
        page.replaced(text, "y", "z")
