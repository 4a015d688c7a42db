from __future__ import annotations

import pytest

from capflow_gui.errors import (
    AuthFailed,
    NoData,
    NoQuoteRight,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    Retry,
    UnknownSymbol,
)
from capflow_gui.providers.longport.errors import rejection


@pytest.mark.parametrize(
    ("status", "code", "error", "retry"),
    [
        (3, 301600, RequestRejected, Retry.NEVER),
        (7, 301600, UnknownSymbol, Retry.NEVER),
        (7, 301602, RequestRejected, Retry.BACK_OFF),
        (7, 301603, NoData, Retry.BACK_OFF),
        (7, 301604, NoQuoteRight, Retry.BACK_OFF),
        (7, 301605, RequestRejected, Retry.NEVER),
        (3, 301606, RateLimited, Retry.BACK_OFF),
        (7, 301607, RequestRejected, Retry.NEVER),
        (None, 401003, AuthFailed, Retry.BACK_OFF),
        (None, 401004, AuthFailed, Retry.BACK_OFF),
        (None, 401102, AuthFailed, Retry.BACK_OFF),
        (None, 403201, AuthFailed, Retry.BACK_OFF),
        (None, 403202, RequestRejected, Retry.NOW),
        (None, 403203, AuthFailed, Retry.BACK_OFF),
        (None, 403205, AuthFailed, Retry.BACK_OFF),
        (None, 429001, RateLimited, Retry.BACK_OFF),
        (None, 429002, RateLimited, Retry.BACK_OFF),
        (None, 500000, RequestRejected, Retry.BACK_OFF),
        (5, 0, AuthFailed, Retry.BACK_OFF),
        (6, 403, RequestRejected, Retry.BACK_OFF),
        (7, 999999, RequestRejected, Retry.BACK_OFF),
    ],
)
def test_the_table(status: int | None, code: int, error: type, retry: Retry) -> None:
    found = rejection("longport", status, code, "the broker's own words")
    assert type(found) is error
    assert found.retry is retry
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
