"""What things are called: sources, and what a check found."""

from __future__ import annotations

from capflow_gui.domain.flag import Flag
from capflow_gui.domain.symbol import Market
from capflow_gui.domain.typed.text import cut
from capflow_gui.present.language.texts import N_, _, listed, pgettext

_TITLES = {"opend": "OpenD", "demo": N_("the simulator"), "longport": "Longport", "desk": N_("the desk")}
# A channel that Capflow adds itself, by its name; others are called as their owner wrote them.
_OWN_CHANNEL = "desktop"

# As JSON, CSV, `watch` and alert records have them.
_FLAG_NAMES = {
    Flag.ORDER: "order",
    Flag.GRID: "grid",
    Flag.SESSION: "session",
    Flag.SUM: "sum",
    Flag.TURNOVER: "turnover",
    Flag.SCALE: "scale",
    Flag.SIGN: "sign",
    Flag.PADDED: "padded",
    Flag.GAP: "gap",
    Flag.PER_MINUTE: "per_minute",
    Flag.BEYOND: "beyond",
}


_FLAG_WORDS = {
    Flag.ORDER: N_("order"),
    Flag.GRID: N_("grid"),
    Flag.SESSION: N_("session"),
    Flag.SUM: N_("sum"),
    Flag.TURNOVER: N_("turnover"),
    Flag.SCALE: N_("scale"),
    Flag.SIGN: N_("sign"),
    Flag.PADDED: N_("padded"),
    Flag.GAP: N_("gap"),
    Flag.PER_MINUTE: N_("per minute"),
    Flag.BEYOND: N_("beyond"),
}
_ONE_MARKET = {Market.SH: "CN", Market.SZ: "CN"}


def channel_title(name: str) -> str:
    """A channel as sentences call it."""
    return pgettext("a channel's name", "desktop") if name == _OWN_CHANNEL else name


def source_title(source: str) -> str:
    """How a source is called in a sentence."""
    return _(_TITLES[source]) if source in _TITLES else source


def flag_list(flags: int) -> list[str]:
    """The names of the flags that are set."""
    return [name for flag, name in _FLAG_NAMES.items() if flag & flags] if flags else []


def flag_words(flags: int) -> str:
    """The same on screen."""
    return listed(_(_FLAG_WORDS[flag]) for flag in _FLAG_NAMES if flag & flags) if flags else ""


def market_name(market: Market) -> str:
    """What a market is called: mainland China's two exchanges are one market to those who trade there."""
    return _ONE_MARKET.get(market, market.value)


def shortened(text: str, most: int = 24) -> str:
    """A text that somebody typed, as a sentence quotes it: of a long one the first letters, `most` with the dots."""
    return text if len(text) <= most else f"{cut(text, most - 1)}…"
