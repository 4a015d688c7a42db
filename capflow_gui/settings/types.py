"""Every setting, declared once: its type, its limits, its default, and what settings.declared.Setting says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec

from capflow_gui.marked_texts import N_
from capflow_gui.settings import checks
from capflow_gui.settings.brokers import DeskServerSettings, DeskSettings, LongportSettings, OpendSettings
from capflow_gui.settings.channels import ChannelSettings
from capflow_gui.settings.declared import Part, PolicyReach, Section, Setting
from capflow_gui.settings.terms import SourcesSettings

VERSION = 2  # of the file; settings.file migrates older ones

LogLevel = Literal["debug", "info", "warning", "error", "critical"]
SourceName = Literal["opend", "longport", "desk"]

_SOURCES = {"opend": "OpenD", "longport": "Longport", "desk": N_("Desk")}
_OWN = Setting(policy=PolicyReach.NOTHING, part=Part.NOTHING)


class Appearance(msgspec.Struct, frozen=True):
    """How it looks. `palette` says which colour means inflow; `font_scale` multiplies every font size."""

    scheme: Annotated[
        Literal["dark", "light", "system"],
        Setting(
            N_("Appearance"),
            N_("Dark, light, or as the system has it."),
            also=N_("theme night day mode background"),
            values={"dark": N_("Dark"), "light": N_("Light"), "system": N_("Like the system")},
        ),
    ] = "dark"
    palette: Annotated[
        Literal["green_up", "red_up", "colour_blind"],
        Setting(
            N_("Inflow is"),
            N_("The colours of inflow and outflow."),
            also=N_("palette colour color red green up down blind"),
            values={"green_up": N_("green up"), "red_up": N_("red up"), "colour_blind": N_("blue up")},
        ),
    ] = "green_up"
    font_scale: Annotated[
        float,
        msgspec.Meta(ge=0.8, le=2.0),
        Setting(
            N_("Font size"),
            N_("Of every text in the window."),
            also=N_("text zoom scale larger smaller"),
            offered=(0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0),
            unit="%",
            percent=True,
        ),
    ] = 1.0
    language: Annotated[
        Literal["system", "en", "zh_CN", "zh_HK"],
        Setting(
            N_("Language"),
            N_("Of the window, alerts and notifications; it changes at once."),
            also="language 语言 語言 中文 chinese english",
            values={
                "system": N_("Like the system"),
                "en": "English",
                "zh_CN": "简体中文",
                "zh_HK": "繁體中文（香港）",
            },
        ),
    ] = "system"
    units: Annotated[
        Literal["language", "KMB", "万亿", "萬億"],
        Setting(
            N_("Units of amounts"),
            N_("How large amounts are written: −200M, −2亿 or −2億."),
            also=N_("thousand million billion"),
            values={"language": N_("As the language has them"), "KMB": "K, M, B", "万亿": "万、亿", "萬億": "萬、億"},
        ),
    ] = "language"
    reduce_motion: Annotated[
        Literal["system", "on", "off"],
        Setting(
            N_("Reduce motion"),
            N_("Nothing breathes, slides or blinks. The system is asked at the start."),
            also=N_("animation animate blink accessibility"),
            values={"system": N_("Like the system"), "on": N_("Reduce"), "off": N_("Do not reduce")},
        ),
    ] = "system"


class AlertSettings(msgspec.Struct, frozen=True):
    """How an alert makes itself known besides the window.

    sound    whether it is heard
    sounds   by Capflow's own sounds, or by the system's bell
    volume   of the own sounds, in per cent
    desktop  whether channels of the kind desktop show it
    """

    sound: Annotated[
        bool,
        Setting(
            N_("Sound when an alert is raised"),
            N_("An alert, a worse one and one that cannot be judged have a sound each."),
            also=N_("mute silent noise ring"),
        ),
    ] = True
    sounds: Annotated[
        Literal["own", "system"],
        Setting(
            N_("Sounds"),
            N_("What is heard."),
            also=N_("bell beep tone"),
            values={"own": N_("Capflow's own sounds"), "system": N_("The system's bell")},
        ),
    ] = "own"
    volume: Annotated[
        int,
        msgspec.Meta(ge=1, le=100),
        Setting(N_("Volume"), N_("Of Capflow's own sounds."), also=N_("loud quiet"), unit="%"),
    ] = 70
    desktop: Annotated[
        bool,
        Setting(
            N_("Notifications of the desktop"),
            N_("Whether channels of the kind desktop show alerts."),
            also=N_("popup pop-up toast banner"),
        ),
    ] = True


class ArchiveSettings(msgspec.Struct, frozen=True):
    """Whether the window records what it sees, and for how long.

    journal_sessions  how many sessions keep every state of their lines
    final_days        how many days the final lines of a session are kept
    """

    record: Annotated[
        bool,
        Setting(
            N_("Record every reply"),
            N_("What the window sees is kept, to look at and to play back later."),
            also=N_("archive history save store"),
        ),
    ] = True
    journal_sessions: Annotated[
        int,
        msgspec.Meta(ge=1, le=1000),
        Setting(
            N_("Keep every state of"),
            N_("So many sessions can be played back reply by reply."),
            also=N_("archive history journal playback"),
            unit=N_("sessions"),
        ),
    ] = 60
    final_days: Annotated[
        int,
        msgspec.Meta(ge=1, le=36500),
        Setting(
            N_("Keep final lines for"),
            N_("Older sessions are removed."),
            also=N_("archive history years disk room"),
            unit=N_("days"),
        ),
    ] = 730


class Thresholds(msgspec.Struct, frozen=True):
    """Net-outflow levels as texts: "-200M" is in each symbol's own currency, "-3%" of the session's turnover.

    `symbols` maps a symbol to its own level, or to "none": no level although there is a default.
    """

    default: Annotated[
        str | None,
        Setting(
            N_("Threshold for all symbols"),
            N_("The net outflow from which an alert is raised: of turnover, or in the symbol's own currency."),
            also=N_("level limit alarm warn"),
            page="threshold",
            check=checks.threshold,
        ),
    ] = None
    symbols: Annotated[
        dict[str, str],
        Setting(sentence=N_("Thresholds of single symbols."), entry=checks.own_threshold, part=Part.LISTS),
    ] = {}


class UpdateSettings(msgspec.Struct, frozen=True):
    """Whether to remind of looking for updates. Dates are YYYY-MM-DD in UTC: of the last look, of the last reminder.

    `page` is where new versions are found (https); None for what the build says.
    """

    remind: Annotated[
        bool,
        Setting(
            N_("Remind me to look for updates"),
            N_("Every 30 days, by a sentence in the window. Capflow itself asks nobody."),
            also=N_("upgrade new version"),
        ),
    ] = False
    page: Annotated[
        str | None,
        Setting(
            sentence=N_("Where new versions are found; https only."),
            check=checks.page,
            restart=True,
        ),
    ] = None
    looked: Annotated[str | None, replace(_OWN, check=checks.day)] = None
    reminded: Annotated[str | None, replace(_OWN, check=checks.day)] = None


class GroupSettings(msgspec.Struct, frozen=True):
    """A group of the watchlist. `symbols` are in the group's own order; those the list lacks are on it all the same."""

    name: str
    symbols: list[str] = []
    color: Literal["", "violet", "cyan", "pink", "indigo", "grey"] = ""


