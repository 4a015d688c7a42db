"""Write the table of settings in the user guide anew from their declarations: `python packaging/settings_table.py`."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from capflow_gui.settings import Settings
from capflow_gui.settings.declared import Item, PolicyReach, leaves, value_at

GUIDE = Path(__file__).resolve().parent / "docs" / "user-guide.md"
BEGIN, END = "<!-- settings:begin -->\n", "<!-- settings:end -->"


def takes(item: Item) -> str:
    """What may be written for a setting."""
    schema = msgspec.json.schema(item.type)
    for each in schema.get("anyOf", [schema]):
        if "enum" in each:
            return ", ".join(f"`{word}`" for word in each["enum"])
        if each.get("type") == "boolean":
            return "`true`, `false`"
        if "minimum" in each:
            return f"{each['minimum']} to {each['maximum']}"
    return {list: "list", dict: "table"}.get(type(value_at(Settings(), item.key)), "text")


def table() -> str:
    """A row for each setting that a file may have; those of one window's state are left out."""
    rows = ["| setting | default | takes | |", "| --- | --- | --- | --- |"]
    for key, item in leaves(Settings).items():
        says = item.setting.sentence
        if says:
            default = msgspec.to_builtins(value_at(Settings(), key))
            shown = "" if default in (None, [], {}) else f"`{json.dumps(default)}`"
            later = " ⟳" if item.setting.restart else ""
            free = "" if item.setting.policy is PolicyReach.LOCK else " †"
            named = f"*{item.setting.name}.* {says}" if item.setting.name else says
            rows.append(f"| `{key}`{later}{free} | {shown} | {takes(item)} | {named} |")
    return "\n".join(rows) + "\n"


def renewed(guide: str) -> str:
    """The guide with the table as it is now."""
    before, _, rest = guide.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    GUIDE.write_text(renewed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
