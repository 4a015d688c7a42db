"""Every verb and option of `capflow`, as argparse sees them. No verb's module is imported here.

What a verb's `run(arguments)` finds in its namespace: the destinations below, already parsed and checked, and
`config_dir`, `data_dir` (Path or None) and `log_level` (str or None) everywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from capflow_gui import __version__
from capflow_gui.cli.desk.options import add_action, add_desk
from capflow_gui.cli.parser import Parser
from capflow_gui.diagnostics import LEVELS
from capflow_gui.domain.period import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.text import folded
from capflow_gui.errors import InvalidInput
from capflow_gui.present.language.catalogues import LANGUAGES
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.sentences import caret, error_sentence
from capflow_gui.reason import Code, Reason

if TYPE_CHECKING:
    from capflow_gui.domain.alert import Rule

PROGRAM = "capflow"
Parsed = TypeVar("Parsed")
_HIDE = argparse.SUPPRESS


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, in the language in use. `arguments.verb` is desktop, demo, fetch, …"""
    parser = Parser(
        prog=PROGRAM,
        description=_("Capital flow of HK, US and China stocks, live. Without a verb: the desktop app."),
        allow_abbrev=False,
    )
    parser.set_defaults(verb="desktop", config_dir=None, data_dir=None, log_level=None, lang=None, profile=None)
    parser.set_defaults(screenshot=None, after=5.0, self_test=False, layout=None)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}", help=_(_VERSION))
    _add_global(parser)
    _add_desktop(parser)
    verbs = parser.add_subparsers(metavar="VERB", title=_("verbs"))
    for name, summary, add in (
        ("demo", _("the desktop app on the built-in simulator, in a profile of its own"), _add_demo),
        ("fetch", _("print the capital flow of symbols once"), _add_fetch),
        ("watch", _("poll symbols, print what changes, and evaluate alert rules"), _add_watch),
        ("simulate", _("run a simulated OpenD and Longport on this computer"), _add_simulate),
        ("export", _("print recorded sessions, without a connection"), _add_export),
        ("replay", _("play a recorded day once more, as watch would print it"), _add_replay),
        ("check-rule", _("say what a rule would have done on recorded sessions"), _add_check_rule),
        ("archive", _("look after what is recorded"), _add_archive),
        ("alerts", _("list, acknowledge and deliver alerts"), _add_alerts),
        ("desk", _("poll for many windows that share one quota"), _add_desk),
        ("serve", _("answer other programs: JSON-RPC on stdin and stdout"), _add_serve),
    ):
        verb = verbs.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        verb.set_defaults(verb=name)
        verb.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}", help=_(_VERSION))
        # SUPPRESS: an option given before the verb must survive the verb's own default.
        _add_global(verb)
        add(verb)
    return parser


