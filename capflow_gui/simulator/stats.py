"""What a simulator server saw: requests by symbol and interface with their arrival times, refusals, connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from capflow_gui.wire.opend.frame import Proto


@dataclass(slots=True)
class Calls:
    """Requests of one kind. `arrivals` are seconds since the server started."""

    arrivals: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def requests(self) -> int:
        """How many arrived, refused ones included."""
        return len(self.arrivals)

    def as_json(self) -> dict[str, Any]:
        """Counts, and arrival times to the millisecond."""
        return {
            "requests": self.requests,
            "refused": self.refused,
            "arrivals": [round(at, 3) for at in self.arrivals],
        }


@dataclass(slots=True)
class Stats:
    """Counters of one server. `refused` counts quota refusals; `symbols` is keyed by (interface, symbol)."""

    started_wall: float
    started: float
    interfaces: dict[int, Calls] = field(default_factory=dict)
    symbols: dict[tuple[int, str], Calls] = field(default_factory=dict)
    connections: int = 0
    open_connections: int = 0
    most_connections: int = 0
    refused_connections: int = 0
    dropped_silent: int = 0
    keep_alives: int = 0

    @property
    def requests(self) -> int:
        """All requests but InitConnect, global state and keep-alive."""
        return sum(calls.requests for calls in self.interfaces.values())

    @property
    def refused(self) -> int:
        """Requests refused for coming too often."""
        return sum(calls.refused for calls in self.interfaces.values())

    def calls(self, proto: int, symbol: str | None = None) -> Calls:
        """The counter of an interface, or of one symbol on it."""
        if symbol is None:
            return self.interfaces.setdefault(proto, Calls())
        return self.symbols.setdefault((proto, symbol), Calls())

    def record(self, proto: int, symbols: list[str], now: float, *, refused: bool) -> None:
        """Count one arrival at monotonic `now`."""
        for calls in (self.calls(proto), *(self.calls(proto, symbol) for symbol in symbols)):
            calls.arrivals.append(now - self.started)
            calls.refused += refused

    def interface_name(self, proto: int) -> str:
        """The interface in words."""
        return Proto(proto).name.lower() if proto in set(Proto) else str(proto)

    def as_json(self) -> dict[str, Any]:
        """Everything, as --stats writes it."""
        by_interface: dict[str, Any] = {}
        for proto, calls in sorted(self.interfaces.items()):
            name = self.interface_name(proto)
            symbols = {symbol: each.as_json() for (number, symbol), each in self.symbols.items() if number == proto}
            by_interface[str(proto)] = {"name": name, **calls.as_json(), "symbols": symbols}
        return {
            "started": self.started_wall,
            "requests": self.requests,
            "refused": self.refused,
            "interfaces": by_interface,
            "connections": {
                "opened": self.connections,
                "open": self.open_connections,
                "most": self.most_connections,
                "refused": self.refused_connections,
                "dropped_without_keep_alive": self.dropped_silent,
            },
            "keep_alives": self.keep_alives,
        }
