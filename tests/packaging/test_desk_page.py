"""The page of the desk: its picture is what the program makes of its rights, its sentences are the program's."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
import tomllib
from pathlib import Path

import msgspec
import pytest

from capflow_gui.cli.desk.options import add_desk
from capflow_gui.cli.options import build_parser
from capflow_gui.desk.entitlement import undeclared
from capflow_gui.desk.leases import LEASE_S
from capflow_gui.desk.serving import certificates
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.desk.reasons import DESK
from capflow_gui.providers.desk.channel import PROBE_AFTER_S, PROBE_S
from capflow_gui.settings import Settings
from capflow_gui.wire.desk.coding import VERSION

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "packaging" / "docs"
PAGE = (DOCS / "desk.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n *```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return found[1].strip()


def test_the_picture_is_what_the_program_makes() -> None:
    spec = importlib.util.spec_from_file_location("desk_picture", ROOT / "packaging" / "desk_picture.py")
    assert spec is not None
    assert spec.loader is not None
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawing.picture(), "python packaging/desk_picture.py"
    assert f"(../pictures/{drawing.PICTURE.name})" in PAGE


def test_every_sentence_about_a_desk_is_explained_once() -> None:
    explained = re.findall(r"^\| \*(.*?)\* \| (.+) \|$", PAGE, re.MULTILINE)
    assert sorted(sentence for sentence, _ in explained) == sorted(
        re.sub(r"\{[^}]*\}", "…", template) for template in DESK.values()
    )
    assert all(advice.endswith(".") for _, advice in explained)


@pytest.mark.parametrize("name", ["serve", "watch", "collect"])
def test_an_example_is_a_command(name: str) -> None:
    words = shlex.split(example(name))
    assert words[0] == "capflow"
    asked = build_parser().parse_args(words[1:])
    if name == "watch":
        assert asked.symbols == [Symbol.parse("700.HK")]
    else:
        assert asked.action == name


def test_every_option_is_named() -> None:
    parser = argparse.ArgumentParser()
    add_desk(parser)
    options = {name for action in parser._actions for name in action.option_strings} - {"-h", "--help"}
    assert {name for name in (*options, "--source", "--rule") if name not in PAGE} == set()


def test_the_declaration_is_one() -> None:
    declared = re.search(r"```toml\n(\[sources.*?)```", PAGE, re.DOTALL)
    assert declared
    settings = msgspec.convert(tomllib.loads(declared[1]), Settings)
    assert undeclared(settings, ("opend",)) == {}
    assert settings.sources.opend.keep_days == 90


def test_the_numbers_are_the_programs() -> None:
    assert f"{PROBE_AFTER_S + PROBE_S:g} s" in PAGE
    assert LEASE_S * 2 == 6
    assert "within six seconds" in PAGE
    assert f"({VERSION} today)" in PAGE
    assert (certificates._AUTHORITY_DAYS // 365, certificates._SERVER_DAYS // 365) == (10, 2)
    assert f"within {certificates._RENEW_BEFORE.days} days" in PAGE
    assert "capflow desk serve" in PAGE
    for target in re.findall(r"make (soak-desk[\w-]*)", PAGE):
        assert f"\n{target}: " in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    for page, anchor in re.findall(r"\]\(((?:\.\./)*[\w./-]*)(?:#([\w-]+))?\)", PAGE):
        target = (DOCS / page).resolve() if page else DOCS / "desk.md"
        assert target.is_file(), page
        if anchor:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}, anchor
