"""Every error Capflow raises on purpose.

Exceptions carry facts, and reasons as codes; `present.sentences` writes what a person reads. `str()` is for the log.

    CapflowError
    ├ InvalidInput(text, reason, suggestion)      what the user typed is not usable (exit status 2)
    ├ ProtocolError(reason, source)
    │  ├ LocalProtocolError                       we broke the protocol: a bug of ours
    │  └ RemoteProtocolError                      the peer broke it
    │     └ UpdateNeeded                          it speaks a newer version than this Capflow knows
    ├ ProviderError(source, reason)
    │  ├ ConnectFailed(fault, variable)           nothing answered, or it refused us
    │  ├ ConnectionLost                           the link is down; the call was not, or may not have been, served
    │  ├ RequestTimeout                           no answer in time, from the broker or from its servers
    │  ├ NoLines(since)                           an answer without lines, where there must be some
    │  ├ NotSignedIn(reason, suggestion)          there are no credentials to connect with
    │  └ RequestRejected(code, message)           the broker said no, in its own words
    │     ├ AuthFailed(variable) · ComputerRefused(clock_off_s) · RateLimited(retry_after)
    │     ├ NoQuoteRight · UnknownSymbol · NoData
    ├ PartFailed(reason)                          a part of Capflow itself was given up
    ├ SettingsError(key, suggestion)
    │  └ PolicyError(file, line)                  the administrator's policy cannot be used: nothing starts
    └ StorageError(reason)
"""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from capflow_gui.reason import Code, Reason


class CapflowError(Exception):
    """The root of the tree."""


class InvalidInput(CapflowError):
    """Something a person typed cannot be used.

    `text` is what was typed, `reason` what is wrong with it, `suggestion` what to do next,
    `position` the offset of the fault in `text` where it is known.
    """

    def __init__(
        self, text: str, reason: Reason, suggestion: Reason | None = None, position: int | None = None
    ) -> None:
        self.text = text
        self.reason = reason
        self.suggestion = suggestion
        self.position = position
        super().__init__(f"{text!r}: {self.reason}" + (f" ({self.suggestion})" if self.suggestion else ""))


class ProtocolError(CapflowError):
    """A rule of a wire protocol was broken. `source` names the broker where it is known: the wire does not know it."""

    def __init__(self, reason: Reason, source: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.source = source

    def __str__(self) -> str:
        return str(self.reason)


class LocalProtocolError(ProtocolError):
    """We were about to break the protocol."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol."""


class UpdateNeeded(RemoteProtocolError):
    """The peer speaks a version that this Capflow does not know: nothing is wrong with it."""


class ProviderError(CapflowError):
    """A data source could not answer. `source` names it, `reason` says why."""

    def __init__(self, source: str, reason: Reason) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


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
    """No usable connection: refused, unreachable, not OpenD, or InitConnect unanswered.

    `variable` is the environment variable that led there, "" where none did.
    """

    def __init__(
        self, source: str, reason: Reason, fault: ConnectFault = ConnectFault.UNREACHABLE, variable: str = ""
    ) -> None:
        super().__init__(source, reason)
        self.fault = fault
        self.variable = variable


class ConnectionLost(ProviderError):
    """The link is down, or went down while the call was in flight.

    `sent` is False where the call surely never left this computer.
    """

    def __init__(self, source: str, reason: Reason, *, sent: bool = True) -> None:
        super().__init__(source, reason)
        self.sent = sent


class RequestTimeout(ProviderError):
    """The link is up, and this request was not answered: in time, or because the broker lost its own servers."""


class NoLines(ProviderError):
    """The source answers without lines since market time `since` (UTC epoch seconds), although its market trades."""

    def __init__(self, source: str, since: float) -> None:
        super().__init__(source, Reason.of(Code.NO_LINES))
        self.since = since


class NotSignedIn(ProviderError):
    """There is nothing to log in with, or a sign-in failed: only the user can help.

    `reason` says why, `suggestion` what to do.
    """

    def __init__(self, source: str, reason: Reason, suggestion: Reason) -> None:
        super().__init__(source, reason)
        self.suggestion = suggestion


class RequestRejected(ProviderError):
    """The broker refused: `code` is its number, 0 where it gave none, `message` its own text, verbatim.

    `reason` is only given where the words are not the broker's: `message` is empty then.
    """

    def __init__(self, source: str, code: int, message: str = "", *, reason: Reason | None = None) -> None:
        said = Reason.of(Code.BROKER_SAID, message=message, number=code) if message else None
        super().__init__(source, reason or said or Reason.of(Code.BROKER_REFUSED, number=code))
        self.code = code
        self.message = message


class AuthFailed(RequestRejected):
    """The broker wants a login, a verification code, or other credentials.

    `variable` is the environment variable the refused credentials came from, "" where they came from elsewhere.
    """

    variable = ""


class ComputerRefused(RequestRejected):
    """The broker takes no request from this computer: for its clock or its address, not for the credentials.

    It may once that is mended, so it is asked again. `clock_off_s` is by how many seconds this computer's clock is
    ahead of the broker's (below zero: behind), where that is the cause; None: it is the address.
    """

    def __init__(self, source: str, code: int, message: str, clock_off_s: float | None = None) -> None:
        super().__init__(source, code, message)
        self.clock_off_s = clock_off_s
        if clock_off_s is not None:
            ahead = Reason.of(Code.REFUSED_AHEAD, difference_s=clock_off_s, why=self.reason)
            behind = Reason.of(Code.REFUSED_BEHIND, difference_s=-clock_off_s, why=self.reason)
            self.reason = ahead if clock_off_s > 0 else behind


class RateLimited(RequestRejected):
    """Asked too often. `retry_after` is in seconds."""

    def __init__(
        self, source: str, code: int, message: str, retry_after: float, *, reason: Reason | None = None
    ) -> None:
        super().__init__(source, code, message, reason=reason)
        self.retry_after = retry_after


class NoQuoteRight(RequestRejected):
    """The account has no quote right for this symbol."""


class UnknownSymbol(RequestRejected):
    """The broker does not know this symbol."""


class NoData(RequestRejected):
    """The broker has nothing to give for this request."""


class PartFailed(CapflowError):
    """A part of Capflow itself crashed again and again and was given up; no source is to blame."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class SettingsError(CapflowError):
    """A setting cannot be used. `key` names it, `reason` says why, `suggestion` what to do."""

    def __init__(self, key: str, reason: Reason, suggestion: Reason | None = None) -> None:
        super().__init__(f"{key}: {reason}" + (f" ({suggestion})" if suggestion else ""))
        self.key = key
        self.reason = reason
        self.suggestion = suggestion


class PolicyError(SettingsError):
    """The administrator's policy `file` cannot be used. `line` counts from 1, 0 where no line is at fault."""

    def __init__(self, file: Path, line: int, key: str, reason: Reason, suggestion: Reason | None = None) -> None:
        super().__init__(key, reason, suggestion)
        self.file = file
        self.line = line


class StorageError(CapflowError):
    """A file cannot be read or written. `reason` says which, and why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def is_symbols_own(error: CapflowError) -> bool:
    """Whether an error is about the symbol that was asked, and not about the link or the quota."""
    return not isinstance(error, ConnectFailed | ConnectionLost | RateLimited)
