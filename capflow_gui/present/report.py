"""The problem report: what a person may pass on when something is wrong, as texts. Nothing is read or written here.

It is in English whatever the reader's language is: whoever helps reads it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from capflow_gui.feed.board import BoardView, Budget
from capflow_gui.present.language.texts import N_
from capflow_gui.present.numbers import counted
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import duration, error_sentence, link_sentence, source_title
from capflow_gui.settings import Settings, to_toml

_README = """\
Capflow problem report, {made}

Capflow wrote this file because you asked it to, and nothing was sent anywhere.
Read it, then decide whom you give it to.

{contents}

Left out: tokens, app keys, passwords and signatures (each shows as ‹hidden›),
account numbers, the name of your home folder (~), and the folder of an RSA key.

Not left out, because few problems can be understood without them: the symbols
you watch, your thresholds, and the addresses of your sources.
"""
_BLOCK = 100  # lines
_WHAT = {
    "README.txt": N_("this page"),
    "state.txt": N_("version, computer, sources, quota, troubles"),
    "settings.toml": N_("your settings"),
    "capflow.log": N_("the end of the log"),
    "crash.log": N_("where the program was when it last crashed"),
}


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One file of the report; `what` says in a few words what it is, and is looked up when it is shown."""

    name: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the board does not know.

    made        when, as it is to be written
    program     (label, value) about version, computer, libraries and screens
    reconnects  how often each source was connected anew
    files       (name, text) of the ends of logs
    """

    made: str
    program: Sequence[tuple[str, str]]
    reconnects: Mapping[str, int]
    settings: Settings
    files: Sequence[tuple[str, str]]


def report_parts(
    facts: ReportFacts, state: str, tidy: Callable[[str], str], *, key_file: str | None = None
) -> tuple[ReportPart, ...]:
    """Every file of the report. `state` is that of `state_text`; `tidy` takes out what is nobody's business."""
    opend = facts.settings.opend
    # Channels hold addresses and chats of people.
    shown = msgspec.structs.replace(facts.settings, opend=msgspec.structs.replace(opend, rsa_key=key_file), channels={})
    texts = [("state.txt", state), ("settings.toml", to_toml(shown)), *facts.files]
    names = ["README.txt", *(name for name, _ in texts)]
    contents = "\n".join(f"  {name:<16}{_WHAT[name]}" for name in names)
    readme = ReportPart("README.txt", _WHAT["README.txt"], _README.format(made=facts.made, contents=contents))
    return (readme, *(ReportPart(name, _WHAT[name], tidy(text)) for name, text in texts))


def tidying(clean: Callable[[str], str], home: str, key_file: str | None) -> Callable[[str], str]:
    """Takes secrets out of a text, writes the home folder as ~ and the file of a key without its folders.

    `clean` knows the secrets; `key_file` is the whole path, as the settings have it.
    """
    short: list[tuple[re.Pattern[str], str]] = []
    if key_file:
        expanded = key_file.replace("~", home, 1) if key_file.startswith("~") else key_file
        short += [(_path(form), file_name(key_file) or "") for form in {key_file, expanded}]
    if re.search(r"[\\/][^\\/]", home):  # of a home that is the root of everything nothing is shortened
        short.append((_path(home), "~"))

    def tidy(text: str) -> str:
        for path, shown in short:
            text = path.sub(lambda _found, shown=shown: shown, text)  # type: ignore[misc]
        return clean(text)

    def tidy_by_blocks(text: str) -> str:
        # A pattern that runs over a whole log lets no other thread have a turn meanwhile.
        lines = text.splitlines(keepends=True)
        return "".join(tidy("".join(lines[at : at + _BLOCK])) for at in range(0, len(lines), _BLOCK))

    return tidy_by_blocks


def file_name(path: str | None) -> str | None:
    """The last part of a path of whatever system; None for None."""
    return None if path is None else re.split(r"[\\/]", path)[-1]


def _path(path: str) -> re.Pattern[str]:
    """A path however its separators are written: Windows has three ways."""
    parts = [re.escape(part) for part in re.split(r"[\\/]+", path.rstrip("\\/"))]
    return re.compile(r"(?:\\\\|\\|/)".join(parts) + r"(?![\w.-])", re.IGNORECASE if "\\" in path else 0)


def state_text(facts: ReportFacts, board: BoardView) -> str:
    """How things stand: program, sources, troubles, symbols, alerts."""
    paragraphs = [
        [f"Capflow problem report, {facts.made}"],
        ["Program", *(f"  {label:<14}{value}" for label, value in facts.program)],
        ["Sources", *_sources(facts, board)],
        ["Troubles", *(f"  {trouble}" for trouble in [*map(reason_words, board.troubles)] or ["none"])],
        ["Symbols", *_symbols(board)],
        ["Alerts", *_counted([str(record.state) for record in board.alerts])],
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def _sources(facts: ReportFacts, board: BoardView) -> list[str]:
    budgets = {budget.source: budget for budget in board.budgets}
    lines = []
    for link in board.links:
        since = duration(board.monotonic_now() - link.since)
        lines.append(f"  {source_title(link.source)}: {link.phase} for {since}, attempt {link.attempt}")
        lines.append(f"    {link_sentence(link, board.monotonic_now())}")
        lines += [f"    {fact}{f': {text}' if text else ''}" for fact, text in link.facts]
        if (budget := budgets.get(link.source)) is not None:
            lines += [f"    {line}" for line in _budget(budget, facts.reconnects.get(link.source, 0))]
    return lines or ["  none"]


def _budget(budget: Budget, reconnects: int) -> list[str]:
    cycle = "" if budget.cycle_s is None else f", a cycle takes {budget.cycle_s:.0f} s"
    oldest = "" if budget.oldest_reply_s is None else f", the oldest reply is {budget.oldest_reply_s:.0f} s old"
    return [
        f"quota: {budget.used} of {budget.limit} calls in {budget.window_s:g} s{cycle}",
        f"symbols: {budget.open_symbols} open, {budget.resting_symbols} at rest{oldest}",
        f"so far: {counted(budget.requests, 'request')}, {budget.refused} refused, {counted(reconnects, 'reconnect')}",
    ]


def _symbols(board: BoardView) -> list[str]:
    rows = [board.row(symbol) for symbol in board.symbols]
    failed = [f"  {row.symbol} ({row.source}): {error_sentence(row.error)}" for row in rows if row.error is not None]
    return [*_counted([str(row.freshness) for row in rows]), *failed]


def _counted(words: Sequence[str]) -> list[str]:
    counts = ", ".join(f"{count} {word}" for word, count in Counter(words).most_common())
    return [f"  {len(words)}{f': {counts}' if counts else ''}"]