def _add_global(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(_("everywhere"))
    group.add_argument(
        "--profile", metavar="NAME", default=_HIDE, help=_("another profile of yours (default: the main one)")
    )
    group.add_argument("--config-dir", type=Path, metavar="DIR", default=_HIDE, help=_("folder of the settings"))
    group.add_argument("--data-dir", type=Path, metavar="DIR", default=_HIDE, help=_("folder of data, state and logs"))
    group.add_argument(
        "--lang", choices=sorted(LANGUAGES), default=_HIDE, help=_("language of help, errors and the window")
    )
    group.add_argument("--log-level", choices=LEVELS, default=_HIDE, help=_("how much is logged (default: info)"))


def _add_desktop(parser: argparse.ArgumentParser) -> None:
    """Their defaults are set once, for all verbs: an option given before the verb survives it."""
    group = parser.add_argument_group(_("desktop"))
    group.add_argument(
        "--screenshot", type=Path, metavar="FILE", default=_HIDE, help=_("draw the window, save it as PNG, exit")
    )
    group.add_argument(
        "--after", type=_seconds, metavar="SECONDS", default=_HIDE, help=_("how long to wait before --screenshot")
    )
    group.add_argument(
        "--layout", metavar="NAME", default=_HIDE, help=_("arrange the windows like this layout of the profile")
    )
    group.add_argument(
        "--self-test", action="store_true", default=_HIDE, help=_("start, poll the simulator once, draw, exit")
    )


def _add_market(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", metavar="NAME", default=None, help=_("the day that is played"))
    parser.add_argument("--speed", type=_speed, metavar="X", default=None, help=_("market seconds per second; 0 holds"))


def _add_demo(parser: argparse.ArgumentParser) -> None:
    _add_market(parser)
    parser.add_argument("--symbols", type=_count, metavar="N", default=None, help=_("how many symbols there are"))
    parser.add_argument(
        "--sources",
        choices=("opend", "opend,longport"),
        metavar="opend[,longport]",
        default="opend",
        help=_("the simulated brokers: one, or both sharing the watchlist (default: opend)"),
    )
    _add_desktop(parser)


def _add_symbols(parser: argparse.ArgumentParser, nargs: str = "+") -> None:
    parser.add_argument(
        "symbols",
        type=_checked(_symbols),
        nargs=nargs,
        default=[],
        action=_Symbols,
        metavar="SYMBOL",
        help=_("700.HK or HK.00700, in any case"),
    )


def _add_fetch(parser: argparse.ArgumentParser) -> None:
    _add_symbols(parser)
    parser.add_argument("--source", metavar="SRC", default=None, help=_(_SOURCE_HELP))
    parser.add_argument(
        "--period",
        type=_period,
        metavar=f"{{{','.join(Period)}}}",
        default=Period.INTRADAY,
        help=_("what one line stands for"),
    )
    for name in ("start", "end"):
        parser.add_argument(f"--{name}", type=_date, metavar="DATE", default=None, help=_("exchange date, YYYY-MM-DD"))
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")


def _add_watch(parser: argparse.ArgumentParser) -> None:
    _add_symbols(parser)
    _add_sources(parser)
    _add_rules(parser)
    parser.add_argument(
        "--for", type=_seconds, metavar="SECONDS", dest="duration", default=None, help=_("end after that")
    )
    parser.add_argument("--interval", type=_seconds, metavar="SECONDS", default=None, help=_("time between two polls"))
    parser.add_argument("--ignore-calendar", action="store_true", help=_("poll closed markets too, at full pace"))
    parser.add_argument("--record", action="store_true", help=_("record every reply in the profile's archive"))
    parser.add_argument(
        "--deliver",
        metavar="NAME",
        action="append",
        default=[],
        help=_("send alerts to this channel of the settings; repeatable"),
    )
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source",
        metavar="SRC",
        dest="sources",
        action="append",
        default=[],
        help=_("{help}; repeatable").format(help=_(_SOURCE_HELP)),
    )


def _add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rule",
        type=_rule,
        metavar="RULE",
        dest="rules",
        action="append",
        default=[],
        help=_("an alert rule, for example '*: net <= -200M'; repeatable"),
    )


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--opend-port", type=_port, metavar="P", default=0, help=_("0 picks a free one"))
    parser.add_argument("--longport-port", type=_port, metavar="P", default=0, help=_("0 picks a free one"))
    parser.add_argument("--rsa-key", type=Path, metavar="FILE", default=None, help=_("RSA private key: encrypt"))
    parser.add_argument("--cipher", choices=("auto", "cbc", "ftaes"), default="auto")
    _add_market(parser)
    parser.add_argument("--symbols", metavar="N|LIST", default=None, help=_("a number, or symbols with commas"))
    parser.add_argument("--seed", type=_seed, metavar="N", default=None)
    parser.add_argument("--clock", type=_instant, metavar="ISO", default=None, help=_("the market clock's start"))
    parser.add_argument("--rate-limit", type=_rate, metavar="N/SECONDS|off", default=_DEFAULT_RATE)
    parser.add_argument("--keep-alive", type=_seconds, metavar="S", default=None, help=_("interval asked of clients"))
    parser.add_argument(
        "--fault", metavar="NAME[:ARG]", dest="faults", action="append", default=[], help=_("repeatable")
    )
    parser.add_argument("--list-faults", action="store_true", help=_("print the faults there are"))
    parser.add_argument("--stats", type=Path, metavar="FILE", default=None, help=_("write counts there at the end"))


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_symbols(parser)
    _add_recorded(parser)
    parser.add_argument("--states", action="store_true", help=_("every recorded state, as JSON lines"))
    parser.add_argument("--format", choices=("csv", "json", "parquet"), default=None, help=_("default: csv"))
    parser.add_argument("--bom", action="store_true", help=_("begin a CSV with the mark by which Excel knows UTF-8"))
    parser.add_argument(
        "--out", type=_out, metavar="FILE|DIR", default=None, help=_("write there; - is stdout, the default")
    )


