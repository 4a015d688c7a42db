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
from capflow_gui.reason import Code, Reason

_SEE = Reason.of(Code.SEE_FAULTS)


class FaultName(StrEnum):
    """The names `--fault` takes: what each fault does, and what makes a lone name useful.

    `line` says what it does; one that begins with "Longport:" no OpenD can do. It hits each `every`th answer;
    `seconds` is how long it lasts or delays, `main` what a bare number sets.
    """

    line: str
    every: int
    main: str
    seconds: float | None

    def __new__(
        cls, name: str, line: str, every: int = 1, main: str = "every", seconds: float | None = None
    ) -> FaultName:
        """Read one line of the table below."""
        fault = str.__new__(cls, name)
        fault._value_ = name
        fault.line, fault.every, fault.main, fault.seconds = line, every, main, seconds
        return fault

    DROP = "drop", "close the connection instead of every 10th answer", 10
    DROP_MID_FRAME = "drop-mid-frame", "close the connection in the middle of every 10th answer", 10
    RESET = "reset", "reset the connection (RST) instead of every 10th answer", 10
    PIECES = "pieces", "send answers one byte at a time"
    BAD_SHA = "bad-sha", "send every 10th answer with a wrong SHA-1", 10
    GARBAGE = "garbage", "send 64 random bytes before every 10th answer", 10
    WRONG_MAGIC = "wrong-magic", "send every 10th answer with a wrong header mark", 10
    HUGE_LENGTH = "huge-length", "announce a body of 2 GiB in every 10th answer", 10
    UNPARSABLE = "unparsable", "send every 10th answer with a body that is not protobuf", 10
    UNKNOWN_SERIAL = "unknown-serial", "send every 10th answer under a serial nobody asked with", 10
    DELAY = "delay", "answer late, by 2 s", 1, "seconds", 2.0
    REORDER = "reorder", "answer requests in flight in the wrong order"
    STALL = "stall", "stay connected and fall silent, until switched off or for so many seconds", 1, "seconds"
    NO_KEEP_ALIVE = "no-keep-alive", "leave keep-alive unanswered"
    NO_INIT = "no-init", "leave InitConnect unanswered"
    INIT_REFUSED = "init-refused", "refuse InitConnect: OpenD wants a phone code", 1, "count"
    RATE_REFUSAL = "rate-refusal", "refuse every 5th request as too frequent", 5
    UNKNOWN_SYMBOL = "unknown-symbol", "not know a symbol"
    NO_RIGHT = "no-right", "have no quote right for a symbol"
    SERVER_FAILURE = "server-failure", "answer NN_ProtoRet_SvrFailed"
    NOT_LOGGED_IN = "not-logged-in", "lose OpenD's login to its backend: a push, then refusals", 1, "seconds"
    RIGHT_LOST = "right-lost", "push that another terminal took the quote right"
    KICKED = "kicked", "push that the account was kicked out"
    REFUSE = "refuse", "go away for 10 s: close everything, refuse connections", 1, "seconds", 10.0
    FROZEN = "frozen", "stop the figures and last valid where they are", 1, "seconds"
    PADDED = "padded", "stop the figures and last valid, and go on with lines that repeat the last one", 1, "seconds"
    SUM_MISMATCH = "sum-mismatch", "make the newest five nets differ from the sum of their classes"
    DISORDER = "disorder", "swap two lines"
    DUPLICATE = "duplicate", "send the newest line twice"
    GAP = "gap", "leave out ten minutes"
    REVISED = "revised", "change the line of ten minutes ago by 3 %"
    NO_FIGURES = "no-figures", "leave out the figures of the newest five lines"
    LATE_LABELS = "late-labels", "label every line a minute late"
    PREVIOUS_SESSION = "previous-session", "serve the previous session's lines"
    CLOSED_TODAY = "closed-today", "say that today is no trading day, and serve the previous session's lines"
    NO_LINES = "no-lines", "answer without lines"
    HUGE_AMOUNTS = "huge-amounts", "make the newest five lines 100,000 times larger"
    SCALE = "scale", "give lines in units of 10,000, and Longport money in and out as well"
    WRONG_CLOCK = "wrong-clock", "say the time by so many seconds off (600)", 1, "seconds", 600.0
    CLOSE_CODE = "close-code", "Longport: close with a code (2) instead of every 10th answer", 10, "code"
    SESSION_EXPIRY = "session-expiry", "Longport: end every session; none of them can be resumed"
    GZIP = "gzip", "Longport: compress answers"
    BAD_GZIP = "bad-gzip", "Longport: send every 10th answer marked as compressed when it is not", 10
    VERIFY = "verify", "Longport: send answers with the 24 bytes of verification"
    UNANSWERED = "unanswered", "Longport: leave every 10th request unanswered", 10
    ERROR_CODE = "error-code", "Longport: refuse with this code, 301600 and 301602 to 301607", 1, "code"
    HTTP_CODE = "http-code", "Longport: refuse HTTP requests with this code, 401003 for example", 1, "code"
    NO_PING = "no-ping", "Longport: send no pings"
    PER_MINUTE = "per-minute", "Longport: give each minute's own flow instead of the running total"

    @property
    def longport_alone(self) -> bool:
        """Whether no OpenD can do it."""
        return self.line.startswith("Longport:")


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
        name = next((each for each in FaultName if each == word.strip()), None)
        if name is None:
            raise InvalidInput(text, Reason.of(Code.NO_SUCH_FAULT, name=word), _SEE)
        fault = cls(name, every=name.every, seconds=name.seconds)
        for arg in filter(None, (part.strip() for part in rest.split(","))):
            key, equals, value = arg.partition("=")
            if equals:
                fault._set(text, key.strip(), value.strip())
            elif "." in arg and any(c.isalpha() for c in arg):
                fault._set(text, "symbol", arg)
            else:
                fault._set(text, name.main, arg)
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
                    raise InvalidInput(text, Reason.of(Code.UNKNOWN_ARGUMENT, key=key), _SEE)
        except ValueError:
            raise InvalidInput(text, Reason.of(Code.NOT_A_NUMBER, text=f"{key}={value}"), _SEE) from None


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

    @property
    def clock_error_s(self) -> float:
        """By how much the time that is said is wrong."""
        wrong = self.holds(FaultName.WRONG_CLOCK)
        return 0.0 if wrong is None else wrong.seconds or 0.0

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
