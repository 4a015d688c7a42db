"""A window over a hand-made board, wired as the app wires it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from capflow_gui.app.early_board import connect_monitor
from capflow_gui.domain.arrangement.layouts import Layouts
from capflow_gui.domain.quote import SearchHit, SecurityKind, StaticInfo, SymbolGroup
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import ComparedSources
from capflow_gui.licences import Part
from capflow_gui.monitor import Monitor
from capflow_gui.present.alerts.channel_words import ChannelNews, ChannelTest, channel_news
from capflow_gui.present.report import ReportPart
from capflow_gui.reason import Reason
from capflow_gui.settings import LongportSettings, Settings
from capflow_gui.settings.channels import ChannelSettings
from capflow_gui.settings.layouts import LoadedLayouts
from capflow_gui.ui.ports import (
    ConnectionReport,
    LongportEntry,
    LongportStanding,
    RecordedDays,
    ReportDraft,
    WindowServices,
)
from capflow_gui.ui.theme import build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard

TENCENT = Symbol.parse("700.HK")


@dataclass
class Answers:
    """Answers the window's questions at once, or with an error."""

    hits: list[SearchHit] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)
    report: ConnectionReport = field(default_factory=lambda: ConnectionReport(True, "OpenD answered.", "", 0.1))
    error: CapflowError | None = None
    compared: ComparedSources | None = None
    asked: list[object] = field(default_factory=list)
    standing: LongportStanding = field(default_factory=lambda: LongportStanding(None, keyring=True))
    left: str = ""
    recorded: RecordedDays | None = None
    layouts: HeldLayouts | None = None
    saved: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = Desk(self)

    async def save(self, path: str, content: bytes | Callable[[], bytes]) -> None:
        self.note("save" if isinstance(content, bytes) else "make and save", path)
        self.saved[path] = content if isinstance(content, bytes) else content()

    async def read(self, path: str) -> bytes:
        self.note("read", path)
        return self.saved[path]

    async def search(self, text: str) -> list[SearchHit]:
        self.note("search", text)
        return self.hits

    async def groups(self) -> list[SymbolGroup]:
        self.note("groups")
        return [SymbolGroup(name, custom=True) for name in self.members]

    async def group_symbols(self, name: str, source: str = "") -> list[StaticInfo]:
        self.note("group_symbols", *([source] if source else []), name)
        return [StaticInfo(Symbol.parse(code), code, SecurityKind.STOCK, 100) for code in self.members[name]]

    async def keep(self, entry: LongportEntry) -> None:
        self.note("keep", entry)

    async def sign_out(self, settings: LongportSettings) -> str:
        self.note("sign_out", settings)
        return self.left

    async def sign_in_and_test(self, entry: LongportEntry) -> ConnectionReport:
        self.note("longport", entry)
        return self.report

    async def test(self, host: str, port: int, rsa_key: str | None) -> ConnectionReport:
        self.note("test", host, port, rsa_key)
        return self.report

    async def compare(self, symbol: Symbol) -> ComparedSources:
        self.note("compare", symbol)
        assert self.compared is not None
        return self.compared

    def environment_words(self) -> str:
        return "Nothing is set."

    def note(self, *what: object) -> None:
        self.asked.append(what)
        if self.error is not None:
            raise self.error


@dataclass
class HeldLayouts:
    """Layouts in memory, as ui.ports.LayoutShelf."""

    layouts: Layouts = field(default_factory=Layouts)
    problems: list[Reason] = field(default_factory=list)
    error: CapflowError | None = None

    async def load(self) -> LoadedLayouts:
        return LoadedLayouts(self.layouts, self.problems)

    async def change(self, edit: Callable[[Layouts], Layouts]) -> Layouts:
        if self.error is not None:
            raise self.error
        self.layouts = edit(self.layouts)
        return self.layouts


@dataclass
class Access:
    """The answers, as a LongportAccess."""

    answers: Answers
    asked: bool = False

    def environment_words(self) -> str:
        return self.answers.environment_words()

    async def test(self, entry: LongportEntry) -> ConnectionReport:
        return await self.answers.sign_in_and_test(entry)

    async def keep(self, entry: LongportEntry) -> None:
        await self.answers.keep(entry)

    async def standing(self) -> LongportStanding:
        return self.answers.standing

    async def sign_out(self, settings: LongportSettings) -> str:
        return await self.answers.sign_out(settings)

    def asks_once(self) -> bool:
        asked, self.asked = self.asked, True
        return not asked


