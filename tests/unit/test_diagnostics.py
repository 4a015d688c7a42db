from __future__ import annotations

import asyncio
import base64
import logging
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capflow_gui import diagnostics as subject
from capflow_gui.diagnostics import Diagnostics, Redaction, configure_logging, log_loop_exception
from capflow_gui.reason import Code

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Diagnostics]:
    diagnostics = configure_logging(tmp_path / "log", "info", None)
    yield diagnostics
    diagnostics.close()


def test_a_line_has_a_utc_stamp_a_level_and_its_origin(log: Diagnostics) -> None:
    logging.getLogger("capflow_gui.feed").info("a poll of %s", "700.HK")
    logging.getLogger("capflow_gui.feed").debug("not this")
    line = log.file.read_text(encoding="utf-8")
    assert STAMP.match(line)
    assert line.endswith("INFO capflow_gui.feed: a poll of 700.HK\n")
    record = logging.LogRecord("x", logging.INFO, "", 0, "m", None, None)
    record.created, record.msecs = 1654651860.25, 250
    assert subject.LogFormatter(Redaction()).format(record) == "2022-06-08T01:31:00.250Z INFO x: m"


def test_the_file_rotates_and_old_ones_go(log: Diagnostics, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = next(h for h in logging.getLogger().handlers if isinstance(h, logging.handlers.RotatingFileHandler))
    assert handler.maxBytes == subject.FILE_BYTES
    handler.maxBytes = 200
    for number in range(40):
        logging.getLogger("x").info("line %d with some text to fill the file", number)
    names = sorted(path.name for path in log.file.parent.iterdir())
    assert names == ["capflow.log", *(f"capflow.log.{n}" for n in range(1, subject.FILE_COUNT))]
    assert "line 39" in log.file.read_text(encoding="utf-8")


def test_a_rotation_the_system_refuses_loses_no_line(log: Diagnostics) -> None:
    handler = next(h for h in logging.getLogger().handlers if isinstance(h, logging.handlers.RotatingFileHandler))

    def refuse(_source: str, _target: str) -> None:
        raise PermissionError(13, "another process has the file open")

    handler.rotator = refuse
    handler.maxBytes = 100
    for number in range(10):
        logging.getLogger("x").info("line %d", number)
    assert [f"line {n}" in log.file.read_text(encoding="utf-8") for n in range(10)] == [True] * 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("access_token=abc.def-123, next", "access_token=‹hidden›, next"),
        ('{"app_secret": "s3cr3t"}', '{"app_secret": "‹hidden›"}'),
        ("Authorization: Bearer eyJhbGciOi", "Authorization: Bearer ‹hidden›"),
        ("api-key = K1 host=h", "api-key = ‹hidden› host=h"),
        ("password:hunter2", "password:‹hidden›"),
        ("SignedHeaders=a;b, Signature=0a1b2c", "SignedHeaders=a;b, Signature=‹hidden›"),
        ('{"otp": "0a1b2c"}', '{"otp": "‹hidden›"}'),
        ("GET /callback?code=abc&state=xyz HTTP", "GET /callback?code=‹hidden›&state=‹hidden› HTTP"),
        ("refused: error code=301600, state: ready", "refused: error code=301600, state: ready"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIC\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----‹hidden›-----END RSA PRIVATE KEY-----",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIC", "-----BEGIN PRIVATE KEY-----‹hidden›"),
        ("700.HK: net -263.2M at 14:31", "700.HK: net -263.2M at 14:31"),
        ("Bearer abcdefghijklmnop is over", "Bearer ‹hidden› is over"),
        ("m_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-na_ture, and more", "‹hidden›, and more"),
        ("http://me:my-word@proxy:8080/ refused", "http://‹hidden›@proxy:8080/ refused"),
        ("opend://127.0.0.1:11111 and http://host:80/x@y", "opend://127.0.0.1:11111 and http://host:80/x@y"),
    ],
)
def test_secrets_are_hidden_by_their_name(text: str, shown: str) -> None:
    assert Redaction().clean(text) == shown


def test_a_registered_secret_is_hidden_everywhere(log: Diagnostics, expect_log: Callable[[str], None]) -> None:
    expect_log("it failed")
    log.register_secret("abc")  # too short to be one
    log.register_secret("wxyz-1234")
    log.register_secret("wxyz-1234-longer")
    try:
        int("with wxyz-1234 inside")
    except ValueError:
        logging.getLogger("x").exception("it failed for %s: abc", "wxyz-1234-longer")
    text = log.file.read_text(encoding="utf-8")
    assert "it failed for ‹hidden›: abc" in text
    assert "with ‹hidden› inside" in text
    assert "wxyz" not in text


