"""The user guide quotes the program: every message, key, state, rule, command and picture of it is looked up here."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import struct
from functools import cache
from pathlib import Path

import msgspec
import pytest

from capflow_gui.cli import status
from capflow_gui.cli.options import build_parser
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.flow import COLUMNS
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.feed.board import Freshness
from capflow_gui.settings.channels import KINDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "packaging" / "docs"
GUIDE = (DOCS / "user-guide.md").read_text(encoding="utf-8")
STATES = {
    Freshness.NEVER_POLLED: "Never polled",
    Freshness.LIVE: "Live",
    Freshness.STALE: "Stale",
    Freshness.LUNCH: "Lunch",
    Freshness.CLOSED: "Closed",
    Freshness.PREVIOUS_SESSION: "Previous session",
    Freshness.HALTED: "Halted",
    Freshness.NO_PERMISSION: "No quote right",
    Freshness.ERROR: "No answer",
}


def section(title: str) -> str:
    """A section of the guide, with its subsections."""
    head = re.search(rf"^(#+) {re.escape(title)}$", GUIDE, re.MULTILINE)
    assert head, title
    rest = GUIDE[head.end() :]
    following = re.search(rf"^#{{1,{len(head[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def cells(text: str) -> list[list[str]]:
    """The rows of all tables in a text, without heads."""
    rows = [line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in row]
        for place, row in enumerate(rows)
        if set("".join(row)) - set("-| ")
        and not (place + 1 < len(rows) and not set("".join(rows[place + 1])) - set("-| "))
    ]


@cache
def said_by_the_program() -> tuple[str, ...]:
    """Every text in the source; what is filled in is an ellipsis."""
    texts = []
    for path in (ROOT / "capflow_gui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(re.sub(r"\{\w+(?:[!:][^{}]*)?\}", "…", node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                texts.append("".join(map(str, parts)))
    return tuple(texts)


MESSAGES = [row[0].strip("`") for row in cells(section("When something is wrong"))]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_quoted_message_is_the_programs_own(message: str) -> None:
    assert len(message) > 8
    assert any(message in text for text in said_by_the_program()), "nothing in the program says this"


def test_a_message_nobody_says_is_found_out() -> None:
    assert len(MESSAGES) > 30
    assert not any("Your broker is on holiday" in text for text in said_by_the_program())


def test_every_state_of_a_row_is_explained() -> None:
    assert set(STATES) == set(Freshness)
    listed = [row[0].strip("`") for row in cells(section("How true is a figure?"))]
    assert set(STATES.values()) <= set(listed)
    for state in listed:
        assert any(text == state or text.startswith((f"{state} …", f"{state}…")) for text in said_by_the_program()), (
            state
        )


def test_the_table_of_settings_is_made_from_their_declarations() -> None:
    spec = importlib.util.spec_from_file_location("settings_table", ROOT / "packaging" / "settings_table.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.renewed(GUIDE) == GUIDE, "run python packaging/settings_table.py"
    assert len(cells(made.table())) > 25


def test_every_rule_is_a_rule() -> None:
    (block,) = re.findall(r"```rules\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines():
        assert parse_rule(line).text
    assert set(re.findall(r"`(\w+)`", next(row[0] for row in cells(section("Rules")) if "`net`" in row[0]))) == set(
        COLUMNS
    )


def test_every_command_is_a_command() -> None:
    commands = re.findall(r"^capflow (.+)$", section("Command line"), re.MULTILINE)
    assert len(commands) > 5
    for line in commands:
        build_parser().parse_args(shlex.split(line))


def test_every_kind_of_channel_is_explained_by_its_settings() -> None:
    said = re.findall(r"^\*\*[^*]+\*\* \(`(\w+)`\)\n(.+)$", section("Channels"), re.MULTILINE)
    assert [kind for kind, _ in said] == list(KINDS)
    for kind, enter in said:
        known = msgspec.structs.fields(KINDS[kind])
        named = set(re.findall(r"`(\w+)[`\s]", enter)) - {"tls", "starttls"}
        assert {field.name for field in known if field.required} <= named, kind
        assert named <= {field.name for field in known}, kind


def test_every_exit_status_is_listed() -> None:
    listed = {int(row[0]) for row in cells(section("Exit status"))}
    assert listed == {value for name, value in vars(status).items() if name.isupper() and isinstance(value, int)}


PRINTED = {
    "watch_lines.py": ("_facts", "_flow_facts", "_conflated", "_alert_facts"),
    "check_lines.py": ("tried_facts", "tally_facts"),
    "alerts/past_alerts.py": ("alert_facts", "_delivery_facts"),
    "alerts/messages.py": ("alert_message",),
    "recorded_export.py": ("_state_facts",),
}


@pytest.mark.parametrize("module", PRINTED)
def test_every_field_that_programs_read_is_listed(module: str) -> None:
    tree = ast.parse((ROOT / "capflow_gui" / "present" / module).read_text(encoding="utf-8"))
    printers = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name in PRINTED[module]]
    assert len(printers) == len(PRINTED[module])
    keys = {
        key.value
        for printer in printers
        for node in ast.walk(printer)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert keys
    assert keys <= set(re.findall(r'[`"](\w+)[`"]', section("What programs read")))


def test_every_state_of_an_alert_is_listed() -> None:
    said = section("What programs read")
    assert {each.value for each in AlertChange} - {"judged_again"} <= set(re.findall(r"`(\w+)`", said))


def test_every_symbol_is_a_symbol() -> None:
    found = set(re.findall(r"\b(?:\w+\.(?:HK|US|SH|SZ)|HK\.\d+)\b", GUIDE))
    assert len(found) > 4
    for text in found:
        Symbol.parse(text)


def test_every_picture_is_there_small_and_used() -> None:
    used = set(re.findall(r"\]\(\.\./pictures/(guide-[\w-]+\.png)\)", GUIDE))
    there = {path.name: path for path in (ROOT / "packaging" / "pictures").glob("guide-*.png")}
    assert used == set(there)
    for path in there.values():
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG")
        assert len(data) < 300_000, path.name
        width, height = struct.unpack_from(">II", data, 16)
        assert width <= 1600
        assert height <= 1000


def test_every_link_leads_somewhere() -> None:
    heads = {
        re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    }
    for link in re.findall(r"\]\(#([\w-]+)\)", GUIDE):
        assert link in heads
    for link in re.findall(r"\]\(([^#)]+)\)", GUIDE):
        assert (DOCS / link).exists()
