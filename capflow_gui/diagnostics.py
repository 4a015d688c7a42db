"""The log file: rotation, UTC stamps, no secrets; and what is written when the program crashes."""

from __future__ import annotations

import asyncio
import base64
import faulthandler
import logging
import math
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote

from capflow_gui.paths import disk_words, shown

LEVELS = ("debug", "info", "warning", "error", "critical")
FILE_BYTES = 2_000_000
FILE_COUNT = 5
CRASH_FILE = "crash.log"

# Libraries that speak at a level of their own: at info they would drown what the feed says.
_NOISE = {
    "aiohttp.access": logging.WARNING,
    "asyncio": logging.WARNING,
    "keyring": logging.WARNING,
    "qasync": logging.WARNING,
}
# Python 3.11 warns so at the end of each encrypted stream that was encrypted after it began, as a desk's is.
_NO_FAULT = "returning true from eof_received() has no effect when using ssl"
_HIDDEN = "‹hidden›"
_SECRETS = re.compile(
    r"""(?ix)
    (?P<name> (?:
          (?: token | secret | passw(?:or)?d | authorization | (?:api|app|access|private) [_-]? key
            | signature | code_verifier | \b otp ) [\w-]* ["']? \s* [:=]
        | [?&] (?: code | state ) =
        ) \s* (?: (?:bearer|basic) \s+ )? ["']? )
    (?P<value> [^\s"',;&)}\]]+ )
    """
)
# What shows by its shape: an Authorization value, a JSON web token, the password in an address.
_SHAPES = (
    (re.compile(r"(?i)(\bbearer\s+)[\w.~+/=-]{12,}"), rf"\1{_HIDDEN}"),
    (re.compile(r"(?<![A-Za-z0-9])(?:[a-z]{1,3}_)?eyJ[\w-]{10,}(?:\.[\w-]*){1,2}"), _HIDDEN),
    (re.compile(r"(://)[^/\s@:'\"]*:[^/\s@'\"]+@"), rf"\1{_HIDDEN}@"),
)
_KEY_BLOCK = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_SHORTEST_SECRET = 4
_PIECE = 12  # from that length on, the beginning of a secret is one: a text may have been cut off
_PASSING_KEPT = 256
_REPEAT_S = 60.0

_log = logging.getLogger(__name__)


class Redaction:
    """Takes secrets out of a text: known ones word for word, unknown ones by the name they are given under."""

    def __init__(self) -> None:
        # Each with its beginning, by which it is looked for.
        self._known: frozenset[tuple[str, str]] = frozenset()
        self._passing: deque[tuple[str, str]] = deque(maxlen=_PASSING_KEPT)

    def register_secret(self, text: str, *, lasting: bool = True) -> None:
        """Hide this text wherever it appears from now on, also cut off, percent-encoded or in base64.

        A text under four characters is not hidden. `lasting` False: it is good for one use, a signature for example;
        of those only the newest are remembered, and not in base64.
        """
        if len(text) < _SHORTEST_SECRET:
            return
        forms = {text, quote(text, safe="")}
        if lasting:
            self._known |= {(form[:_PIECE], form) for form in (*forms, *_in_base64(text))}
        else:
            self._passing.extend((form[:_PIECE], form) for form in forms)

    __call__ = register_secret

    def clean(self, text: str) -> str:
        """The text without its secrets."""
        # A copy: other threads log, too.
        there = [pair for pair in (*self._known, *self._passing) if pair[0] in text]
        found = sorted(span for head, secret in there for span in _occurrences(head, secret, text))
        parts, done = [], 0
        for begin, end in found:
            if begin >= done:
                parts += [text[done:begin], _HIDDEN]
            done = max(done, end)
        text = "".join([*parts, text[done:]])
        for shape, instead in _SHAPES:
            text = shape.sub(instead, text)
        text = _KEY_BLOCK.sub(rf"\1{_HIDDEN}\2", text)
        return _SECRETS.sub(rf"\g<name>{_HIDDEN}", text)


def _in_base64(text: str) -> Iterator[str]:
    """How a text looks inside a longer one in base64, wherever in it: what depends on the neighbours is left out."""
    raw = text.encode()
    for before in range(3) if len(raw) >= _PIECE else ():
        whole = len(raw) - (before + len(raw)) % 3
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw[:whole])[(0, 2, 3)[before] :].decode()


