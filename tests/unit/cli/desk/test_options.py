from __future__ import annotations

import pytest

from capflow_gui.cli.options import build_parser


def test_what_is_served_has_a_default_for_everything() -> None:
    found = build_parser().parse_args(["desk", "serve"])
    assert (found.action, found.listen, found.windows, found.window) == ("serve", ("127.0.0.1", 4222), 10, [])
    assert (found.shards, found.symbols, found.sources, found.bus, found.server) == (1, [], [], None, None)


def test_symbols_and_options_may_stand_in_any_order() -> None:
    found = build_parser().parse_args(
        ["desk", "collect", "--bus", "nats://h:1", "700.HK", "--shards", "4", "5.HK", "--listen", "[::1]:0"]
    )
    assert ([str(symbol) for symbol in found.symbols], found.shards, found.listen) == (
        ["700.HK", "5.HK"],
        4,
        ("::1", 0),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        ["--shards", "65"], ["--shards", "x"], ["--windows", "-1"], ["--window", "collector"], ["--window", "a b"],
        ["--listen", "h:99999"], ["--listen", ":4222"], ["--listen", "h:"],
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_usage_error(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["desk", "serve", *wrong])
    assert ended.value.code == 2
