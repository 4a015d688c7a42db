"""Each fault of the bus is one reason."""

from __future__ import annotations

import ssl

import pytest

from capflow_gui.errors import AuthFailed, ConnectFailed, ConnectFault, ConnectionLost
from capflow_gui.providers.desk.faults import Unencrypted, connect_fault, end_fault, missing_right
from capflow_gui.reason import Code

PLACE = "desk", "10.0.0.5:4222", "ws01"


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "code", "fault"),
    [
        (ConnectionRefusedError(), Code.BUS_ABSENT, ConnectFault.UNREACHABLE),
        (OSError("[Errno 111] x, [Errno 111] y"), Code.BUS_ABSENT, ConnectFault.UNREACHABLE),
        (OSError(101, "Network is unreachable"), Code.UNREACHABLE, ConnectFault.UNREACHABLE),
        (TimeoutError(), Code.CONNECTED_BUT_SILENT, ConnectFault.UNREACHABLE),
        (Exception("nats: 'Authentication Timeout'"), Code.CONNECTED_BUT_SILENT, ConnectFault.UNREACHABLE),
        (Exception("nats: unexpected EOF"), Code.BUS_LOST, ConnectFault.UNREACHABLE),
        (Unencrypted(), Code.DESK_UNENCRYPTED, ConnectFault.FOREIGN),
        (ValueError("empty response"), Code.NOT_A_BUS, ConnectFault.FOREIGN),
        (certificate_error(10), Code.DESK_EXPIRED, ConnectFault.UNTRUSTED),
        (certificate_error(9), Code.DESK_NOT_YET_VALID, ConnectFault.UNTRUSTED),
        (certificate_error(62), Code.DESK_OTHER_HOST, ConnectFault.UNTRUSTED),
        (certificate_error(64), Code.DESK_OTHER_HOST, ConnectFault.UNTRUSTED),
        (certificate_error(19), Code.DESK_NOT_TRUSTED, ConnectFault.UNTRUSTED),
    ],
)
def test_what_keeps_a_connection_from_being_made(error: Exception, code: Code, fault: ConnectFault):
    found = connect_fault(*PLACE, error, known=False)
    assert isinstance(found, ConnectFailed)
    assert (found.reason.code, found.fault) == (code, fault)


def test_a_secret_that_was_never_accepted_is_for_the_user_to_mend():
    found = connect_fault(*PLACE, Exception("nats: Authorization Violation"), known=False)
    assert isinstance(found, AuthFailed)
    assert found.reason.code is Code.DESK_REFUSED


def test_one_that_was_accepted_had_access_and_may_have_it_again():
    found = connect_fault(*PLACE, Exception("nats: Authorization Violation"), known=True)
    assert isinstance(found, ConnectFailed)
    assert found.reason.code is Code.DESK_WITHDRAWN


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (None, ConnectionLost, Code.BUS_LOST),
        (Exception("nats: unexpected EOF"), ConnectionLost, Code.BUS_LOST),
        (Exception("nats: 'Authentication Timeout'"), ConnectionLost, Code.BUS_LOST),
        (Exception("nats: 'Authentication Revoked'"), ConnectFailed, Code.DESK_WITHDRAWN),
    ],
)
def test_why_a_connection_has_ended(error: Exception | None, kind: type[Exception], code: Code):
    found = end_fault(*PLACE, error)
    assert (type(found), found.reason.code) == (kind, code)


def test_a_missing_right_names_its_subject():
    said = Exception('nats: Permissions Violation for Publish to "capflow.v1.interest.ws01"')
    assert missing_right(said) == "capflow.v1.interest.ws01"
    assert missing_right(Exception("nats: slow consumer")) is None
