"""Every setting, with its type, its limits and its default.

A policy file takes its keys from here. Most settings may be given a default by it or be locked; `_START` marks those
it may only give a default, `_OWN` those that are the user's or the program's alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from capflow_gui.settings.channels import ChannelSettings

VERSION = 2  # of the file; settings.file migrates older ones
NO_THRESHOLD = "none"

LogLevel = Literal["debug", "info", "warning", "error", "critical"]
SourceName = Literal["opend", "longport"]


class PolicyReach(Enum):
    """What a policy may do with a setting."""

    LOCK = auto()
    DEFAULT = auto()
    NOTHING = auto()


_START = msgspec.Meta(extra={"policy": PolicyReach.DEFAULT})
_OWN = msgspec.Meta(extra={"policy": PolicyReach.NOTHING})


class OpendSettings(msgspec.Struct, frozen=True):
    """Where OpenD listens. `rsa_key` is the path of the private key OpenD was given; `budget` is in calls per 30 s."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 11111
    rsa_key: str | None = None
    budget: Annotated[int, msgspec.Meta(ge=1, le=30)] = 30


class LongportSettings(msgspec.Struct, frozen=True):
    """Where Longport is; secrets are in the keyring. The addresses count where `region` is custom, or where set.

    `tcp` is HOST:PORT; `budget` is in calls per second.
    """

    region: Literal["global", "mainland", "custom"] = "global"
    transport: Literal["auto", "websocket", "tcp", "http"] = "auto"
    http_url: str | None = None
    ws_url: str | None = None
    tcp: str | None = None
    language: Literal["en", "zh-CN", "zh-HK"] = "en"
    budget: Annotated[int, msgspec.Meta(ge=1, le=10)] = 10


class Appearance(msgspec.Struct, frozen=True):
    """How it looks. `palette` says which colour means inflow; `font_scale` multiplies every font size."""

    scheme: Literal["dark", "light", "system"] = "dark"
    palette: Literal["green_up", "red_up", "colour_blind"] = "green_up"
    font_scale: Annotated[float, msgspec.Meta(ge=0.8, le=2.0)] = 1.0


class AlertSettings(msgspec.Struct, frozen=True):
    """How an alert makes itself known besides the window.

    sound    whether it is heard
    sounds   by Capflow's own sounds, or by the system's bell
    volume   of the own sounds, in per cent
    desktop  whether channels of the kind desktop show it
    """

    sound: bool = True
    sounds: Literal["own", "system"] = "own"
    volume: Annotated[int, msgspec.Meta(ge=1, le=100)] = 70
    desktop: bool = True


class ArchiveSettings(msgspec.Struct, frozen=True):
    """Whether the window records what it sees, and for how long.

    journal_sessions  how many sessions keep every state of their lines
    final_days        how many days the final lines of a session are kept
    """

    record: bool = True
    journal_sessions: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 60
    final_days: Annotated[int, msgspec.Meta(ge=1, le=36500)] = 730


class Thresholds(msgspec.Struct, frozen=True):
    """Net-outflow levels as texts: "-200M" is in each symbol's own currency, "-3%" of the session's turnover.

    `symbols` maps a symbol to its own level, or to "none": no level although there is a default.
    """

    default: str | None = None
    symbols: dict[str, str] = {}


class UpdateSettings(msgspec.Struct, frozen=True):
    """Whether to remind of looking for updates. Dates are YYYY-MM-DD in UTC: of the last look, of the last reminder.

    `page` is where new versions are found (https); None for what the build says.
    """

    remind: bool = False
    page: str | None = None
    looked: Annotated[str | None, _OWN] = None
    reminded: Annotated[str | None, _OWN] = None


class GroupSettings(msgspec.Struct, frozen=True):
    """A group of the watchlist. `symbols` are in the group's own order; those the list lacks are on it all the same."""

    name: str
    symbols: list[str] = []
    color: Literal["", "violet", "cyan", "pink", "indigo", "grey"] = ""


class WatchSettings(msgspec.Struct, frozen=True):
    """The watchlist in the user's order, as canonical symbols (`700.HK`), and the user's own groups of it.

    `sources` maps symbols to the source they are asked at where there are two; all others are shared automatically.
    """

    symbols: Annotated[list[str], _START] = []
    groups: Annotated[list[GroupSettings], _START] = []
    sources: Annotated[dict[str, str], _START] = {}


class WindowSettings(msgspec.Struct, frozen=True):
    """What the window looked like last. `geometry` and `splitter` are Qt's state in base64."""

    geometry: str = ""
    splitter: str = ""
    columns: list[str] = []
    sort: str = ""
    selected: str | None = None
    tab: str = ""  # of the watchlist: a group, `@NAME`, or a market; empty for the whole list
    period: Literal["intraday", "day", "week", "month"] = "intraday"
    dense: bool = False  # rows of one line
    ghost: bool = False  # the session before, behind the chart


class Settings(msgspec.Struct, frozen=True):
    """Everything the user chose. `source` is None until one was connected; `second_source` joins in beside it.

    `change_rules` and `change_channels` say whether the window may change these; they are there to be locked.
    """

    version: Annotated[int, msgspec.Meta(ge=1, extra={"policy": PolicyReach.NOTHING})] = VERSION
    first_run_done: Annotated[bool, _OWN] = False
    source: SourceName | None = None
    second_source: SourceName | None = None
    allow_demo: bool = True
    change_rules: bool = True
    change_channels: bool = True
    log_level: LogLevel = "info"
    opend: OpendSettings = msgspec.field(default_factory=OpendSettings)
    longport: LongportSettings = msgspec.field(default_factory=LongportSettings)
    appearance: Appearance = msgspec.field(default_factory=Appearance)
    alerts: AlertSettings = msgspec.field(default_factory=AlertSettings)
    archive: ArchiveSettings = msgspec.field(default_factory=ArchiveSettings)
    channels: Annotated[dict[str, ChannelSettings], _OWN] = {}
    thresholds: Thresholds = msgspec.field(default_factory=Thresholds)
    updates: UpdateSettings = msgspec.field(default_factory=UpdateSettings)
    watchlist: WatchSettings = msgspec.field(default_factory=WatchSettings)
    window: Annotated[WindowSettings, _OWN] = msgspec.field(default_factory=WindowSettings)


@dataclass(frozen=True, slots=True)
class Item:
    """A field of a struct. `struct` is its type where that is a table of further settings, else None."""

    name: str
    type: Any
    struct: type[msgspec.Struct] | None
    reach: PolicyReach

    @property
    def optional(self) -> bool:
        """Whether it may be None, which a file writes as an empty text."""
        return type(None) in get_args(self._bare)

    @property
    def _bare(self) -> Any:
        return get_args(self.type)[0] if get_origin(self.type) is Annotated else self.type


def items(kind: type[msgspec.Struct]) -> Iterator[Item]:
    """The fields of a struct in their order."""
    for field in msgspec.structs.fields(kind):
        annotated = get_origin(field.type) is Annotated
        bare = get_args(field.type)[0] if annotated else field.type
        marks = [mark.extra["policy"] for mark in get_args(field.type)[1:] if mark.extra] if annotated else []
        struct = bare if isinstance(bare, type) and issubclass(bare, msgspec.Struct) else None
        yield Item(field.name, field.type, struct, marks[0] if marks else PolicyReach.LOCK)