def _occurrences(head: str, secret: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a secret, or its beginning, stands in a text."""
    begin = text.find(head)
    while begin >= 0:
        length = len(head)
        while length < len(secret) and text[begin + length : begin + length + 1] == secret[length]:
            length += 1
        yield begin, begin + length
        begin = text.find(head, begin + length)


class LogFormatter(logging.Formatter):
    """`2026-11-22T01:02:03.456Z INFO capflow_gui.feed: text`, the traceback below it; secrets hidden in both.

    `words` puts the arguments of a line, reasons and errors among them, into words.
    """

    def __init__(self, redaction: Redaction, words: Callable[[object], object] | None = None) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redaction = redaction
        self._words = words

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002
        """The record's instant in UTC, ISO 8601, to the millisecond."""
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"

    def format(self, record: logging.LogRecord) -> str:
        """The whole text of a record, cleaned last: a secret may also stand in a traceback."""
        if self._words is not None and isinstance(record.args, tuple):
            record = logging.makeLogRecord({**record.__dict__, "args": tuple(map(self._words, record.args))})
        return self._redaction.clean(super().format(record))


class Repeats(logging.Filter):
    """Lets one traceback from the same place through a minute, with how often it came since: a fault while painting
    comes with every frame, and would push everything else out of the log."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop, or pass; what was dropped before is counted behind the message."""
        traced = record.exc_info[2] if record.exc_info else None
        if traced is None:
            return True
        while traced.tb_next is not None:
            traced = traced.tb_next
        place = (traced.tb_frame.f_code.co_filename, traced.tb_lineno)
        first, count = self._seen.get(place, (-math.inf, 0))
        if record.created - first < _REPEAT_S:
            self._seen[place] = (first, count + 1)
            return False
        self._seen[place] = (record.created, 0)
        if count:
            record.msg, record.args = f"{record.getMessage()} (again, {count} times more since)", None
        return True


class _LogFile(RotatingFileHandler):
    """A log file that two Capflow processes may share, on a disk that may be full."""

    _fails = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say once that the file cannot be written, and again after it could; this line waits or is lost."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._fails:
            self._fails = True
            _log.warning("%s cannot be written (%s).", shown(Path(self.baseFilename)), disk_words(error))

    def flush(self) -> None:
        """Write what waits. Raises OSError."""
        super().flush()
        self._fails = False

    def close(self) -> None:
        """Close the file; that it cannot be written was said."""
        with suppress(OSError):
            super().close()

    def doRollover(self) -> None:  # noqa: N802
        """Rotate; where another process holds the file open, Windows refuses, and we go on in the same file."""
        try:
            super().doRollover()
        except PermissionError:
            self.stream = self._open()


class Diagnostics:
    """The logging that `configure_logging` set up. `problem` is a sentence when there is no log file, else empty."""

    def __init__(
        self, file: Path, redaction: Redaction, undo: ExitStack, problem: str, handlers: Sequence[logging.Handler]
    ) -> None:
        self.file = file
        self.problem = problem
        self.redaction = redaction
        self._undo = undo
        self._handlers = handlers

    def register_secret(self, text: str, *, lasting: bool = True) -> None:
        """Hide this text in every log line from now on; see Redaction."""
        self.redaction.register_secret(text, lasting=lasting)

    def set_level(self, level: str) -> None:
        """Log to the file from `level` up, a word of LEVELS, from now on; stderr keeps its own."""
        for handler in self._handlers:
            if isinstance(handler, _LogFile):
                handler.setLevel(level.upper())
        logging.getLogger().setLevel(min((handler.level for handler in self._handlers), default=logging.WARNING))

    def install_crash_hooks(self) -> None:
        """Log what nobody caught, in any thread, and let a crash of the interpreter leave its stacks in a file."""
        for module, name, hook in (
            (sys, "excepthook", _log_uncaught),
            (sys, "unraisablehook", _log_unraisable),
            (threading, "excepthook", _log_uncaught_in_thread),
        ):
            self._undo.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, hook)
        repeats = Repeats()
        _log.addFilter(repeats)
        self._undo.callback(_log.removeFilter, repeats)
        if not self.problem:
            crashes = self.file.with_name(CRASH_FILE)
            try:
                stacks = self._undo.enter_context(crashes.open("a", encoding="utf-8"))
            except OSError as error:
                _log.warning("%s cannot be written (%s).", shown(crashes), disk_words(error))
                return
            faulthandler.enable(stacks)
            self._undo.callback(faulthandler.disable)

    def close(self) -> None:
        """Put everything back as it was, and close the file."""
        self._undo.close()


