"""What the About dialog reads from this installation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

import capflow_gui
from capflow_gui.app.about import Installation
from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request


def test_the_installation_names_versions_folders_and_the_policy(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[locked]\nlog_level = 'error'\n", encoding="utf-8")
    monkeypatch.setattr("capflow_gui.app.profile.policy_files", lambda: (policy,))
    profile = Profile(Request(folders=(tmp_path / "c", tmp_path / "d")), demo=False)
    facts = dict(Installation(profile).facts())
    assert facts["Capflow"] == f"{capflow_gui.__version__}, Python package"
    assert facts["Policy"] == str(policy)
    assert facts["Settings"] == str(tmp_path / "c" / "settings.toml")
    assert facts["Python"].startswith(f"{sys.version_info.major}.")
    assert Path(Installation(profile).qt_folder(), "__init__.py").is_file()
