from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from capflow_gui import errors
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ComputerRefused,
    ConnectFailed,
    ConnectionLost,
    InvalidInput,
    LocalProtocolError,
    NoData,
    NoLines,
    NoQuoteRight,
    NotSignedIn,
    PartFailed,
    PolicyError,
    ProtocolError,
    ProviderError,
    RateLimited,
    RemoteProtocolError,
    RequestRejected,
    RequestTimeout,
    SettingsError,
    StorageError,
    UnknownSymbol,
    UpdateNeeded,
)
from capflow_gui.present.sentences import (
    Action,
    Tone,
    caret,
    duration,
    error_sentence,
    link_sentence,
    log_words,
    measured,
    rule_words,
    source_title,
)
from capflow_gui.reason import Code, Reason
from tests.reasons import said

ERRORS: list[tuple[CapflowError, str]] = [
    (InvalidInput("700", said("no market in this symbol"), said("write it as 700.HK")), "write it as 700.HK"),
    (SettingsError("opend.port", said("99999 is no port"), said("1 to 65535")), "opend.port"),
    (
        PolicyError(Path("/etc/policy.toml"), 3, "locked.x", said("not known")),
        "(/etc/policy.toml, line 3, locked.x): not known.",
    ),
    (StorageError(said("capflow.db cannot be written: disk full")), "disk full"),
    (LocalProtocolError(said("a serial was used twice")), "report it"),
    (RemoteProtocolError(said("wrong magic")), "API port"),
    (RemoteProtocolError(said("wrong magic"), "opend-2"), "API port"),
    (
        RemoteProtocolError(said("not a number: 'x'"), "longport"),
        "An answer of Longport cannot be read (not a number: 'x').",
    ),
    (UpdateNeeded(Reason.of(Code.DESK_NEWER, found=2, known=1), "desk"), "update Capflow."),
    (ConnectFailed("opend", said("nothing listens at 127.0.0.1:1: is OpenD running?")), "is OpenD running?"),
    (ConnectFailed("opend", said("reset")), "host, port and RSA key"),
    (ConnectionLost("opend", said("reset by peer")), "is being restored"),
    (RequestTimeout("opend", said("no answer within 12 s")), "asked again"),
    (NotSignedIn("longport", said("nothing is kept"), said("sign in")), "Nothing is kept: sign in."),
    (NoLines("opend", 1654651800.0), "OpenD sent no lines. It will be asked again."),
    (RequestRejected("opend", 7, "请求失败"), "“请求失败” (7)"),
    (RequestRejected("opend", -1, ""), "error -1"),
    (AuthFailed("opend", 5, "not logged in"), "Log in to OpenD"),
    (ComputerRefused("longport", 403205, "ip not allowed"), "refuses this computer: ip not allowed (403205)."),
    (ComputerRefused("longport", 403201, "signature invalid", -95.0), "clock is 1 m behind"),
    (RateLimited("opend", 6, "too frequent", 12.4), "in 12 s"),
    (NoQuoteRight("opend", 3, "no HK LV1 quote right"), "“no HK LV1 quote right” (3)"),
    (UnknownSymbol("opend", -1, "未知股票"), "“未知股票” (-1)"),
    (NoData("opend", 4, "no data"), "Try another period"),
    (ProtocolError(said("odd")), "Odd."),
    (ProviderError("opend", said("odd")), "Odd."),
    (
        PartFailed(Reason.of(Code.PART_FAILED, part="opend polling", error="KeyError")),
        "A part of Capflow itself has failed (opend polling: KeyError)",
    ),
    (CapflowError("odd"), "Odd."),
]


@pytest.mark.parametrize(("error", "words"), ERRORS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("retrying", [True, False])
def test_every_error_has_a_sentence(error: CapflowError, words: str, retrying: bool) -> None:
    sentence = error_sentence(error, retrying=retrying)
    assert words in sentence or not retrying
    assert retrying or "be asked again" not in sentence
    assert sentence[0].isupper() or sentence.startswith(("'", "capflow.db "))
    assert sentence[-1] in ".?"
    assert ".." not in sentence
    assert "\n" not in sentence


def test_a_log_line_for_people_has_words_instead_of_codes() -> None:
    down = Reason.of(Code.LINK_DOWN)
    assert [log_words(each) for each in (down, NoLines("opend", 0.0), "opend", 3)] == [
        "not connected",
        "OpenD sent no lines. It will be asked again",
        "opend",
        3,
    ]


def test_no_error_is_forgotten() -> None:
    classes = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CapflowError)}
    assert classes == {type(error) for error, _ in ERRORS}


