"""`capflow replay`: a recorded day once more, as `watch` would have printed it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Sequence

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive import open_archive
from capflow_gui.archive.model import DamagedEntry
from capflow_gui.archive.reader import Archive
from capflow_gui.cli.output import SIMULATED, say, write_out
from capflow_gui.cli.recorded import check_source
from capflow_gui.cli.status import DONE, FAILED, INTERRUPTED, REJECTED
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.domain.alert import Rule
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.feed.events import AlertEvent, FlowEvent
from capflow_gui.paths import Paths, resource
from capflow_gui.playback.asked import check_scopes
from capflow_gui.playback.past import usual_of_days
from capflow_gui.playback.player import PlayedEvent, Player
from capflow_gui.playback.recording import Recording
from capflow_gui.present import watch_lines
from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_export import day_fault, entry_fault, nothing_recorded
from capflow_gui.present.watch_lines import rule_line
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings, own_groups
from capflow_gui.stop_signals import stop_on_signals


def run(arguments: argparse.Namespace, settings: Settings, _conceal: Conceal) -> int:
    """Play the day; the exit status. Raises InvalidInput, StorageError and OutputFailed."""
    own = own_groups(settings)
    check_scopes(arguments.rules, arguments.symbols, own)
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    with open_archive(paths.data) as archive:
        check_source(archive, arguments.source)
        for rule in arguments.rules:
            say(f"{rule_line(rule)}\n")
        if archive.simulated:
            say(f"{_(SIMULATED)}\n")
        recordings, missing = _recordings(archive, arguments)
        usual = usual_of_days(archive, [each.key for each in recordings], arguments.rules)
    if not recordings:
        return missing
    rules = RuleTable(rules=arguments.rules, groups=groups_of(arguments.rules, own))
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    player = Player(recordings, calendar=calendar, rules=rules, usual=usual)
    return asyncio.run(_Replay(player, arguments).run())


def groups_of(rules: Sequence[Rule], own: Groups) -> Callable[[Symbol], frozenset[str]]:
    """The groups a symbol stands in: the user's own, and every other, whose members were named on the command line."""
    others = frozenset(name for name in (rule.scope.group for rule in rules) if name and own.get(name) is None)
    return lambda symbol: own.of(symbol) | others


def _recordings(archive: Archive, arguments: argparse.Namespace) -> tuple[list[Recording], int]:
    """What there is to play, and the status where that is nothing."""
    day, source, wanted = arguments.date, arguments.source, arguments.symbols
    found, status = list[Recording](), REJECTED
    damaged = list[DamagedEntry]()
    summaries = archive.sessions(source=source, start=day, end=day, damaged=damaged.append)
    damaged = [each for each in damaged if not wanted or each.symbol in map(str, wanted)]
    for entry in damaged:
        status = FAILED
        say(f"{entry_fault(entry)}\n")
    there = {str(each.key.symbol) for each in summaries} | {each.symbol for each in damaged}
    missing: list[Symbol | None] = [each for each in wanted if str(each) not in there]
    of_rules = dict.fromkeys(rule.scope.symbol for rule in arguments.rules if not wanted)
    unknown = [each for each in of_rules if each is not None and str(each) not in there]
    missing += unknown
    for symbol in missing or ([] if there else [None]):
        others = archive.sessions(symbol) or archive.sessions()
        say(f"{nothing_recorded(symbol, (day, day), source, others)}\n")
    for summary in [] if unknown else summaries:
        key = summary.key
        if wanted and key.symbol not in wanted:
            continue
        try:
            recorded = archive.day(key.symbol, key.session, key.source)
            states = [] if recorded is None else recorded.states()
        except StorageError as error:
            status = FAILED
            say(f"{day_fault(key, error.reason)}\n")
            continue
        if states:
            outages = [] if recorded is None else recorded.outages
            found.append(Recording(key, summary.day, states, summary.currency, summary.assumed, outages))
        else:
            say(f"{day_fault(key, Reason.of(Code.ONLY_FINAL_LINES))}\n")
    return found, status


class _Replay:
    """One run: what is printed and counted."""

    def __init__(self, player: Player, arguments: argparse.Namespace) -> None:
        self._player = player
        self._speed: float | None = arguments.speed
        self._line = watch_lines.to_json if arguments.format == "jsonl" else watch_lines.to_text
        self._clock = SystemClock()
        self._flows = self._alerts = 0

    async def run(self) -> int:
        """Play to the end, or until somebody interrupts; the exit status. Raises OutputFailed."""
        current = asyncio.current_task()
        interrupted = False
        try:
            with stop_on_signals(current.cancel if current is not None else lambda: None, interrupt=False):
                await self._play()
        except asyncio.CancelledError:
            interrupted = True
        player = self._player
        cycles = [each.cycle_s for each in player.recordings if each.cycle_s > 0]
        self._print(
            watch_lines.Summary(
                at=min(player.now, player.end),  # at any speed the same: minutes are played whole
                requests=0,
                refused=0,
                flows=self._flows,
                alerts=self._alerts,
                cycle_s=sum(cycles) / len(cycles) if cycles else None,
                reconnects=0,
                run=player.run,
            )
        )
        return INTERRUPTED if interrupted else DONE

    async def _play(self) -> None:
        player, began = self._player, self._clock.monotonic()
        while (at := player.next_at) is not None:
            if self._speed is None:
                await asyncio.sleep(0)  # somebody may interrupt
                events = player.step_minute()
            else:
                await self._clock.sleep_until(began + (at - player.start) / self._speed)
                events = player.play_to(at)
            for event in events:
                self._flows += isinstance(event, FlowEvent)
                self._alerts += isinstance(event, AlertEvent) and event.change is AlertChange.RAISED
            self._print(*events)

    def _print(self, *events: PlayedEvent | watch_lines.Summary) -> None:
        if events:
            calendar = self._player.calendar
            write_out("".join(f"{self._line(event, calendar)}\n" for event in events))
