"""The arguments of each method, typed, and the sentence for one that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.domain.period import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, InvalidInput
from capflow_gui.present.language.texts import english
from capflow_gui.present.sentences import error_sentence

MOST_SYMBOLS = 500
_LONGEST_NAME = 64
_MOST_IDS = 500

Topic = Literal["flow", "alert", "link"]
Name = Annotated[str, Meta(max_length=_LONGEST_NAME)]
Symbols = Annotated[
    list[Name],
    Meta(max_length=MOST_SYMBOLS, description="Symbols as 700.HK or HK.00700; markets HK US SH SZ SG."),
]
SourceName = Annotated[Name, Meta(description="A source's name: opend, longport, demo. Left out: every source.")]
From = Annotated[date, Meta(description="The first session, by the exchange's date.")]
To = Annotated[date, Meta(description="The last session, by the exchange's date. Left out: the newest.")]
ArgumentsType = TypeVar("ArgumentsType", bound="Arguments")


class BadArgument(CapflowError):
    """An argument cannot be used; the sentence says why, `argument` names it where one is to blame."""

    def __init__(self, sentence: str, argument: str | None = None) -> None:
        super().__init__(sentence)
        self.argument = argument


class Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A method without arguments, and the base of those with some."""


class FlowArguments(Arguments, frozen=True, kw_only=True):
    """Of flow.get."""

    symbols: Annotated[Symbols | None, Meta(description="Left out: the watchlist.")] = None
    source: SourceName | None = None
    newest: (
        Annotated[int, Meta(ge=0, le=2000, description="So many of the newest lines alone. Left out: all of them.")]
        | None
    ) = None


class HistoryArguments(Arguments, frozen=True, kw_only=True):
    """Of flow.history."""

    symbols: Annotated[Symbols, Meta(min_length=1)]
    period: Annotated[Literal["day", "week", "month"], Meta(description="What one line stands for.")] = "day"
    start: From | None = None
    end: Annotated[date, Meta(description="The last date. Left out: 365 days after start, or today.")] | None = None
    source: SourceName | None = None

    @property
    def per(self) -> Period:
        """The period."""
        return Period(self.period)


class RecordedArguments(Arguments, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """Which recorded sessions are meant."""

    start: From | None = None
    end: To | None = None


class ExportArguments(RecordedArguments, frozen=True, kw_only=True):
    """Of archive.export."""

    symbols: Annotated[Symbols, Meta(min_length=1)]
    source: SourceName | None = None
    states: Annotated[bool, Meta(description="Every recorded state, not the final lines.")] = False


class CheckArguments(RecordedArguments, frozen=True, kw_only=True):
    """Of rules.check."""

    rule: Annotated[str, Meta(max_length=1000, description="For example '*: net <= -200M'.")]
    symbols: Annotated[Symbols | None, Meta(description="Left out: those of the rule.")] = None
    source: SourceName | None = None


class AcknowledgeArguments(Arguments, frozen=True, kw_only=True):
    """Of alerts.acknowledge."""

    ids: Annotated[list[Name], Meta(min_length=1, max_length=_MOST_IDS, description="Ids as alerts.list has them.")]


class WatchlistArguments(Arguments, frozen=True, kw_only=True):
    """Of watchlist.set."""

    symbols: Annotated[Symbols, Meta(description="The whole watchlist, in its order.")]


class TopicArguments(Arguments, frozen=True, kw_only=True):
    """Of subscribe and unsubscribe."""

    topics: Annotated[list[Topic], Meta(min_length=1, max_length=20, description="Which objects of watch are sent.")]


def read_arguments(
    kind: type[ArgumentsType], params: Mapping[str, Any] | Sequence[Any] | None, method: str
) -> ArgumentsType:
    """The arguments of a call, given by name or by position. Raises BadArgument."""
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    if params is None:
        named: Mapping[str, Any] = {}
    elif isinstance(params, Mapping):
        named = params
    elif len(params) > len(names):
        raise BadArgument(f"{method} takes {len(names)} arguments at most, and was given {len(params)}.")
    else:
        named = dict(zip(names, params, strict=False))
    try:
        return msgspec.convert(named, kind)
    except msgspec.ValidationError as error:
        raise _fault(str(error), names, method) from error


_PLACE = re.compile(r"^(?P<fault>.*?) - at `\$\.(?P<name>\w+)(?P<inner>[^`]*)`$", re.DOTALL)
_FIELD = re.compile(r"^Object (?P<what>missing required|contains unknown) field `(?P<name>.*)`$", re.DOTALL)
_OTHER_TYPE = re.compile(r"^Expected `(?P<wanted>\w+)(?: \| null)?`, got `(?P<given>\w+)`$")
_LIMIT = re.compile(r"^Expected `(?P<wanted>\w+)(?: \| null)?` (?P<length>of length )?(?P<way>[<>])= (?P<limit>\d+)$")
_WORD = re.compile(r"^Invalid enum value (?P<word>'.*')$", re.DOTALL)
_TYPES = {
    "int": "a whole number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "float": "a number",
    "date": "a date",
    "null": "null",
}


def _fault(said: str, names: Sequence[str], method: str) -> BadArgument:
    """What msgspec found, as a sentence that names the argument."""
    known = f"{method} takes {', '.join(names)}" if names else f"{method} takes no arguments"
    if field := _FIELD.match(said):
        name = field["name"]
        if field["what"].startswith("missing"):
            return BadArgument(f"{name} is missing: {known}.", name)
        return BadArgument(f"{name} is not known: {known}.", name)
    place = _PLACE.match(said)
    if place is None:
        return BadArgument(f"The arguments cannot be read: {known}.")
    return BadArgument(f"{place['name']}{place['inner']}{_wrong(place['fault'])}.", place["name"])


def _wrong(fault: str) -> str:
    """What is wrong with a value, in words that follow its name."""
    if other := _OTHER_TYPE.match(fault):
        return f" has to be {_TYPES.get(other['wanted'], 'another')}, and is {_TYPES.get(other['given'], 'another')}"
    if limit := _LIMIT.match(fault):
        bound = f"{'at most' if limit['way'] == '<' else 'at least'} {limit['limit']}"
        if not limit["length"]:
            return f" has to be {_TYPES[limit['wanted']]} of {bound}"
        return f" has to have {bound} {'entries' if limit['wanted'] == 'array' else 'characters'}"
    if word := _WORD.match(fault):
        return f" has to be one of the words it takes, and is {word['word']}"
    return ": write a date as 2022-06-08" if fault.startswith("Invalid RFC3339") else " cannot be read"


def read_symbols(texts: Sequence[str], argument: str = "symbols") -> list[Symbol]:
    """The symbols, each once. Raises BadArgument."""
    found: dict[Symbol, None] = {}
    for text in texts:
        try:
            symbol = Symbol.parse(text)
            found[Symbol.guess(str(symbol)) if symbol.is_index else symbol] = None
        except InvalidInput as error:
            with english():
                raise BadArgument(f"{argument}: {error_sentence(error)}", argument) from error
    return list(found)


def read_rule(text: str) -> Rule:
    """The rule. Raises BadArgument."""
    try:
        return parse_rule(text)
    except InvalidInput as error:
        with english():
            at = "" if error.position is None else f" (at character {error.position + 1})"
            raise BadArgument(f"rule: {error_sentence(error)}{at}", "rule") from error
