"""One profile on screen: source, monitor and window wired together, from its first paint to its last save."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import QApplication

from capflow_gui.alerts.groups import RuleGroups
from capflow_gui.app import loading
from capflow_gui.app.about import Installation, built_page
from capflow_gui.app.alarm.announcer import Announcer
from capflow_gui.app.alarm.channel_desk import open_channel_desk
from capflow_gui.app.arrangement.shelf import open_layouts
from capflow_gui.app.children import open_page
from capflow_gui.app.desk.sign_in import DeskSignIn
from capflow_gui.app.early_board import EarlyBoard, connect_monitor
from capflow_gui.app.edits.watching import Edits
from capflow_gui.app.jobs import Answers, Jobs, cancelled, end_task, in_turns, run_part
from capflow_gui.app.language.renewal import Renewal
from capflow_gui.app.language.using import use_language
from capflow_gui.app.log.reader import log_file
from capflow_gui.app.longport_sign_in import LongportSignIn
from capflow_gui.app.problem_report import ProblemReports
from capflow_gui.app.profile import OtherProfiles, Profile
from capflow_gui.app.recorded_days import ArchivedDays, archive_room, past_alerts, read_file, save_file
from capflow_gui.app.request import DEMO, Reopen, Request
from capflow_gui.clock import Clock
from capflow_gui.diagnostics import Diagnostics
from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.session import Calendar
from capflow_gui.paths import Paths, resource
from capflow_gui.present.language.texts import one_after_other
from capflow_gui.present.settings.words import lock_words
from capflow_gui.present.update_words import update_reminder
from capflow_gui.settings import Connection, OpendSettings, Settings, load
from capflow_gui.settings.lists import pass_on
from capflow_gui.ui.ports import Channels, ConnectionReport, WindowServices
from capflow_gui.ui.theme import theme_of
from capflow_gui.ui.window.frame import Frame
from capflow_gui.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from capflow_gui.alerts.records import AlertStore
    from capflow_gui.archive.profile import ProfileArchive
    from capflow_gui.deliveries import Deliveries
    from capflow_gui.delivery.posting import Wishes
    from capflow_gui.domain.typed.rule_entry import RuleEntry
    from capflow_gui.monitor import Monitor
    from capflow_gui.settings.channels import ChannelSettings

_log = logging.getLogger(__name__)
# What a list on screen needs to be fed: imported behind its first paint.
_FEEDING = ("capflow_gui.app.open_sources", "capflow_gui.monitor", "capflow_gui.archive.profile")
_MARKET, _DELIVERIES = "capflow_gui.simulator.opend.server", "capflow_gui.deliveries"
_LONGPORT, _LONGPORT_MARKET = "capflow_gui.providers.longport.provider", "capflow_gui.simulator.longport.server"
_WATCHED = ("watchlist.", "thresholds.")  # what the monitor is told of at once
_PAINT_S = 1.0


class Session:
    """Runs until `stop` is called; `reopen` then says whether another session is to follow."""

    def __init__(
        self,
        app: QApplication,
        request: Request,
        profile: Profile,
        clock: Clock,
        *,
        frame: Frame,
        sign_in: LongportSignIn,
        diagnostics: Diagnostics,
    ) -> None:
        self._app = app
        self._request = request
        self._profile = profile
        self._clock = clock
        self._calendar = Calendar.from_json(resource("sessions.json").read_bytes())
        self._board = EarlyBoard(
            profile.symbols,
            profile.source_names(request),
            profile.rules(),
            self._calendar,
            clock,
            simulated=profile.demo,
            groups=profile.groups,
            unsaved=lambda: profile.unsaved,
        )
        self._frame = frame
        self._sign_in = sign_in
        self._diagnostics = diagnostics
        self._shelf = OtherProfiles(request)
        self._stop = asyncio.Event()
        self._files: AsyncExitStack = AsyncExitStack()
        self._deliveries: Deliveries | None = None
        self.jobs = Jobs()
        self._groups = RuleGroups(self._board.questions.group_symbols, self.jobs.start, lambda: self._board.groups)
        self.reopen: Reopen | None = None
        self.windows: list[MainWindow] = []
        self._announcer = Announcer(
            app, self._board, clock, lambda: profile.settings.alerts, windows=self.windows, frame=frame
        )
        self.monitor: Monitor | None = None
        profile.changed = self._pass_settings_on
        self._renewal = Renewal(
            app, self.windows, frame, make=self._make_window, replace=self._replace, change=profile.change
        )
        self._edits = Edits(
            profile, settings_taken=self._settings_edited, rules_taken=self._rules_edited, say=self._say
        )

    def stop(self) -> None:
        """End the session, in order. May be called often, from anywhere on this thread."""
        self._stop.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[MainWindow]:
        """The window, fed, until the context is left; leaving it closes everything, each stage logged."""
        async with AsyncExitStack() as stack:
            stack.callback(lambda: _log.info("closing: done"))
            self._files = await stack.enter_async_context(AsyncExitStack())
            stack.push_async_callback(asyncio.to_thread, self._announcer.close)
            # Opened after the window, and closed after it too. The tray shows what they send.
            stack.callback(self._announcer.close_tray)
            outgoing = await stack.enter_async_context(AsyncExitStack())
            sources = await stack.enter_async_context(AsyncExitStack())
            window = await self._make_window()
            stack.callback(self._close_windows)
            stack.push_async_callback(self.jobs.close)
            stack.push_async_callback(self._renewal.ended)
            await asyncio.sleep(0)  # to make it is a turn of its own, to lay it out another
            await self._show(window)
            if not self._request.fleeting:
                self._open_tray(window)
            await self._open_deliveries(outgoing)
            monitor = self.monitor = await self._open(sources)
            if self._deliveries is not None:
                self._deliveries.money = monitor.money
            self._board.open(monitor)
            alerts = self._board.subscribe("announcements", events=True)
            stack.callback(alerts.close)
            announced = partial(self._announcer.follow, alerts, self._learn_groups)
            stack.push_async_callback(end_task, run_part("announcements", announced, self._clock, self._say))
            self._say_problems(window)
            if not self._request.fleeting:
                window.places.restore_beside(self._profile.settings.window)
            window.layouts.begin(self._request.layout)
            feeding = asyncio.create_task(monitor.run(), name="monitor")
            stack.push_async_callback(self._stop_monitor, feeding)
            parts = {"saving": self._profile.save_again, "edited files": self._edits.follow}
            for part, run in (parts | {"imports": loading.load_parts}).items():
                running = run_part(part, partial(run, self._clock), self._clock, self._say)
                stack.push_async_callback(cancelled, running)
            if not self._request.fleeting and self._profile.settings.tour_due:
                window.guide.lead(window.bridge.ticked, window.start_tour, self._profile.begin_tour)
            _log.info("window: open")
            del window  # another language makes another one: this frame is not to keep the first
            yield self.windows[0]

    async def until_stopped(self) -> None:
        """Wait for `stop`."""
        await self._stop.wait()

    # opening

    def _open_alerts(self, simulated: bool) -> AlertStore:
        from capflow_gui.storage.alert_log import FILE_NAME, AlertLog  # noqa: PLC0415 - SQLite after the first paint

        # A simulator in a real profile: its alerts are kept where the demo's are, never among real ones.
        paths = Paths.resolve(DEMO, *self._request.folders) if simulated else self._profile.paths
        if self._deliveries is None:
            log = AlertLog(paths.data / FILE_NAME, simulated=simulated)
        else:
            log = self._deliveries.open_log(paths.data / FILE_NAME, simulated=simulated)
        self._files.push_async_callback(asyncio.to_thread, log.close)
        return log

    async def _open_deliveries(self, stack: AsyncExitStack) -> None:
        """Deliver alerts to the channels of the profile until `stack` is closed."""
        if self._keeps_alerts:
            from capflow_gui.deliveries import Deliveries, channels_in_use  # noqa: PLC0415 - after the first paint

            self._deliveries = Deliveries(
                channels_in_use(self._profile.settings),
                calendar=self._calendar,
                clock=self._clock,
                conceal=self._sign_in.conceal,
                wished=self._wishes,
                port=self._announcer.port(),
                demo=self._profile.demo,
            )
            await stack.enter_async_context(self._deliveries.running())
            stack.callback(lambda: _log.info("closing: deliveries"))

    def _channel_desk(self) -> Channels:
        folders = (self._profile.paths.data, Paths.resolve(DEMO, *self._request.folders).data)
        return open_channel_desk(folders, self._calendar, self._clock, self._sign_in.conceal, self._announcer.port())

    def _wishes(self, record: AlertRecord) -> Wishes:
        """What an alert's rule wants of channels; asked in the thread of the alert log."""
        from capflow_gui.delivery.posting import wishes_of  # noqa: PLC0415 - after the first paint

        return wishes_of(self._board.rules, record.rule_id, record.symbol, self._groups.of(record.symbol))

    @property
    def _keeps_alerts(self) -> bool:
        # Every demo is another day of its market: what was kept of the last one would be of the future.
        return not (self._request.fleeting or self._profile.demo)

    async def _open_archive(self) -> ProfileArchive | None:
        """What records the sources, unless the user wants nothing recorded."""
        from capflow_gui.archive.profile import ProfileArchive  # noqa: PLC0415 - SQLite after the first paint

        kept = self._profile.settings.archive
        if self._request.fleeting or not kept.record:
            return None
        real = not self._profile.demo and self._request.main_folders[1] is None
        archive = await asyncio.to_thread(ProfileArchive, self._profile.paths.data, kept, real=real)
        self._files.push_async_callback(asyncio.to_thread, archive.close)
        return archive

    async def _show(self, window: MainWindow) -> None:
        """Paint the list, and then import what feeds it."""
        painted = asyncio.Event()
        window.painted.connect(painted.set)
        self._frame.hold(window, self._app)
        # A window that starts hidden or minimised is never painted.
        with suppress(TimeoutError):
            await asyncio.wait_for(painted.wait(), _PAINT_S)
        demo, longport = self._profile.demo, "longport" in self._profile.source_names(self._request)
        feeding = [*_FEEDING, *[_DELIVERIES] * self._keeps_alerts, *[_MARKET] * demo, *[_LONGPORT] * longport]
        await loading.load(*feeding, *[_LONGPORT_MARKET] * (demo and longport))

    async def _open(self, stack: AsyncExitStack) -> Monitor:
        """The monitor over the profile's sources, which `stack` closes."""
        from capflow_gui.app.open_sources import open_sources  # noqa: PLC0415 - after the first paint
        from capflow_gui.monitor import Monitor  # noqa: PLC0415
        from capflow_gui.playback.past import read_past  # noqa: PLC0415

        profile = self._profile
        opened = await stack.enter_async_context(
            open_sources(profile, self._request, self._clock, self._sign_in.find, self._sign_in.conceal)
        )
        stack.callback(lambda: _log.info("closing: sources"))
        profile.problems += opened.closed.values()
        return Monitor(
            opened.sources,
            profile.symbols,
            calendar=self._calendar,
            clock=self._clock,
            rules=profile.rules(self._groups.of),
            open_alerts=self._open_alerts if self._keeps_alerts else None,
            delivery=None if self._deliveries is None else self._deliveries.dispatcher,
            simulated=profile.demo,
            groups=profile.groups,
            own_sources=profile.own_sources,
            archive=await self._open_archive(),
            read_past=partial(read_past, profile.paths.data),
            subscriptions=self._board.subscriptions,
            tell_health=self._announcer.tell_health,
        )

    async def _make_window(self) -> MainWindow:
        settings = self._profile.settings
        theme = theme_of(settings.appearance)
        answers = Answers(self.jobs)
        services = WindowServices(
            questions=self._board.questions,
            test=self._test,
            start=answers.start,
            longport=self._sign_in,
            desk=DeskSignIn(self._clock, self._sign_in.conceal),
            reports=ProblemReports(self._diagnostics, self._profile, self._board, self._clock, self._reconnects),
            simulated=self._profile.demo,
            home=self._home(),
            room=partial(archive_room, self._profile.paths.data),
            recorded=None if self._request.fleeting else self._recorded(),
            channels=self._channel_desk if self._keeps_alerts else None,
            read=read_file,
            save=save_file,
            alerts=past_alerts(self._request, self._profile, lambda: self._board.simulated),
            layouts=open_layouts(self._request, self._profile.paths),
            log=log_file(self._diagnostics, self._clock.wall),
            dry_runs=None if self._request.fleeting else self._recorded().tried,
            about=Installation(self._profile, self._shelf.name),
            profile=self._shelf.name,
            profiles=None if self._request.fleeting or self._profile.demo else self._shelf,
            open_page=open_page,
            locks=self._profile.policy.locks,
            lock_words=partial(lock_words, self._profile.policy),
            defaults=self._profile.policy.base,
            releases=settings.updates.page or built_page(),
        )
        window = MainWindow(self._board, settings, theme, services, whole=False)
        await in_turns(window.steps)
        window.settings = self._profile.settings  # they may have been changed meanwhile
        window.destroyed.connect(answers.forget)
        window.resize(self._frame.size())
        if self._request.size is not None:
            window.spread()
        window.intents.set_default_source(lambda: self._profile.default_threshold)
        self._connect(window)
        self.windows.append(window)
        return window

    def _recorded(self) -> ArchivedDays:
        profile, board = self._profile, self._board
        rules = partial(profile.rules, self._groups.of)
        return ArchivedDays(profile.paths.data, lambda: board.simulated, lambda: board.calendar, rules)

    def _reconnects(self) -> dict[str, int]:
        return {feed.name: feed.reconnects for feed in self.monitor.feeds} if self.monitor is not None else {}

    def _say_problems(self, window: MainWindow) -> None:
        self._profile.say = window.say
        said = [*self._profile.problems, *filter(None, [self._sign_in.note])]
        if said:
            window.say(one_after_other(said))
        elif not self._request.fleeting:
            self._remind(window)

    def _remind(self, window: MainWindow) -> None:
        if window.services.releases and (reminder := update_reminder(self._profile.settings.updates, self._today())):
            self._note_updates(reminded=self._today().isoformat())
            window.remind(reminder)

    async def _test(self, host: str, port: int, rsa_key: str | None) -> ConnectionReport:
        from capflow_gui.app.connection_test import try_connection  # noqa: PLC0415 - loads protobuf

        return await try_connection(self._clock, host, port, rsa_key)

    def _connect(self, window: MainWindow) -> None:
        defer, intents = self._board.defer, window.intents
        connect_monitor(intents, defer)
        intents.source_chosen.connect(self._profile.set_source)
        intents.threshold_chosen.connect(self._profile.set_threshold)
        intents.groups_set.connect(self._board.note_groups)
        for changed in (intents.symbols_added, intents.symbols_removed, intents.reordered, intents.groups_set):
            changed.connect(lambda _symbols: defer(self._list_changed))
        for rule_changed in (intents.rule_set, intents.rule_removed):
            rule_changed.connect(lambda *_rule: defer(self._rules_changed))
        intents.settings_chosen.connect(self._settings_chosen)
        intents.copies_wanted.connect(self._profile.keep_copies)
        intents.channels_chosen.connect(self._channels_chosen)
        intents.updates_looked.connect(lambda: self._note_updates(looked=self._today().isoformat()))
        intents.connection_changed.connect(self._connection_changed)
        intents.disconnect_requested.connect(self._disconnect)
        intents.home_wanted.connect(self._go_home)
        window.closing.connect(self.stop)

    # what the user means

    def _learn_groups(self) -> None:
        self._groups.learn(self._board.rules, anew=True)

    def _list_changed(self, monitor: Monitor) -> None:
        self._profile.watch(monitor.symbols, monitor.groups)
        self._groups.learn(monitor.rules)

    def _rules_changed(self, monitor: Monitor) -> None:
        self._profile.keep_rules(monitor.rules)
        self._groups.learn(monitor.rules)

    def _rules_edited(self, rules: tuple[RuleEntry, ...]) -> None:
        def take(monitor: Monitor) -> None:
            monitor.set_rules(rules)
            self._groups.learn(monitor.rules)

        self._board.defer(take)

    def _settings_edited(self, before: Settings) -> None:
        self._pass_on(before)
        self._settings_changed(before)

    def _set_log_level(self) -> None:
        if self._request.log_level is None:
            self._diagnostics.set_level(self._profile.settings.log_level)

    def _say(self, text: str, stay: bool) -> None:
        for window in self.windows:
            window.notice.say(text, stay=stay)

    def _settings_chosen(self, values: dict[str, object]) -> None:
        before = self._profile.settings
        if values.get("updates.remind"):
            # The days are counted from when they were asked for; the dialog knows nothing of dates.
            values = {**values, "updates.reminded": self._today().isoformat()}
        self._profile.change_settings(values)
        if any(key.startswith(_WATCHED) for key in values):
            self._pass_on(before)
        self._settings_changed(before)

    def _pass_on(self, before: Settings) -> None:
        """Give the monitor the list, its groups and the thresholds."""
        self._board.defer(lambda monitor: pass_on(before, self._profile, monitor))
        self._board.note_groups(self._profile.groups)

    def _settings_changed(self, before: Settings) -> None:
        """Let settings hold that do so at once."""
        self._set_log_level()
        self._pass_settings_on()
        if self._profile.settings.appearance != before.appearance:
            self.apply_look()
        self._use_channels()

    def _channels_chosen(self, channels: dict[str, ChannelSettings], anew: list[str]) -> None:
        self._profile.change(channels=channels)
        self._use_channels(anew)

    def _use_channels(self, anew: Collection[str] = ()) -> None:
        if self._deliveries is not None:
            from capflow_gui.deliveries import channels_in_use  # noqa: PLC0415 - where there are any, it is there

            self._deliveries.use(channels_in_use(self._profile.settings), anew)

    def _waiting_counted(self, ids: Collection[str]) -> None:
        if self._deliveries is not None:
            self._deliveries.keep_shown(ids)

    def _pass_settings_on(self) -> None:
        for window in self.windows:
            window.settings = self._profile.settings

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.wall(), UTC).date()

    def _note_updates(self, **dates: str) -> None:
        self._profile.change(updates=msgspec.structs.replace(self._profile.settings.updates, **dates))

    def apply_look(self) -> None:
        """Colours, fonts, language and units of the settings; another language makes the windows anew, at once."""
        if use_language(self._app, self._profile.settings.appearance):
            self._renewal.ask()
        else:
            self.apply_theme()

    def _replace(self, old: MainWindow, new: MainWindow) -> Iterator[None]:
        self._drop_window(old)
        old.deleteLater()
        yield from self._frame.take(new, self._app)
        yield
        self._profile.say = new.say
        self._announcer.close_tray()
        self._open_tray(new)

    def _open_tray(self, window: MainWindow) -> None:
        self._announcer.open_tray(window.dialogs.theme, self.stop).connect(self._waiting_counted)

    def apply_theme(self) -> None:
        """Build the theme again: another choice, or the system turned light or dark."""
        theme = theme_of(self._profile.settings.appearance)
        self._frame.dress(self._app, theme, lambda: chain(*(each.themed() for each in self.windows), [self._announcer]))

    def _connection_changed(self, connection: Connection) -> None:
        self.reopen = Reopen(demo=False, connection=connection)
        self.stop()

    def _disconnect(self, source: str, left: str) -> None:
        self.reopen = Reopen(demo=False, dropped=source, left=left)
        self.stop()

    def _home(self) -> OpendSettings | None:
        """The connection of the user's own profile, seen from the demo; None where it was never set up."""
        if not self._profile.demo:
            return None
        settings = load(Paths.resolve(None, *self._request.folders).settings_file, self._profile.policy).settings
        return settings.opend if settings.source is not None else None

    def _go_home(self) -> None:
        self.reopen = Reopen(demo=False)
        self.stop()

    # closing

    async def _stop_monitor(self, feeding: asyncio.Task[None]) -> None:
        _log.info("closing: monitor")
        await end_task(feeding)

    def _close_windows(self) -> None:
        _log.info("closing: window")
        for window in tuple(self.windows):
            if self._edits.take_last():
                self._profile.change(window=window.kept_state())
            self._drop_window(window)
        self._frame.may_close()
        self._frame.close()

    def _drop_window(self, window: MainWindow) -> None:
        window.may_close()
        window.close()
        self.windows.remove(window)
