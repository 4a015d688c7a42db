"""The page for scripts: its methods are the table's, and its examples run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from capflow_gui.cli.options import build_parser
from capflow_gui.serve import rpc, stdio
from capflow_gui.serve.arguments import Topic
from capflow_gui.serve.methods import METHODS
from capflow_gui.serve.web import server
from tests.forked import COMMAND
from tests.unit.cli.test_serve import read, serving

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "packaging" / "docs" / "scripts.md").read_text(encoding="utf-8")
posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell's examples")


def example(name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


def cells(head: str) -> list[list[str]]:
    """The rows of the table under a head."""
    table = PAGE.partition(head)[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()[2:]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """`capflow` is this program, in folders of its own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = " ".join(f"'{word}'" for word in COMMAND)
    folders = f"--data-dir '{tmp_path}/data' --config-dir '{tmp_path}/config'"
    (folder / "capflow").write_text(f'#!/bin/sh\nexec {command} "$@" {folders}\n', encoding="utf-8")
    (folder / "capflow").chmod(0o755)
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def run(arguments: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        arguments, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_method_is_listed_with_its_arguments() -> None:
    listed = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in cells("## The methods\n\n")}
    assert listed == {
        method.name: [field.encode_name for field in msgspec.structs.fields(method.arguments)] for method in METHODS
    }


def test_every_code_is_listed() -> None:
    listed = {int(row[0].replace("−", "-")) for row in cells("no alert.\n\n")}
    assert listed == {value for name, value in vars(rpc).items() if isinstance(value, int) and value < 0}


def test_the_bounds_are_those_of_the_program() -> None:
    assert rpc.LONGEST_LINE == 1 << 20
    assert f"a batch has more than {rpc.LARGEST_BATCH}" in PAGE
    assert f"{server.MOST_CONNECTIONS} connections are open at a time, {server.MOST_STREAMS} of them streams" in PAGE
    assert f"{stdio.MOST_AT_ONCE} messages are worked on at a time" in PAGE
    assert server.OPENBB in PAGE
    for topic in Topic.__args__:
        assert f"`{topic}`" in PAGE


@posix
def test_the_shells_example(environment: dict[str, str], tmp_path: Path) -> None:
    (flow,) = json.loads(run(["sh", "-c", example("shell")], environment, tmp_path))["result"]["flows"]
    assert (flow["symbol"], flow["simulated"]) == ("700.HK", True)


@posix
def test_pythons_example(environment: dict[str, str], tmp_path: Path) -> None:
    told = run([sys.executable, "-c", example("python")], environment, tmp_path)
    assert re.fullmatch(r"(700|9988)\.HK -?[\d.]+ HKD \w+ SIMULATED\n", told)


@posix
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_curls_example(environment: dict[str, str], tmp_path: Path) -> None:
    told = run(["sh", "-c", example("http") + "wait\n"], environment, tmp_path)
    health, _, table = told.partition("symbol,source")
    assert json.loads(health)["result"]["simulated"] is True
    assert re.findall(r"^(\d+\.HK),demo,intraday,", table, re.MULTILINE) == ["700.HK", "9988.HK"]


def test_pandas_example(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    with serving(tmp_path, "--http", "127.0.0.1:0") as process:
        ready = read(process)
        token = Path(ready["token_file"]).read_text("ascii").strip()
        found: dict[str, Any] = {"address": ready["http"], "token": token}
        exec(example("pandas"), found)  # noqa: S102 - the page's own
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    assert found["minutes"].notna().sum() > 100
    assert set(found["frame"]["simulated"]) == {True}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not there")
def test_a_spreadsheet_reads_the_address(tmp_path: Path) -> None:
    """As the page says: from the address with the token, UTF-8, commas, the column `symbol` as text."""
    settings, values = "44,34,76,1", "44,34,76,1,,0,false,false"
    with serving(tmp_path, "--http", "127.0.0.1:0") as process:
        ready = read(process)
        token = Path(ready["token_file"]).read_text("ascii").strip()
        address = f"{ready['http']}/flow.csv?newest=1&token={token}"
        office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless"]
        ways = [f"--infilter=CSV:{settings},1/2", "--convert-to", f"csv:Text - txt - csv (StarCalc):{values}"]
        run([*office, *ways, "--outdir", str(tmp_path), address], dict(os.environ), tmp_path)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    head, *rows = (tmp_path / "flow.csv").read_text("utf-8").splitlines()
    assert head.split(",") == list(server.COLUMNS)
    assert {row.split(",")[server.COLUMNS.index("simulated")] for row in rows} == {"TRUE"}
    assert re.fullmatch(r"\w+\.HK", rows[0].split(",")[0])
    float(rows[0].split(",")[server.COLUMNS.index("net")])


def test_the_agents_example_is_a_command() -> None:
    (server_,) = json.loads(example("mcp"))["mcpServers"].values()
    assert server_["command"] == "capflow"
    assert build_parser().parse_args(server_["args"]).mcp is True
