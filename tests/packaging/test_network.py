"""The program calls nobody but the sources it was given: every address it asks for is watched."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.forked import COMMAND, DESKTOP

ROOT = Path(__file__).resolve().parents[2]
WATCHED = """
import sys
out = open(sys.argv.pop(1), "w", buffering=1)
dialogs = sys.argv.pop(1)
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        if isinstance(arguments[1], tuple):  # a text is a file on this computer
            print("CALLED", *arguments[1][:2], file=out)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if arguments[0] is not None:
            print("CALLED", arguments[0], arguments[1] if len(arguments) > 1 else 0, file=out)
    elif event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system", "webbrowser.open"):
        print("STARTED", arguments[0], file=out)
sys.addaudithook(watch)
if dialogs:
    import asyncio
    from capflow_gui.app import children
    children.open_page = lambda page: print("OPENED", page, file=out) or True
    from capflow_gui.app.desktop import Desktop
    look = Desktop._look
    async def opened(self, session, window):
        for name in dialogs.split(","):
            getattr(window.dialogs, name)()
            while window.dialogs.making:
                await asyncio.sleep(0)
            print("DIALOG", type(window.dialogs.current).__name__, file=out)
        return await look(self, session, window)
    Desktop._look = opened
from capflow_gui.cli.main import main
sys.exit(main())
"""
VARIABLES = ("LONGBRIDGE_", "LONGPORT_", "XDG_")


class Watch:
    """Runs the program in a profile of its own, and tells what it did on the network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.config.mkdir()

    def run(
        self,
        *arguments: str,
        dialogs: str = "",
        given: bytes = b"",
        python: Sequence[str] = tuple(DESKTOP),
        **environ: str,
    ) -> list[str]:
        """The program's calls in order, `HOST PORT` each; what else it did (dialogs apart) fails here."""
        seen = self.folder / "calls"
        folders = ("--config-dir", str(self.config), "--data-dir", str(self.folder / "data"))
        command = [*python, "-c", WATCHED, str(seen), dialogs, *arguments, *folders]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(VARIABLES)}
        wanted = {**kept, "QT_QPA_PLATFORM": "offscreen", "HOME": str(self.folder), **environ}
        done = subprocess.run(command, cwd=ROOT, env=wanted, check=False, capture_output=True, timeout=60, input=given)
        assert done.returncode == 0, done.stderr.decode()
        lines = seen.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if not line.startswith(("CALLED ", "DIALOG "))] == []
        assert len([line for line in lines if line.startswith("DIALOG ")]) == len(
            list(filter(None, dialogs.split(",")))
        )
        return [line.removeprefix("CALLED ") for line in lines if line.startswith("CALLED ")]

    def picture(self, *arguments: str, dialogs: str = "", after: str = "2", **environ: str) -> list[str]:
        """The calls of a window that was looked at."""
        picture = ("--screenshot", str(self.folder / "window.png"), "--after", after)
        return self.run(*arguments, *picture, dialogs=dialogs, **environ)

    def write_settings(self, text: str) -> None:
        (self.config / "settings.toml").write_text(f"first_run_done = true\n{text}", encoding="utf-8")


