"""The desktop program from start to end: first run, one session after the other, screenshots and the self-test."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import logging
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer
from PySide6.QtWidgets import QApplication, QWidget

from capflow_gui.app.language.using import suggested_palette, use_language
from capflow_gui.app.loading import load, load_in_turns
from capflow_gui.app.profile import Held, Profile
from capflow_gui.app.request import DEMO, Reopen, Request
from capflow_gui.app.single_instance import SingleInstance
from capflow_gui.app.system.garbage import collect_all
from capflow_gui.clock import SystemClock
from capflow_gui.diagnostics import Diagnostics, configure_logging, log_crash, log_loop_exception
from capflow_gui.errors import CapflowError, InvalidInput
from capflow_gui.paths import disk_words, shown
from capflow_gui.present.language.texts import _, one_after_other
from capflow_gui.present.sentences import link_reason, log_words
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Connection
from capflow_gui.stop_signals import stop_on_signals
from capflow_gui.ui.theme import apply_theme, theme_of
from capflow_gui.ui.window.frame import Frame

if TYPE_CHECKING:
    from capflow_gui.app.longport_sign_in import LongportSignIn
    from capflow_gui.app.session import Session
    from capflow_gui.ui.window.main_window import MainWindow

_log = logging.getLogger(__name__)
_SESSION = "capflow_gui.app.session"
# What the session imports: without Qt, and with it. Missing here costs a pause at the start, nothing else.
_RULES = (
    "capflow_gui.feed.rows",
    "capflow_gui.feed.events",
    "capflow_gui.licences",
    "capflow_gui.playback.board",
    "capflow_gui.present.recorded_words",
    "capflow_gui.present.report",
    "capflow_gui.present.row_sentence",
    "capflow_gui.present.update_words",
)
_WINDOW = (
    "capflow_gui.ui.ports",
    "capflow_gui.ui.history.playback",
    "capflow_gui.ui.history.recorded",
    "capflow_gui.ui.flow_views.views",
    "capflow_gui.ui.window.chart_head",
    "capflow_gui.ui.window.chart_slot",
    "capflow_gui.ui.window.detail_table",
    "capflow_gui.ui.alerts.model",
    "capflow_gui.ui.alerts.table",
    "capflow_gui.ui.window.detail_tabs",
    "capflow_gui.ui.toolbar.search",
    "capflow_gui.ui.toolbar.bar",
    "capflow_gui.ui.models.watchlist_model",
    "capflow_gui.ui.watchlist.table",
    "capflow_gui.ui.watchlist.columns_menu",
    "capflow_gui.ui.watchlist.panel",
    "capflow_gui.ui.dialogs.connection",
    "capflow_gui.ui.window.dialogs",
    "capflow_gui.ui.window.state",
    "capflow_gui.ui.arrangement.desk_layouts",
    "capflow_gui.ui.actions.window",
    "capflow_gui.ui.rules.actions",
    "capflow_gui.ui.window.main_window",
    "capflow_gui.app.longport_sign_in",
    "capflow_gui.app.early_board",
    "capflow_gui.app.language.renewal",
    "capflow_gui.app.problem_report",
    "capflow_gui.app.recorded_days",
)
_PAINT_S = 1.0
_SELF_TEST_S = 45.0
_LOOK_MS = 100


class Desktop:
    """Lives in the frame of `app.run.main`. `run` returns the exit status."""

    def __init__(self, app: QApplication, request: Request) -> None:
        self._app = app
        self._request = request
        self._clock = SystemClock()
        self._sign_in: LongportSignIn | None = None  # what was entered in this run; a profile hands it to the next
        self._session: Session | None = None
        self._stop = asyncio.Event()
        self._held: dict[Path, Held] = {}  # by file, what could not be saved in it
        self._language = request.language
        self._looks: dict[str, object] = {}  # settings chosen on the first page, which the demo takes over

    async def run(self) -> int:
        """Show one profile after the other until the user leaves."""
        asyncio.get_running_loop().set_exception_handler(log_loop_exception)
        following: Reopen | None = Reopen(demo=self._request.demo or self._request.self_test)
        status = 0
        # Qt's own quit and the end of the desktop session end the program in order, too.
        self._app.commitDataRequest.connect(self.stop)
        with stop_on_signals(self.stop):
            try:
                while following is not None and not self._stop.is_set():
                    status, following = await self._profile(following)
                    await asyncio.sleep(0)  # the window before is deleted: the next one's theme is not put on it, too
                    if following is not None:
                        collect_all()  # no window is seen
                        await asyncio.sleep(0)
            except CapflowError as error:
                await self._say_refusal(error)
                raise
            finally:
                if self._sign_in is not None:
                    self._sign_in.close()
                self._app.commitDataRequest.disconnect(self.stop)
        return status

    def stop(self) -> None:
        """End the program, in order."""
        self._stop.set()
        if self._session is not None:
            self._session.stop()

    async def _profile(self, wanted: Reopen) -> tuple[int, Reopen | None]:
        profile = Profile(self._request, demo=wanted.demo, held=self._held)
        if wanted.demo and not profile.settings.allow_demo and not self._request.self_test:
            raise InvalidInput(DEMO, Reason.of(Code.DEMO_OFF))
        if wanted.demo and self._looks:
            profile.change_settings(self._looks)
            self._looks = {}
        use_language(self._app, profile.settings.appearance, self._language)
        diagnostics = configure_logging(
            profile.paths.log,
            self._request.log_level or profile.settings.log_level,
            self._request.log_level or "warning",
            words=log_words,
        )
        try:
            diagnostics.install_crash_hooks()
            for line in (f"profile {shown(profile.paths.config)}", *profile.problems):
                _log.info("%s", line)
            if diagnostics.problem:
                profile.problems.append(diagnostics.problem)
            if wanted.connection is not None:
                profile.connect(wanted.connection)
            if wanted.dropped is not None:
                from capflow_gui.present.connection_words import disconnected_words  # noqa: PLC0415 - seldom

                profile.disconnect(wanted.dropped)
                last = profile.settings.source is None
                profile.problems.append(disconnected_words(wanted.dropped, last=last, left=wanted.left))
            return await self._alone(profile, diagnostics)
        except CapflowError:
            raise
        except Exception as error:  # noqa: BLE001 - logged with its traceback, without secrets
            log_crash(error)
            return 1, None
        finally:
            diagnostics.close()

    async def _say_refusal(self, error: CapflowError) -> None:
        """Show why nothing starts, where stderr has no reader: started from a Linux desktop's menu.

        On Windows and macOS packaging/entry/desk.py shows what a program without a console said.
        """
        seen = sys.platform == "linux" and self._app.platformName() not in ("offscreen", "minimal")
        if self._request.fleeting or not seen or (sys.stderr is not None and sys.stderr.isatty()):
            return
        await show_refusal(error, self._stop)

    async def _alone(self, profile: Profile, diagnostics: Diagnostics) -> tuple[int, Reopen | None]:
        """The profile, unless it is on screen already."""
        if self._request.fleeting:
            return await self._show(profile, diagnostics)
        instance = SingleInstance(profile.paths.state, self._raise, self._request.layout)
        try:
            if not instance.claim():
                sys.stderr.write(f"{_('Capflow is running already: its window was raised.')}\n")
                return 0, None
            return await self._show(profile, diagnostics)
        finally:
            instance.release()
            self._held.pop(profile.paths.settings_file, None)
            if profile.unsaved:
                self._held[profile.paths.settings_file] = profile.held

    def _raise(self, layout: str) -> None:
        for main in self._session.windows if layout and self._session is not None else ():
            main.layouts.use(layout)
        for window in self._app.topLevelWidgets():
            if window.isWindow() and not window.parent() and (window.isVisible() or isinstance(window, Frame)):
                window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
                window.show()
                window.raise_()
                window.activateWindow()

    async def _show(self, profile: Profile, diagnostics: Diagnostics) -> tuple[int, Reopen | None]:
        if not profile.demo and profile.settings.source is None:
            chosen = await self._first_run(profile, diagnostics)
            if chosen is None or chosen.connection is None:
                return 0, chosen
            profile.connect(chosen.connection)
            profile.problems.clear()  # they were said on the first page
        frame = self._open_frame(profile)
        try:
            session_type = await self._load_session(frame)
            if self._stop.is_set():
                return 0, None
            session = session_type(
                self._app,
                self._request,
                profile,
                self._clock,
                frame=frame,
                sign_in=self._sign_in_of(diagnostics),
                diagnostics=diagnostics,
            )
            await asyncio.sleep(0)  # to make the window is a turn of its own
            return await self._run_session(session)
        finally:
            frame.may_close()
            frame.close()
            frame.deleteLater()

    def _sign_in_of(self, diagnostics: Diagnostics) -> LongportSignIn:
        """What signs in to Longport; it tells this log of the secrets."""
        from capflow_gui.app.longport_sign_in import LongportSignIn  # noqa: PLC0415 - after the first paint

        if self._sign_in is None:
            self._sign_in = LongportSignIn(self._clock)
        self._sign_in.use_log(diagnostics.redaction)
        return self._sign_in

    def _open_frame(self, profile: Profile) -> Frame:
        theme = theme_of(profile.settings.appearance)
        apply_theme(self._app, theme, sheet=False)  # the frame needs none, and applies it to what it will hold
        frame = Frame(profile.settings.window.geometry, theme, simulated=profile.demo)
        if self._request.size is not None:
            frame.resize(*self._request.size)
        frame.closing.connect(self.stop)
        frame.show()
        return frame

    async def _load_session(self, frame: Frame) -> type[Session]:
        """Import what the window will hold, only once the window is on screen."""
        painted = asyncio.Event()
        frame.painted.connect(painted.set)
        # A window that starts hidden or minimised is never painted.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(painted.wait(), _PAINT_S)
        await load(*_RULES)
        await load_in_turns(*_WINDOW, _SESSION)
        session_type: type[Session] = importlib.import_module(_SESSION).Session
        return session_type

    async def _run_session(self, session: Session) -> tuple[int, Reopen | None]:
        self._session = session
        try:
            async with session.running() as window:
                gc.freeze()  # see `app.system.garbage`
                self._app.styleHints().colorSchemeChanged.connect(session.apply_theme)
                try:
                    status = await self._look(session, window) if self._request.fleeting else None
                    del window  # see `Session.running`
                    if status is None:
                        await _follow_motion()
                        await session.until_stopped()
                        status = 0
                finally:
                    self._app.styleHints().colorSchemeChanged.disconnect(session.apply_theme)
        finally:
            self._session = None
            gc.unfreeze()
        return status, session.reopen

    # first run

    async def _first_run(self, profile: Profile, diagnostics: Diagnostics) -> Reopen | None:
        """Ask where the data comes from; None where the user closed the window instead."""
        from capflow_gui.app.connection_test import try_connection  # noqa: PLC0415 - once in a profile's life
        from capflow_gui.app.desk.sign_in import DeskSignIn  # noqa: PLC0415
        from capflow_gui.app.jobs import Jobs  # noqa: PLC0415
        from capflow_gui.ui.dialogs.first_run import FirstRun  # noqa: PLC0415
        from capflow_gui.ui.ports import ConnectServices  # noqa: PLC0415

        theme = theme_of(profile.settings.appearance)
        apply_theme(self._app, theme)
        jobs = Jobs()
        test = partial(try_connection, self._clock)
        sign_in = self._sign_in_of(diagnostics)
        services = ConnectServices(test, jobs.start, sign_in)
        page = FirstRun(
            profile.settings.opend,
            profile.settings.longport,
            profile.settings.appearance,
            services,
            theme,
            threshold=profile.default_threshold,
            locks=profile.policy.locks,
            allow_demo=profile.settings.allow_demo,
            suggested=suggested_palette() if self._is_new(profile) else "",
            desk=(profile.settings.desk, DeskSignIn(self._clock, sign_in.conceal)),
        )
        if profile.problems:
            page.say(one_after_other(profile.problems))
        answer: asyncio.Future[Reopen | None] = asyncio.get_running_loop().create_future()

        def decide(chosen: Reopen | None) -> None:
            if not answer.done():
                answer.set_result(chosen)

        def connect(connection: Connection) -> None:
            decide(Reopen(demo=False, connection=connection))

        def speak(language: str) -> None:
            self._language = None
            self._choose_look(profile, "appearance.language", language)
            decide(Reopen(demo=False))

        page.palettes.chosen.connect(lambda name: self._choose_look(profile, "appearance.palette", name))
        page.language_chosen.connect(speak)
        page.threshold_chosen.connect(lambda choice: profile.set_threshold(None, choice))
        page.demo_chosen.connect(lambda: decide(Reopen(demo=True)))
        page.connect_chosen.connect(connect)
        page.closed.connect(lambda: decide(None))
        page.show()
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            if self._request.screenshot is not None:
                await self._clock.sleep_until(self._clock.monotonic() + self._request.after)
                self._save(page)
                return None
            awaited: tuple[asyncio.Future[Any], ...] = (answer, stopping)
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else None
        finally:
            stopping.cancel()
            await jobs.close()
            answer.cancel()
            page.close()
            page.deleteLater()

    def _is_new(self, profile: Profile) -> bool:
        """Whether nothing of the profile is known but, at most, the language that was just chosen."""
        return not profile.paths.settings_file.exists() or [*self._looks] == ["appearance.language"]

    def _choose_look(self, profile: Profile, key: str, value: str) -> None:
        profile.change_settings({key: value})
        self._looks[key] = value

    # looking only

    async def _look(self, session: Session, window: MainWindow) -> int | None:
        if self._request.self_test:
            reason = await self._first_figures(session, window)
            self._save(window)
            if reason:
                sys.stderr.write(f"capflow --self-test: {reason}\n")
            return 1 if reason else 0
        deadline = self._clock.monotonic() + self._request.after
        stopped = asyncio.create_task(session.until_stopped(), name="stop")
        while self._clock.monotonic() < deadline and not stopped.done():
            await asyncio.sleep(_LOOK_MS / 1000)
        stopped.cancel()
        window.bridge.drain()
        self._save(window)
        return 0

    async def _first_figures(self, session: Session, window: MainWindow) -> str:
        """Wait until a row has figures and the chart shows them; why not, where they don't come."""
        deadline = self._clock.monotonic() + _SELF_TEST_S
        monitor = session.monitor
        assert monitor is not None  # noqa: S101  the session is running
        while self._clock.monotonic() < deadline:
            rows = [monitor.row(symbol) for symbol in monitor.symbols]
            if window.chart.chart is not None and any(row.series is not None for row in rows):
                window.bridge.drain()
                return ""
            await asyncio.sleep(_LOOK_MS / 1000)
        links = ", ".join(f"{link.source} {link.phase} {link_reason(link)}".strip() for link in monitor.links)
        chart = "" if window.chart.chart is not None else "; the chart was not built"
        return f"no figures within {_SELF_TEST_S:.0f} s ({links}){chart}"

    def _save(self, widget: QWidget) -> None:
        path, picture = self._request.screenshot, widget.grab()
        if path is None:
            return
        packed = QBuffer()  # Qt opens no file whose name is not UTF-8
        picture.save(packed, "PNG")
        try:
            path.write_bytes(packed.data().data())
        except OSError as error:
            text = _("the picture cannot be written to {path}: {why}")
            raise CapflowError(text.format(path=shown(path), why=disk_words(error))) from error


async def _follow_motion() -> None:
    """Move as little as the system asks for."""
    from capflow_gui.app.system.motion import wants_less_motion  # noqa: PLC0415 - after the first paint
    from capflow_gui.ui.access.motion import tell_system  # noqa: PLC0415

    tell_system(reduced=await asyncio.to_thread(wants_less_motion))


async def show_refusal(error: CapflowError, stop: asyncio.Event) -> None:
    """Show the error's sentence in a box until it is closed, or `stop` is set."""
    # A start that works does not need these.
    from PySide6.QtWidgets import QMessageBox  # noqa: PLC0415

    from capflow_gui.present.sentences import error_sentence  # noqa: PLC0415

    box = QMessageBox(QMessageBox.Icon.Critical, "Capflow", _("Capflow cannot start."))
    box.setInformativeText(error_sentence(error, retrying=False))
    closed = asyncio.Event()
    box.finished.connect(lambda _result: closed.set())
    box.open()
    waits = [asyncio.create_task(event.wait()) for event in (closed, stop)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        box.close()
        box.deleteLater()
