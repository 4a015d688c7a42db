"""What the window asks of the outside: questions with awaited answers, and somebody to run them.

The window never owns an event loop. `Start` runs a coroutine for it and calls back on the GUI thread, from the
event loop's own turn, so a callback may open a dialog or delete the widget that asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeVar

from capflow_gui.settings import ArchiveSettings, DeskSettings, LongportSettings, OpendSettings, Settings
from capflow_gui.ui.locked import by_administrator

if TYPE_CHECKING:
    from capflow_gui.archive.bars import Totals
    from capflow_gui.archive.model import DamagedEntry, DayKey, DaySummary, Gap, State  # loads numpy: after first paint
    from capflow_gui.domain.alert import Rule
    from capflow_gui.domain.alert_record import AlertRecord, AlertSearch, Delivery
    from capflow_gui.domain.arrangement.layouts import Layouts
    from capflow_gui.domain.flow import FlowSeries
    from capflow_gui.domain.quote import PriceTrack, SearchHit, StaticInfo, SymbolGroup, Turnover
    from capflow_gui.domain.symbol import Symbol
    from capflow_gui.feed.board import ComparedSources  # loads numpy: after the first paint
    from capflow_gui.licences import Part  # asks what is installed: not before the first paint either
    from capflow_gui.playback.player import Player
    from capflow_gui.playback.recording import Recording
    from capflow_gui.playback.trial import Trial  # loads numpy: after the first paint
    from capflow_gui.present.alerts.channel_words import ChannelNews, ChannelTest
    from capflow_gui.present.report import ReportPart
    from capflow_gui.settings.channels import ChannelSettings
    from capflow_gui.settings.layouts import LoadedLayouts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """How a connection test ended.

    `usable` is whether the app could work with it as it stands; `title` and `advice` are what the person reads.
    `seconds` is how long the answer took, None where none came.
    """

    usable: bool
    title: str
    advice: str
    seconds: float | None


class Questions(Protocol):
    """Questions to the sources: feed.questions.FeedQuestions. Each raises a CapflowError where it cannot answer."""

    async def search(self, text: str) -> list[SearchHit]:
        """Symbols by code or name, in the broker's own order."""

    async def groups(self) -> list[SymbolGroup]:
        """The user's watchlist groups at the broker."""

    async def group_symbols(self, name: str, source: str = "") -> list[StaticInfo]:
        """The members of one group; `source` as its SymbolGroup has it."""

    async def compare(self, symbol: Symbol) -> ComparedSources:
        """Two sources' figures of one symbol, side by side."""


class ConnectionTest(Protocol):
    """Tries a source once, over a connection of its own; answers within 15 s."""

    async def __call__(self, host: str, port: int, rsa_key: str | None) -> ConnectionReport:
        """Connect, ask, disconnect, report."""


class About(Protocol):
    """This installation, and the licences of what is in it."""

    def facts(self) -> Sequence[tuple[str, str]]:
        """Names and values: versions, system, folders."""

    def qt_folder(self) -> str:
        """Where Qt's libraries lie."""

    async def parts(self) -> list[Part]:
        """Capflow and the third parties. Raises OSError or ValueError where a bundle is damaged."""

    async def text(self, part: Part) -> str:
        """A part's licence in full. Raises OSError where it is gone."""


class Start(Protocol):
    """Runs a coroutine beside the window."""

    def __call__(
        self,
        job: Callable[[], Coroutine[Any, Any, T]],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
    ) -> Callable[[], None]:
        """Start `job`; exactly one of the callbacks is called unless the returned function cancels it first."""


LongportWay = Literal["kept", "browser", "key", "environment"]


@dataclass(frozen=True, slots=True)
class LongportEntry:
    """How the user wants to sign in to Longport. Secrets hide from repr(); they are empty for the other ways.

    `way` kept: with what an earlier sign-in left, in the keyring or in this run.
    `client_id` is the OAuth client's, empty = this app registers itself.
    """

    way: LongportWay
    settings: LongportSettings
    client_id: str = ""
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LongportStanding:
    """How Capflow is signed in to Longport, None = not at all; `keyring`: whether this computer has one."""

    way: Literal["browser", "key", "environment"] | None
    keyring: bool


