"""The guide's Chinese pages: the English one's order, and the names that stand in the Chinese window."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "packaging" / "docs"
ENGLISH = (DOCS / "user-guide.md").read_text(encoding="utf-8")
QUOTED = {"zh_CN": "“([^”]+)”", "zh_HK": "「([^」]+)」"}
SECTIONS = [
    ("## Install", "## 安装", "## 安裝"),
    ("## The first start", "## 第一次启动", "## 首次啟動"),
    ("## Connect OpenD", "## 连接 OpenD", "## 連接 OpenD"),
    ("## Connect Longport", "## 连接长桥", "## 連接長橋"),
    ("## Read the numbers", "## 看懂数字", "## 看懂數字"),
    ("### The list", "### 列表", "### 列表"),
    ("### Groups", "### 分组", "### 分組"),
    ("### The chart", "### 图表", "### 圖表"),
    ("### How true is a figure?", "### 数据有多真实", "### 數據有多真實"),
    ("## Thresholds and alerts", "## 阈值与提醒", "## 門檻與提醒"),
    ("### Handling an alert", "### 处理提醒", "### 處理提醒"),
    ("## Keyboard", "## 常用按键", "## 常用按鍵"),
]


def page(language: str) -> str:
    return (DOCS / f"user-guide.{language.replace('_', '-')}.md").read_text(encoding="utf-8")


def heads(text: str) -> list[str]:
    return re.findall(r"^##+ .+$", text, re.MULTILINE)


def section(language: str, english: str) -> str:
    """The lines under the translated head of a section."""
    (head,) = (row[1 + list(QUOTED).index(language)] for row in SECTIONS if row[0] == english)
    return re.split(r"^##+ .+$", page(language).partition(f"\n{head}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of a section's table, without its head."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip("` ") for cell in line] for line in lines[2:]]


@cache
def translated(language: str) -> dict[str, str]:
    """The English texts of the program and their translations, without the dots of what opens a dialog."""
    spec = importlib.util.spec_from_file_location("texts", ROOT / "packaging" / "texts.py")
    assert spec is not None
    assert spec.loader is not None
    texts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(texts)
    found = texts.read_po(texts.po_file(language))
    return {text.removesuffix("…"): said.removesuffix("…") for (_, text, _), said in found.items()}


def unknown(names: list[str], language: str) -> list[str]:
    """The names that the window does not say; what it fills in may be anything."""
    said = set(translated(language).values())
    filled = [re.split(r"\{[^{}]+\}", text) for text in said if "{" in text]
    patterns = "|".join(".+".join(map(re.escape, parts)) for parts in filled if len("".join(parts).strip(" ·")) > 1)
    return [name for name in names if name.removesuffix("…") not in said and not re.fullmatch(patterns, name)]


def states(language: str) -> list[str]:
    """The first cells of the tables of states."""
    heads_of = ("### How true is a figure?", "### Handling an alert")
    return [row[0] for head in heads_of for row in rows(section(language, head))]


@pytest.mark.parametrize("language", QUOTED)
def test_the_sections_are_those_of_the_english_guide_in_its_order(language: str) -> None:
    place = 1 + list(QUOTED).index(language)
    assert heads(page(language))[:-1] == [row[place] for row in SECTIONS]
    english = heads(ENGLISH)
    assert [head for head in english if head in {row[0] for row in SECTIONS}] == [row[0] for row in SECTIONS]


@pytest.mark.parametrize("language", QUOTED)
def test_every_quoted_name_stands_in_the_window(language: str) -> None:
    names = re.findall(QUOTED[language], page(language))
    assert len(names) > 40
    assert len(states(language)) == 14 + 8
    assert unknown([*names, *states(language), "没有这个按钮"], language) == ["没有这个按钮"]


@pytest.mark.parametrize("language", QUOTED)
def test_keys_do_what_the_english_guide_says(language: str) -> None:
    english = ENGLISH.partition("\n## Keyboard\n")[2].partition("\n## ")[0]
    does = {(key, translated(language).get(text)) for *_, keys, text in rows(english) for key in keys.split("  ")}
    told = [tuple(row) for row in rows(section(language, "## Keyboard"))]
    assert len(told) >= 20
    assert set(told) <= does


@pytest.mark.parametrize("language", QUOTED)
def test_commands_files_and_keys_are_those_of_the_english_guide(language: str) -> None:
    known = {part for span in re.findall(r"`([^`\n]+)`", ENGLISH) for part in (span, *span.split("  "))}
    spans = set(re.findall(r"`([^`\n]+)`", page(language))) - set(translated(language).values())
    assert spans - set(states(language)) <= known


@pytest.mark.parametrize("name", ["user-guide.md", "user-guide.zh-CN.md", "user-guide.zh-HK.md"])
def test_every_link_between_the_guides_leads_somewhere(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]*)#?([^)]*)\)", text)
    assert {each.name for each in DOCS.glob("user-guide*.md")} - {name} <= {file for file, _ in links}
    for file, anchor in links:
        path = DOCS / (file or name)
        assert path.exists(), file
        if anchor:
            known = [head.lstrip("# ").lower() for head in heads(path.read_text(encoding="utf-8"))]
            assert anchor in [re.sub(r"[^\w -]", "", head).replace(" ", "-") for head in known], anchor