def configure_logging(
    log_dir: Path,
    level: str = "info",
    stderr: str | None = "warning",
    name: str = "capflow.log",
    words: Callable[[object], object] | None = None,
    *,
    create: bool = True,
) -> Diagnostics:
    """Log to `log_dir/name` from `level` up (five files of 2 MB), and to stderr from `stderr` up (None: not at all).

    Reasons and errors are written as codes to the file, and to stderr as `words` has them.

    `create`: make the folder; where it is not there otherwise, there is no log file.
    Levels are the words of LEVELS. An unwritable folder does not stop the program: see `Diagnostics.problem`.
    """
    root = logging.getLogger()
    undo = ExitStack()
    redaction = Redaction()
    handlers: list[tuple[logging.Handler, str]] = []
    problem = ""
    try:
        if create:
            log_dir.mkdir(parents=True, exist_ok=True)
        if log_dir.is_dir():
            file = _LogFile(
                log_dir / name,
                maxBytes=FILE_BYTES,
                backupCount=FILE_COUNT - 1,
                encoding="utf-8",
                errors="backslashreplace",  # a folder's name may not be UTF-8
            )
            handlers.append((file, level))
    except OSError as error:
        problem = f"There is no log file: {shown(log_dir / name)} cannot be written ({disk_words(error)})."
    stream: TextIO | None = sys.stderr  # None in a windowed program on Windows
    if stderr is not None and stream is not None:
        handlers.append((logging.StreamHandler(stream), stderr))
    for handler, wanted in handlers:
        handler.setLevel(wanted.upper())
        handler.setFormatter(LogFormatter(redaction, None if isinstance(handler, _LogFile) else words))
        root.addHandler(handler)
        undo.callback(handler.close)
        undo.callback(root.removeHandler, handler)
    _set_level(root, min((handler.level for handler, _ in handlers), default=logging.WARNING), undo)
    for library, quiet in _NOISE.items():
        _set_level(logging.getLogger(library), quiet, undo)
    loops = logging.getLogger("asyncio")
    loops.addFilter(_is_news)
    undo.callback(loops.removeFilter, _is_news)
    logging.captureWarnings(True)
    undo.callback(logging.captureWarnings, False)
    if problem:
        _log.warning("%s", problem)
    return Diagnostics(log_dir / name, redaction, undo, problem, [handler for handler, _ in handlers])


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of asyncio says anything: that an encrypted stream ends as streams do is no fault."""
    return record.msg != _NO_FAULT


def _set_level(logger: logging.Logger, level: int, undo: ExitStack) -> None:
    undo.callback(logger.setLevel, logger.level)
    logger.setLevel(level)


def log_crash(error: Exception) -> None:
    """What nobody caught, before the log is closed: Python would print it with every secret in it."""
    _log.critical("nobody caught this", exc_info=error)


def log_loop_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For `loop.set_exception_handler`: what a callback or a forgotten task raised goes to the log, with its origin."""
    error = context.get("exception")
    origin = context.get("task") or context.get("future") or context.get("handle") or ""
    _log.error("in the event loop: %s %s", context["message"], origin, exc_info=error)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Also where Qt brings what a slot or an event handler raised: the program may well go on."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("nobody caught this", exc_info=(kind, error, trace))
    # Python keeps it for a debugger, and with it each object its frames know: a window that was closed since.
    sys.last_type = sys.last_value = sys.last_traceback = None


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None:  # the interpreter is going down, and took the exception with it
        return
    where = args.thread.name if args.thread else "a thread that is gone"
    _log.critical("nobody caught this in %s", where, exc_info=(args.exc_type, args.exc_value, args.exc_traceback))


def _log_unraisable(args: sys.UnraisableHookArgs) -> None:
    error = args.exc_value
    traced = None if error is None else (type(error), error, args.exc_traceback)
    _log.error("%s: %r", args.err_msg or "an exception nobody could catch", args.object, exc_info=traced)
