"""Every error Capflow raises on purpose.

Exceptions carry facts; `present.sentences` writes what a person reads.

    CapflowError
    ├ InvalidInput(text, reason, suggestion)      what the user typed is not usable (exit status 2)
    ├ ProtocolError
    │  ├ LocalProtocolError                       we broke the protocol: a bug of ours
    │  └ RemoteProtocolError(source)              the peer broke it
    ├ ProviderError(source, retry)
    │  ├ ConnectFailed                            nothing answered, or it refused us
    │  ├ ConnectionLost                           the link is down; the call was not, or may not have been, served
    │  ├ RequestTimeout                           no answer in time
    │  ├ NoLines(since)                           an answer without lines, where there must be some
    │  ├ NotSignedIn(reason, suggestion)          there are no credentials to connect with
    │  └ RequestRejected(code, message)           the broker said no, in its own words
    │     ├ AuthFailed · RateLimited(retry_after) · NoQuoteRight · UnknownSymbol · NoData
    ├ PartFailed(reason)                          a part of Capflow itself was given up
    ├ SettingsError(key, suggestion)
    │  └ PolicyError(file, line)                  the administrator's policy cannot be used: nothing starts
    └ StorageError(reason)
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto
from pathlib import Path

from capflow_gui.reason import Code, Reason


class Retry(StrEnum):
    """When it makes sense to ask again."""

    NOW = "now"
    BACK_OFF = "back_off"
    NEVER = "never"


class CapflowError(Exception):
    """The root of the tree."""


class InvalidInput(CapflowError):
    """Something a person typed cannot be used.

    `text` is what was typed, `reason` what is wrong with it, `suggestion` what to do next,
    `position` the offset of the fault in `text` where it is known. Plain text stands for a reason of its own.
    """

    def __init__(
        self, text: str, reason: Reason | str, suggestion: Reason | str | None = None, position: int | None = None
    ) -> None:
        self.text = text
        self.reason = _reason(reason)
        self.suggestion = _reason(suggestion) if suggestion else None
        self.position = position
        super().__init__(f"{text!r}: {self.reason}" + (f" ({self.suggestion})" if self.suggestion else ""))


def _reason(said: Reason | str) -> Reason:
    return Reason.of(Code.VERBATIM, text=said) if isinstance(said, str) else said


class ProtocolError(CapflowError):
    """A rule of a wire protocol was broken."""


class LocalProtocolError(ProtocolError):
    """We were about to break the protocol."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol. `source` names it where that is known: the wire does not know it."""

    def __init__(self, reason: str, source: str = "") -> None:
        super().__init__(reason)
        self.source = source


class ProviderError(CapflowError):
    """A data source could not answer. `source` names it, `retry` says whether asking again can help."""

    retry: Retry = Retry.BACK_OFF

    def __init__(self, source: str, reason: str = "") -> None:
        super().__init__(f"{source}: {reason}" if reason else source)
        self.source = source
        self.reason = reason


class ConnectFault(Enum):
    """What a failed connection most likely means.

    UNREACHABLE  nobody is there
    FOREIGN      somebody else is
    KEYS         the keys of both differ
    UNTRUSTED    it shows a certificate of an authority this computer does not know
    PROXY        the proxy on the way is not there, or refuses
    """

    UNREACHABLE = auto()
    FOREIGN = auto()
    KEYS = auto()
    UNTRUSTED = auto()
    PROXY = auto()


class ConnectFailed(ProviderError):
    """No usable connection: refused, unreachable, not OpenD, or InitConnect unanswered."""

    def __init__(self, source: str, reason: str = "", fault: ConnectFault = ConnectFault.UNREACHABLE) -> None:
        super().__init__(source, reason)
        self.fault = fault


class ConnectionLost(ProviderError):
    """The link is down, or went down while the call was in flight.

    `sent` is False where the call surely never left this computer.
    """

    def __init__(self, source: str, reason: str = "", *, sent: bool = True) -> None:
        super().__init__(source, reason)
        self.sent = sent


class RequestTimeout(ProviderError):
    """The link is up, and this request was not answered in time."""


class NoLines(ProviderError):
    """The source answers without lines since market time `since` (UTC epoch seconds), although its market trades."""

    def __init__(self, source: str, since: float) -> None:
        super().__init__(source, "the source sent no lines")
        self.since = since


class NotSignedIn(ProviderError):
    """There is nothing to log in with, or a sign-in did not come about: only the user can help.

    `reason` is a clause that says why, `suggestion` one that says what to do.
    """

    retry = Retry.NEVER

    def __init__(self, source: str, reason: str, suggestion: str) -> None:
        super().__init__(source, reason)
        self.suggestion = suggestion


class RequestRejected(ProviderError):
    """The broker refused: `code` is its number, `message` its own text, verbatim."""

    retry = Retry.BACK_OFF

    def __init__(self, source: str, code: int, message: str) -> None:
        super().__init__(source, f"{message} ({code})" if message else f"rejected ({code})")
        self.code = code
        self.message = message


class AuthFailed(RequestRejected):
    """The broker wants a login, a verification code, or other credentials."""


class RateLimited(RequestRejected):
    """Asked too often. `retry_after` is in seconds."""

    def __init__(self, source: str, code: int, message: str, retry_after: float) -> None:
        super().__init__(source, code, message)
        self.retry_after = retry_after


class NoQuoteRight(RequestRejected):
    """The account has no quote right for this symbol."""


class UnknownSymbol(RequestRejected):
    """The broker does not know this symbol."""

    retry = Retry.NEVER


class NoData(RequestRejected):
    """The broker has nothing to give for this request."""


class PartFailed(CapflowError):
    """A part of Capflow itself crashed again and again and was given up; no source is to blame."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class SettingsError(CapflowError):
    """A setting cannot be used. `key` names it, `suggestion` says what to do."""

    def __init__(self, key: str, reason: str, suggestion: str = "") -> None:
        super().__init__(f"{key}: {reason}" + (f" ({suggestion})" if suggestion else ""))
        self.key = key
        self.reason = reason
        self.suggestion = suggestion


class PolicyError(SettingsError):
    """The administrator's policy `file` cannot be used. `line` counts from 1, 0 where no line is at fault."""

    def __init__(self, file: Path, line: int, key: str, reason: str, suggestion: str = "") -> None:
        super().__init__(key, reason, suggestion)
        self.file = file
        self.line = line


class StorageError(CapflowError):
    """A file cannot be read or written. `reason` says which, and why."""

    def __init__(self, reason: Reason | str) -> None:
        super().__init__(str(reason))
        self.reason = Reason.of(Code.VERBATIM, text=reason) if isinstance(reason, str) else reason
