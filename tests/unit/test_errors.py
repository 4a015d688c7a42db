from __future__ import annotations

import pytest

from capflow_gui import errors
from capflow_gui.errors import (
    CapflowError,
    ConnectFailed,
    ConnectFault,
    ConnectionLost,
    InvalidInput,
    ProtocolError,
    ProviderError,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    SettingsError,
    is_symbols_own,
)
from capflow_gui.reason import Code, Reason

WHY = Reason.of(Code.LINK_DOWN)


def test_every_error_of_ours_can_be_caught_as_one() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 15
    assert all(issubclass(kind, CapflowError) for kind in kinds)
    assert issubclass(RateLimited, RequestRejected)
    assert issubclass(ConnectFailed, ProviderError)
    assert not issubclass(ProtocolError, ProviderError)


def test_the_log_names_source_reason_and_setting() -> None:
    assert str(ProviderError("opend", WHY)) == f"opend: {WHY}"
    assert str(SettingsError("opend.port", WHY)) == f"opend.port: {WHY}"
    assert "'abc'" in str(InvalidInput("abc", WHY))


def test_a_call_may_have_left_this_computer_unless_it_is_said_otherwise() -> None:
    assert ConnectionLost("opend", WHY).sent
    assert not ConnectionLost("opend", WHY, sent=False).sent


@pytest.mark.parametrize("fault", ConnectFault)
def test_what_a_failed_connection_means_travels_with_it(fault: ConnectFault) -> None:
    assert ConnectFailed("opend", WHY, fault, "HTTPS_PROXY").fault is fault
    assert ConnectFailed("opend", WHY).fault is ConnectFault.UNREACHABLE


def test_an_error_of_the_link_or_the_quota_is_not_the_symbols_own() -> None:
    assert is_symbols_own(RequestTimeout("opend", WHY))
    assert not is_symbols_own(ConnectionLost("opend", WHY))
