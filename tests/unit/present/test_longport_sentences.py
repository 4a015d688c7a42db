from __future__ import annotations

import pytest

from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    InvalidInput,
    NoData,
    RequestRejected,
    RequestTimeout,
)
from capflow_gui.present.sentences import error_sentence


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AuthFailed("longport", 403201, "signature invalid"), "app secret"),
        (AuthFailed("longport-2", 401003, "token expired"), "get a new one"),
        (AuthFailed("longport", 401004, "token invalid"), "paste it anew"),
        (AuthFailed("longport", 401102, "token verification failed"), "sign in again"),
        (AuthFailed("longport", 403203, "apikey illegal"), "app key is not known"),
        (AuthFailed("longport", 403205, "ip not allowed"), "list of addresses"),
        (AuthFailed("longport", 0, "access_denied"), "Sign in again"),
        (RequestRejected("longport", 403, "connections limitation is hit"), "Close another program"),
        (ConnectFailed("longport", "h cannot be reached: no route"), "the proxy and the region"),
        (RequestTimeout("longport", "nobody signed in: was the browser closed?"), "closed? Try again."),
    ],
)
def test_each_trouble_has_its_help(error: CapflowError, said: str) -> None:
    sentence = error_sentence(error)
    assert said in sentence
    assert "RSA" not in sentence
    assert sentence.endswith(".")
    if isinstance(error, RequestRejected):
        assert error.message in sentence


@pytest.mark.parametrize(
    "error", [ConnectFailed("opend", "x"), NoData("longport", 301603, "no quotes"), InvalidInput("x", "y")]
)
def test_everything_else_is_said_as_ever(error: CapflowError) -> None:
    assert "proxy" not in error_sentence(error)
