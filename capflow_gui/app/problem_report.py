"""Collects the problem report and writes it where the user says. Nothing is sent anywhere."""

from __future__ import annotations

import asyncio
import io
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QLocale, QStandardPaths, qVersion
from PySide6.QtGui import QGuiApplication, QScreen

from capflow_gui import __version__
from capflow_gui.app.profile import Profile
from capflow_gui.clock import Clock
from capflow_gui.diagnostics import CRASH_FILE, Diagnostics
from capflow_gui.errors import StorageError
from capflow_gui.feed.board import BoardView
from capflow_gui.paths import disk_words, expanded, is_passing, shown, write_atomically
from capflow_gui.present.language.texts import english
from capflow_gui.present.report import ReportFacts, ReportPart, file_name, report_parts, state_text, tidying
from capflow_gui.present.sentences import duration
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.ports import ReportDraft

_LOG_BYTES = 400_000
_CRASH_BYTES = 60_000
_LIBRARIES = ("PySide6", "numpy", "pyqtgraph", "qasync", "protobuf", "cryptography", "msgspec", "aiohttp", "keyring")


class ProblemReports:
    """An implementation of ui.ports.ProblemReports for one session. `reconnects` counts by source."""

    def __init__(
        self,
        diagnostics: Diagnostics,
        profile: Profile,
        board: BoardView,
        clock: Clock,
        reconnects: Callable[[], Mapping[str, int]],
    ) -> None:
        self._diagnostics = diagnostics
        self._profile = profile
        self._board = board
        self._clock = clock
        self._reconnects = reconnects
        self._began = clock.monotonic()

    async def gather(self) -> ReportDraft:
        """The report as it would be saved now, and where."""
        now = self._clock.wall()
        reconnects = self._reconnects()
        made = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        settings, key = self._profile.settings, self._profile.settings.opend.rsa_key
        with english():
            program = self._program()
            state = state_text(ReportFacts(made, program, reconnects, settings, ()), self._board)
        tidy = tidying(self._diagnostics.redaction.clean, str(expanded(Path("~"))), key)

        def read() -> tuple[ReportPart, ...]:
            facts = ReportFacts(made, program, reconnects, settings, list(self._logs()))
            return report_parts(facts, state, tidy, key_file=file_name(key))

        parts = await asyncio.to_thread(read)
        stamp = datetime.fromtimestamp(now).astimezone().strftime("%Y%m%d-%H%M")
        return ReportDraft(parts, str(_documents() / f"capflow-report-{stamp}.zip"))

    async def save(self, draft: ReportDraft, path: str) -> None:
        """Write the report. Raises StorageError where that is not possible; an older file is whole then."""
        file = Path(path)
        try:
            await asyncio.to_thread(write_atomically, file, _zipped(draft.parts))
        except OSError as error:
            place, why = shown(file.parent), disk_words(error)
            advice = Reason.of(Code.ROOM_OR_FOLDER) if is_passing(error) else Reason.of(Code.CHOOSE_FOLDER)
            raise StorageError(Reason.of(Code.REPORT_UNSAVED, place=place, why=why, advice=advice)) from error

    def _program(self) -> list[tuple[str, str]]:
        frozen = "bundle" if getattr(sys, "frozen", False) else "Python package"
        running = duration(self._clock.monotonic() - self._began)
        return [
            ("Capflow", f"{__version__} ({frozen}), window open for {running}"),
            ("profile", "demo" if self._profile.demo else "own"),
            ("locked", ", ".join(sorted(self._profile.policy.locks)) or "nothing, by no policy"),
            ("system", f"{platform.platform()}, {platform.machine()}"),
            ("Python", platform.python_version()),
            ("Qt", f"{qVersion()}, {QGuiApplication.platformName()}, {QLocale.system().name()}"),
            *(("screen", _screen(screen)) for screen in QGuiApplication.screens()),
            ("libraries", ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)),
        ]

    def _logs(self) -> Iterator[tuple[str, str]]:
        """The ends of the log and of the crash file, where there are any."""
        log = self._diagnostics.file
        text = _end(log, _LOG_BYTES)
        if len(text) < _LOG_BYTES // 2:  # it has just begun anew
            text = _end(log.with_name(f"{log.name}.1"), _LOG_BYTES // 2) + text
        yield "capflow.log", text or "There is no log.\n"
        crash = _end(log.with_name(CRASH_FILE), _CRASH_BYTES)
        if crash:
            yield "crash.log", crash


def _end(file: Path, limit: int) -> str:
    """The last whole lines of a file; nothing where there is none, the reason where it cannot be read."""
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, io.SEEK_END)
            opened.seek(max(0, size - limit))
            if size > limit:
                opened.readline()
            return opened.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{file.name} cannot be read: {error.strerror}\n"


def _zipped(parts: Sequence[ReportPart]) -> bytes:
    import zipfile  # noqa: PLC0415 - seldom wanted

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.writestr(part.name, part.text)
    return packed.getvalue()


def _documents() -> Path:
    """Where people keep files of their own; home, where this computer names no such folder."""
    named = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    folder = Path(named)
    return folder if named and folder.is_dir() else expanded(Path("~"))


def _screen(screen: QScreen) -> str:
    size, scale = screen.size(), screen.devicePixelRatio()
    pixels = f"{size.width() * scale:.0f} × {size.height() * scale:.0f} pixels"
    return f"{pixels} at {scale:g} times, {screen.refreshRate():.0f} Hz"


def _version(library: str) -> str:
    """The installed version; a bundle leaves out what would say it for some, and their modules know."""
    module = sys.modules.get(library)
    if module is not None and isinstance(found := getattr(module, "__version__", None), str):
        return found
    import importlib.metadata  # noqa: PLC0415 - seldom wanted

    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"