class WatchSettings(msgspec.Struct, frozen=True):
    """The watchlist in the user's order, as canonical symbols (`700.HK`), and the user's own groups of it.

    `sources` maps symbols to the source they are asked at where there are two; all others are shared automatically.
    """

    symbols: Annotated[list[str], Setting(sentence=N_("The watchlist in its order."), entry=checks.listed_symbol)] = []
    groups: Annotated[list[GroupSettings], Setting(sentence=N_("Groups of the watchlist."))] = []
    sources: Annotated[
        dict[str, str],
        Setting(
            sentence=N_("The source a symbol is asked at where there are two; all others are shared out."),
            entry=checks.own_source,
        ),
    ] = {}


class WindowSettings(msgspec.Struct, frozen=True):
    """What the window looked like last. `geometry` and `splitter` are Qt's state in base64.

    `columns` are the list's, in order, each with its width where that was set by hand (`net:120`); empty for those of
    the beginning. `sort` is what the rows are sorted by (`source:asc,net:desc`), `delta_minutes` the window of Δ.
    `below` is the table shown below the chart. `grid` is the state of the charts side by side and of the wall, `torn`
    that of each window torn off, `panels` that of the poll budget and the log, `docks` that of the views at
    the sides of the window.
    """

    geometry: str = ""
    splitter: str = ""
    columns: list[str] = []
    sort: str = ""
    selected: Annotated[str | None, Setting(check=checks.symbol)] = None
    tab: str = ""  # of the watchlist: a group, `@NAME`, or a market; empty for the whole list
    period: Literal["intraday", "day", "week", "month"] = "intraday"
    dense: bool = False  # rows of one line
    ghost: bool = False  # the session before, behind the chart
    delta_minutes: Annotated[int, msgspec.Meta(ge=1, le=60)] = 5
    pinned: Annotated[list[str], Setting(entry=checks.listed_symbol)] = []  # at the top of the list
    views: list[str] = []  # of the chart, what differs from its first view: stacked, price, in_out, per_minute
    grid: dict[str, Any] = {}
    torn: list[dict[str, Any]] = []
    compared: list[str] = []  # in the chart, as shares of turnover
    below: str = "alerts"
    panels: dict[str, Any] = {}
    docks: dict[str, Any] = {}
    list_at: Literal["left", "right", "top"] = "left"  # of the chart
    tables_below: Literal["chart", "list", "window"] = "chart"
    recent: list[str] = []  # names of the actions used lately, the newest first


