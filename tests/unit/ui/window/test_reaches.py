"""The parts of the window are given what they need; they do not reach through the window into each other."""

from __future__ import annotations

import ast
from pathlib import Path

import capflow_gui.ui

_UI = Path(capflow_gui.ui.__file__).parent


def reaches(source: str) -> list[str]:
    """Every `window.part.what` in a module, also from `self._window`; signals of the window itself are not parts."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.attr != "connect":
            text = ast.unparse(node.value.value)
            if text.rpartition(".")[2] in ("window", "_window"):
                found.append(ast.unparse(node))
    return found


def test_a_chained_reach_is_seen() -> None:
    assert reaches("self._window.watchlist.notice.say('x')") == ["self._window.watchlist.notice"]
    assert reaches("window.resize(1, 2); self._window.width(); window.closing.connect(stop)") == []


def test_no_part_reaches_through_the_window() -> None:
    found = {path.name: got for path in _UI.rglob("*.py") if (got := reaches(path.read_text(encoding="utf-8")))}
    assert found == {}
