"""Why something is as it is: a code with arguments. Nothing below `present` writes a sentence.

A reason travels from where a fact is found to where somebody reads it, and into the database on the way.
`present.reasons` words it, in the reader's language. A broker's own text is an argument, verbatim.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Union

Argument = Union[str, int, float, None, "Reason"]


class Code(StrEnum):
    """Every reason there is. The arguments of each are the fields of its words in `present.reasons`."""

    # Anywhere
    VERBATIM = "verbatim"  # text: the broker's or the system's own words, or a sentence kept by an earlier version


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its arguments, in the order they were given. An argument may be a reason itself."""

    code: Code
    args: tuple[tuple[str, Argument], ...] = ()

    @classmethod
    def of(cls, code: Code, **args: Argument) -> Reason:
        """A reason with named arguments."""
        return cls(code, tuple(args.items()))

    def __str__(self) -> str:
        """For the log: the code and its arguments."""
        return " ".join((self.code.value, *(f"{name}={value}" for name, value in self.args)))

    def to_json(self) -> str:
        """What the database keeps."""
        return json.dumps(_plain(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Reason:
        """Read what `to_json` wrote; a code of a newer version is kept as VERBATIM. Raises ValueError."""
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError(f"not a reason: {text!r}")  # noqa: TRY004 - the text is wrong, not its type
        return _reason(found)


def _plain(reason: Reason) -> dict[str, Any]:
    args = {name: _plain(value) if isinstance(value, Reason) else value for name, value in reason.args}
    return {"code": reason.code.value, **args}


def _reason(found: dict[str, Any]) -> Reason:
    args = {name: _reason(value) if isinstance(value, dict) else value for name, value in found.items()}
    code = str(args.pop("code", ""))
    if code not in set(Code):
        return Reason.of(Code.VERBATIM, text=code)
    return Reason.of(Code(code), **args)