@pytest.fixture
def watched(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


@pytest.fixture(scope="module")
def brokers() -> Iterator[dict[str, Any]]:
    """Both brokers, simulated in a process that is not watched."""
    command = [*COMMAND, "simulate", "--speed", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            yield json.loads(run.stdout.readline())
        finally:
            run.terminate()


def place(url: str) -> str:
    """A URL's, or HOST:PORT's, `HOST PORT`."""
    parts = urlsplit(url if "//" in url else f"//{url}")
    return f"{parts.hostname} {parts.port}"


@pytest.mark.parametrize(
    "arguments", [("--self-test",), ("fetch", "700.HK", "--source", "demo:")], ids=["window", "fetch"]
)
def test_a_demo_calls_only_itself(watched: Watch, arguments: tuple[str, ...]) -> None:
    calls = watched.run(*arguments, python=[sys.executable])  # which imports under the watch
    assert calls, "the watch saw nothing: it does not work"
    assert {call.partition(" ")[0] for call in calls} == {"127.0.0.1"}


def test_a_first_start_calls_nobody(watched: Watch) -> None:
    assert watched.picture(after="1") == []


@pytest.mark.parametrize("verb", ["fetch", "watch", "serve", "window"])
def test_only_the_opend_of_the_settings_is_called(watched: Watch, brokers: dict[str, Any], verb: str) -> None:
    host, _, port = brokers["opend"].partition(":")
    watched.write_settings(
        f'source = "opend"\n[opend]\nhost = "{host}"\nport = {port}\n[watchlist]\nsymbols = ["700.HK"]\n'
    )
    verbs = {"fetch": ("fetch", "700.HK"), "watch": ("watch", "700.HK", "--for", "2"), "serve": ("serve",)}
    asked = b'{"jsonrpc": "2.0", "id": 1, "method": "flow.get"}\n'
    calls = watched.run(*verbs[verb], given=asked) if verb in verbs else watched.picture()
    assert set(calls) == {place(brokers["opend"])}


@pytest.mark.parametrize(
    ("transport", "called"),
    [("websocket", "longport_ws"), ("tcp", "longport_tcp"), ("http", "longport_http")],
)
def test_only_the_longport_asked_for_is_called(
    watched: Watch, brokers: dict[str, Any], transport: str, called: str
) -> None:
    environ = {**brokers["longport_environment"], "LONGBRIDGE_QUOTE_URL": brokers["longport_tcp"]}
    calls = watched.run("fetch", "700.HK", "--source", f"longport:?transport={transport}", **environ)
    # The one-time password of a connection is always asked for by HTTP.
    assert {place(brokers[called])} <= set(calls) <= {place(brokers[called]), place(brokers["longport_http"])}


def test_a_window_on_two_brokers_calls_those_two(watched: Watch, brokers: dict[str, Any]) -> None:
    host, _, port = brokers["opend"].partition(":")
    watched.write_settings(
        f'source = "opend"\nsecond_source = "longport"\n[opend]\nhost = "{host}"\nport = {port}\n'
        '[watchlist]\nsymbols = ["700.HK", "9988.HK"]\n[watchlist.sources]\n"9988.HK" = "longport"\n'
    )
    calls = set(watched.picture(after="3", **brokers["longport_environment"]))
    longport = {place(brokers["longport_http"]), place(brokers["longport_ws"])}
    assert place(brokers["opend"]) in calls
    assert calls & longport
    assert calls <= {place(brokers["opend"]), *longport}


def test_looking_at_every_dialog_calls_nobody_else(watched: Watch, brokers: dict[str, Any]) -> None:
    """About is where an update check would be: it opens a page when it is clicked, and not before."""
    host, _, port = brokers["opend"].partition(":")
    watched.write_settings(
        f'source = "opend"\n[opend]\nhost = "{host}"\nport = {port}\n[watchlist]\nsymbols = ["700.HK"]\n'
    )
    dialogs = "open_about,open_keys,open_settings,open_current_threshold,open_groups,open_connection"
    assert set(watched.picture(dialogs=dialogs)) == {place(brokers["opend"])}


def test_qt_itself_is_given_no_network() -> None:
    """The watch sees Python's sockets. Qt's are used for one thing: finding a window of the same user and profile."""
    found = {}
    for path in (ROOT / "capflow_gui").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "QtNetwork" in text or "QtWeb" in text else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                ("PySide6.QtNetwork", "PySide6.QtWeb")
            ):
                found[path.relative_to(ROOT).as_posix()] = sorted(alias.name for alias in node.names)
    assert found == {"capflow_gui/app/single_instance.py": ["QLocalServer", "QLocalSocket"]}
