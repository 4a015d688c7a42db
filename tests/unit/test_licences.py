"""Every third party is named with its licence, from what is installed or from a bundle's folder."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from capflow_gui import licences
from capflow_gui.licences import (
    INDEX,
    Part,
    bundled_folder,
    gnu_texts,
    licence_files,
    licence_of,
    normal,
    read_index,
    text_of,
    third_parties,
    write_index,
)


def test_what_is_installed_is_listed_with_its_texts_and_capflow_first() -> None:
    parts = third_parties()
    names = [part.name for part in parts]
    assert names[0] == "Capflow"
    assert {"pyside6-essentials", "numpy", "protobuf", "Python", "Inter (typeface)"} <= set(names)
    assert "pytest" not in names
    assert all(part.licence for part in parts)
    assert "numpy developers" in text_of(next(part for part in parts if part.name == "numpy")).lower()


def test_a_bundle_s_index_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    texts = [tmp_path / "a" / "LICENSE", tmp_path / "a" / "NOTICE"]
    for text in texts:
        text.write_text(f"the text of {text.name}\n", encoding="utf-8")
    part = Part("a", "1.0", "MIT", tuple(texts))
    write_index(tmp_path, [part])
    assert read_index(tmp_path) == [part]
    assert text_of(part) == "LICENSE\n───────\n\nthe text of LICENSE\n\n\nNOTICE\n──────\n\nthe text of NOTICE"


def test_a_part_without_a_text_says_so() -> None:
    assert text_of(Part("a", "1.0", "MIT", ())) == "It comes without a licence text."


def test_a_bundle_is_asked_for_its_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert bundled_folder() is None
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "capflow"))
    folder = tmp_path.parent / "Resources" / "licences" if sys.platform == "darwin" else tmp_path / "licences"
    assert bundled_folder() == folder
    with pytest.raises(FileNotFoundError, match=INDEX):
        third_parties()


def test_names_are_compared_as_the_index_does() -> None:
    assert normal("PySide6_Essentials") == normal("pyside6.essentials") == "pyside6-essentials"


def test_qt_brings_no_text_and_gets_those_of_its_licence() -> None:
    qt = metadata.distribution("PySide6-Essentials")
    assert "LGPL-3.0" in licence_of(qt)
    assert [text.name for text in gnu_texts(qt)]
    assert gnu_texts(metadata.distribution("numpy")) == []
    assert licence_files(metadata.distribution("numpy"))


def test_from_source_every_requirement_has_its_text() -> None:
    parts = {part.name: part for part in third_parties()}
    assert next(iter(parts)) == "Capflow"
    assert {"numpy", "pyside6-essentials", "shiboken6", "cryptography", "yarl", "Inter (typeface)"} <= set(parts)
    assert not {"pytest", "mypy", "ruff"} & set(parts)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text_of(parts["shiboken6"])
    assert [name for name, part in parts.items() if not part.texts and name != "Python"] == []


def test_a_bundle_is_asked_for_its_own_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("Resources" if sys.platform == "darwin" else "bin") / "licences"
    folder.mkdir(parents=True)
    (folder / "x.txt").write_text("Do as you like.\n", encoding="utf-8")
    licences.write_index(folder, [Part("x", "1", "MIT", (folder / "x.txt",))])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "capflow"))
    (part,) = third_parties()
    assert (part.name, part.version, part.licence, text_of(part)) == ("x", "1", "MIT", "Do as you like.")
