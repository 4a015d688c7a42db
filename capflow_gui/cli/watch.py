"""`capflow watch`: poll symbols, print what happens, evaluate alert rules."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.cli.output import SIMULATED, Output, OutputFailed, logging_through, say
from capflow_gui.cli.status import DONE, INTERRUPTED, NO_CONNECTION, status_of, status_of_all
from capflow_gui.clock import Clock, SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.deliveries import AlertLogs, Deliveries, chosen_channels
from capflow_gui.delivery.desktop import NotificationPort
from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.link import LinkFact, LinkPhase
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, ConnectFailed, InvalidInput, RequestRejected
from capflow_gui.feed.events import AlertEvent, ErrorEvent, Event, FaultEvent, FlowEvent, LinkEvent
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.paths import Paths, resource
from capflow_gui.playback.past import read_past
from capflow_gui.present import watch_lines
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import counted
from capflow_gui.present.sentences import error_sentence, reason_sentence
from capflow_gui.present.watch_lines import rule_line
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings, own_groups
from capflow_gui.settings.profiles import held_open
from capflow_gui.sources import numbered_name, open_source, parse_source
from capflow_gui.stop_signals import stop_on_signals

# A symbol is due again a little before its turn comes round: the quota alone sets the pace.
_ROUND = 0.95
# A source that gave no reply for so long, and whose quota is used up: why nothing comes is said.
_QUIET_S = 3.0
_LOOK_S = 1.0
# After an interrupt: for a reader that is slow.
_GRACE_S = 2.0
# What a notification sounds like, in the names of the desktop's sound theme.
_HEARD = "message-new-instant"


def run(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    """Watch until `duration` has passed or somebody interrupts; the exit status.

    Raises InvalidInput for a rule that none of the symbols can meet, OutputFailed where the output cannot be written.
    """
    for rule in arguments.rules:
        if rule.scope.symbol is not None and rule.scope.symbol not in arguments.symbols:
            missing = {"symbol": str(rule.scope.symbol)}
            reason, advice = Reason.of(Code.RULE_UNWATCHED, **missing), Reason.of(Code.ADD_SYMBOL, **missing)
            raise InvalidInput(rule.text, reason, advice, 0)
    for rule in arguments.rules:
        say(f"{rule_line(rule)}\n")
    return asyncio.run(_watch(arguments, settings, SystemClock(), conceal))


async def _watch(arguments: argparse.Namespace, settings: Settings, clock: Clock, conceal: Conceal) -> int:
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    texts: list[str | None] = list(dict.fromkeys(arguments.sources)) or [None]
    kinds = [parse_source(text, settings).kind for text in texts]
    async with AsyncExitStack() as stack:
        stack.enter_context(held_open(paths.state))
        sources = [
            await stack.enter_async_context(
                open_source(
                    text,
                    clock=clock,
                    paths=paths,
                    settings=settings,
                    name=numbered_name(kinds, place),
                    conceal=conceal,
                )
            )
            for place, text in enumerate(texts)
        ]
        archive: ProfileArchive | None = None
        if arguments.record:
            real = arguments.main_folders[1] is None
            archive = await asyncio.to_thread(ProfileArchive, paths.data, settings.archive, real=real)
            stack.push_async_callback(asyncio.to_thread, archive.close)
        # Closed after what is sent from them has ended.
        files = await stack.enter_async_context(AsyncExitStack())
        deliveries: Deliveries | None = None
        if arguments.deliver:
            channels = chosen_channels(settings, arguments.deliver, enabled=True)
            port = NotificationPort(sound=_HEARD)
            deliveries = Deliveries(channels, calendar=_calendar(), clock=clock, conceal=conceal, port=port)
            await stack.enter_async_context(deliveries.running())
        logs = AlertLogs(files, arguments.config_dir, arguments.data_dir, deliveries)
        output, told = (stack.enter_context(closing(Output(stream))) for stream in (sys.stdout, sys.stderr))
        stack.enter_context(logging_through(told))
        own = own_groups(settings)
        watch = _Watch(arguments, sources, logs, archive, clock, own=own, data=paths.data, output=output, told=told)
        return await watch.run()


def _calendar() -> Calendar:
    return Calendar.from_json(resource("sessions.json").read_bytes())


async def _end_task(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


@dataclass(frozen=True, slots=True)
class Replies:
    """The replies of a symbol at a source. Times are monotonic.

    last   when the last one was seen
    first  when the first one was seen that came while it was watched; `count` is how many did
    """

    last: float
    first: float = 0.0
    count: int = 0

    def with_one(self, now: float, *, came: bool) -> Replies:
        """With one more; without `came` it was there before, as a desk has one, and is of no cycle."""
        return Replies(now, self.first if self.count else now, self.count + came)

    @property
    def cycle_s(self) -> float:
        """The mean time between two of them that came; to be asked of two or more."""
        return (self.last - self.first) / (self.count - 1)


class _Watch:
    """One run: what is printed, counted, and how it ends."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        sources: list[Source],
        logs: AlertLogs,
        archive: ProfileArchive | None,
        clock: Clock,
        *,
        own: Groups,
        data: Path,
        output: Output,
        told: Output,
    ) -> None:
        """`data` is the folder of what was recorded, `own` the user's groups; `told` is for what is no result."""
        self._clock = clock
        self._output = output
        self._told = told
        self._duration: float | None = arguments.duration
        self._symbols: list[Symbol] = list(dict.fromkeys(arguments.symbols))
        self._line = watch_lines.to_json if arguments.format == "jsonl" else watch_lines.to_text
        named = dict.fromkeys(rule.scope.group for rule in arguments.rules if rule.scope.group is not None)
        self._own = own
        self._rules = RuleTable(rules=arguments.rules, groups=self._groups_of)
        self._groups = {name: {*group.symbols} if (group := own.get(name)) else set[Symbol]() for name in named}
        self._stop = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None
        self._said_of_groups: set[str] = set()
        self._was_ready = self._said_simulated = False
        self._flows = self._alerts = 0
        self._replies: dict[tuple[str, Symbol], Replies] = {}
        # Sessions whose figures were judged, and alerts that were told of.
        self._sessions: dict[tuple[str, Symbol], str] = {}
        self._told_of = set[str]()
        self._errors: dict[tuple[str, Symbol], CapflowError] = {}
        self._downs: dict[str, CapflowError] = {}  # why each source's link was down when last it was
        self._fault: CapflowError | None = None  # of Capflow itself
        self._archive = archive
        self._began = clock.monotonic()
        self._monitor = Monitor(
            sources,
            self._symbols,
            calendar=_calendar(),
            clock=clock,
            rules=self._rules,
            pace=Pace(ignore_calendar=arguments.ignore_calendar),
            paces={source.name: self._pace(source, arguments) for source in sources},
            open_alerts=logs.open,
            delivery=logs.dispatcher,
            archive=archive,
            read_past=partial(read_past, data),
        )
        logs.name_currencies_by(self._monitor.money)
        self._questions = FeedQuestions(self._monitor.feeds)
        # What happens is counted and acted on at once, and printed as fast as somebody reads.
        self._events = self._monitor.subscribe("watch", events=True)
        self._printed = self._monitor.subscribe("output", events=True)
        self._events.show(self._symbols)

    def _pace(self, source: Source, arguments: argparse.Namespace) -> Pace:
        """As asked for; else as fast as the source's own budget lets."""
        interval = arguments.interval
        if interval is None:
            interval = _ROUND * len(self._symbols) * source.limiter.limit.window_s / source.limiter.budget
        return Pace(interval, interval, arguments.ignore_calendar)

    async def run(self) -> int:
        """Watch to the end; the exit status. Raises OutputFailed."""
        with stop_on_signals(self._stop.set, interrupt=False):  # the runner answers to Ctrl-C
            return await self._run()

    async def _run(self) -> int:
        watching = asyncio.create_task(self._monitor.run(), name="monitor")
        counting = asyncio.create_task(self._count_events(), name="events")
        printing = asyncio.create_task(self._print_events(), name="output")
        waiting = asyncio.create_task(self._tell_waits(), name="waits")
        interrupted = False
        try:
            interrupted = await self._until_over(watching, printing)
        except asyncio.CancelledError:
            interrupted = True  # Ctrl-C: the runner cancels us once, and we end in order
        finally:
            # In this order: what the monitor tells to its last turn is counted too.
            await _end_task(watching)
            await _end_task(waiting)
            self._events.close()
            await asyncio.wait({counting})
            if self._asking is not None:
                await _end_task(self._asking)
        counting.result()
        await self._end(printing, interrupted=interrupted)
        return INTERRUPTED if interrupted else self._status()

    async def _until_over(self, watching: asyncio.Task[None], printing: asyncio.Task[None]) -> bool:
        """Wait for the end, or until the output fails; whether somebody asked for it."""
        waits = {asyncio.ensure_future(self._stop.wait()), watching, printing}
        end = None
        if self._duration is not None:
            end = asyncio.ensure_future(self._clock.sleep_until(self._clock.monotonic() + self._duration))
            waits.add(end)
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if watching in done:
                watching.result()
            return self._stop.is_set() and self._failure() is None and self._fault is None
        finally:
            for task in waits - {watching, printing}:
                task.cancel()

    async def _end(self, printing: asyncio.Task[None], *, interrupted: bool) -> None:
        """Print what waits and the summary, as slowly as they are read, or within a moment after an interrupt."""
        self._printed.close()
        with contextlib.suppress(asyncio.CancelledError):  # Ctrl-C: nobody waits for the reader any longer
            await asyncio.wait({printing}, timeout=_GRACE_S if interrupted else None)
        if not printing.done():
            printing.cancel()
            await asyncio.wait({printing})
            raise OutputFailed(_("nobody reads the output: the last of it was not written"))
        printing.result()

    def _groups_of(self, symbol: Symbol) -> set[str]:
        return {name for name, members in self._groups.items() if symbol in members}

    async def _print_events(self) -> None:
        """In a task of its own: neither the feed nor the alert engine waits for the output, or fails with it."""
        async for event in self._printed:
            if isinstance(event, AlertEvent):
                self._told_of.add(event.record.id)
            elif isinstance(event, FlowEvent):
                # Alert events are taken first: what stands now and was in none of them is from before.
                self._sessions[event.source, event.symbol] = str(event.series.session)
                await self._print_standing()
            if not isinstance(event, ErrorEvent | FaultEvent) or self._line is not watch_lines.to_text:
                await self._print(event)
        await self._print_standing()
        await self._print(self._summary())

    async def _print_standing(self) -> None:
        """Say once of each alert that stands since before this run: no event tells of it."""
        found = [record for record in self._monitor.alerts if self._stood_before(record)]
        self._told_of.update(record.id for record in found)
        for record in reversed(found):
            await self._print(watch_lines.Standing(self._monitor.market_now(record.clock), record))

    def _stood_before(self, record: AlertRecord) -> bool:
        """Whether an alert stands that was told of before, by a rule of this run or by a desk."""
        if record.id in self._told_of or not (record.standing and record.told):
            return False
        if self._sessions.get((record.clock, record.symbol)) != record.session:
            return False  # no figures of its session were judged yet
        rules = {(rule.id, rule.version) for rule in self._rules.rules_for(record.symbol)}
        return bool(record.desk) or (
            (record.rule_id, record.version) in rules
            and record.simulated == any(feed.simulated for feed in self._monitor.feeds if feed.name == record.source)
        )

    async def _count_events(self) -> None:
        async for event in self._events:
            match event:
                case FlowEvent():
                    self._flows += 1
                    if event.replied:
                        self._count_reply(event)
                case AlertEvent():
                    self._alerts += event.change == "raised"
                case ErrorEvent():
                    self._note_error(event)
                case LinkEvent():
                    self._link_moved(event)
                case FaultEvent():
                    self._fault = event.error
                    self._stop.set()

    def _note_error(self, event: ErrorEvent) -> None:
        """One stderr line a symbol, and another when its trouble is a new one."""
        key = event.source, event.symbol
        before, self._errors[key] = self._errors.get(key), event.error
        if str(before) != str(event.error):
            self._told.put(f"{event.symbol}: {error_sentence(event.error)}\n")

    def _count_reply(self, event: FlowEvent) -> None:
        key, now = (event.source, event.symbol), self._clock.monotonic()
        self._errors.pop(key, None)
        feed = next(feed for feed in self._monitor.feeds if feed.name == event.source)
        replied_at = feed.store.get(event.symbol).replied_at
        came = replied_at is None or replied_at >= self._began  # a desk has replies from before
        self._replies[key] = self._replies.get(key, Replies(now)).with_one(now, came=came)

    def _link_moved(self, event: LinkEvent) -> None:
        if event.state.error is not None:
            self._downs[event.state.source] = event.state.error
        if event.state.phase is LinkPhase.READY:
            self._was_ready = True
            if event.state.fact(LinkFact.SIMULATED) is not None and not self._said_simulated:
                self._said_simulated = True
                self._told.put(f"{_(SIMULATED)}\n")
                if self._archive is not None and self._archive.refuses_simulators:
                    refused = Reason.of(Code.SIMULATOR_NOT_RECORDED, source=event.state.source)
                    said = _("Not recorded: {why}").format(why=reason_sentence(refused))
                    self._told.put(f"{said}\n")
            if self._groups:
                self._asking = asyncio.create_task(self._learn_groups(), name="groups")
        elif self._failure() is not None:
            self._stop.set()

    async def _tell_waits(self) -> None:
        """Say once of each source that its quota is used up, where nothing else says why nothing comes."""
        said: set[str] = set()
        while True:
            now = self._clock.monotonic()
            for feed in self._monitor.feeds:
                replied = (each.last for (source, _), each in self._replies.items() if source == feed.name)
                budget = feed.budget()
                is_full = feed.is_ready and feed.source.pushing is None and budget.used >= budget.limit
                if feed.name not in said and is_full and now - max(replied, default=self._began) > _QUIET_S:
                    said.add(feed.name)
                    text = _(
                        "{source}: its quota of {requests} in {window:.0f} s is used up; the next in {wait:.0f} s."
                    )
                    requests, wait = counted(budget.limit, "request"), max(1.0, feed.source.limiter.next_look - now)
                    words = text.format(source=feed.name, requests=requests, window=budget.window_s, wait=wait)
                    self._told.put(f"{words}\n")
            await self._clock.sleep_until(now + _LOOK_S)

    async def _learn_groups(self) -> None:
        for name, members in self._groups.items():
            try:
                if not members and self._own.get(name) is None:
                    members.update(info.symbol for info in await self._questions.group_symbols(name))
            except CapflowError as error:
                why = f"“{error.message}”" if isinstance(error, RequestRejected) else error_sentence(error)
                text = _("{group}: its members cannot be had, so that its rules cannot alert: {why}")
                said = text.format(group=f"@{name}", why=why)
            else:
                text = _("{group}: none of its members is watched, so that its rules cannot alert.")
                said = text.format(group=f"@{name}")
            if members.isdisjoint(self._symbols) and said not in self._said_of_groups:
                self._said_of_groups.add(said)
                self._told.put(f"{said}\n")

    def _failure(self) -> CapflowError | None:
        """Why no source will ever connect without the user's help, if that is so: the first one's reason."""
        links = self._monitor.links
        if any(link.phase is not LinkPhase.FAILED for link in links):
            return None
        return links[0].error or ConnectFailed(links[0].source, Reason.of(Code.LINK_DOWN))

    async def _print(self, event: Event | watch_lines.Summary | watch_lines.Standing) -> None:
        await self._output.write(self._line(event, self._monitor.calendar) + "\n")

    def _summary(self) -> watch_lines.Summary:
        cycles = [each.cycle_s for each in self._replies.values() if each.count > 1]
        feeds = self._monitor.feeds
        return watch_lines.Summary(
            at=self._monitor.market_now(),
            requests=sum(feed.source.limiter.stats.requests for feed in feeds),
            refused=sum(feed.source.limiter.stats.refused for feed in feeds),
            flows=self._flows,
            alerts=self._alerts,
            cycle_s=sum(cycles) / len(cycles) if cycles else None,
            reconnects=sum(feed.reconnects for feed in feeds),
        )

    def _status(self) -> int:
        failure = self._fault or self._failure()
        if failure is not None:
            self._told.put(f"{error_sentence(failure, retrying=False)}\n")
            return status_of(failure)
        if not self._was_ready:
            for link in self._monitor.links:
                error = self._downs.get(link.source) or ConnectFailed(link.source, Reason.of(Code.LINK_DOWN))
                why = error_sentence(error, retrying=False)
                said = _("{source}: could not connect. {why}").format(source=link.source, why=why)
                self._told.put(f"{said}\n")
            return NO_CONNECTION
        if self._replies or not self._errors:
            return DONE
        return status_of_all(self._errors.values())
