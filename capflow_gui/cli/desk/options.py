"""The options of `capflow desk`, as argparse sees them."""

from __future__ import annotations

import argparse
from pathlib import Path

from capflow_gui.domain.typed.text import folded
from capflow_gui.present.language.texts import _
from capflow_gui.wire.desk.subjects import MOST_SHARDS, is_name

_COLLECTOR = "collector"
_PORT = 4222


def add_action(parser: argparse.ArgumentParser) -> None:
    """What is to be done, before the symbols."""
    parser.add_argument(
        "action",
        choices=("collect", "serve", "status"),
        help=_("poll for a desk's server; start a server and a collector here; say how a desk is"),
    )


def add_desk(parser: argparse.ArgumentParser) -> None:
    """The options that only this verb has."""
    parser.add_argument("--bus", metavar="nats://HOST:PORT", default=None, help=_("the desk's server"))
    parser.add_argument("--user", metavar="NAME", default=None, help=_("who signs in there (default: collector)"))
    parser.add_argument("--ca", type=Path, metavar="FILE", default=None, help=_("the certificate to trust"))
    parser.add_argument(
        "--secret", type=Path, metavar="FILE", default=None, help=_("the user's secret, in a file of mode 600")
    )
    parser.add_argument(
        "--shards", type=_shards, metavar="N", default=1, help=_("parts of the list, of which collectors take theirs")
    )
    parser.add_argument(
        "--listen",
        type=_place,
        metavar="HOST:PORT",
        default=("127.0.0.1", _PORT),
        help=_("for serve: where the server listens (default: 127.0.0.1:4222)"),
    )
    parser.add_argument(
        "--server", type=Path, metavar="FILE", default=None, help=_("for serve: the program of the server")
    )
    parser.add_argument(
        "--windows",
        type=_windows,
        metavar="N",
        default=10,
        help=_("for serve: how many windows get a name and a secret"),
    )
    parser.add_argument(
        "--window", action="append", type=_window, metavar="NAME", default=[], help=_("for serve: a window's own name")
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")


def _shards(text: str) -> int:
    return _whole(text, 1, MOST_SHARDS, _("a number of shards, 1 to {most}").format(most=MOST_SHARDS))


def _windows(text: str) -> int:
    return _whole(text, 0, 1000, _("a number of windows, 0 to 1000"))


def _window(text: str) -> str:
    if not is_name(text) or text == _COLLECTOR:
        raise argparse.ArgumentTypeError(_("{text!r} is no name: letters, digits, - and _").format(text=text))
    return text


def _place(text: str) -> tuple[str, int]:
    host, _colon, port = folded(text).rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise argparse.ArgumentTypeError(_("{text!r} is not HOST:PORT").format(text=text))
    return host.removeprefix("[").removesuffix("]"), int(port)


def _whole(text: str, least: int, most: int, what: str) -> int:
    number = folded(text)
    if not (number.isascii() and number.isdecimal()) or not least <= int(number) <= most:
        raise argparse.ArgumentTypeError(_("{text} is not {what}").format(text=repr(text), what=what))
    return int(number)
