"""What types cannot say of a setting: symbols, amounts, hosts."""

from __future__ import annotations

import re
from datetime import date

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import level_size, parse_level
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason
from capflow_gui.releases import is_page
from capflow_gui.wire.desk.subjects import is_name

NO_THRESHOLD = "none"
_SECRET = re.compile(r"-----BEGIN |^\w+://[^/\s]*@")


def is_secret(text: str) -> bool:
    """Whether a text holds a secret: a private key, or an address with a password."""
    return _SECRET.search(text) is not None


def as_text(value: object) -> str:
    """The value, if it is a text. Raises InvalidInput."""
    if not isinstance(value, str):
        raise InvalidInput(str(value), Reason.of(Code.NOT_A_TEXT), Reason.of(Code.PUT_IN_QUOTES))
    return value


def symbol(text: str) -> str:
    """A symbol in its canonical form."""
    return str(Symbol.parse(text))


def listed_symbol(text: str, _value: str) -> tuple[str, str]:
    """An entry of a list of symbols."""
    return symbol(text), ""


def threshold(text: str) -> str:
    """A level of outflow."""
    if level_size(parse_level(text)) >= 0:
        example = Reason.of(Code.FOR_EXAMPLE, example="-3% or -200M")
        raise InvalidInput(text, Reason.of(Code.OUTFLOW_BELOW_ZERO), example)
    return text


def own_threshold(code: str, text: str) -> tuple[str, str]:
    """A symbol and its own level, or none."""
    return symbol(code), text if text == NO_THRESHOLD else threshold(text)


def own_source(code: str, text: str) -> tuple[str, str]:
    """A symbol and the source it is asked at."""
    if text not in ("opend", "longport", "desk"):
        raise InvalidInput(text, Reason.of(Code.NOT_A_SOURCE), Reason.of(Code.ONE_OF, names="opend, longport, desk"))
    return symbol(code), text


def host(text: str) -> str:
    """The name or address of a computer."""
    if not text or any(character.isspace() or character == "/" for character in text):
        raise InvalidInput(text, Reason.of(Code.NOT_A_HOST), Reason.of(Code.HOST_FORM))
    return text


def desk_user(text: str) -> str:
    """The name of a user of a desk: part of a subject on its bus."""
    if not is_name(text):
        raise InvalidInput(text, Reason.of(Code.NOT_A_SUBJECT, text=text))
    return text


def day(text: str) -> str:
    """A date."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput(
            text, Reason.of(Code.NOT_A_DATE, text=text), Reason.of(Code.WRITE_AS, form="YYYY-MM-DD")
        ) from None


def page(text: str) -> str:
    """The address of a page on the web."""
    if not is_page(text):
        raise InvalidInput(text, Reason.of(Code.NOT_A_PAGE), Reason.of(Code.WRITE_AS, form="https://…"))
    return text
