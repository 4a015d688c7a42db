"""Runs the files of tests in several processes, forked from the one that has collected them.

    python -m pytest -p tests.side_by_side --forks 4 [tests/unit/quota …]

pytest-xdist has each of its processes import and collect all tests for itself, half a minute of processor time each.
A fork begins with what this process has. All tests of a file run in one process; whoever is done takes the next file.
Where a system has no safe fork (Windows, macOS), `pytest-xdist` remains. To other plugins a fork looks like one of its
processes: `config.workerinput` and `config.workeroutput` are there, and `pytest_testnodedown` tells what came of it.
"""

from __future__ import annotations

import os
import signal
import tempfile
import traceback
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.capture import FDCapture


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two forks a processor suit tests that wait as often as they compute."""
    parser.addoption("--forks", type=int, default=0, help="run files of tests in so many forks of this process")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is different without the option."""
    if config.getoption("forks"):
        config.pluginmanager.register(SideBySide(config), "side-by-side")


def file_of(nodeid: str) -> str:
    """The file of a test, by which all is handed out."""
    return nodeid.partition("::")[0]


@dataclass(eq=False)
class _Fork:
    """A process at work, as its parent sees it."""

    pid: int
    channel: Connection
    taken: str = ""  # the newest file
    running: tuple[str, tuple[str, int | None, str]] | None = None
    ended: bool = False


class SideBySide:
    """Forks once all tests are collected, hands out files, and reports as if the tests had run here."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._waiting: deque[str] = deque()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all files; pytest itself deals with errors of collecting."""
        if session.testsfailed or self._config.option.collectonly:
            return None
        self._waiting.extend(dict.fromkeys(file_of(item.nodeid) for item in session.items))
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.showfspath = False  # lines of several files at once would be torn
        forks: list[_Fork] = []
        try:
            for number in range(min(self._config.getoption("forks"), len(self._waiting))):
                forks.append(self._fork(session, number))  # noqa: PERF401 - those there are end if one cannot begin
            self._serve(session, forks)
        finally:
            for fork in forks:
                self._end(fork)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if self._waiting:  # every process ended while a test ran
            raise RuntimeError(f"no process is left for {len(self._waiting)} files of tests")
        return True

    def _serve(self, session: pytest.Session, forks: list[_Fork]) -> None:
        """Answer and report until all have ended."""
        while at_work := {fork.channel: fork for fork in forks if not fork.ended}:
            for channel in wait(list(at_work)):
                fork = at_work[channel]  # type: ignore[index]
                try:
                    kind, content = fork.channel.recv()
                except (EOFError, ConnectionError):
                    self._crashed(fork)
                    continue
                self._heard(session, fork, kind, content)

    def _heard(self, session: pytest.Session, fork: _Fork, kind: str, content: Any) -> None:
        hook = self._config.hook
        match kind:
            case "next":
                name = self._waiting.popleft() if self._waiting and not session.shouldfail else None
                fork.taken = name or fork.taken
                fork.channel.send(name)
            case "start":
                fork.running = content
            case "report":
                report = hook.pytest_report_from_serializable(config=self._config, data=content)
                hook.pytest_runtest_logreport(report=report)
            case "warning":
                (text, category, *place), facts = content
                warning = warnings.WarningMessage(text, category, *place)
                hook.pytest_warning_recorded.call_historic(kwargs={"warning_message": warning, **facts})
            case "end":
                fork.ended = True
                hook.pytest_testnodedown(node=SimpleNamespace(workeroutput=content), error=None)
            case "fault":
                raise RuntimeError(f"in a process of tests:\n{content}")

    def _crashed(self, fork: _Fork) -> None:
        """Blame the test that ran; what the process had taken and not begun is for others."""
        fork.ended = True
        name, place = fork.running or ("(before any test)", ("", None, ""))
        if fork.taken not in ("", file_of(name)):
            self._waiting.appendleft(fork.taken)
        said = "the process ended while this test ran; what comes after it in its file did not run"
        report = pytest.TestReport(name, place, {}, "failed", said, "call")
        self._config.hook.pytest_runtest_logreport(report=report)

    def _end(self, fork: _Fork) -> None:
        fork.channel.close()
        if not fork.ended:
            with suppress(ProcessLookupError):
                os.kill(fork.pid, signal.SIGKILL)
        os.waitpid(fork.pid, 0)

    def _fork(self, session: pytest.Session, number: int) -> _Fork:
        own, other = Pipe()
        temporary = self._config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        pid = os.fork()
        if pid:
            other.close()
            return _Fork(pid, own)
        own.close()
        try:
            _Worker(session, other, number, temporary).run()
        except BaseException:
            other.send(("fault", traceback.format_exc()))
            raise
        finally:
            os._exit(0)


class _Worker:
    """What a fork does, in the place of the rest of its parent's session."""

    def __init__(self, session: pytest.Session, channel: Connection, number: int, temporary: Any) -> None:
        self._session, self._channel = session, channel
        self._config: Any = session.config
        self._config.workerinput, self._config.workeroutput = {"workerid": f"fork{number}"}, {}
        self._config.pluginmanager.unregister(name="side-by-side")
        self._config.pluginmanager.unregister(name="terminalreporter")
        self._config.pluginmanager.register(self, "side-by-side-worker")
        self._config.option.basetemp = temporary / str(number)
        self._config._tmp_path_factory = pytest.TempPathFactory.from_config(self._config, _ispytest=True)
        self._capture_alone()

    def _capture_alone(self) -> None:
        """Put files of its own behind the streams: libraries imported by now hold the streams, and all forks a file."""
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        capture.suspend_global_capture()
        for stream in (capture._global_capturing.out, capture._global_capturing.err):
            if isinstance(stream, FDCapture):
                with tempfile.TemporaryFile() as own:
                    os.dup2(own.fileno(), stream.tmpfile.fileno(), inheritable=False)
        capture.resume_global_capture()

    def run(self) -> None:
        """Run what the parent hands out, and finish as a session does."""
        items = self._items()
        item = next(items, None)
        while item is not None:
            following = next(items, None)  # its fixtures may go on being used
            self._config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = None if self._session.shouldfail or self._session.shouldstop else following
        self._session.exitstatus = int(bool(self._session.testsfailed))
        self._config.hook.pytest_sessionfinish(session=self._session, exitstatus=self._session.exitstatus)
        self._config._ensure_unconfigure()
        self._tell("end", self._config.workeroutput)

    def _items(self) -> Iterator[pytest.Item]:
        files: dict[str, list[pytest.Item]] = {}
        for item in self._session.items:
            files.setdefault(file_of(item.nodeid), []).append(item)
        while True:
            self._tell("next", None)
            name = self._channel.recv()
            if name is None:
                return
            yield from files[name]

    def _tell(self, kind: str, content: object) -> None:
        self._channel.send((kind, content))

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Say which test is to blame should this process end."""
        self._tell("start", (nodeid, location))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Report to the parent."""
        self._tell("report", self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: object
    ) -> None:
        """Tell the parent, which tells who reads."""
        said = warning_message
        facts = {"when": when, "nodeid": nodeid, "location": location}
        self._tell("warning", ((str(said.message), said.category, said.filename, said.lineno), facts))