class LongportAccess(Protocol):
    """Signs in to Longport, and keeps what it gives out."""

    def environment_words(self) -> str:
        """What the environment variables say, in a sentence without secrets."""

    async def test(self, entry: LongportEntry) -> ConnectionReport:
        """Sign in, connect, ask, disconnect, report. Waits for the browser where that is the way."""

    async def keep(self, entry: LongportEntry) -> None:
        """Sign in where that has not been done, and keep the secrets. Raises a CapflowError."""

    async def standing(self) -> LongportStanding:
        """How Capflow is signed in now. Raises a CapflowError where the keyring cannot be asked."""

    async def sign_out(self, settings: LongportSettings) -> str:
        """End the sign-in and forget what was kept of it. Returns what the user still has to do, or nothing.

        Raises a CapflowError where nothing could be done.
        """

    def asks_once(self) -> bool:
        """Whether the window may open the sign-in by itself: True once in a run."""


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A problem report that is not saved yet; `place` is the path proposed for it."""

    parts: tuple[ReportPart, ...]
    place: str


class ProblemReports(Protocol):
    """Collects and saves what a person may pass on when something is wrong; nothing is sent."""

    async def gather(self) -> ReportDraft:
        """The report as it would be saved now."""

    async def save(self, draft: ReportDraft, path: str) -> None:
        """Write it. Raises StorageError where that is not possible."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordedSession:
    """A session of the archive as the window shows it.

    `series` are its judged lines as they were last said. `states` is what each reply changed, empty where the final
    lines alone are kept; `gaps` are the times in which nothing was watched at its source, that of other days too.
    `turnover` is what was known of the session's turnover at its end, None where nothing was; `prices` are those known
    when replies came.
    """

    summary: DaySummary
    series: FlowSeries
    states: Sequence[State] = ()
    gaps: Sequence[Gap] = ()
    turnover: Turnover | None = None
    prices: PriceTrack | None = None


class ListedSessions(NamedTuple):
    """What is recorded of a symbol at all its sources, ascending by session, and the entries that cannot be read."""

    summaries: Sequence[DaySummary]
    damaged: Sequence[DamagedEntry] = ()


class RecordedDays(Protocol):
    """Reads the profile's archive. Each raises a CapflowError where it cannot be read."""

    async def sessions(self, symbol: Symbol) -> ListedSessions:
        """What is recorded of a symbol."""

    async def session(self, key: DayKey) -> RecordedSession | None:
        """One session with its states; None where it is not recorded (any more)."""

    async def totals(self, symbol: Symbol) -> Totals:
        """The last line of every session, and what cannot be read."""

    async def companions(self, key: DayKey) -> list[DayKey]:
        """The session itself and those of other symbols that ran at the same time, one a symbol, damaged ones too."""

    async def recordings(self, keys: Sequence[DayKey]) -> list[Recording]:
        """What can be played of sessions; those whose states are not kept, or damaged, are left out."""

    async def player(self, recordings: Sequence[Recording]) -> Player:
        """A player of recordings, at least one, under the rules in force."""


class DryRuns(Protocol):
    """Tries a rule on what is recorded."""

    async def __call__(self, symbols: Collection[Symbol], rule: Rule) -> Trial:
        """What it would have done in the symbols' last sessions. Raises StorageError."""


class Channels(Protocol):
    """The channels of the profile: their secrets, tests, and how they did."""

    async def keep(self, name: str, secrets: Mapping[str, str | None]) -> None:
        """Put secrets of a channel into the keyring, by their fields; None takes one out. Raises SettingsError."""

    async def test(self, name: str, settings: ChannelSettings) -> ChannelTest:
        """Send a marked test and say how it went. Raises SettingsError."""

    async def news(self, names: Collection[str]) -> Mapping[str, ChannelNews]:
        """How the channels did. Raises StorageError."""


class AlertHistory(Protocol):
    """Reads the alerts that the profile has kept."""

    async def deliveries(self, record: AlertRecord) -> Sequence[Delivery]:
        """What became of every message of an alert. Raises StorageError."""

    async def search(self, asked: AlertSearch, after: AlertRecord | None) -> Sequence[AlertRecord]:
        """A page of alerts, newest first: those behind `after`, the last of the page before. Raises StorageError."""


class ArchiveRoom(Protocol):
    """Measures the profile's archive."""

    async def __call__(self, kept: ArchiveSettings) -> tuple[int, int]:
        """Bytes on disk now, and once all is there that these settings keep. Raises StorageError."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry of the log. `at` is UTC epoch seconds on this computer's clock; `text` may have several lines."""

    at: float
    level: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LogPlace:
    """How far the log was read: the number of its file, and the byte behind the last whole line."""

    number: int
    offset: int


@dataclass(frozen=True, slots=True)
class LogPart:
    """Entries in their order, and where to go on; `cut`: there were more, which were left out."""

    lines: tuple[LogLine, ...]
    place: LogPlace
    cut: bool = False