@dataclass
class Reports:
    """The answers, as ui.ports.ProblemReports."""

    answers: Answers

    async def gather(self) -> ReportDraft:
        self.answers.note("gather")
        parts = (
            ReportPart("README.txt", "this page", "Read me."),
            ReportPart("state.txt", "how it is", "All is well."),
        )
        return ReportDraft(parts, "capflow-report-20261122-1640.zip")

    async def save(self, draft: ReportDraft, path: str) -> None:
        self.answers.note("save", len(draft.parts), path)


@dataclass
class Desk:
    """The answers, as ui.ports.Channels."""

    answers: Answers
    told: dict[str, ChannelNews] = field(default_factory=dict)

    async def keep(self, name: str, secrets: Mapping[str, str | None]) -> None:
        self.answers.note("keep", name, dict(secrets))

    async def test(self, name: str, settings: ChannelSettings) -> ChannelTest:
        self.answers.note("test", name, settings)
        return ChannelTest(f"The test was sent to {name} at 14:31:58.", "Receipt 4711.", sent=True)

    async def news(self, names: Collection[str]) -> dict[str, ChannelNews]:
        return {name: self.told.get(name, channel_news([])) for name in names}


class Shelf:
    """Two parts with short texts, as an About."""

    def facts(self) -> list[tuple[str, str]]:
        return [("Capflow", "1.2.3"), ("Log", "/var/log/capflow")]

    def qt_folder(self) -> str:
        return "/opt/qt"

    async def parts(self) -> list[Part]:
        return [Part("Capflow", "1.2.3", "MIT", ()), Part("numpy", "2.0", "BSD-3-Clause", ())]

    async def text(self, part: Part) -> str:
        return f"the text of {part.name}"


def start_now(
    job: Callable[[], Coroutine[Any, Any, Any]],
    on_done: Callable[[Any], None],
    on_error: Callable[[Exception], None],
) -> Callable[[], None]:
    """ui.ports.Start for coroutines that never wait."""
    coroutine = job()
    try:
        coroutine.send(None)
    except StopIteration as stop:
        on_done(stop.value)
    except CapflowError as error:
        on_error(error)
    else:
        coroutine.close()
        raise AssertionError("this coroutine waits")
    return lambda: None


def open_window(
    board: Monitor,
    settings: Settings | None = None,
    answers: Answers | None = None,
    size: tuple[int, int] = (1600, 1000),
    *,
    show: bool = True,
    locks: Collection[str] = (),
    releases: str = "",
    in_turns: bool = False,
) -> MainWindow:
    """The window on screen (or about to be held), wired to the board's intents."""
    settings = settings or Settings()
    answers = answers or Answers()
    look = settings.appearance
    theme = build_theme(look.scheme, look.palette, look.font_scale)
    app = QApplication.instance()
    sheet = app.styleSheet()
    app.setStyleSheet("")  # as in the program: it comes when the window is built
    window = MainWindow(
        board,
        settings,
        theme,
        WindowServices(
            answers.test,
            start_now,
            Access(answers),
            answers,
            Reports(answers),
            Shelf(),
            recorded=answers.recorded,
            layouts=answers.layouts,
            channels=lambda: answers.desk,
            read=answers.read,
            save=answers.save,
            locks=locks,
            releases=releases,
        ),
        whole=not in_turns,
    )
    for _step in window.steps:
        QApplication.processEvents()
    connect_monitor(window.intents, lambda call: call(board))
    window.intents.set_default_source(lambda: board.default if isinstance(board, HandBoard) else None)
    window.resize(*size)
    app.setStyleSheet(sheet)
    if show:
        window.show()
    QApplication.processEvents()
    return window


def arranged(window: MainWindow) -> MainWindow:
    """The window, once all that is to be open beside it is open."""
    while window.places.arranging:
        QApplication.processEvents()
    QApplication.processEvents()
    return window


def shut(window: MainWindow) -> None:
    """Close a window as the app does."""
    window.may_close()
    window.close()
    window.deleteLater()


def delete(widgets: Iterable[QWidget]) -> None:
    """Delete top-level widgets that a test left: at last what Qt itself has made, if its owner has not deleted it.

    The scene of a chart has widgets without a parent; where they are deleted before it, it deletes them once more.
    """
    for by_qt in (False, True):
        for widget in widgets:
            if isValid(widget) and (type(widget) is QWidget) is by_qt:
                widget.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
