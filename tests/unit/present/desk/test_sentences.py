"""One clear sentence for each thing that can be wrong with a desk."""

from __future__ import annotations

import pytest

from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    NoData,
    NotSignedIn,
    UnknownSymbol,
    UpdateNeeded,
)
from capflow_gui.present.desk.sentences import desk_sentence, is_desks
from capflow_gui.present.sentences import error_sentence
from capflow_gui.reason import Code, Reason

H = "10.0.0.5:4222"


def lost(code: Code, **args: object) -> ConnectionLost:
    return ConnectionLost("desk", Reason.of(code, **args))


def failed(code: Code, **args: object) -> ConnectFailed:
    return ConnectFailed("desk", Reason.of(code, **args))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            lost(Code.COLLECTOR_LOST, seconds=6.0),
            "The desk's server answers, but no collector has been heard for 6 s. It is tried again by itself.",
        ),
        (
            lost(Code.COLLECTOR_STOPPED),
            "The desk's collector was stopped, and no other took over. It is tried again by itself.",
        ),
        (
            lost(Code.BUS_LOST, address=H),
            "The connection to the desk's server at 10.0.0.5:4222 ended. It is tried again by itself.",
        ),
        (
            failed(Code.BUS_ABSENT, address=H),
            "Nothing listens at 10.0.0.5:4222: is the desk's server running, and is this its port?",
        ),
        (failed(Code.DESK_WITHDRAWN, user="ws01"), "The access of ws01 was withdrawn: ask the desk's administrator."),
        (
            failed(Code.DESK_EXPIRED, address=H),
            "The certificate of 10.0.0.5:4222 has expired: the desk's administrator has to renew it.",
        ),
        (failed(Code.DESK_UNENCRYPTED, address=H), "10.0.0.5:4222 does not encrypt: the secret was not sent to it."),
        (
            AuthFailed("desk", 0, reason=Reason.of(Code.DESK_REFUSED, user="ws01")),
            "The desk does not let ws01 in: the name or the secret is wrong.",
        ),
        (
            NotSignedIn(
                "desk",
                Reason.of(Code.DESK_SECRET_MISSING, user="ws01", address=H),
                Reason.of(Code.ENTER_DESK_SECRET, variable="CAPFLOW_DESK_SECRET"),
            ),
            "There is no secret for ws01 at 10.0.0.5:4222. Enter it in the connections, or set CAPFLOW_DESK_SECRET.",
        ),
        (
            NoData("desk", 0, reason=Reason.of(Code.DESK_HAS_NOT, symbol="700.HK")),
            "No collector of the desk has 700.HK yet.",
        ),
        (
            NoData("desk", 0, reason=Reason.of(Code.NOT_A_SUBJECT, text="ABC-.US")),
            "'ABC-.US' cannot be named on the bus of a desk.",
        ),
        (
            UpdateNeeded(Reason.of(Code.DESK_NEWER, found=2, known=1)),
            "A newer Capflow speaks on the bus of the desk (version 2, this one knows 1): update Capflow.",
        ),
    ],
)
def test_each_fault_is_one_sentence(error: CapflowError, sentence: str):
    assert error_sentence(error) == sentence


def test_what_is_not_tried_again_does_not_say_so():
    assert "again" not in error_sentence(lost(Code.BUS_LOST, address=H), retrying=False)


def test_a_brokers_refusal_is_the_brokers_sentence():
    assert desk_sentence(UnknownSymbol("desk", -1, "unknown"), retrying=True) is None
    assert (
        desk_sentence(failed(Code.BUS_ABSENT, address=H).__class__("opend", Reason.of(Code.CLOSED)), retrying=True)
        is None
    )


def test_a_second_desk_is_one_too():
    assert [is_desks(name) for name in ("desk", "desk-2", "desktop", "opend")] == [True, True, False, False]
