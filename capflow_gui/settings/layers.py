"""Layers of settings: nested tables that hold only what somebody said, laid over each other and made into structs."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from capflow_gui.settings.declared import items

Document = dict[str, Any]

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def overlaid(kind: type[msgspec.Struct], *layers: Document) -> Document:
    """The layers as one, a later one winning setting by setting; lists and maps of the user's are one setting."""
    whole: Document = {}
    for item in items(kind):
        held = [layer[item.name] for layer in layers if item.name in layer]
        if held:
            whole[item.name] = held[-1] if item.struct is None else overlaid(item.struct, *held)
    return whole


def built(kind: type[_Struct], document: Document) -> _Struct:
    """The struct of already checked values; what is absent has its default."""
    values = dict(document)
    for item in items(kind):
        if item.struct is not None and item.name in values:
            values[item.name] = built(item.struct, values[item.name])
    return kind(**values)


def nested(struct: msgspec.Struct) -> Document:
    """Every value of a struct, tables as tables."""
    whole = msgspec.structs.asdict(struct)
    return {name: nested(value) if isinstance(value, msgspec.Struct) else value for name, value in whole.items()}


def names(kind: type[msgspec.Struct], document: Document, prefix: str = "") -> list[str]:
    """The dotted names of what a document says, in the order of the types."""
    found: list[str] = []
    for item in items(kind):
        if item.name in document:
            name = prefix + item.name
            found += [name] if item.struct is None else names(item.struct, document[item.name], f"{name}.")
    return found
