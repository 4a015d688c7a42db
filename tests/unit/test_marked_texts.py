"""Every text that a person reads is looked up in the catalogue: none goes past `_`, none is shown as it was marked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "capflow_gui"
# Where texts are made; below them reasons travel as codes.
MAKE_TEXTS = ("app", "cli", "delivery", "present", "ui")
LOOKED_UP = {"_", "ngettext", "pgettext"}
MARKED = {"N_", "NN_"}
# Calls whose texts nobody but a developer, a broker or Qt reads.
NOT_SHOWN = re.compile(
    r"^(_?log(ger)?|logging)\.|\.(setStyleSheet|setProperty|setObjectName|execute|connect_to)$|"
    r"(^|\.)(re\.\w+|NewType|TypeVar|create_task|wait_for|Signal|QFont|QKeySequence|Path|getattr|strftime|mark|step)$|"
    r"(^|\.)(ValueError|TypeError|RuntimeError|AssertionError|OSError|TimeoutError|FileNotFoundError|KeyError)$"
)
WORDS = re.compile(r"[^\W\d_]{2,}\W* \W*[^\W\d_]{2,}|^\W*[A-Z][a-z]+[.…:!?]?\W*$")

# In English whatever the language is: reports are for whoever helps, style sheets for Qt; fonts have names; what a
# system lacks is read by set-up, too, which has the standard library alone.
ENGLISH = {"app/problem_report.py", "app/system/packages.py", "present/report.py", "ui/stylesheet.py", "ui/theme.py"}
NAMES = {"Capflow", "Python", "Qt", ", Qt for Python ", "Longport", "Telegram", "Slack", "Discord", "Bark", "Pushover"}
NAMES |= {"English"}
# As they stand on the keys.
KEY = re.compile(r"((Ctrl|Alt|Shift)\+)*⇧?(Enter|Space|Esc|Del|Home|End|Left|Right|Up|Down|[↑↓←→\[\],]|)")
NO_TEXT = {
    "app/children.py": ("another profile", "gio open"),  # of a process; a program
    # For the script that tries the bundle.
    "app/desktop.py": ("; the chart was not built", "capflow --self-test: ", "no figures within "),
    # What Qt says.
    "app/run.py": (
        "QObject::connect: No such signal QPlatformNativeInterface::systemTrayWindowChanged(QScreen*)",
        *(
            f"This plugin does not support {what}"
            for what in ("grabbing the keyboard", "propagateSizeHints()", "raise()")
        ),
    ),
    "app/system/motion.py": ("Read",),  # a method of the desktop's portal
    # For the log.
    "app/single_instance.py": (" cannot be locked: ", " cannot be used: ", "a second start cannot raise this window: "),
    "cli/archive.py": ("archive prune --keep-days 365",),
    "cli/export.py": ("--format parquet", "--states --format "),
    "cli/output.py": ("Cc", "Cf", "Cs", "Zl", "Zp"),
    # What services say, and protocols.
    "delivery/channels/bark.py": ("Unregistered",),
    "delivery/channels/mail.py": ("Date", "From", "Importance", "References", "Subject", "To"),
    "delivery/channels/ntfy.py": ("Bearer ",),
    "delivery/channels/robots.py": ("max length", "too many request"),
    "delivery/channels/telegram.py": ("can't parse entities", "message is too long", "message text is empty"),
    "delivery/desktop.py": ("Notify",),
    "delivery/http.py": ("application/json; charset=utf-8",),
    "delivery/tunnel.py": ("Host: ", "Proxy-Authorization: Basic "),
    # Keys of tables.
    "present/alerts/messages.py": ("more alert",),
    "present/language/columns.py": ("Me", "Mn"),
    "ui/chart/annotations.py": (
        *("beside name", "beside value", "breach source", "caption lines"),
        *("name price", "tag threshold", "value price"),
    ),
    "ui/chart/intraday.py": ("bar extent",),
    "ui/chart/layers/captions.py": ("caption bars", "lines title"),
    "ui/chart/pointer.py": ("tag net", "tag threshold"),
    "ui/chart_import.py": (" has no code to run", "No module named ", "import for the chart"),  # tracebacks; a thread
    "ui/chart_table/tables.py": ("in and out",),
    "ui/dialogs/groups.py": ("new symbol",),
    "ui/rules/actions.py": ("Normal",),
    "ui/watchlist/actions.py": ("new symbol",),
    # Style.
    "ui/help/page.py": (
        *('</p><table cellspacing="3">', '<span style="color:', '<table cellspacing="4">'),
        *('<td style="padding-right:16px">', '<tr><td style="padding-right:14px; color:'),
    ),
    "ui/window/detail_table.py": (
        *(
            "; }QTableView::item:first { padding-left: ",
            "QTableView::item { padding: 0 ",
            "px; border-bottom: 1px solid ",
        ),
    ),
    "ui/dialogs/comparison.py": ("border: 2px solid ",),
    "ui/window/played.py": ("px solid ",),
}


@cache
def trees() -> dict[str, ast.Module]:
    """Every module that makes texts, by its path in the package."""
    paths = [path for folder in MAKE_TEXTS for path in sorted((PACKAGE / folder).rglob("*.py"))]
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def called(node: ast.AST) -> str:
    """What a call calls, with what it is of: `_log.info`; empty where it is no call."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return f"{function.value.id if isinstance(function.value, ast.Name) else ''}.{function.attr}"
    return function.id if isinstance(function, ast.Name) else ""


