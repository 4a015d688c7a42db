from __future__ import annotations

import pytest

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ComputerRefused,
    ConnectFailed,
    ConnectFault,
    InvalidInput,
    NoData,
    NotSignedIn,
    RequestRejected,
)
from capflow_gui.present.longport_sentences import longport_sentence
from capflow_gui.present.sentences import Action, error_sentence, link_sentence
from tests.reasons import said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AuthFailed("longport", 403201, "signature invalid"), "app secret"),
        (AuthFailed("longport-2", 401003, "token expired"), "get a new one"),
        (AuthFailed("longport", 401004, "token invalid"), "paste it anew"),
        (AuthFailed("longport", 401102, "token verification failed"), "sign in again"),
        (AuthFailed("longport", 403203, "apikey illegal"), "app key is not known"),
        (ComputerRefused("longport", 403205, "ip not allowed"), "ip not allowed (403205). This computer's address"),
        (ComputerRefused("longport", 403201, "signature invalid", 600.0), "clock is 10 m ahead, and for that"),
        (ComputerRefused("longport", 403201, "signature invalid", -95.0), "clock is 1 m behind, and for that"),
        (AuthFailed("longport", 0, "access_denied"), "Sign in again"),
        (RequestRejected("longport", 403, "connections limitation is hit"), "Close another program"),
        (ConnectFailed("longport", said("h cannot be reached: no route")), "the proxy and the region"),
        (ConnectFailed("longport", said("h is not trusted"), ConnectFault.UNTRUSTED), "name its file in SSL_CERT_FILE"),
        (ConnectFailed("longport", said("the proxy refused"), ConnectFault.PROXY), "user and password"),
        (NotSignedIn("longport", said("nobody signed in"), said("start again")), "Nobody signed in: start again."),
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
    "error", [ConnectFailed("opend", said("x")), NoData("longport", 301603, "no quotes"), InvalidInput("x", said("y"))]
)
def test_everything_else_is_said_as_ever(error: CapflowError) -> None:
    assert "proxy" not in error_sentence(error)


EXPIRED = AuthFailed("longport", 401003, "token expired")
NOTHING = NotSignedIn("longport", said("nothing is kept"), said("sign in"))
UNTRUSTED = ConnectFailed("longport", said("the certificate of h is not trusted"), ConnectFault.UNTRUSTED)


@pytest.mark.parametrize(
    ("phase", "error", "action"),
    [
        (LinkPhase.FAILED, EXPIRED, Action.SIGN_IN),
        (LinkPhase.FAILED, NOTHING, Action.SIGN_IN),
        (LinkPhase.WAITING, UNTRUSTED, Action.RECONNECT),
    ],
)
def test_a_link_that_waits_for_the_user_says_the_whole_sentence(
    phase: LinkPhase, error: CapflowError, action: Action
) -> None:
    link = LinkState("longport", phase, 90, reason=error.reason, attempt=1, error=error)
    said = link_sentence(link, 100)
    assert (said.state, said.text, said.action) == ("Longport needs you", error_sentence(error), action)


def test_a_link_that_mends_itself_says_when() -> None:
    link = LinkState(
        "longport", LinkPhase.WAITING, 90, said("reset"), 1, 108, error=ConnectFailed("longport", said("reset"))
    )
    assert str(link_sentence(link, 100)) == "Longport not connected · reset · try 2 in 8 s"
    link = LinkState("longport", LinkPhase.WAITING, 90, said("x"), 1, 108, error=UNTRUSTED)
    assert link_sentence(link, 100).text.endswith("start Capflow again. · try 2 in 8 s")


def refused(code: int, variable: str) -> str | None:
    error = AuthFailed("longport", code, "token expired")
    error.variable = variable
    return longport_sentence(error)


@pytest.mark.parametrize("variable", ["LONGBRIDGE_ACCESS_TOKEN", "LONGPORT_ACCESS_TOKEN"])
@pytest.mark.parametrize("code", [401003, 401004, 401102])
def test_a_dead_token_of_the_environment_is_looked_for_there(code: int, variable: str) -> None:
    text = refused(code, variable)
    assert text is not None
    assert f"environment variable {variable}, which goes before the keyring" in text
    assert "paste it anew" not in text
    assert "environment" not in str(refused(code, ""))


def test_the_proxys_variable_is_named() -> None:
    error = ConnectFailed("longport", said("the proxy refused"), ConnectFault.PROXY, "https_proxy")
    assert "Check the proxy in the environment variable https_proxy," in str(longport_sentence(error))
    error = ConnectFailed("longport", said("the proxy refused"), ConnectFault.PROXY)
    assert "Check the proxy in the system's settings," in str(longport_sentence(error))
