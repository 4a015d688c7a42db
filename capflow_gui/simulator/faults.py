"""Everything that can go wrong with a broker, by name, to be switched on and off while the simulator runs.

Text form: `NAME[:ARG[,ARG…]]`. An ARG is `key=value` (every, count, seconds, p, code, symbol, interface), a symbol, or
a number, which is the fault's main argument: seconds where the fault lasts, else "every so many answers".
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput


class FaultName(StrEnum):
    """The names `--fault` takes."""

    DROP = "drop"
    DROP_MID_FRAME = "drop-mid-frame"
    RESET = "reset"
    PIECES = "pieces"
    BAD_SHA = "bad-sha"
    GARBAGE = "garbage"
    WRONG_MAGIC = "wrong-magic"
    HUGE_LENGTH = "huge-length"
    UNPARSABLE = "unparsable"
    UNKNOWN_SERIAL = "unknown-serial"
    DELAY = "delay"
    REORDER = "reorder"
    STALL = "stall"
    NO_KEEP_ALIVE = "no-keep-alive"
    NO_INIT = "no-init"
    INIT_REFUSED = "init-refused"
    RATE_REFUSAL = "rate-refusal"
    UNKNOWN_SYMBOL = "unknown-symbol"
    NO_RIGHT = "no-right"
    SERVER_FAILURE = "server-failure"
    NOT_LOGGED_IN = "not-logged-in"
    RIGHT_LOST = "right-lost"
    KICKED = "kicked"
    REFUSE = "refuse"
    FROZEN = "frozen"
    SUM_MISMATCH = "sum-mismatch"
    DISORDER = "disorder"
    DUPLICATE = "duplicate"
    GAP = "gap"
    PREVIOUS_SESSION = "previous-session"
    NO_LINES = "no-lines"
    HUGE_AMOUNTS = "huge-amounts"
    CLOSE_CODE = "close-code"
    SESSION_EXPIRY = "session-expiry"
    GZIP = "gzip"
    BAD_GZIP = "bad-gzip"
    VERIFY = "verify"
    UNANSWERED = "unanswered"
    ERROR_CODE = "error-code"
    HTTP_CODE = "http-code"
    WRONG_CLOCK = "wrong-clock"
    NO_PING = "no-ping"
    SCALE = "scale"
    PER_MINUTE = "per-minute"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a fault does, in a line; `main` is what a bare number sets; the defaults make a lone name useful."""

    line: str
    main: str = "every"
    every: int = 1
    seconds: float | None = None
    count: int | None = None