def _add_recorded(parser: argparse.ArgumentParser) -> None:
    """Which recorded sessions are meant."""
    parser.add_argument("--source", metavar="NAME", default=None, help=_(_RECORDED_SOURCE))
    for name, destination in (("from", "start"), ("to", "end")):
        parser.add_argument(
            f"--{name}", dest=destination, type=_date, metavar="DATE", default=None, help=_("exchange date, YYYY-MM-DD")
        )


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("date", type=_date, metavar="DATE", help=_("exchange date of the session, YYYY-MM-DD"))
    _add_symbols(parser, "*")
    parser.add_argument("--source", metavar="NAME", default=None, help=_(_RECORDED_SOURCE))
    parser.add_argument(
        "--speed", type=_replay_speed, metavar="X|max", default=None, help=_("market seconds per second (default: max)")
    )
    _add_rules(parser)
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")


def _add_check_rule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", type=_rule, metavar="RULE", help=_("for example '*: net <= -200M'"))
    _add_symbols(parser, "*")
    _add_recorded(parser)
    parser.add_argument("--format", choices=("table", "jsonl"), default="table")


def _add_alerts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("ack", "test"),
        nargs="?",
        default=None,
        help=_("acknowledge alerts by their ids; send a test to a channel; without either: list alerts"),
    )
    parser.add_argument("names", nargs="*", metavar="ID|CHANNEL", help=_("ids of alerts, or the channel to test"))
    for name, destination in (("from", "start"), ("to", "end")):
        parser.add_argument(
            f"--{name}", dest=destination, type=_date, metavar="DATE", default=None, help=_("exchange date, YYYY-MM-DD")
        )
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")


def _add_serve(parser: argparse.ArgumentParser) -> None:
    _add_sources(parser)
    parser.add_argument(
        "--http",
        type=_checked(_loopback),
        metavar="127.0.0.1:PORT",
        default=None,
        help=_("serve HTTP there instead, to programs on this computer that show a token; 0 picks a free port"),
    )
    parser.add_argument(
        "--mcp",
        action="store_true",
        help=_("speak the Model Context Protocol of agents instead; nothing can be changed"),
    )


def _add_desk(parser: argparse.ArgumentParser) -> None:
    add_action(parser)
    _add_symbols(parser, "*")
    _add_sources(parser)
    _add_rules(parser)
    add_desk(parser)


