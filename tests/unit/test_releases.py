from __future__ import annotations

from pathlib import Path

import pytest

from capflow_gui.releases import is_page, read_page, write_page

PAGE = "https://desk.example.com/capflow/releases"


def test_the_page_of_a_build_comes_back(tmp_path: Path) -> None:
    write_page(tmp_path, PAGE)
    assert read_page(tmp_path) == PAGE


def test_a_build_without_a_page_has_none(tmp_path: Path) -> None:
    write_page(tmp_path, "")
    assert list(tmp_path.iterdir()) == []
    assert read_page(tmp_path) == ""


@pytest.mark.parametrize(
    "text",
    ["", "http://x.example.com", "https://", "x.example.com", "https://a@x.example.com", "https://x /", "https://["],
)
def test_what_is_no_page(tmp_path: Path, text: str) -> None:
    assert not is_page(text)
    (tmp_path / "releases-page.txt").write_text(text, encoding="utf-8")
    assert read_page(tmp_path) == ""
    if text:
        with pytest.raises(ValueError, match="CAPFLOW_RELEASES_PAGE"):
            write_page(tmp_path, text)
