"""What a simulated OpenD answers, on whatever connection: its market, faults, quotas and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from capflow_gui.clock import Clock, SystemClock
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import resource
from capflow_gui.reason import Code, Reason
from capflow_gui.simulator.broker import S, SimulatedBroker
from capflow_gui.simulator.faults import FaultName
from capflow_gui.simulator.market.clock import MarketClock
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import SEED_DAY, find_scenario
from capflow_gui.simulator.market.seed_market import SeedMarket
from capflow_gui.simulator.market.universe import build_universe
from capflow_gui.simulator.opend.codes import RefusalError
from capflow_gui.simulator.opend.replies import Answer, Replies
from capflow_gui.simulator.quota import VENDOR_QUOTAS, Quota, QuotaBook
from capflow_gui.simulator.stats import Stats
from capflow_gui.wire.opend.frame import Proto

if TYPE_CHECKING:
    from capflow_gui.wire.opend.cipher import RsaKey

MOST_CONNECTIONS = 128


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """What to simulate.

    symbols     None: every named one; a number: so many; a list: those alone
    speed       market seconds a real second; 0 holds the market clock
    clock       market now at the start, ISO 8601 with an offset; None: where the scenario's story begins
    rsa_key     private key file (PEM); None: nothing is ever encrypted
    cipher      what encrypted connections get: auto = what the client asks for
    rate_limit  "vendor": every interface its own quota; (calls, seconds): this one for capital flow; None: no quota
    keep_alive  seconds between keep-alives asked of the client; without one for three times as long it is dropped
    """

    scenario: str = "default"
    symbols: int | Sequence[Symbol] | None = None
    seed: int = 1
    speed: float = 1.0
    clock: str | None = None
    rsa_key: Path | None = None
    cipher: Literal["auto", "cbc", "ftaes"] = "auto"
    rate_limit: tuple[int, float] | Literal["vendor"] | None = "vendor"
    keep_alive: int = 10
    faults: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 0


class OpendService(SimulatedBroker[S]):
    """The market, and what is asked about it."""

    def __init__(
        self, config: SimulatorConfig, *, clock: Clock | None = None, calendar: Calendar | None = None
    ) -> None:
        """Nothing is opened yet. Raises InvalidInput, SettingsError or OSError for a config that cannot be used."""
        clock = clock or SystemClock()
        scenario = find_scenario(config.scenario)
        start = scenario.start if config.clock is None else _instant(config.clock)
        stats = Stats(clock.wall(), clock.monotonic())
        super().__init__(clock, MarketClock(start, config.speed, clock), stats, config.seed, config.faults)
        self.config = config
        self.cipher = config.cipher
        self.rsa_key = _load_key(config.rsa_key)
        calendar = calendar or Calendar.from_json(resource("sessions.json").read_bytes())
        if scenario.name == SEED_DAY:
            self.market: SimulatedMarket = SeedMarket(resource("seed_day.json").read_bytes(), calendar)
        else:
            self.market = SimulatedMarket(build_universe(config.symbols), scenario, config.seed, calendar)
        self._replies = Replies(self.market, self.faults, self.clock.wall)
        self._quotas = QuotaBook(_quotas(config.rate_limit))

    def has_room(self) -> bool:
        """Whether one of an OpenD's 128 connections is left; counts the refusal where there is none."""
        if len(self.sockets) < MOST_CONNECTIONS:
            return True
        self.stats.refused_connections += 1
        return False

    def global_state(self, connection: int) -> bytes:
        """The answer to GetGlobalState."""
        away = (FaultName.NOT_LOGGED_IN, FaultName.KICKED)
        logged_in = all(self.faults.holds(name) is None for name in away)
        return self._replies.global_state(self.market_clock.now(), connection, logged_in=logged_in)

    def answer(self, proto: int, body: bytes) -> Answer:
        """The answer to a request; counts it against the quota first. Raises RefusalError, DecodeError."""
        now = self.clock.monotonic()
        refusal = self._quotas.arrive(proto, now)
        symbols = self._replies.symbols_of(proto, body)
        if refusal is None and self.faults.strike(FaultName.RATE_REFUSAL, proto) is not None:
            refusal = VENDOR_QUOTAS.get(proto, VENDOR_QUOTAS[Proto.CAPITAL_FLOW]).refusal
        self.stats.record(proto, [str(symbol) for symbol in symbols], now, refused=refusal is not None)
        if refusal is not None:
            raise RefusalError(refusal)
        if self.faults:
            self._refuse_by_fault(proto, symbols)
        return self._replies.answer(proto, body, self.market_clock.now())

    def _refuse_by_fault(self, proto: int, symbols: list[Symbol]) -> None:
        if self.faults.holds(FaultName.NOT_LOGGED_IN) is not None:
            raise RefusalError("尚未登录，请先登录")
        named: list[Symbol | None] = [*symbols] or [None]
        for symbol in named:
            for name, text in _REFUSALS.items():
                if self.faults.strike(name, proto, symbol) is not None:
                    raise RefusalError(f"{text} {self._code(symbol)}".strip())

    def _code(self, symbol: Symbol | None) -> str:
        """The symbol as OpenD writes it."""
        listing = self.market.listing(symbol) if symbol is not None else None
        return f"{listing.symbol.market.value}.{listing.wire_code}" if listing is not None else ""


_REFUSALS = {
    FaultName.UNKNOWN_SYMBOL: "未知股票",
    FaultName.NO_RIGHT: "行情权限不足",
    FaultName.SERVER_FAILURE: "NN_ProtoRet_SvrFailed",
}


def _quotas(limit: tuple[int, float] | Literal["vendor"] | None) -> dict[int, Quota]:
    if limit is None:
        return {}
    if limit == "vendor":
        return dict(VENDOR_QUOTAS)
    calls, seconds = limit
    return {**VENDOR_QUOTAS, Proto.CAPITAL_FLOW: Quota(calls, seconds, VENDOR_QUOTAS[Proto.CAPITAL_FLOW].label)}


def _instant(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        example = Reason.of(Code.FOR_EXAMPLE, example="2026-06-10T10:00:00+08:00")
        raise InvalidInput(text, Reason.of(Code.NOT_AN_INSTANT), example) from error
    if moment.tzinfo is None:
        raise InvalidInput(text, Reason.of(Code.NEEDS_OFFSET), Reason.of(Code.FOR_EXAMPLE, example=f"{text}+08:00"))
    return moment.timestamp()


def _load_key(path: Path | None) -> RsaKey | None:
    if path is None:
        return None
    from capflow_gui.wire.opend.cipher import load_rsa_key  # noqa: PLC0415 - cryptography costs start-up time

    return load_rsa_key(path.read_bytes())