def _add_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("info", "verify", "prune", "compact"),
        help=_("what there is; what is damaged; remove old sessions; give free room back"),
    )
    parser.add_argument(
        "--keep-days",
        type=_days,
        metavar="N",
        default=None,
        help=_("for prune: how many days are kept, up to the newest session"),
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


_SOURCE_HELP = N_(
    "opend://HOST:PORT[?rsa-key=FILE], longport:, desk://USER@HOST:PORT[?ca=FILE] or demo: "
    "(default: the configured source)"
)
_RECORDED_SOURCE = N_("opend or longport (default: every one)")
_VERSION = N_("show program's version number and exit")
_LAST_PORT = 65535
_DEFAULT_RATE = "vendor"  # every interface its own


class _Symbols(argparse.Action):
    """Each symbol once, in the order given."""

    def __call__(
        self, _parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, _option: object = None
    ) -> None:
        """Called by argparse with what each argument holds."""
        held = cast("list[list[Symbol]]", values)
        setattr(namespace, self.dest, list(dict.fromkeys(symbol for symbols in held for symbol in symbols)))


def _symbols(text: str) -> list[Symbol]:
    """The symbols of an argument: one, or a list with commas or spaces."""
    from capflow_gui.domain.typed.symbols import words_of  # a window is painted without it

    found = [Symbol.parse(word) for word in words_of(text) or [text]]
    return [Symbol.guess(str(symbol)) if symbol.is_index else symbol for symbol in found]


def _checked(parse: Callable[[str], Parsed]) -> Callable[[str], Parsed]:
    """argparse prints an ArgumentTypeError's own text, and only that of no other error."""

    def convert(text: str) -> Parsed:
        try:
            return parse(text)
        except InvalidInput as error:
            raise argparse.ArgumentTypeError(error_sentence(error)) from error

    return convert


def _period(text: str) -> Period:
    try:
        return Period(folded(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            _("{text} is none of {names}").format(text=repr(text), names=", ".join(Period))
        ) from error


def _loopback(text: str) -> tuple[str, int]:
    """An address of this computer alone, and a port. 0.0.0.0 is every network's."""
    host, _colon, port = folded(text).rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        is_ours = ip_address(host).is_loopback
    except ValueError:
        is_ours = False
    if not is_ours or not (port.isascii() and port.isdecimal() and int(port) <= _LAST_PORT):
        raise InvalidInput(text, Reason.of(Code.NOT_LOOPBACK), Reason.of(Code.LOOPBACK_FORM))
    return host, int(port)


def _rule(text: str) -> Rule:
    from capflow_gui.domain.alert import parse_rule  # loads numpy, which the window does not wait for

    try:
        text.encode()
        return parse_rule(text)
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError(_("{text} is not UTF-8").format(text=repr(text))) from error
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(f"{error_sentence(error)}\n{caret(error)}") from error


def _date(text: str) -> date:
    try:
        return datetime.strptime(folded(text), "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar date has no zone
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            _("{text} is not a date; write it as 2022-06-08").format(text=repr(text))
        ) from error


def _out(text: str) -> Path | None:
    return None if text == "-" else Path(text)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(folded(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            _("{text} is not an instant; write it as 2022-06-08T10:47:25+08:00").format(text=repr(text))
        ) from error
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            _("{text} has no zone; write it as 2022-06-08T10:47:25+08:00").format(text=repr(text))
        )
    return moment


def _number(text: str, *, least: float, what: str) -> float:
    try:
        value = float(folded(text))
    except ValueError:
        value = float("nan")
    if not least <= value < float("inf"):
        raise argparse.ArgumentTypeError(_("{text} is not {what}").format(text=repr(text), what=what))
    return value


def _seconds(text: str) -> float:
    return _number(text, least=0.0, what=_("a number of seconds"))


def _speed(text: str) -> float:
    return _number(text, least=0.0, what=_("a speed; 1 is real time, 0 holds the clock"))


def _replay_speed(text: str) -> float | None:
    """None: as fast as it goes."""
    return None if folded(text) == "max" else _number(text, least=0.001, what=_("a speed above 0, or max"))


def _whole(text: str, least: int, most: int, what: str) -> int:
    number = folded(text)
    if not (number.isascii() and number.isdecimal()) or not least <= int(number) <= most:
        raise argparse.ArgumentTypeError(_("{text} is not {what}").format(text=repr(text), what=what))
    return int(number)


def _count(text: str) -> int:
    return _whole(text, 1, 10_000, _("a number of symbols"))


def _days(text: str) -> int:
    return _whole(text, 1, 36_500, _("a number of days, 1 to 36500"))


def _port(text: str) -> int:
    return _whole(text, 0, 65535, _("a port, 0 to 65535"))


def _seed(text: str) -> int:
    return _whole(text, 0, 2**63 - 1, _("a whole number from 0 on"))


def _rate(text: str) -> tuple[int, float] | str | None:
    """(calls, seconds), None for off; argparse passes the default through here too."""
    text = folded(text)
    if text in ("off", _DEFAULT_RATE):
        return None if text == "off" else text
    calls, slash, window = text.partition("/")
    if not slash:
        raise argparse.ArgumentTypeError(_("{text} is not a rate; write it as 30/30, or off").format(text=repr(text)))
    return _whole(calls, 1, 1_000_000, _("a number of calls")), _number(
        window, least=0.001, what=_("a window in seconds")
    )