def literals(tree: ast.AST) -> Iterator[tuple[ast.Constant, tuple[ast.AST, ...]]]:
    """Every text of a module that is no docstring, and what it stands in, innermost first."""
    waiting: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(tree, ())]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not isinstance(around[0], ast.Expr):
            yield node, around
        waiting += [(child, (node, *around)) for child in ast.iter_child_nodes(node)]


@cache
def unmarked() -> list[str]:
    """Texts in words outside every call that looks up or marks, as `module: text`."""
    found = set()
    for name, tree in trees().items():
        for node, around in literals(tree):
            table = around[0]
            if not WORDS.search(node.value) or (isinstance(table, ast.Dict) and node in table.keys):
                continue
            calls = [called(each) for each in around if isinstance(each, ast.Call)]
            looked_up = any(call.rpartition(".")[2] in LOOKED_UP | MARKED for call in calls)
            if not looked_up and not any(map(NOT_SHOWN.search, calls)):
                found.add(f"{name}: {node.value}")
    return sorted(found)


def test_texts_in_words_are_looked_up() -> None:
    assert [each for each in unmarked() if not is_allowed(*each.split(": ", 1))] == []


def is_allowed(module: str, text: str) -> bool:
    """Whether there is a reason why a text is not translated."""
    return module in ENGLISH or text in NAMES or bool(KEY.fullmatch(text)) or text in NO_TEXT.get(module, ())


def test_no_exception_outlives_its_text() -> None:
    found = [each.split(": ", 1) for each in unmarked()]
    modules, texts = {module for module, _text in found}, {text for _module, text in found}
    assert modules >= ENGLISH
    assert texts >= NAMES
    assert {(module, text) for module, texts in NO_TEXT.items() for text in texts} <= set(map(tuple, found))


@cache
def constants() -> dict[str, set[str]]:
    """The names of constants that hold marked texts, by module."""
    found: dict[str, set[str]] = {}
    for path, tree in trees().items():
        for node in tree.body:
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if value is None or not any(called(each) in MARKED for each in ast.walk(value)):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]  # type: ignore[union-attr]
            names = {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
            is_table = not (isinstance(value, ast.Call) or isinstance(targets[0], ast.Tuple))
            found.setdefault("" if is_table else f"capflow_gui.{path[:-3].replace('/', '.')}", set()).update(names)
    found.pop("", None)
    return found


def imports(tree: ast.Module) -> Iterator[ast.ImportFrom]:
    """What a module imports, in functions too, which have their imports at their beginning."""
    for node in tree.body:
        bodies = [node.body] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
        if isinstance(node, ast.ClassDef):
            bodies += [each.body for each in node.body if isinstance(each, ast.FunctionDef)]
        yield from (
            each for each in (node, *(each for body in bodies for each in body)) if isinstance(each, ast.ImportFrom)
        )


def shown_as_marked() -> list[str]:
    """Uses of constants outside a call that looks them up, as `module:line name`."""
    found, known = [], constants()
    for path, tree in trees().items():
        names = set(known.get(f"capflow_gui.{path[:-3].replace('/', '.')}", ()))
        for node in imports(tree):
            names |= {each.name for each in node.names} & known.get(str(node.module), set())
        waiting: list[tuple[ast.AST, bool]] = [(tree, False)] if names else []
        while waiting:
            node, inside = waiting.pop()
            inside = inside or called(node) in LOOKED_UP
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names and not inside:
                found.append(f"{path}:{node.lineno} {node.id}")
            waiting += [(child, inside) for child in ast.iter_child_nodes(node)]
    return sorted(found)


def test_marked_constants_are_looked_up_where_they_are_used() -> None:
    """Constants that are one text; what stands in a table is looked up by its row, and the pseudo-locale sees that."""
    assert len(constants()) > 10
    assert shown_as_marked() == []
