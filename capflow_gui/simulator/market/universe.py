"""The symbols the simulated market trades. Names, currencies and sizes are plausible, not measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot


class Size(StrEnum):
    """How big a name is: decides how often very large prints happen."""

    MEGA = "mega"
    MID = "mid"
    SMALL = "small"


STOCK = int(qot.SECURITY_TYPE_STOCK)
FUND = int(qot.SECURITY_TYPE_FUND)
INDEX = int(qot.SECURITY_TYPE_INDEX)

CURRENCIES = {Market.HK: "HKD", Market.US: "USD", Market.SH: "CNY", Market.SZ: "CNY", Market.SG: "SGD"}


@dataclass(frozen=True, slots=True)
class Listing:
    """One symbol and what decides its market.

    turnover      a usual day's, in `currency`
    price         the long-run level its price moves around
    halts_at      session minute at which it stops trading every day, None for a symbol that trades
    permitted     whether the simulated account has the quote right
    """

    symbol: Symbol
    name: str
    turnover: float
    price: float
    lot: int
    size: Size
    kind: int = STOCK
    listed: date = date(2010, 1, 4)
    halts_at: int | None = None
    permitted: bool = True

    @property
    def currency(self) -> str:
        """ISO code of the quote currency."""
        return CURRENCIES[self.symbol.market]

    @property
    def wire_code(self) -> str:
        """The code as OpenD writes it: five digits in Hong Kong, six for mainland shares."""
        return self.symbol.code.zfill(5) if self.symbol.market is Market.HK else self.symbol.code

    @property
    def security_id(self) -> int:
        """A number of its own, stable over runs."""
        return int.from_bytes(str(self.symbol).encode()[:7].ljust(7, b"\0"), "big")

    @property
    def has_flow(self) -> bool:
        """Whether the broker serves capital flow for this kind of security."""
        return self.kind in (STOCK, FUND)


# market, code, name, turnover of a usual day in millions, price, lot, size
_NAMES: tuple[tuple[str, str, str, float, float, int, str], ...] = (
    ("HK", "700", "Tencent Holdings", 10_000, 412.6, 100, "mega"),
    ("HK", "9988", "Alibaba-W", 8_000, 118.4, 100, "mega"),
    ("HK", "3690", "Meituan-W", 4_000, 131.5, 100, "mega"),
    ("HK", "981", "SMIC", 3_800, 46.3, 500, "mega"),
    ("HK", "1810", "Xiaomi-W", 5_200, 52.7, 200, "mega"),
    ("HK", "9618", "JD-SW", 2_000, 128.9, 50, "mid"),
    ("HK", "941", "China Mobile", 1_300, 84.2, 500, "mid"),
    ("HK", "2015", "Li Auto-W", 1_300, 106.1, 100, "mid"),
    ("HK", "2318", "Ping An", 2_000, 47.9, 500, "mid"),
    ("HK", "388", "HKEX", 1_600, 402.8, 100, "mid"),
    ("HK", "5", "HSBC Holdings", 1_500, 96.35, 400, "mid"),
    ("HK", "1211", "BYD", 3_200, 127.4, 500, "mega"),
    ("HK", "1299", "AIA", 1_900, 69.8, 200, "mid"),
    ("HK", "2800", "Tracker Fund", 6_000, 24.86, 500, "mega"),
    ("HK", "883", "CNOOC", 1_000, 18.92, 1000, "mid"),
    ("HK", "1024", "Kuaishou-W", 1_800, 62.05, 100, "mid"),
    ("HK", "9999", "NetEase-S", 900, 176.3, 100, "mid"),
    ("HK", "1398", "ICBC", 1_100, 5.74, 1000, "mid"),
    ("HK", "939", "CCB", 1_700, 7.62, 1000, "mid"),
    ("HK", "2020", "ANTA Sports", 700, 94.15, 200, "mid"),
    ("HK", "1109", "China Res Land", 320, 29.4, 500, "mid"),
    ("HK", "8083", "Small Cap Digital", 8, 0.415, 4000, "small"),
    ("HK", "1234", "Halted Industries", 240, 6.18, 500, "mid"),
    ("HK", "6666", "Restricted Group", 300, 11.2, 500, "mid"),
    ("US", "AAPL", "Apple", 11_000, 248.3, 1, "mega"),
    ("US", "NVDA", "NVIDIA", 28_000, 171.9, 1, "mega"),
    ("US", "TSLA", "Tesla", 22_000, 322.6, 1, "mega"),
    ("US", "MSFT", "Microsoft", 9_500, 497.2, 1, "mega"),
    ("US", "AMZN", "Amazon", 8_800, 221.7, 1, "mega"),
    ("US", "META", "Meta Platforms", 8_200, 712.4, 1, "mega"),
    ("US", "GOOGL", "Alphabet-A", 6_100, 182.8, 1, "mega"),
    ("US", "BRK.B", "Berkshire Hathaway-B", 1_900, 486.1, 1, "mid"),
    ("US", "BABA", "Alibaba ADR", 1_400, 121.3, 1, "mid"),
    ("US", "SPY", "SPDR S&P 500 ETF", 30_000, 612.5, 1, "mega"),
    ("US", "PZZA", "Papa John's", 60, 44.2, 1, "small"),
    ("US", "RYAN", "Ryan Specialty", 300, 66.9, 1, "mid"),
    ("SH", "600519", "Kweichow Moutai", 4_000, 1_468.0, 100, "mega"),
    ("SH", "601318", "Ping An A", 2_600, 55.3, 100, "mega"),
    ("SH", "600036", "China Merchants Bank", 2_200, 43.9, 100, "mega"),
    ("SH", "601012", "LONGi Green Energy", 1_500, 16.4, 100, "mid"),
    ("SH", "688981", "SMIC A", 3_100, 88.7, 200, "mega"),
    ("SZ", "300750", "CATL", 5_000, 268.5, 100, "mega"),
    ("SZ", "2594", "BYD A", 3_600, 342.1, 100, "mega"),
    ("SZ", "858", "Wuliangye", 1_700, 124.6, 100, "mid"),
    ("SZ", "333", "Midea Group", 1_500, 74.2, 100, "mid"),
    ("SG", "D05", "DBS Group", 180, 46.2, 100, "mid"),
    ("SG", "Z74", "Singtel", 110, 3.94, 100, "mid"),
)
_FUNDS = {"2800.HK", "SPY.US"}
_HALTED = {"1234.HK": 35}
_NOT_PERMITTED = {"6666.HK"}
_INDEX = Listing(Symbol.parse("800000.HK"), "Hang Seng Index", 0.0, 24_600.0, 1, Size.MEGA, INDEX)

# The watchlist groups of the simulated account: name, custom (False = one the broker keeps), markets or symbols.
GROUPS: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    ("All", False, ("HK", "US", "SH", "SZ", "SG")),
    ("HK", False, ("HK",)),
    ("US", False, ("US",)),
    (
        "HK core",
        True,
        tuple(
            f"{code}.HK"
            for code in (3690, 700, 981, 1810, 9618, 941, 2015, 2318, 388, 5, 1211, 1299, 2800, 883, 9988, 1024)
        ),
    ),
    ("US tech", True, ("AAPL.US", "NVDA.US", "TSLA.US", "MSFT.US", "AMZN.US", "META.US", "GOOGL.US")),
    ("Connect", True, ("SH", "SZ")),
)


def named_listings() -> tuple[Listing, ...]:
    """The symbols that have a real name, in the order a demo shows them; the index comes last."""
    listings = []
    for order, (market, code, name, millions, price, lot, size) in enumerate(_NAMES):
        symbol = Symbol.parse(f"{code}.{market}")
        listings.append(
            Listing(
                symbol,
                name,
                millions * 1e6,
                price,
                lot,
                Size(size),
                kind=FUND if str(symbol) in _FUNDS else STOCK,
                listed=date(2004, 6, 16) + timedelta(days=97 * order),
                halts_at=_HALTED.get(str(symbol)),
                permitted=str(symbol) not in _NOT_PERMITTED,
            )
        )
    return (*listings, _INDEX)


def _small_cap(number: int) -> Listing:
    """A generated Hong Kong small cap: `number` from 0."""
    return Listing(
        Symbol(Market.HK, str(7000 + number)),
        f"Small Cap {number + 1:03d}",
        (4 + number % 37) * 1e6,
        round(0.5 + (number * 7 % 113) / 10, 2),
        2000,
        Size.SMALL,
    )


def build_universe(symbols: int | Sequence[Symbol] | None = None) -> dict[Symbol, Listing]:
    """The market's listings by symbol.

    `symbols` None: every named one; a number: the first so many, filled up with generated small caps; a list:
    those alone (an unlisted one is made up as a mid cap of its market). The index is always there.
    """
    named = named_listings()
    if symbols is None:
        return _by_symbol(named)
    if isinstance(symbols, int):
        tradable = [listing for listing in named if listing.has_flow]
        chosen = tradable[:symbols]
        chosen += [_small_cap(number) for number in range(symbols - len(chosen))]
        return _by_symbol((*chosen, _INDEX))
    known = _by_symbol(named)
    made = [known.get(symbol) or Listing(symbol, f"Made-up {symbol}", 4e8, 25.0, 100, Size.MID) for symbol in symbols]
    return _by_symbol((*made, _INDEX))


def _by_symbol(listings: Iterable[Listing]) -> dict[Symbol, Listing]:
    return {listing.symbol: listing for listing in listings}
