"""Makes the catalogues of translated texts: packaging/texts/LANGUAGE.po, and of it the .mo that ships.

`texts.py` takes up new texts of the program, drops those that are gone, and compiles; `--check` fails where that would
change a file, or where a translation is missing or has other fields than its text. Needs the standard library alone.
"""

from __future__ import annotations

import argparse
import ast
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "capflow_gui"
# What a language's counts need: each of ours has one form for all.
HEADER = "Content-Type: text/plain; charset=UTF-8\nLanguage: {language}\nPlural-Forms: nplurals=1; plural=0;\n"
LANGUAGES = ("zh_CN", "zh_HK")
# Which arguments of a call are its context, its text, and its text for many.
CALLS = {"_": (None, 0, None), "N_": (None, 0, None), "NN_": (None, 0, 1), "ngettext": (None, 0, 1)}
CALLS |= {"pgettext": (0, 1, None)}
# Arguments that are texts of settings, which `present` looks up.
DECLARED = {"Setting": ("name", "sentence", "unit", "also", "values"), "Section": ("name", "sentence", "also")}
Message = tuple[str, str, str]  # context, text, text for many; empty where there is none


def messages() -> list[Message]:
    """Every text of the program, sorted."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for context, text, many in _texts_of(ast.parse(path.read_text(encoding="utf-8")), path):
            known = found.setdefault((context, text), many)
            if many and known != many:
                found[context, text] = many
    return sorted((context, text, many) for (context, text), many in found.items())


def _texts_of(tree: ast.AST, path: Path) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in CALLS:
            texts = ["" if place is None else _constant(node, place, path) for place in CALLS[name]]
            if texts[1]:
                yield texts[0], texts[1], texts[2]
        elif name in DECLARED:
            given = [*zip(DECLARED[name], node.args, strict=False), *((each.arg, each.value) for each in node.keywords)]
            for argument, value in given:
                if argument in DECLARED[name]:
                    yield from (("", text, "") for text in _constants(value))


def _constants(node: ast.expr) -> Iterator[str]:
    values = node.values if isinstance(node, ast.Dict) else [node]
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            yield value.value


def _constant(node: ast.Call, place: int, path: Path) -> str:
    """The text; empty where it is looked up late and marked elsewhere."""
    value = node.args[place] if place < len(node.args) else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.JoinedStr):
        raise SystemExit(f"{path}:{node.lineno}: an f-string cannot be translated")
    return ""


def fields(text: str) -> set[str]:
    """The names of its `{fields}`."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return set()  # braces of another meaning


def po_file(language: str) -> Path:
    """Where a language's translations are written."""
    return ROOT / "packaging" / "texts" / f"{language}.po"


def mo_file(language: str) -> Path:
    """Where its catalogue ships."""
    return ROOT / "resources" / "i18n" / language / "LC_MESSAGES" / "capflow.mo"


def read_po(path: Path) -> dict[Message, str]:
    """The translations of a .po as `write_po` writes it."""
    found: dict[Message, str] = {}
    for entry in path.read_text(encoding="utf-8").split("\n\n") if path.exists() else ():
        parts = {"msgctxt": "", "msgid": "", "msgid_plural": "", "msgstr": ""}
        at = ""
        for line in entry.splitlines():
            if line.startswith("#"):
                continue
            if match := re.match(r"(msgctxt|msgid_plural|msgid|msgstr)(?:\[0\])? (.*)", line):
                at = match[1]
            if at:
                parts[at] += ast.literal_eval(line[line.index('"') :])
        if parts["msgid"]:
            found[parts["msgctxt"], parts["msgid"], parts["msgid_plural"]] = parts["msgstr"]
    return found


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'


def render_po(language: str, translated: dict[Message, str]) -> str:
    """The whole file: an entry a text, an empty line between."""
    lines = ['msgid ""', 'msgstr ""', *(_quoted(f"{line}\n") for line in HEADER.format(language=language).splitlines())]
    entries = ["\n".join(lines)]
    for (context, text, many), told in sorted(translated.items()):
        lines = [f"msgctxt {_quoted(context)}"] if context else []
        lines.append(f"msgid {_quoted(text)}")
        lines += [f"msgid_plural {_quoted(many)}"] if many else []
        lines.append(f"{'msgstr[0]' if many else 'msgstr'} {_quoted(told)}")
        entries.append("\n".join(lines))
    return "\n\n".join(entries) + "\n"


def render_mo(language: str, translated: dict[Message, str]) -> bytes:
    """The catalogue as gettext reads it: two tables of places, then the texts, sorted."""
    entries = {b"": HEADER.format(language=language).encode()}
    for (context, text, many), told in translated.items():
        key = (f"{context}\x04" if context else "") + text + (f"\x00{many}" if many else "")
        entries[key.encode()] = told.encode()
    keys = sorted(entries)
    begin = 28 + 16 * len(keys)
    texts, places = b"", {}
    for name, blobs in (("keys", keys), ("told", [entries[key] for key in keys])):
        places[name] = b""
        for blob in blobs:
            places[name] += struct.pack("<II", len(blob), begin + len(texts))
            texts += blob + b"\x00"
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, begin)
    return head + places["keys"] + places["told"] + texts


def faults(language: str, translated: dict[Message, str]) -> list[str]:
    """Texts that have no translation, or one whose fields are others."""
    found = []
    for (_, text, many), told in sorted(translated.items()):
        if not told:
            found.append(f"{language}: not translated: {text!r}")
        elif not fields(told) <= fields(text) | fields(many) or fields(many or text) - fields(told):
            found.append(f"{language}: other fields: {text!r}: {told!r}")
    return found


def main() -> int:
    """Write or check the files; 1 when the check fails."""
    parser = argparse.ArgumentParser(description="Make the catalogues of translated texts.")
    parser.add_argument("--check", action="store_true", help="compare, and fail if a file would change")
    check = parser.parse_args().check
    known, problems = messages(), []
    for language in LANGUAGES:
        before = read_po(po_file(language))
        translated = {message: before.get(message, "") for message in known}
        problems += faults(language, translated)
        for path, wanted in (
            (po_file(language), render_po(language, translated).encode()),
            (mo_file(language), render_mo(language, {key: told for key, told in translated.items() if told})),
        ):
            if path.exists() and path.read_bytes() == wanted:
                continue
            if check:
                problems.append(f"{path.relative_to(ROOT)} is out of date: run packaging/texts.py")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(wanted)
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