@pytest.mark.parametrize(
    ("text", "position", "shown"),
    [
        ("*: net <= -200m", 14, "  *: net <= -200m\n                ^"),
        ("@核心: net <= x", 12, "  @核心: net <= x\n                ^"),
        ("a\tb", 2, "  a b\n    ^"),
        ("abc", None, "  abc"),
        ("", 0, "  \n  ^"),
    ],
)
def test_the_caret_stands_under_the_fault(text: str, position: int | None, shown: str) -> None:
    assert caret(InvalidInput(text, said("bad"), position=position)) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (8.4, "8 s"), (59.6, "1 m"), (1080, "18 m"), (5220, "1 h 27 m"), (187200, "2 d 4 h")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_rule_on_screen_wears_the_real_signs() -> None:
    assert rule_words("net <= -200M for 2m") == "net ≤ −200M for 2m"
    assert rule_words("net drawdown >= 150M") == "net drawdown ≥ 150M"


def test_an_unknown_source_keeps_its_name() -> None:
    assert source_title("opend") == "OpenD"
    assert source_title("opend-2") == "opend-2"


@pytest.mark.parametrize(
    ("link", "shown", "action", "tone"),
    [
        (LinkState("opend", LinkPhase.READY, 0, latency_s=0.0034), "OpenD · 3 ms", None, Tone.LIVE),
        (LinkState("opend", LinkPhase.READY, 0), "OpenD", None, Tone.LIVE),
        (LinkState("opend", LinkPhase.CONNECTING, 0, attempt=1), "OpenD connecting", None, Tone.QUIET),
        (LinkState("opend", LinkPhase.CONNECTING, 0, attempt=3), "OpenD connecting · try 3", None, Tone.QUIET),
        (
            LinkState("opend", LinkPhase.LOST, 90, reason=said("reset")),
            "OpenD lost · reset · 10 s ago",
            "r",
            Tone.TROUBLE,
        ),
        (
            LinkState("opend", LinkPhase.WAITING, 90, reason=said("refused"), attempt=2, retry_at=108),
            "OpenD not connected · refused · try 3 in 8 s",
            "r",
            Tone.TROUBLE,
        ),
        (LinkState("opend", LinkPhase.FAILED, 90, reason=said("bad key")), "OpenD failed · bad key", "r", Tone.TROUBLE),
        (
            LinkState("opend", LinkPhase.READY, 0, facts=((LinkFact.SIMULATED, said("")),), latency_s=0.001),
            "OpenD · 1 ms",
            None,
            Tone.LIVE,
        ),
        (
            LinkState(
                "opend",
                LinkPhase.READY,
                0,
                facts=((LinkFact.QUOTA_SHARED, said()), (LinkFact.LOGGED_OUT, said("verify code"))),
            ),
            "OpenD not logged in · verify code",
            "w",
            Tone.TROUBLE,
        ),
    ],
)
def test_a_link_in_words(link: LinkState, shown: str, action: str | None, tone: Tone) -> None:
    sentence = link_sentence(link, 100)
    assert str(sentence) == shown
    assert sentence.action == {"r": Action.RECONNECT, "w": Action.WHAT_TO_DO, None: None}[action]
    assert sentence.tone is tone


@pytest.mark.parametrize("fact", [fact for fact in LinkFact if fact is not LinkFact.SIMULATED])
def test_every_fact_of_a_link_is_said(fact: LinkFact) -> None:
    link = LinkState("opend", LinkPhase.READY, 0, facts=((fact, said("x")),))
    sentence = link_sentence(link, 100)
    assert sentence.tone is Tone.TROUBLE
    assert sentence.text


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [
        (-14839672.0, "OpenD's clock is 171 d 18 h behind this computer's"),
        (125.0, "OpenD's clock is 2 m ahead of this computer's"),
    ],
)
def test_a_clock_that_differs_is_said_in_units_people_use(ahead_s: float, words: str) -> None:
    code = Code.CLOCK_AHEAD if ahead_s > 0 else Code.CLOCK_BEHIND
    reason = Reason.of(code, source="opend", difference_s=abs(ahead_s))
    link = LinkState("opend", LinkPhase.READY, 0, facts=((LinkFact.CLOCK_SKEW, reason),))
    assert link_sentence(link, 100).text == words


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ("net <= -200M", -210e6, "−210.0M"),
        ("net/turnover <= -3%", -0.031, "−3.1%"),
        ("net divergence 30m price 0.5% flow 0.3%", 0.004, "+0.4%"),
        ("net change 5m unusual 3 floor 5M", -4.25, "−4.2"),
    ],
)
def test_what_a_rule_measured_is_written_as_its_kind_is(rule: str, value: float, words: str) -> None:
    assert measured(rule, value) == words
