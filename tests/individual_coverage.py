"""Demand that each module of the pure packages is covered by the test module of its own name.

    python -m pytest -p tests.individual_coverage [tests/unit/quota …]

A module that only other modules' tests reach has no tests of its own. `make test` loads this. Tracing slows a test
down several times, so lines are traced while such a test module runs, and only until it has reached every line of its
module. Its hypothesis tests come after the others, and those with the mark `long` at the end: mostly nothing is left
for them to reach.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage
from hypothesis import is_hypothesis_test

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "capflow_gui"
TESTS = ROOT / "tests" / "unit"
PACKAGES = ("alerts", "archive", "delivery", "domain", "playback", "quota", "wire")
GENERATED = PACKAGE / "wire" / "pb"
OTHER_PLATFORM = "linux" if sys.platform == "win32" else "win32"


def own_tests() -> dict[Path, Path]:
    """Each module of PACKAGES that has something to run, and where its tests belong."""
    found = (path for package in PACKAGES for path in sorted((PACKAGE / package).rglob("*.py")))
    modules = [path for path in found if path.name != "__init__.py" and GENERATED not in path.parents]
    return {path: (TESTS / path.relative_to(PACKAGE)).with_name(f"test_{path.name}") for path in modules}


def tracer() -> Coverage:
    """Of what has its own tests, without what is for type checkers or another platform."""
    # What is included is traced; of a source, all files would be looked for each time that data is read.
    include = [str(PACKAGE / package / "*") for package in PACKAGES]
    coverage = Coverage(data_file=None, include=include, config_file=False)
    for pattern in ("if TYPE_CHECKING:", rf"if sys\.platform == .{OTHER_PLATFORM}.:", r"^\s*\.\.\.$"):
        coverage.exclude(pattern)
    return coverage


class IndividualCoverage:
    """Traces the import of each module, then each own test module, and reports what was not reached."""

    def __init__(self) -> None:
        self._tests = own_tests()
        self._modules = {tests: module for module, tests in self._tests.items()}
        self._left: dict[Path, set[int]] = {}  # by test module: the lines that its tests, so far as they ran, left out
        self._ran: set[Path] = set()
        self._gaps: list[str] = []
        self._imported: dict[str, Collection[int]] = {}  # by module: the lines that its import runs
        self._spread = False  # whether other processes run the tests

    @cached_property
    def _coverage(self) -> Coverage:
        """One for each process: a fork would lose what its parent's has found."""
        coverage = tracer()
        coverage.get_data().add_lines(self._imported)
        return coverage

    def trace_imports(self) -> None:
        """What an import runs belongs to no test: whoever imported first was only the first."""
        coverage = tracer()
        with warnings.catch_warnings(action="error"), coverage.collect():
            for module in self._tests:
                importlib.import_module(".".join(module.relative_to(ROOT).with_suffix("").parts))
        data = coverage.get_data()
        self._imported = {path: data.lines(path) or () for path in data.measured_files()}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the hypothesis tests of each own test module behind its others, and the long ones last."""
        place = {item.path: -number for number, item in enumerate(reversed(items))}
        items.sort(
            key=lambda item: (
                place[item.path],
                item.path in self._modules and self._length(item),
            )
        )

    @staticmethod
    def _length(item: pytest.Item) -> int:
        return 2 if item.get_closest_marker("long") else int(is_hypothesis_test(getattr(item, "obj", None)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Trace a test of such a module, under the name of its file."""
        module = self._modules.get(item.path)
        if module is None:
            return (yield)
        if item.path not in self._ran:
            self._ran.add(item.path)
            self._left[item.path] = set(self._missing(module, item.path)[0])
        left = self._left[item.path]
        if not left:
            return (yield)
        self._coverage.start()
        self._coverage.switch_context(item.path.as_posix())
        try:
            return (yield)
        finally:
            self._coverage.stop()
            data = self._coverage.get_data()
            data.set_query_context(item.path.as_posix())
            left.difference_update(data.lines(str(module)) or ())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController) -> None:
        """Take over what another process found: a file's tests all run in one (`--forks`, or `--dist loadfile`)."""
        self._spread = True
        found = node.workeroutput.get("individual_coverage", {"ran": [], "gaps": []})
        self._ran.update(map(Path, found["ran"]))
        self._gaps += found["gaps"]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge the modules whose tests ran; all of them where everything did."""
        config = session.config
        if config.option.collectonly or session.testsfailed:
            return
        output = getattr(config, "workeroutput", None)
        whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and output is None
        if not self._spread:
            # A module without tests of its own may have nothing that importing it does not run.
            judged = {m: t for m, t in self._tests.items() if whole or t in self._ran or not t.exists()}
            self._gaps += filter(None, starmap(self._gap, judged.items()))
        elif whole:
            # The processes judged the modules without tests of their own.
            left = {m: tests for m, tests in self._tests.items() if tests not in self._ran and tests.exists()}
            self._gaps += [
                f"{module.relative_to(ROOT)}: {tests.relative_to(ROOT)} did not run" for module, tests in left.items()
            ]
        if output is not None:
            output["individual_coverage"] = {"ran": list(map(str, self._ran)), "gaps": self._gaps}
        elif self._gaps:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _gap(self, module: Path, tests: Path) -> str | None:
        missing = self._missing(module, tests)[1]
        return f"{module.relative_to(ROOT)}: {tests.relative_to(ROOT)} does not reach {missing}" if missing else None

    def _missing(self, module: Path, tests: Path) -> tuple[list[int], str]:
        """The lines that neither importing the module nor these tests reached; and the same as `12-14, 20`."""
        data = self._coverage.get_data()
        data.set_query_contexts(["^$", f"^{tests.as_posix()}$"])
        return self._coverage.analysis2(str(module))[3:]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is missing."""
        for gap in dict.fromkeys(self._gaps):
            terminalreporter.write_line(gap, red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin before a conftest imports anything of the package; under pytest-xdist its processes alone trace."""
    judge = IndividualCoverage()
    if not getattr(early_config.known_args_namespace, "numprocesses", None) or "PYTEST_XDIST_WORKER" in os.environ:
        judge.trace_imports()
    early_config.pluginmanager.register(judge, "individual-coverage")
