"""The rules of tests/conftest.py do fail tests, and tests mirror the package."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]

CASES = {
    "a task left running": (
        """
        import asyncio
        async def test_it():
            asyncio.create_task(asyncio.Event().wait())
            await asyncio.sleep(0)
        """,
        ["was left running; it was created by:", "test_case.py:4 in test_it"],
    ),
    "a thread left running": (
        """
        import threading
        def test_it():
            threading.Thread(target=threading.Event().wait, name="worker-7", daemon=True).start()
        """,
        ["thread worker-7 was left running", "test_case.py:4 in test_it"],
    ),
    "an unexpected log line": (
        """
        import logging
        def test_it():
            logging.getLogger("feed").warning("the %s is falling", "sky")
        """,
        ["unexpected log lines", "WARNING feed: the sky is falling"],
    ),
    "an expected log line that never comes": (
        """
        def test_it(expect_log):
            expect_log("never said")
        """,
        ["expected log lines that never came: ['never said']"],
    ),
    "a Python warning": (
        """
        import warnings
        def test_it():
            warnings.warn("beware")
        """,
        ["UserWarning: beware"],
    ),
}
CLEAN = """
    import asyncio, logging, threading, pytest
    @pytest.fixture
    async def server():
        task = asyncio.create_task(asyncio.Event().wait())
        yield task
        task.cancel()
    async def test_a_task_of_a_fixture_lives_as_long_as_it(server):
        await asyncio.sleep(0)
        assert not server.done()
    async def test_the_executor_is_shut_down_by_the_loop():
        await asyncio.to_thread(int)
    def test_expected(expect_log):
        expect_log("^WARNING feed: fine$")
        logging.getLogger("feed").warning("fine")
    def test_a_thread_that_ends(expect_log):
        threading.Thread(target=int).start()
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a run of all of the above says of each: for every test, what was wrong with it, or nothing."""
    folder = tmp_path_factory.mktemp("rules")
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    for name, code in {**{name: code for name, (code, _) in CASES.items()}, "clean": CLEAN}.items():
        (folder / name).mkdir()
        (folder / name / "test_case.py").write_text(textwrap.dedent(code), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", str(folder / "said.xml")]
    done = subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[str, list[str]] = {}
    for test in ElementTree.parse(folder / "said.xml").iter("testcase"):  # noqa: S314 - it was written here
        name = test.attrib["classname"].removesuffix(".test_case")
        found.setdefault(name, []).append("".join(part.text or "" for part in test))
    return found


@pytest.mark.parametrize("name", CASES)
def test_it_fails_the_test_and_names_the_place(name: str, results: dict[str, list[str]]) -> None:
    (said,) = results[name]
    for words in CASES[name][1]:
        assert words in said


def test_what_is_clean_passes(results: dict[str, list[str]]) -> None:
    assert results["clean"] == [""] * 4


PACKAGE = ROOT / "capflow_gui"
WITHOUT_TESTS_OF_ITS_OWN = {
    "app/alarm/channel_desk.py": "what it opens: tests/unit/test_deliveries.py",
    "feed/source.py": "a data type with one alias",
    "simulator/broker.py": "its two brokers over the wire: tests/unit/simulator/*/test_connection.py, test_server.py",
}


def has_logic(module: Path) -> bool:
    """Whether a function or method does more than raise or be declared."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(not isinstance(line, ast.Expr | ast.Pass | ast.Raise) for node in functions for line in node.body)


def own_tests(name: Path) -> list[Path]:
    """Where the tests of a module of the package may be; what needs Qt has them in tests/ui."""
    test = name.with_name(f"test_{name.name}")
    found = [ROOT / "tests" / "unit" / test]
    if name.parts[0] == "app":
        found.append(ROOT / "tests" / "ui" / test)
    if name.parts[0] == "ui":
        found.append(ROOT / "tests" / test)
    return found


def test_every_module_with_logic_has_tests_under_its_own_name() -> None:
    modules = [path.relative_to(PACKAGE) for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"]
    modules = [name for name in modules if name.parts[:2] != ("wire", "pb") and has_logic(PACKAGE / name)]
    without = {name.as_posix() for name in modules if not any(test.is_file() for test in own_tests(name))}
    assert sorted(without - WITHOUT_TESTS_OF_ITS_OWN.keys()) == [], "write tests/unit/…/test_NAME.py for these"
    assert sorted(WITHOUT_TESTS_OF_ITS_OWN.keys() - without) == [], "these have tests now, or are gone"
