"""What types cannot say of a setting: symbols, amounts, hosts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import level_size, parse_level
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason
from capflow_gui.releases import is_page
from capflow_gui.settings.types import NO_THRESHOLD

# Turns a key and its value into those to keep; raises InvalidInput.
EntryCheck = Callable[[str, str], tuple[str, str]]


def as_text(value: object) -> str:
    """The value, if it is a text. Raises InvalidInput."""
    if not isinstance(value, str):
        raise InvalidInput(str(value), Reason.of(Code.NOT_A_TEXT), Reason.of(Code.PUT_IN_QUOTES))
    return value


def _symbol(text: str, _value: str = "") -> tuple[str, str]:
    return str(Symbol.parse(text)), ""


def _threshold(text: str) -> str:
    if level_size(parse_level(text)) >= 0:
        example = Reason.of(Code.FOR_EXAMPLE, example="-3% or -200M")
        raise InvalidInput(text, Reason.of(Code.OUTFLOW_BELOW_ZERO), example)
    return text


def _own_threshold(symbol: str, text: str) -> tuple[str, str]:
    return str(Symbol.parse(symbol)), text if text == NO_THRESHOLD else _threshold(text)


def _own_source(symbol: str, text: str) -> tuple[str, str]:
    if text not in ("opend", "longport"):
        raise InvalidInput(text, Reason.of(Code.NOT_A_SOURCE), Reason.of(Code.ONE_OF, names="opend, longport"))
    return str(Symbol.parse(symbol)), text


def _host(text: str) -> str:
    if not text or any(character.isspace() or character == "/" for character in text):
        raise InvalidInput(text, Reason.of(Code.NOT_A_HOST), Reason.of(Code.HOST_FORM))
    return text


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput(
            text, Reason.of(Code.NOT_A_DATE, text=text), Reason.of(Code.WRITE_AS, form="YYYY-MM-DD")
        ) from None


def _page(text: str) -> str:
    if not is_page(text):
        raise InvalidInput(text, Reason.of(Code.NOT_A_PAGE), Reason.of(Code.WRITE_AS, form="https://…"))
    return text


CHECKS: dict[str, Callable[[str], str]] = {
    "opend.host": _host,
    "thresholds.default": _threshold,
    "updates.page": _page,
    "updates.looked": _date,
    "updates.reminded": _date,
    "window.selected": lambda text: str(Symbol.parse(text)),
}
LISTS: dict[str, EntryCheck] = {
    "watchlist.symbols": _symbol,
    "watchlist.sources": _own_source,
    "thresholds.symbols": _own_threshold,
}
