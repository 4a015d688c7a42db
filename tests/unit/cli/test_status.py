from __future__ import annotations

import pytest

from capflow_gui.cli.status import status_of, status_of_all, status_of_fetch
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    InvalidInput,
    NoData,
    NoLines,
    NoQuoteRight,
    NotSignedIn,
    RateLimited,
    RemoteProtocolError,
    RequestRejected,
    RequestTimeout,
    SettingsError,
    StorageError,
    UnknownSymbol,
)
from capflow_gui.reason import Code, Reason
from tests.reasons import said


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput("x", said("bad")), 2),
        (SettingsError("port", said("bad")), 2),
        (NotSignedIn("longport", said("nothing is kept"), said("sign in")), 2),
        (ConnectFailed("opend", said()), 3),
        (ConnectionLost("opend", said()), 3),
        (RequestTimeout("opend", said()), 3),
        (UnknownSymbol("opend", 1, "?"), 4),
        (NoQuoteRight("opend", 1, "?"), 4),
        (NoData("opend", 1, "?"), 4),
        (NoLines("opend", 1.0), 4),
        (StorageError(Reason.of(Code.NOTHING_RECORDED, path="archive.db")), 4),
        (AuthFailed("opend", 1, "?"), 4),
        (RateLimited("opend", 1, "?", 30), 4),
        (RequestRejected("opend", 1, "?"), 4),
        (RemoteProtocolError(said("?")), 5),
        (StorageError(said("?")), 1),
        (CapflowError("?"), 1),
    ],
)
def test_every_error_has_its_status(error: CapflowError, status: int) -> None:
    assert status_of(error) == status


def test_a_fetch_is_complete_when_every_symbol_was_answered() -> None:
    rejected, lost = UnknownSymbol("opend", 1, "?"), ConnectionLost("opend", said())
    assert status_of_fetch([], 2) == 0
    assert status_of_fetch([rejected], 2) == 0
    assert status_of_fetch([rejected, lost], 3) == 3
    assert status_of_fetch([rejected, rejected], 2) == 4


def test_of_several_the_one_that_says_most() -> None:
    rejected, lost, odd = (
        UnknownSymbol("opend", 1, "?"),
        ConnectionLost("opend", said()),
        RemoteProtocolError(said("?")),
    )
    assert status_of_all([rejected, rejected]) == 4
    assert status_of_all([rejected, lost]) == 3
    assert status_of_all([rejected, lost, odd]) == 5
    assert status_of_all([]) == 0
