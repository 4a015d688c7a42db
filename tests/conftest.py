"""Rules every test lives by: no unexpected log line, no task and no thread left behind. Knows nothing of Qt."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import logging
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Time limits on a shared machine fail at random. CI repeats the same examples; a developer meets new ones.
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("developer", deadline=None, max_examples=60, suppress_health_check=_SLOW)
settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True, suppress_health_check=_SLOW)
# Development mode has C code's use of memory watched, which is not what is tested, and costs a program a tenth.
os.environ.setdefault("PYTHONMALLOC", "pymalloc")
# No test shows anything on the desktop of whoever runs it.
os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
# Pictures show what Capflow's own font lacks by the system's: by the same ones everywhere, none of them Chinese.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).parent / "data" / "fonts.conf")
os.environ["TZ"] = "UTC"  # clocks show local time, too: some tests alone, or all, see the same
if hasattr(time, "tzset"):
    time.tzset()
settings.load_profile("ci" if os.environ.get("CI") else "developer")

_THREAD_GRACE_S = 2.0
_LOOP_TURNS = 20
_FRAMES = 6
_NOT_A_BIRTHPLACE = (
    __file__,
    str(Path(asyncio.__file__).parent),
    threading.__file__,
    str(Path(pytest.__file__).parents[1]),
)


_LOOP = asyncio.BaseEventLoop.run_forever.__code__


def _birthplace() -> str:
    """The innermost frames of whoever is creating something, the libraries' own left out, as far as an event loop."""
    frame, places = sys._getframe(1), []
    while frame is not None and frame.f_code is not _LOOP and len(places) < _FRAMES:
        if not frame.f_code.co_filename.startswith(_NOT_A_BIRTHPLACE):
            places.append(f"  {frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}")
        frame = frame.f_back
    return "\n".join(places)


@dataclass(eq=False)
class _LogWatch(logging.Handler):
    """Collects what is logged at WARNING and above during a test."""

    records: list[logging.LogRecord] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def verdict(self) -> str:
        """What was logged and not expected, or expected and not logged; empty when all is well."""
        missing = {pattern.pattern for pattern in self.expected}
        unexpected = []
        for record in self.records:
            line = f"{record.levelname} {record.name}: {record.getMessage()}"
            hits = {pattern.pattern for pattern in self.expected if pattern.search(line)}
            missing -= hits
            if not hits:
                trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
                unexpected.append(f"{line}\n{trace}".rstrip())
        if unexpected:
            return "unexpected log lines (allow one with expect_log):\n" + "\n".join(unexpected)
        return f"expected log lines that never came: {sorted(missing)}" if missing else ""


_LOG = pytest.StashKey[_LogWatch]()
_THREADS = pytest.StashKey[set[threading.Thread]]()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[object]:
    """Thousands of tests stay to the end: no collection of garbage looks through them, now or while they run."""
    del session
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def left_out_again() -> Iterator[None]:
    """For a test after which each collection would look through all tests: they are left out again."""
    yield
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files: one that takes a minute and comes last leaves the other processes of xdist idle."""
    places = {path: _place(path) for path in {item.path for item in items}}
    items.sort(key=lambda item: places[item.path])


def _place(path: Path) -> int:
    """Pictures of windows, then desktop programs, then commands, as these are many; the rest is short."""
    if path.parent.name == "visual":
        return 0
    if path.name.startswith("test_app_") or path.name in ("test_individual_coverage.py", "test_cycle_shared.py"):
        return 1
    return 2 if path.parent.name in ("integration", "cli") else 3


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch the log and the threads from before the first fixture until after the last."""
    watch = item.stash[_LOG] = _LogWatch()
    item.stash[_THREADS] = set(threading.enumerate())
    logging.getLogger().addHandler(watch)
    try:
        return (yield)
    finally:
        logging.getLogger().removeHandler(watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """After the fixtures are gone: judge the log and the threads."""
    yield
    faults = [_leaked_threads(item.stash[_THREADS]), item.stash[_LOG].verdict()]
    if any(faults):
        pytest.fail("\n".join(filter(None, faults)), pytrace=False)


def _leaked_threads(before: set[threading.Thread]) -> str:
    deadline = time.monotonic() + _THREAD_GRACE_S
    leaked = []
    for thread in set(threading.enumerate()) - before:
        if isinstance(thread, threading._DummyThread):  # Qt's or another library's, seen from Python once
            continue
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            leaked.append(f"thread {thread.name} was left running; it was started by:\n{_BIRTHS.get(thread.ident, '')}")
    return "\n".join(leaked)


_BIRTHS: dict[int | None, str] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Note where every thread is started; and see to it that programs begin soon, and trust no server on the internet.

    To read the authorities of the computer takes each program a fifth of a second. What builds packages needs them.
    """
    if not any("packaging" in each for each in config.args):
        os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("data") / "authority.pem")
    start = threading.Thread.start

    @functools.wraps(start)
    def noted(thread: threading.Thread) -> None:
        birth = _birthplace()
        start(thread)
        _BIRTHS[thread.ident] = birth

    threading.Thread.start = noted  # type: ignore[method-assign]
    config.add_cleanup(lambda: setattr(threading.Thread, "start", start))


@pytest.fixture
def expect_log(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`expect_log(pattern)`: a line `LEVEL logger: text` that matches is allowed, and must come."""
    watch = request.node.stash[_LOG]
    return lambda pattern: watch.expected.append(re.compile(pattern))


@pytest.fixture
def birthplace() -> Callable[[], str]:
    """For other watches: where what is being created right now comes from."""
    return _birthplace


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A shell starts what runs in its background with SIGINT ignored, and the programs under test inherit it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and the programs they start, count calls in a quota file that is not the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _no_task_left(request: pytest.FixtureRequest) -> None:
    """Set up before, so torn down after, the fixtures of the test itself."""
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("_task_watch")


@pytest.fixture
async def _task_watch() -> AsyncIterator[None]:
    births: dict[asyncio.Task[Any], str] = {}

    def create(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=loop, **kwargs)
        births[task] = _birthplace()
        task.add_done_callback(lambda done: births.pop(done, None))
        return task

    loop = asyncio.get_running_loop()
    loop.set_task_factory(create)
    before = asyncio.all_tasks()
    yield
    loop.set_task_factory(None)
    for _ in range(_LOOP_TURNS):  # those cancelled at the end may still be on their way out
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        if not left:
            return
        await asyncio.sleep(0)
    said = "\n".join(
        f"task {task.get_name()} was left running; it was created by:\n{births.get(task)}" for task in left
    )
    pytest.fail(said, pytrace=False)
