from __future__ import annotations

import os
import stat
import string
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui import settings as subject
from capflow_gui.errors import SettingsError
from capflow_gui.paths import Paths
from capflow_gui.present.sentences import reason_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import (
    Appearance,
    ArchiveSettings,
    OpendSettings,
    Settings,
    Thresholds,
    WatchSettings,
    WindowSettings,
    load,
    save,
)
from capflow_gui.settings.channels import NtfySettings
from capflow_gui.settings.types import GroupSettings
from tests.full_disk import fill, small_disk

FULL = Settings(
    first_run_done=True,
    source="opend",
    opend=OpendSettings(host="10.0.0.5", port=11112, rsa_key="C:\\keys\\opend.pem", budget=20),
    appearance=Appearance(scheme="light", palette="colour_blind", font_scale=1.25),
    archive=ArchiveSettings(record=False, journal_sessions=20, final_days=365),
    channels={"phone": NtfySettings(topic="keyring", token="env:NTFY_TOKEN", quiet="22:00-07:00", per_minute=5)},
    thresholds=Thresholds(default="-200M", symbols={"700.HK": "-1.5亿", "AAPL.US": "none"}),
    watchlist=WatchSettings(
        ["700.HK", "AAPL.US"], [GroupSettings("HK core", ["700.HK"], "violet"), GroupSettings("Empty")]
    ),
    window=WindowSettings("AdnQ", "AAAA", ["symbol", "net"], "net", "700.HK", "@HK core", "day"),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def problems_of(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    return told(load(file))


def told(loaded: subject.Loaded) -> list[str]:
    return [reason_sentence(problem) for problem in loaded.problems]


def test_a_missing_file_gives_the_defaults_without_a_word(file: Path) -> None:
    assert load(file) == subject.Loaded(Settings())
    assert not file.exists()


@pytest.mark.parametrize("settings", [Settings(), FULL])
def test_what_is_saved_is_loaded(file: Path, settings: Settings) -> None:
    save(file, settings)
    assert load(file) == subject.Loaded(settings)
    assert [path.name for path in file.parent.iterdir()] == ["settings.toml"]


def test_saving_creates_the_folder_and_keeps_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "capflow.toml"
    kept.parent.mkdir()
    kept.touch()
    link = tmp_path / "config" / "capflow" / "settings.toml"
    link.parent.mkdir(parents=True)
    link.symlink_to(kept)
    save(link, FULL)
    assert link.is_symlink()
    assert load(kept).settings == FULL
    save(tmp_path / "new" / "settings.toml", FULL)
    assert load(tmp_path / "new" / "settings.toml").settings == FULL


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """Settings that are a link into a folder of dotfiles; the file there does not exist yet."""
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "config").mkdir()
    link = tmp_path / "config" / "settings.toml"
    link.symlink_to(tmp_path / "dotfiles" / "capflow.toml")
    return link


def test_a_damaged_file_behind_a_link_is_set_aside_where_it_lies(link: Path, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    (dotfiles / "capflow.toml").write_text("[[", encoding="utf-8")
    assert str(dotfiles / "capflow.toml.damaged-1") in told(load(link))[-1]
    assert (dotfiles / "capflow.toml.damaged-1").read_text(encoding="utf-8") == "[["
    save(link, FULL)
    assert link.is_symlink()
    assert load(dotfiles / "capflow.toml").settings == FULL
    assert [path.name for path in link.parent.iterdir()] == ["settings.toml"]


def test_a_link_to_a_file_that_is_not_there_yet_is_followed(link: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").rmdir()
    assert load(link) == subject.Loaded(Settings())
    save(link, FULL)
    assert link.is_symlink()
    assert load(tmp_path / "dotfiles" / "capflow.toml").settings == FULL


def test_a_link_that_leads_to_itself_is_named_and_left_alone(link: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles" / "capflow.toml").symlink_to(link)
    for attempt in (lambda: load(link), lambda: save(link, FULL)):
        with pytest.raises(SettingsError, match=Code.LINK_LOOPS) as caught:
            attempt()
        assert caught.value.key == str(link)
    assert link.is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_only_the_owner_reads_the_settings(file: Path) -> None:
    save(file, FULL)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("raw", [b"[opend\nport = 1", b"\xff\xfe\x00", b"a = 1\na = 2", b"\x00"])
def test_a_damaged_file_is_set_aside_and_said_so(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    loaded = load(file)
    assert loaded.settings == Settings()
    damaged, kept = told(loaded)
    assert damaged.startswith("The settings file settings.toml is damaged (")
    assert damaged.endswith("), and the defaults are used.")
    assert kept == "The file as it was is kept as settings.toml.damaged-1."
    assert (file.parent / "settings.toml.damaged-1").read_bytes() == raw
    assert not file.exists()


def test_every_damaged_file_is_kept_once(file: Path) -> None:
    for text in ("[[", "[[[", "[["):
        problems_of(file, text)
    assert sorted(path.name for path in file.parent.iterdir()) == ["settings.toml.damaged-1", "settings.toml.damaged-2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[opend]\nport = 99999",
            "Setting opend.port: 99999 cannot be used: write a whole number from 1 to 65535; the default (11111)",
        ),
        ("[opend]\nport = '11111'", "Setting opend.port: '11111' cannot be used: write a whole number from 1 to 65535"),
        ("[opend]\nbudget = 0", "Setting opend.budget: 0"),
        ("[opend]\nhost = 'tcp://x'", "a name or an address, without the port"),
        ("[appearance]\nscheme = 'drak'", "did you mean 'dark'? It is one of dark, light, system"),
        ("[appearance]\nfont_scale = 9.0", "Setting appearance.font_scale: 9.0"),
        (
            "[archive]\njournal_sessions = 0",
            "Setting archive.journal_sessions: 0 cannot be used: write a whole number from 1 to 1000; the default (60)",
        ),
        (
            "[archive]\nfinal_days = 'always'",
            "Setting archive.final_days: 'always' cannot be used: write a whole number",
        ),
        ("[archive]\nrecord = 'no'", "Setting archive.record: 'no' cannot be used: one of: true, false"),
        ("[thresholds]\ndefault = -3", "-3 cannot be used: this is not a text (put it in quotes); none is used"),
        ("[thresholds]\ndefault = '200M'", "a net-outflow level is below zero (for example -3% or -200M); none is"),
        ("[thresholds]\ndefault = '3%'", "a net-outflow level is below zero"),
        ("[thresholds]\ndefault = '-300%'", "a share of turnover is at most 100%"),
        ("[thresholds]\ndefault = '-200m'", "m is minutes; million is a capital M"),
        (
            "[thresholds.symbols]\n'700.HK' = -5",
            "Setting thresholds.symbols: '700.HK = -5' cannot be used: this is not a",
        ),
        ("[watchlist]\nsymbols = ['tencent']", "'tencent' cannot be used: no market in this symbol"),
        ("[window]\nselected = 'tencent'", "Setting window.selected"),
        ("opend = 5", "write a [opend] table"),
        ("first_run_done = 1", "Setting first_run_done: 1"),
        ("source = 'opnd'", "did you mean 'opend'?"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_the_file_kept(file: Path, text: str, said: str) -> None:
    said_first, kept = problems_of(file, text)
    assert said in said_first
    assert kept == "The file as it was is kept as settings.toml.damaged-1."
    assert file.read_text(encoding="utf-8") == text
    assert (file.parent / "settings.toml.damaged-1").read_text(encoding="utf-8") == text


def test_one_bad_value_costs_that_value_alone(file: Path) -> None:
    file.write_text(
        "first_run_done = true\n[opend]\nhost = 'h'\nport = -1\n"
        "[watchlist]\nsymbols = ['HK.00700', 'x', '700.hk', 5, 'us.aapl']\n"
        "[thresholds.symbols]\n'hk.00700' = '-1M'\n'9988.HK' = '1M'\n",
        encoding="utf-8",
    )
    settings, problems = load(file).settings, load(file).problems
    assert settings.first_run_done
    assert settings.opend == OpendSettings(host="h")
    assert settings.watchlist.symbols == ["700.HK", "AAPL.US"]
    assert settings.thresholds.symbols == {"700.HK": "-1M"}
    assert len(problems) == 5  # port, x, 5, 9988.HK, and where the file is kept


def test_an_unknown_key_gets_a_guess_and_survives_saving(file: Path) -> None:
    problems = problems_of(file, "speling = 1\n[opend]\nprot = 2\nport = 3\n[future.part]\nx = [1, 2]\n")
    assert problems == [
        "Setting speling is not known; it is kept and has no effect.",
        "Setting opend.prot is not known: did you mean opend.port? It is kept and has no effect.",
        "Setting future is not known; it is kept and has no effect.",
    ]
    save(file, FULL)
    text = file.read_text(encoding="utf-8")
    assert "speling = 1" in text
    assert "prot = 2" in text
    assert "[future.part]" in text
    assert load(file).settings == FULL


def test_a_removed_threshold_does_not_come_back(file: Path) -> None:
    save(file, FULL)
    save(file, msgspec.structs.replace(FULL, thresholds=Thresholds()))
    assert load(file).settings.thresholds == Thresholds()


@pytest.mark.parametrize("default", ["-3%", "-200M", "－３％", None])
def test_a_default_threshold_is_kept_as_a_share_or_an_amount(file: Path, default: str | None) -> None:
    save(file, msgspec.structs.replace(FULL, thresholds=Thresholds(default)))
    assert load(file).settings.thresholds == Thresholds(default)
    assert load(file).problems == []


def test_saving_over_a_damaged_file_works(file: Path) -> None:
    file.write_bytes(b"[[")
    save(file, FULL)
    assert load(file).settings == FULL


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes")
def test_a_file_that_cannot_be_read_any_more_is_not_saved_over(file: Path) -> None:
    saved = save(file, FULL)
    large = b"# so much that it is not read\n" * 150_000
    file.write_bytes(large)
    with pytest.raises(SettingsError, match=Code.CANNOT_BE_READ):
        save(file, Settings(), known=saved.content)
    assert file.read_bytes() == large
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(SettingsError, match=Code.CANNOT_BE_READ):
        save(file, Settings(), known=saved.content)
    assert file.is_fifo()


def test_a_file_that_is_write_protected_is_not_replaced(file: Path) -> None:
    content = save(file, FULL).content
    file.chmod(0o444)
    with pytest.raises(SettingsError, match=Code.WRITE_PROTECTED):
        save(file, Settings(), known=content)
    assert file.read_bytes() == content
    file.chmod(0o644)
    save(file, Settings(first_run_done=True), known=content)
    assert load(file).settings.first_run_done


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("# Desk 4\n#   of Ann\n\nfirst_run_done = true # yes\n", "# Desk 4\n#   of Ann\n\n"),
        ("\ufeff# Desk 4\r\nfirst_run_done = true\r\n", "# Desk 4\n\n"),
        ("# only a comment", "# only a comment\n\n"),
        ("first_run_done = true\n# further down\n", ""),
    ],
)
def test_the_comment_a_file_begins_with_is_kept(file: Path, before: str, kept: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(before.encode())
    save(file, FULL)
    once = file.read_text(encoding="utf-8")
    assert once.startswith(f"{kept}version = ")
    save(file, FULL)
    assert file.read_text(encoding="utf-8") == once


def test_a_byte_order_mark_is_read_over(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbffirst_run_done = true\r\n")
    assert load(file) == subject.Loaded(Settings(first_run_done=True))


def test_an_older_file_is_migrated_one_version_at_a_time(file: Path) -> None:
    file.write_text("version = 1\naddress = 'h'\n", encoding="utf-8")
    steps = (
        lambda document: {"host": document["address"]},
        lambda document: {"opend": {"host": document["host"]}},
    )
    assert load(file, migrations=steps) == subject.Loaded(Settings(opend=OpendSettings(host="h")))


def test_a_migration_that_fails_loses_nothing(file: Path) -> None:
    file.write_text("version = 1\n", encoding="utf-8")
    loaded = load(file, migrations=(lambda document: {"host": document["address"]},))
    assert loaded.settings == Settings()
    assert (file.parent / "settings.toml.damaged-1").read_text(encoding="utf-8") == "version = 1\n"


def test_a_file_of_a_newer_version_is_copied_before_it_is_used(file: Path) -> None:
    problems = problems_of(file, "version = 99\nfirst_run_done = true\n")
    assert problems == [
        "The settings file settings.toml was written by a newer Capflow.",
        "The file as it was is kept as settings.toml.version-99-1.",
    ]
    assert load(file).settings == Settings(first_run_done=True)


def test_a_folder_in_place_of_the_file_is_an_error_with_advice(file: Path) -> None:
    file.mkdir()
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert caught.value.key == str(file)
    assert caught.value.suggestion == Reason.of(Code.FOLDER_IN_ITS_PLACE)
    with pytest.raises(SettingsError, match=Code.CANNOT_BE_READ):
        save(file, FULL)
    assert [path.name for path in file.parent.iterdir()] == ["settings.toml"]


_AS_NOBODY = """
import encodings.utf_8_sig, os, pathlib, random, sys  # what is needed later may lie where nobody cannot read
from capflow_gui import settings
from capflow_gui.errors import SettingsError
from capflow_gui.present.sentences import error_sentence, reason_sentence
from capflow_gui.paths import Paths
from capflow_gui.settings.types import GroupSettings
if os.getuid() == 0:  # root may write everywhere
    os.setgid(65534)
    os.setuid(65534)
folder = pathlib.Path(sys.argv[1])
print(*map(reason_sentence, settings.load(folder / "settings.toml").problems))
for attempt in (
    lambda: settings.save(folder / "settings.toml", settings.Settings()),
    lambda: settings.prepare(Paths.resolve(config_dir=folder / "new", data_dir=folder)),
):
    try:
        attempt()
    except SettingsError as error:
        print(error_sentence(error))
"""


def test_of_many_faults_of_a_file_the_first_are_named_and_the_others_counted(file: Path) -> None:
    file.write_text("".join(f"unknown{number} = 1\n" for number in range(1000)), encoding="utf-8")
    said = [reason_sentence(problem) for problem in load(file).problems]
    assert len(said) == 6
    assert said[-1] == "Faults of settings.toml that are not named here: 995."


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_folder_one_may_not_write_is_said_so() -> None:
    with tempfile.TemporaryDirectory() as name:
        locked = Path(name)
        (locked / "settings.toml").write_text("[[", encoding="utf-8")
        (locked / "settings.toml").chmod(0o644)
        locked.chmod(0o555)
        done = subprocess.run([sys.executable, "-c", _AS_NOBODY, name], capture_output=True, text=True, check=False)
        locked.chmod(0o755)
    assert done.stderr == ""
    damaged, saved, prepared = done.stdout.splitlines()
    assert "could not be set aside: Permission denied" in damaged
    assert "it is write-protected, and is not replaced" in saved
    assert "--config-dir" in saved
    assert str(locked / "new") in prepared


def test_a_full_disk_is_said_and_stops_no_start(tmp_path: Path) -> None:
    paths = Paths.resolve(config_dir=tmp_path / "c", data_dir=tmp_path / "d")
    with small_disk(tmp_path / "d") as filler:
        fill(filler)
        (said,) = map(reason_sentence, subject.prepare(paths))
        assert said.startswith(f"Nothing can be saved in {tmp_path / 'd'}, ")
        assert said.endswith(": the disk is full.")
        filler.unlink()
        assert subject.prepare(paths) == []


def test_prepare_creates_the_four_folders(tmp_path: Path) -> None:
    paths = Paths.resolve("demo", config_dir=tmp_path / "c", data_dir=tmp_path / "d")
    subject.prepare(paths)
    assert all(folder.is_dir() for folder in (paths.config, paths.data, paths.log, paths.state))


_keys = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)
_values = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=6,
)
_names = [field.name for field in msgspec.structs.fields(Settings)]


@given(st.dictionaries(st.sampled_from(_names) | _keys, _values, max_size=6))
def test_any_document_gives_usable_settings_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]
) -> None:
    import tomli_w

    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    file.write_bytes(tomli_w.dumps(document).encode())
    loaded = load(file)
    save(file, loaded.settings)
    again = load(file)
    assert again.settings == loaded.settings
    assert not [problem for problem in again.problems if problem.code is Code.SETTING_REFUSED]


def test_what_an_older_capflow_took_off_the_list_leaves_the_groups_that_it_did_not_know(file: Path) -> None:
    """Version 1 keeps the groups of version 2 in the file, and changes the list alone."""
    groups = '[[watchlist.groups]]\nname = "core"\nsymbols = ["700.HK", "5.HK"]\n'
    file.write_text(f'version = 1\n[watchlist]\nsymbols = ["5.HK"]\n{groups}', encoding="utf-8")
    assert load(file) == subject.Loaded(Settings(watchlist=WatchSettings(["5.HK"], [GroupSettings("core", ["5.HK"])])))
    file.write_text(f'version = 2\n[watchlist]\nsymbols = ["5.HK"]\n{groups}', encoding="utf-8")
    assert load(file).settings.watchlist.groups == [GroupSettings("core", ["700.HK", "5.HK"])]
    for damaged in (
        "watchlist = 7",
        "watchlist.groups = 7",
        "watchlist.groups = [7]",
        "watchlist.groups = [{symbols = 7}]",
    ):
        file.write_text(f"version = 1\n{damaged}\n", encoding="utf-8")
        assert load(file).settings.watchlist == WatchSettings()
    file.write_text(f"version = 1\n[watchlist]\nsymbols = 7\n{groups}[alerts]\nsound = false\n", encoding="utf-8")
    loaded = load(file)
    assert [each.code for each in loaded.problems] != []
    assert Code.SETTINGS_DAMAGED not in {each.code for each in loaded.problems}
    assert not loaded.settings.alerts.sound