_SOMETIMES = 10
KINDS: dict[FaultName, FaultKind] = {
    FaultName.DROP: FaultKind("close the connection instead of every 10th answer", every=_SOMETIMES),
    FaultName.DROP_MID_FRAME: FaultKind("close the connection in the middle of every 10th answer", every=_SOMETIMES),
    FaultName.RESET: FaultKind("reset the connection (RST) instead of every 10th answer", every=_SOMETIMES),
    FaultName.PIECES: FaultKind("send answers one byte at a time"),
    FaultName.BAD_SHA: FaultKind("send every 10th answer with a wrong SHA-1", every=_SOMETIMES),
    FaultName.GARBAGE: FaultKind("send 64 random bytes before every 10th answer", every=_SOMETIMES),
    FaultName.WRONG_MAGIC: FaultKind("send every 10th answer with a wrong header mark", every=_SOMETIMES),
    FaultName.HUGE_LENGTH: FaultKind("announce a body of 2 GiB in every 10th answer", every=_SOMETIMES),
    FaultName.UNPARSABLE: FaultKind("send every 10th answer with a body that is not protobuf", every=_SOMETIMES),
    FaultName.UNKNOWN_SERIAL: FaultKind("send every 10th answer under a serial nobody asked with", every=_SOMETIMES),
    FaultName.DELAY: FaultKind("answer late, by 2 s", main="seconds", seconds=2.0),
    FaultName.REORDER: FaultKind("answer requests in flight in the wrong order"),
    FaultName.STALL: FaultKind("stay connected and fall silent, until switched off or for so many seconds", "seconds"),
    FaultName.NO_KEEP_ALIVE: FaultKind("leave keep-alive unanswered"),
    FaultName.NO_INIT: FaultKind("leave InitConnect unanswered"),
    FaultName.INIT_REFUSED: FaultKind("refuse InitConnect: OpenD wants a phone code", main="count"),
    FaultName.RATE_REFUSAL: FaultKind("refuse every 5th request as too frequent", every=5),
    FaultName.UNKNOWN_SYMBOL: FaultKind("not know a symbol"),
    FaultName.NO_RIGHT: FaultKind("have no quote right for a symbol"),
    FaultName.SERVER_FAILURE: FaultKind("answer NN_ProtoRet_SvrFailed"),
    FaultName.NOT_LOGGED_IN: FaultKind("lose OpenD's login to its backend: a push, then refusals", main="seconds"),
    FaultName.RIGHT_LOST: FaultKind("push that another terminal took the quote right"),
    FaultName.KICKED: FaultKind("push that the account was kicked out"),
    FaultName.REFUSE: FaultKind("go away for 10 s: close everything, refuse connections", "seconds", seconds=10.0),
    FaultName.FROZEN: FaultKind("stop the figures and last valid where they are", main="seconds"),
    FaultName.SUM_MISMATCH: FaultKind("make the newest five nets differ from the sum of their classes"),
    FaultName.DISORDER: FaultKind("swap two lines"),
    FaultName.DUPLICATE: FaultKind("send the newest line twice"),
    FaultName.GAP: FaultKind("leave out ten minutes"),
    FaultName.PREVIOUS_SESSION: FaultKind("serve the previous session's lines"),
    FaultName.NO_LINES: FaultKind("answer without lines"),
    FaultName.HUGE_AMOUNTS: FaultKind("make the newest five lines 100,000 times larger"),
    FaultName.CLOSE_CODE: FaultKind("Longport: close with a code (2) instead of every 10th answer", "code", _SOMETIMES),
    FaultName.SESSION_EXPIRY: FaultKind("Longport: end every session; none of them can be resumed"),
    FaultName.GZIP: FaultKind("Longport: compress answers"),
    FaultName.BAD_GZIP: FaultKind("Longport: send every 10th answer marked as compressed when it is not", every=10),
    FaultName.VERIFY: FaultKind("Longport: send answers with the 24 bytes of verification"),
    FaultName.UNANSWERED: FaultKind("Longport: leave every 10th request unanswered", every=_SOMETIMES),
    FaultName.ERROR_CODE: FaultKind("Longport: refuse with this code, 301600 and 301602 to 301607", main="code"),
    FaultName.HTTP_CODE: FaultKind("Longport: refuse HTTP requests with this code, 401003 for example", main="code"),
    FaultName.WRONG_CLOCK: FaultKind("Longport: say the time by so many seconds off (600)", "seconds", seconds=600.0),
    FaultName.NO_PING: FaultKind("Longport: send no pings"),
    FaultName.SCALE: FaultKind("Longport: give amounts in units of 10,000"),
    FaultName.PER_MINUTE: FaultKind("Longport: give each minute's own flow instead of the running total"),
}
# What no OpenD can do.
LONGPORT_ALONE = frozenset(
    {
        FaultName.CLOSE_CODE,
        FaultName.SESSION_EXPIRY,
        FaultName.GZIP,
        FaultName.BAD_GZIP,
        FaultName.VERIFY,
        FaultName.UNANSWERED,
        FaultName.ERROR_CODE,
        FaultName.HTTP_CODE,
        FaultName.WRONG_CLOCK,
        FaultName.NO_PING,
        FaultName.SCALE,
        FaultName.PER_MINUTE,
    }
)