_FIRST_SOURCE = Setting(
    N_("Source"),
    N_("The broker that figures come from."),
    also=N_("broker futu moomoo longbridge connect"),
    section=Section.SOURCES,
    values=_SOURCES,
    page="connection",
    restart=True,
)


class Settings(msgspec.Struct, frozen=True):
    """Everything the user chose. `source` is None until one was connected; `second_source` joins in beside it.

    `change_rules` and `change_channels` say whether the window may change these; they are there to be locked.
    `tour_due` is set by the first run until the tour of the window is begun.
    """

    version: Annotated[int, msgspec.Meta(ge=1), _OWN] = VERSION
    first_run_done: Annotated[bool, replace(_OWN, restart=True)] = False
    tour_due: Annotated[bool, replace(_OWN, restart=True)] = False
    source: Annotated[SourceName | None, _FIRST_SOURCE] = None
    second_source: Annotated[
        SourceName | None,
        replace(_FIRST_SOURCE, name=N_("Second source"), sentence=N_("A broker that shares the list with the first.")),
    ] = None
    allow_demo: Annotated[
        bool, Setting(sentence=N_("Whether the demo can be opened."), section=Section.PROGRAM, restart=True)
    ] = True
    change_rules: Annotated[
        bool,
        Setting(
            sentence=N_("Whether the window may change rules; a policy locks it."),
            section=Section.PROGRAM,
            restart=True,
        ),
    ] = True
    change_channels: Annotated[
        bool,
        Setting(
            sentence=N_("Whether the window may change channels; a policy locks it."),
            section=Section.PROGRAM,
            restart=True,
        ),
    ] = True
    log_level: Annotated[
        LogLevel,
        Setting(
            N_("Log keeps"),
            N_("How much is written to the log."),
            also=N_("logging debug trouble fault verbose"),
            section=Section.PROGRAM,
            values={
                "debug": N_("Everything, for finding a fault"),
                "info": N_("What happens"),
                "warning": N_("Warnings and errors"),
                "error": N_("Errors"),
                "critical": N_("Crashes"),
            },
        ),
    ] = "info"
    opend: Annotated[OpendSettings, Setting(section=Section.SOURCES, restart=True)] = msgspec.field(
        default_factory=OpendSettings
    )
    longport: Annotated[LongportSettings, Setting(section=Section.SOURCES, restart=True)] = msgspec.field(
        default_factory=LongportSettings
    )
    desk: Annotated[DeskSettings, Setting(section=Section.SOURCES, restart=True)] = msgspec.field(
        default_factory=DeskSettings
    )
    desk_server: Annotated[DeskServerSettings, Setting(section=Section.SOURCES, restart=True)] = msgspec.field(
        default_factory=DeskServerSettings
    )
    sources: Annotated[SourcesSettings, Setting(section=Section.SOURCES, restart=True, part=Part.NOTHING)] = (
        msgspec.field(default_factory=SourcesSettings)
    )
    appearance: Annotated[Appearance, Setting(section=Section.LOOK)] = msgspec.field(default_factory=Appearance)
    alerts: Annotated[AlertSettings, Setting(section=Section.ALERTS)] = msgspec.field(default_factory=AlertSettings)
    archive: Annotated[ArchiveSettings, Setting(section=Section.RECORDING, restart=True)] = msgspec.field(
        default_factory=ArchiveSettings
    )
    channels: Annotated[
        dict[str, ChannelSettings],
        Setting(
            N_("Channels"),
            N_("Who is told of alerts besides the window."),
            also=N_("telegram e-mail phone push webhook message send"),
            section=Section.ALERTS,
            page="channels",
            policy=PolicyReach.NOTHING,
        ),
    ] = {}
    thresholds: Annotated[Thresholds, Setting(section=Section.ALERTS)] = msgspec.field(default_factory=Thresholds)
    updates: Annotated[UpdateSettings, Setting(section=Section.PROGRAM)] = msgspec.field(default_factory=UpdateSettings)
    watchlist: Annotated[
        WatchSettings, Setting(section=Section.PROGRAM, policy=PolicyReach.DEFAULT, part=Part.LISTS)
    ] = msgspec.field(default_factory=WatchSettings)
    window: Annotated[WindowSettings, replace(_OWN, restart=True)] = msgspec.field(default_factory=WindowSettings)