def test_stderr_has_a_level_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expect_log: Callable[[str], None]
) -> None:
    expect_log("to both")
    diagnostics = configure_logging(tmp_path, "debug", "warning")
    logging.getLogger("x").debug("to the file")
    logging.getLogger("x").warning("to both")
    diagnostics.close()
    said = capsys.readouterr().err
    assert "to both" in said
    assert "to the file" not in said
    assert "to the file" in diagnostics.file.read_text(encoding="utf-8")


def test_arguments_are_put_into_words_on_stderr_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expect_log: Callable[[str], None]
) -> None:
    expect_log("link_down")
    diagnostics = configure_logging(tmp_path, words=lambda value: "no link" if value is Code.LINK_DOWN else value)
    logging.getLogger("x").warning("%s: %s", "opend", Code.LINK_DOWN)
    diagnostics.close()
    assert capsys.readouterr().err.endswith("WARNING x: opend: no link\n")
    assert diagnostics.file.read_text(encoding="utf-8").endswith("WARNING x: opend: link_down\n")


def test_libraries_keep_their_voice_down_and_close_undoes_all(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.getLogger("qasync").level, sys.excepthook, threading.excepthook)
    diagnostics = configure_logging(tmp_path, "debug", None)
    diagnostics.install_crash_hooks()
    logging.getLogger("qasync").info("chatter")
    diagnostics.close()
    assert "chatter" not in diagnostics.file.read_text(encoding="utf-8")
    after = (list(root.handlers), root.level, logging.getLogger("qasync").level, sys.excepthook, threading.excepthook)
    assert after == before


def test_that_an_encrypted_stream_has_ended_is_no_line(log: Diagnostics, expect_log: Callable[[str], None]) -> None:
    """Python's own text, and no other of asyncio's warnings."""
    expect_log("WARNING asyncio: Executing")
    logging.getLogger("asyncio").warning("returning true from eof_received() has no effect when using ssl")
    logging.getLogger("asyncio").warning("Executing %s took 2 seconds", "a poll")
    lines = log.file.read_text(encoding="utf-8").splitlines()
    assert [line.partition(" WARNING ")[2] for line in lines] == ["asyncio: Executing a poll took 2 seconds"]