class LogFile(Protocol):
    """Reads the program's log, which holds no secrets."""

    @property
    def folder(self) -> str:
        """The folder it lies in, as an address that a file browser opens."""

    async def read(self, place: LogPlace | None) -> LogPart:
        """Today's entries, or (with a place) those behind it. Raises StorageError where it cannot be read."""


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """A profile of the user. `id` is empty for the main one, `name` where it has none; `size` is in bytes.

    `here`: it is that of this window; `is_open`: a window has it open. Of these, symbols and size are not looked up.
    """

    id: str
    name: str
    here: bool = False
    is_open: bool = False
    symbols: int = 0
    size: int = 0


class ProfileShelf(Protocol):
    """The profiles of the user. Each raises a CapflowError where that is not possible."""

    async def all(self) -> list[ProfileFacts]:
        """The main one first."""

    async def create(self, name: str, *, copied: bool) -> ProfileFacts:
        """An empty one, or one with the settings, rules and lists of this window's."""

    async def rename(self, profile: str, name: str) -> ProfileFacts:
        """Call one otherwise."""

    async def delete(self, profile: str) -> None:
        """Remove one with all that was kept in it; neither the main one nor one that is open."""

    async def open(self, profile: str) -> None:
        """Open one in a window of its own, or raise the window that has it open."""


class LayoutShelf(Protocol):
    """The layouts of the profile. Each raises a CapflowError where that is not possible."""

    async def load(self) -> LoadedLayouts:
        """What is kept, and what of it cannot be used."""

    async def change(self, edit: Callable[[Layouts], Layouts]) -> Layouts:
        """Make a change to what is kept now, whoever saved it; what there is afterwards. Raises what `edit` raises."""


class Read(Protocol):
    """Reads a file that the user named."""

    async def __call__(self, path: str) -> bytes:
        """The whole of it. Raises StorageError where that is not possible."""


class Save(Protocol):
    """Writes a file that the user asked for."""

    async def __call__(self, path: str, content: bytes | Callable[[], bytes]) -> None:
        """Write it in one step. `content` is what is written, or makes it: called in another thread than the window's.

        Raises StorageError where that is not possible, and where making it raises OSError.
        """


class DeskAccess(Protocol):
    """The way into a desk of many windows."""

    async def test(self, desk: DeskSettings, secret: str) -> ConnectionReport:
        """Connect once, with the secret, or with the one that is kept where it is empty; answers within 15 s."""

    async def keep(self, desk: DeskSettings, secret: str) -> None:
        """Have the keyring keep the secret. Raises SettingsError."""


@dataclass(frozen=True, slots=True)
class ConnectServices:
    """What a page that connects needs."""

    test: ConnectionTest
    start: Start
    longport: LongportAccess


@dataclass(frozen=True, slots=True)
class WindowServices(ConnectServices):
    """What the window needs besides the board.

    `locks` are the keys of the settings a policy has locked, `lock_words` says of each who did it and why; `defaults`
    is what holds where nothing was chosen.
    `profile` is the name of the open one, empty for the main one; `profiles` are all, None where none can be opened.
    `layouts` are those of the profile, None where none can be kept.
    `releases` is the page of new versions, empty where nobody named one: then nothing speaks of updates.
    `open_page` opens a page in the browser and waits for nothing; False where there is no browser.
    `room` says how much room the archive takes and will take with other settings, None where nothing is recorded.
    `dry_runs` tries rules on it, None where nothing is recorded.
    `recorded` is what the archive holds, None where nothing is recorded.
    `channels` opens what knows of the profile's channels, None where no alerts are sent.
    `alerts` is what was kept of alerts and their deliveries, None where nothing is.
    `read` and `save` are for files that the user names, None where none can be.
    `log` is the program's own, None where none is written.
    `desk` is the way into a desk, None where none can be connected.
    `simulated` is a demo; `home` is then the connection of the user's own list, None where there is none yet.
    """

    questions: Questions
    reports: ProblemReports
    about: About
    room: ArchiveRoom | None = None
    recorded: RecordedDays | None = None
    dry_runs: DryRuns | None = None
    channels: Callable[[], Channels] | None = None
    alerts: AlertHistory | None = None
    read: Read | None = None
    save: Save | None = None
    log: LogFile | None = None
    open_page: Callable[[str], bool] = lambda _page: False
    simulated: bool = False
    home: OpendSettings | None = None
    locks: Collection[str] = ()
    lock_words: Callable[[str], str] = by_administrator
    defaults: Settings = field(default_factory=Settings)
    profile: str = ""
    profiles: ProfileShelf | None = None
    layouts: LayoutShelf | None = None
    releases: str = ""
    desk: DeskAccess | None = None