@dataclass(eq=False, slots=True)
class Fault:
    """One fault switched on.

    symbol, interface  whom it hits; None = all (never InitConnect or keep-alive, unless named by `interface`)
    every              it hits every so many of those
    count              how often it hits before it is over; None = until removed
    seconds            how long it lasts, or delays; None = no end
    probability        chance of hitting when it is due
    code               the broker's number it refuses or closes with; None = the fault's own
    since, market_since  real (monotonic) and market time (UTC epoch seconds) it was switched on at
    """

    name: FaultName
    symbol: Symbol | None = None
    interface: int | None = None
    every: int = 1
    count: int | None = None
    seconds: float | None = None
    probability: float = 1.0
    since: float = 0.0
    market_since: float = 0.0
    met: int = 0
    code: int | None = None

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read `NAME[:ARG[,ARG…]]`; InvalidInput names what is wrong."""
        word, _, rest = text.partition(":")
        try:
            name = FaultName(word.strip())
        except ValueError:
            raise InvalidInput(text, f"no such fault {word!r}", "see --list-faults") from None
        kind = KINDS[name]
        fault = cls(name, every=kind.every, count=kind.count, seconds=kind.seconds)
        for arg in filter(None, (part.strip() for part in rest.split(","))):
            key, equals, value = arg.partition("=")
            if equals:
                fault._set(text, key.strip(), value.strip())
            elif "." in arg and any(c.isalpha() for c in arg):
                fault._set(text, "symbol", arg)
            else:
                fault._set(text, kind.main, arg)
        return fault

    @property
    def lasts(self) -> bool:
        """Whether `seconds` is how long it lasts (`delay`: how late an answer comes; `wrong-clock`: how far off)."""
        return self.name not in (FaultName.DELAY, FaultName.WRONG_CLOCK)

    def _set(self, text: str, key: str, value: str) -> None:
        try:
            match key:
                case "symbol":
                    self.symbol = Symbol.parse(value)
                case "interface":
                    self.interface = int(value)
                case "every":
                    self.every = max(int(value), 1)
                case "count":
                    self.count = int(value)
                case "code":
                    self.code = int(value)
                case "seconds":
                    self.seconds = float(value)
                case "p":
                    self.probability = float(value)
                case _:
                    raise InvalidInput(text, f"unknown argument {key!r}", "see --list-faults")
        except ValueError:
            raise InvalidInput(text, f"{value!r} is not a number for {key}", "see --list-faults") from None


class Faults:
    """The faults in force. Changes take effect on the next answer."""

    def __init__(self, monotonic: Callable[[], float], market_now: Callable[[], float], seed: int) -> None:
        self._monotonic = monotonic
        self._market_now = market_now
        self._random = random.Random(seed)
        self._active: list[Fault] = []
        self._listeners: list[Callable[[Fault, bool], None]] = []

    def on_change(self, listener: Callable[[Fault, bool], None]) -> None:
        """Have `listener` told of every fault switched on (True) and off (False)."""
        self._listeners.append(listener)

    def add(self, fault: str | Fault) -> Fault:
        """Switch a fault on; returns it, to be removed by."""
        added = Fault.parse(fault) if isinstance(fault, str) else fault
        added.since, added.market_since = self._monotonic(), self._market_now()
        self._active.append(added)
        self._tell(added, active=True)
        return added

    def remove(self, fault: Fault) -> None:
        """Switch one fault off."""
        if fault in self._active:
            self._active.remove(fault)
            self._tell(fault, active=False)

    def clear(self) -> None:
        """Switch every fault off."""
        for fault in list(self._active):
            self.remove(fault)

    def __bool__(self) -> bool:
        return bool(self._active)

    def holds(self, name: FaultName, symbol: Symbol | None = None) -> Fault | None:
        """A fault of that name in force for `symbol`, without using it up."""
        if not self._active:
            return None
        for fault in self._active:
            if fault.name is name and fault.symbol in (None, symbol) and not self._over(fault):
                return fault
        return None

    def strike(self, name: FaultName, interface: int, symbol: Symbol | None = None) -> Fault | None:
        """The fault if it hits this request: counts the meeting, and one of `count`."""
        if not self._active:
            return None
        for fault in self._active:
            if fault.name is not name or self._over(fault) or not _concerns(fault, interface, symbol):
                continue
            fault.met += 1
            if fault.met % fault.every or self._random.random() >= fault.probability:
                continue
            if fault.count is not None:
                fault.count -= 1
            return fault
        return None

    def random_bytes(self, length: int) -> bytes:
        """Seeded noise."""
        return self._random.randbytes(length)

    def _tell(self, fault: Fault, *, active: bool) -> None:
        for listener in self._listeners:
            listener(fault, active)

    def _over(self, fault: Fault) -> bool:
        if fault.count is not None and fault.count <= 0:
            return True
        return fault.lasts and fault.seconds is not None and self._monotonic() - fault.since >= fault.seconds


def _concerns(fault: Fault, interface: int, symbol: Symbol | None) -> bool:
    return fault.interface in (None, interface) and fault.symbol in (None, symbol)