def test_without_a_usable_folder_the_program_goes_on_and_says_so(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("There is no log file")
    (tmp_path / "log").write_text("in the way")
    diagnostics = configure_logging(tmp_path / "log", "info", None)
    diagnostics.close()
    assert diagnostics.problem.startswith("There is no log file:")


def test_a_full_disk_is_said_once_and_costs_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expect_log: Callable[[str], None]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("a device of Linux")
    expect_log("full")
    (tmp_path / "capflow.log").symlink_to("/dev/full")
    diagnostics = configure_logging(tmp_path)
    for number in range(3):
        logging.getLogger("capflow_gui").info("line %d", number)
    diagnostics.close()
    said = capsys.readouterr().err.splitlines()
    assert [line.partition("WARNING ")[2] for line in said] == [
        f"capflow_gui.diagnostics: {tmp_path / 'capflow.log'} cannot be written (the disk is full)."
    ]


def test_a_place_for_crashes_that_cannot_be_written_stops_no_start(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("crash.log cannot be written")
    (tmp_path / "crash.log").mkdir()
    diagnostics = configure_logging(tmp_path, stderr=None)
    diagnostics.install_crash_hooks()
    diagnostics.close()


def test_what_nobody_caught_is_in_the_log(log: Diagnostics, expect_log: Callable[[str], None]) -> None:
    for pattern in ("nobody caught this$", "nobody caught this in worker-7", "in the event loop", "Rude"):
        expect_log(pattern)
    log.install_crash_hooks()
    error = RuntimeError("main")
    sys.excepthook(RuntimeError, error, None)
    thread = threading.Thread(target=lambda: 1 // 0, name="worker-7")
    thread.start()
    thread.join()

    class Rude:
        def __del__(self) -> None:
            raise OSError("while dying")

    rude = Rude()
    del rude

    async def forget() -> None:
        asyncio.get_running_loop().set_exception_handler(log_loop_exception)
        asyncio.get_running_loop().call_soon([].pop)
        await asyncio.sleep(0)

    asyncio.run(forget())
    text = log.file.read_text(encoding="utf-8")
    for said in ("RuntimeError: main", "ZeroDivisionError", "OSError: while dying", "IndexError"):
        assert said in text


def test_what_a_slot_raised_keeps_nothing_alive(tmp_path: Path) -> None:
    script = (
        "import gc, sys, pathlib, weakref\n"
        "from PySide6.QtCore import QCoreApplication, QObject, QTimer\n"
        "from capflow_gui.diagnostics import configure_logging\n"
        "configure_logging(pathlib.Path(sys.argv[1]), stderr=None).install_crash_hooks()\n"
        "class Part(QObject):\n"
        "    def fail(self):\n"
        "        raise ValueError('in a slot')\n"
        "app, part = QCoreApplication([]), Part()\n"
        "QTimer.singleShot(0, part.fail)\n"
        "QTimer.singleShot(0, app.quit)\n"
        "app.exec()\n"
        "known = weakref.ref(part)\n"
        "del part\n"
        "gc.collect()\n"
        "print(known())\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=True, text=True)
    assert done.stdout == "None\n"
    assert "ValueError: in a slot" in (tmp_path / "capflow.log").read_text(encoding="utf-8")


def test_an_interrupt_is_no_crash(log: Diagnostics, capsys: pytest.CaptureFixture[str]) -> None:
    log.install_crash_hooks()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "KeyboardInterrupt" in capsys.readouterr().err
    assert log.file.read_text(encoding="utf-8") == ""


def test_a_crash_of_the_interpreter_leaves_its_stacks(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, faulthandler, ctypes\n"
        "from capflow_gui.diagnostics import configure_logging\n"
        "configure_logging(pathlib.Path(sys.argv[1])).install_crash_hooks()\n"
        "ctypes.string_at(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=False)
    assert done.returncode != 0
    assert "string_at" in (tmp_path / "crash.log").read_text(encoding="utf-8")


def test_python_warnings_go_to_the_log(log: Diagnostics, expect_log: Callable[[str], None]) -> None:
    expect_log("beware")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("beware", stacklevel=1)
    assert "beware" in log.file.read_text(encoding="utf-8")


def test_a_fault_that_comes_with_every_frame_does_not_fill_the_log() -> None:
    repeats = subject.Repeats()

    def passed(at: float) -> str | None:
        try:
            int("while painting")
        except ValueError:
            record = logging.LogRecord("x", logging.CRITICAL, "", 0, "nobody caught %s", ("this",), sys.exc_info())
        record.created = at
        return record.getMessage() if repeats.filter(record) else None

    assert [passed(100.0), passed(100.1), passed(159.9)] == ["nobody caught this", None, None]
    assert passed(160.1) == "nobody caught this (again, 2 times more since)"
    assert passed(160.2) is None
    plain = logging.LogRecord("x", logging.CRITICAL, "", 0, "plain", None, None)
    assert [repeats.filter(plain), repeats.filter(plain)] == [True, True]


def test_only_the_newest_of_the_passing_secrets_are_remembered() -> None:
    redaction = Redaction()
    redaction.register_secret("the-lasting-one")
    for number in range(10_000):
        redaction.register_secret(f"passing-{number:05d}", lasting=False)
    assert redaction.clean("the-lasting-one passing-09999 passing-00000") == "‹hidden› ‹hidden› passing-00000"


def test_a_percent_encoded_secret_is_hidden_too() -> None:
    redaction = Redaction()
    redaction.register_secret("a+b/c==")
    assert redaction.clean("x=a%2Bb%2Fc%3D%3D, y=a+b/c==") == "x=‹hidden›, y=‹hidden›"


def test_a_secret_in_base64_is_hidden_wherever_it_stands_in_it() -> None:
    redaction, secret = Redaction(), "one+two/three?four"
    redaction.register_secret(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in ("", "a", "ab", "user:"):
            text = encode(f"{before}{secret}:and-more".encode()).decode()
            shown = redaction.clean(text)
            assert "‹hidden›" in shown
            assert len(shown.replace("‹hidden›", "")) < len(text) - len(secret)


def test_a_secret_that_was_cut_off_is_hidden_too() -> None:
    redaction = Redaction()
    redaction.register_secret("abcdefghijklmnopqrstuvwxyz")
    redaction.register_secret("abcdefghijklmnop-another")
    assert redaction.clean("HTTP 401: abcdefghijklmno") == "HTTP 401: ‹hidden›"
    assert redaction.clean("<abcdefghijklmnop-another>") == "<‹hidden›>"
    assert redaction.clean("abcdefghijklmnopqrstuvwxyz!abcdefghijk") == "‹hidden›!abcdefghijk"


def test_a_crash_is_logged_without_its_secrets(log: Diagnostics, expect_log: Callable[[str], None]) -> None:
    expect_log("nobody caught this")
    log.redaction("the-token-of-mine")
    error = ValueError("the-token-of-mine")
    error.__cause__ = KeyError("the-token-of-mine")
    subject.log_crash(error)
    text = log.file.read_text(encoding="utf-8")
    assert "ValueError: ‹hidden›" in text
    assert "the-token-of-mine" not in text
