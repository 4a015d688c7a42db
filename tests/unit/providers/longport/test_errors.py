from __future__ import annotations

import pytest

from capflow_gui.errors import (
    AuthFailed,
    ComputerRefused,
    NoData,
    NoQuoteRight,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.providers.longport.errors import rejection


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (3, 301600, RequestRejected),
        (7, 301600, UnknownSymbol),
        (7, 301602, RequestRejected),
        (7, 301603, NoData),
        (7, 301604, NoQuoteRight),
        (7, 301605, RequestRejected),
        (3, 301606, RateLimited),
        (7, 301607, RequestRejected),
        (None, 401003, AuthFailed),
        (None, 401004, AuthFailed),
        (None, 401102, AuthFailed),
        (None, 403201, AuthFailed),
        (None, 403202, RequestRejected),
        (None, 403203, AuthFailed),
        (None, 403205, ComputerRefused),
        (None, 429001, RateLimited),
        (None, 429002, RateLimited),
        (None, 500000, RequestRejected),
        (5, 0, AuthFailed),
        (6, 403, RequestRejected),
        (7, 999999, RequestRejected),
    ],
)
def test_the_table(status: int | None, code: int, error: type) -> None:
    found = rejection("longport", status, code, "the broker's own words")
    assert type(found) is error
    assert isinstance(found, RequestRejected)
    assert found.message == "the broker's own words"


def test_a_server_that_timed_out_is_no_refusal() -> None:
    assert isinstance(rejection("longport", 1, 0, ""), RequestTimeout)


def test_without_a_code_the_status_is_said() -> None:
    found = rejection("longport", 7, 0, "")
    assert isinstance(found, RequestRejected)
    assert found.code == 7


def test_over_http_the_words_tell_who_erred() -> None:
    assert isinstance(rejection("longport", None, 301600, "symbol not found"), UnknownSymbol)
    assert not isinstance(rejection("longport", None, 301600, "invalid request"), UnknownSymbol)
