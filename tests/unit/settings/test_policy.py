"""The administrator's policy: what it gives, what it locks, and that no fault in it goes by."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui import paths
from capflow_gui.errors import PolicyError
from capflow_gui.paths import policy_files
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import error_sentence
from capflow_gui.reason import Code
from capflow_gui.settings import (
    NO_POLICY,
    Appearance,
    OpendSettings,
    Policy,
    Settings,
    Thresholds,
    WatchSettings,
    enforced,
    load,
    lockable_names,
    read_policy,
    save,
)
from capflow_gui.settings.layers import names
from capflow_gui.settings.types import VERSION

SAMPLE = """\
# Chosen by operations.
[defaults]
source = "opend"
[defaults.appearance]
scheme = "light"
font_scale = 1.25
[defaults.thresholds]
default = "-200M"
[defaults.watchlist]
symbols = ["hk.00700", "9988.HK"]

[locked]
allow_demo = false
opend = { host = "opend.example", port = 11112, rsa_key = "/etc/capflow/opend.pem" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def policy_of(folder: Path, text: str) -> Policy:
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    return read_policy([folder / "none.toml", folder / "policy.toml"])


def test_no_file_is_no_policy(tmp_path: Path) -> None:
    assert read_policy([tmp_path / "policy.toml", tmp_path / "settings.toml" / "policy.toml"]) == NO_POLICY


def test_defaults_hold_until_the_user_chooses_and_locks_hold_always(file: Path) -> None:
    policy = policy_of(file.parent, SAMPLE)
    first = load(file, policy)
    assert first.problems == []
    assert first.settings == Settings(
        source="opend",
        allow_demo=False,
        opend=OpendSettings("opend.example", 11112, "/etc/capflow/opend.pem"),
        appearance=Appearance("light", font_scale=1.25),
        thresholds=Thresholds("-200M"),
        watchlist=WatchSettings(["700.HK", "9988.HK"]),
    )
    assert policy.locks == {"allow_demo", "opend.host", "opend.port", "opend.rsa_key"}
    file.write_text('allow_demo = true\n[opend]\nhost = "mine"\nbudget = 7\n[appearance]\nscheme = "dark"\n', "utf-8")
    own = load(file, policy).settings
    assert own.opend == OpendSettings("opend.example", 11112, "/etc/capflow/opend.pem", 7)
    assert own.appearance == Appearance("dark", font_scale=1.25)
    assert not own.allow_demo


def test_what_nobody_chose_is_not_written(file: Path) -> None:
    """Else the first window that closes would turn today's defaults into the user's choice."""
    policy = policy_of(file.parent, SAMPLE)
    save(file, load(file, policy).settings, policy)
    assert file.read_text(encoding="utf-8") == f"version = {VERSION}\n"
    other = policy_of(file.parent, '[defaults.appearance]\nscheme = "system"\n')
    assert load(file, other).settings == Settings(appearance=Appearance("system"))


def test_the_users_own_values_come_back_with_the_policy_gone(file: Path) -> None:
    file.write_text('[opend]\nhost = "mine"\nport = 1\n', encoding="utf-8")
    policy = policy_of(file.parent, SAMPLE)
    settings = load(file, policy).settings
    save(file, msgspec.structs.replace(settings, appearance=Appearance("dark")), policy)
    assert "opend.example" not in file.read_text(encoding="utf-8")
    after = load(file).settings
    assert after == Settings(opend=OpendSettings("mine", 1), appearance=Appearance("dark", font_scale=1.0))


def test_a_choice_against_a_default_stays_when_it_is_the_built_in_value(file: Path) -> None:
    policy = policy_of(file.parent, SAMPLE)
    settings = load(file, policy).settings
    save(file, msgspec.structs.replace(settings, appearance=Appearance(), thresholds=Thresholds(None)), policy)
    again = load(file, policy).settings
    assert again.appearance == Appearance()
    assert again.thresholds == Thresholds(None)
    save(file, settings, policy)
    assert load(file, policy).settings == settings


def test_what_the_user_has_under_a_lock_is_kept_even_if_it_cannot_be_used(file: Path) -> None:
    file.write_text("[opend]\nport = 99999\n", encoding="utf-8")
    policy = policy_of(file.parent, SAMPLE)
    loaded = load(file, policy)
    assert loaded.problems == []
    save(file, loaded.settings, policy)
    assert tomllib.loads(file.read_text(encoding="utf-8")) == {"version": VERSION, "opend": {"port": 99999}}


def test_nothing_of_a_lock_can_be_changed_while_it_runs(file: Path) -> None:
    policy = policy_of(file.parent, SAMPLE)
    wanted = msgspec.structs.replace(load(file, policy).settings, opend=OpendSettings("other", 5, None, 9))
    assert enforced(wanted, policy).opend == OpendSettings("opend.example", 11112, "/etc/capflow/opend.pem", 9)
    assert enforced(wanted, NO_POLICY) is wanted


def test_a_lock_can_say_none(file: Path) -> None:
    policy = policy_of(file.parent, '[locked]\nsecond_source = ""\n')
    file.write_text('source = "opend"\nsecond_source = "longport"\n', encoding="utf-8")
    assert load(file, policy).settings == Settings(source="opend")
    assert policy.locks == {"second_source"}


def test_a_problem_names_the_default_that_is_used(file: Path) -> None:
    policy = policy_of(file.parent, '[defaults.appearance]\nscheme = "light"\n')
    file.write_text('[appearance]\nscheme = "x"\n', encoding="utf-8")
    assert "the default ('light') is used" in reason_words(load(file, policy).problems[0])


@pytest.mark.parametrize(
    ("text", "line", "key", "reason"),
    [
        ("[locked\nx = 1", 1, "", "not TOML"),
        ('[locked]\nsource = "opend"\nsource = "x"\n', 3, "", "not TOML"),
        ("[locked]\n\n# port\n[locked.opend]\nhost = 'h'\nprot = 1\n", 6, "locked.opend.prot", "did you mean"),
        ("[locked]\nopend = {\n host = 'h'}\n", 2, "", "not TOML"),
        ("[defaults]\nopend = { host = 'h', port = 0 }\n", 2, "defaults.opend.port", "0 cannot be used"),
        ("[defaults]\nopend.port = 99999\n", 2, "defaults.opend.port", "99999 cannot be used"),
        ('[defaults.watchlist]\nsymbols = [\n  "700.HK",\n  "x",\n]\n', 2, "defaults.watchlist.symbols", "'x'"),
        ("[defaults]\nsource = 'opnd'\n", 2, "defaults.source", "did you mean 'opend'"),
        ("[locked.watchlist]\nsymbols = ['700.HK']\n", 2, "locked.watchlist.symbols", "not be locked"),
        ("[locked.window]\nsort = 'x'\n", 2, "locked.window.sort", "user's own"),
        ("[defaults]\nfirst_run_done = true\n", 2, "defaults.first_run_done", "user's own"),
        ("[locked.updates]\npage = 'http://x.example.com'\n", 2, "locked.updates.page", "not the address of a page"),
        ("[defaults.updates]\nlooked = '2026-01-01'\n", 2, "defaults.updates.looked", "user's own"),
        ("[default]\nsource = 'opend'\n", 1, "default", "[defaults], [locked], [why] and by"),
        ("source = 'opend'\n", 1, "source", "[defaults], [locked], [why] and by"),
        ("locked = 3\n", 1, "locked", "[defaults], [locked], [why] and by"),
    ],
)
def test_every_fault_is_refused_with_its_place(tmp_path: Path, text: str, line: int, key: str, reason: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_of(tmp_path, text)
    error = caught.value
    said = error_sentence(error)
    assert (error.line, error.key) == (line, key)
    assert reason in said
    assert f"{tmp_path / 'policy.toml'}, line {line}" in said
    assert said.endswith("Capflow does not start until it is corrected: what it locks would not be locked.")


@pytest.mark.parametrize(
    "text",
    [
        "[locked.longport]\naccess_token = 'hunter22'\n",
        "[defaults]\nlongport = { app_key = 'hunter22' }\n",
        "[locked.opend]\npassword = 'hunter22'\n",
        "[locked.opend]\nrsa_key = '''-----BEGIN RSA PRIVATE KEY-----\nhunter22'''\n",
        "[locked.longport]\nhttp_url = 'https://me:hunter22@example.com'\n",
        "[defaults.watchlist]\nsymbols = ['x://hunter22@y']\n",
    ],
)
def test_secrets_are_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(PolicyError, match=Code.POLICY_SECRETS) as caught:
        policy_of(tmp_path, text)
    assert "hunter22" not in f"{error_sentence(caught.value)} {caught.value!r}"


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_bytes(b"[locked]\n# \xff\n")
    with pytest.raises(PolicyError, match=Code.NOT_UTF8) as caught:
        read_policy([tmp_path / "policy.toml"])
    assert caught.value.line == 2


def test_a_policy_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").mkdir()
    with pytest.raises(PolicyError, match=Code.CANNOT_BE_READ):
        read_policy([tmp_path / "policy.toml"])


def test_channels_are_each_users_own(tmp_path: Path) -> None:
    for table in ('kind = "command"', 'kind = "a-hush-hush-one"'):
        with pytest.raises(PolicyError, match=Code.USERS_OWN) as caught:
            policy_of(tmp_path, f"[defaults.channels.desk]\n{table}\n")
        assert caught.value.key.startswith("defaults.channels")
        assert "hush" not in error_sentence(caught.value)


def test_names_come_from_the_types() -> None:
    found = set(lockable_names())
    assert {"source", "opend.host", "longport.transport", "appearance.scheme", "log_level", "updates.remind"} <= found
    assert not {name for name in found if name.startswith(("window", "watchlist", "version", "first_run"))}


def test_the_administrators_page_has_a_sample_of_every_key(tmp_path: Path) -> None:
    """A setting that is new here has to be written there."""
    page = Path(__file__).parents[3] / "packaging" / "docs" / "administration.md"
    sample = re.search(r"<!-- policy:begin -->\n```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert sample is not None
    policy = policy_of(tmp_path, sample[1])
    shown = [*names(Settings, policy.defaults), *policy.locks]
    assert sorted(shown) == sorted([*lockable_names(), "watchlist.symbols", "watchlist.groups", "watchlist.sources"])


_LEAVES = {
    "source": st.sampled_from(["opend", "longport", ""]),
    "allow_demo": st.booleans(),
    "log_level": st.sampled_from(["debug", "info", "error"]),
    "opend": st.fixed_dictionaries({}, optional={"port": st.integers(1, 9), "rsa_key": st.sampled_from(["", "k"])}),
    "appearance": st.fixed_dictionaries({}, optional={"scheme": st.sampled_from(["dark", "light", "system"])}),
    "thresholds": st.fixed_dictionaries(
        {}, optional={"default": st.sampled_from(["", "-1M", "-3%"]), "symbols": st.just({"700.HK": "-2M"})}
    ),
}
_DOCUMENTS = st.fixed_dictionaries({}, optional=_LEAVES)


@given(_DOCUMENTS, _DOCUMENTS, _DOCUMENTS, _DOCUMENTS)
def test_for_any_layers(
    tmp_path_factory: pytest.TempPathFactory,
    defaults: dict[str, object],
    locked: dict[str, object],
    own: dict[str, object],
    later: dict[str, object],
) -> None:
    """What is chosen is found again, locks hold, and without the policy the user's file says what it said."""
    import tomli_w

    folder = tmp_path_factory.mktemp("policy")
    file = folder / "settings.toml"
    file.write_bytes(tomli_w.dumps(own).encode())
    before = load(file).settings
    policy = policy_of(folder, tomli_w.dumps({"defaults": defaults, "locked": locked}))
    under = load(file, policy).settings
    assert enforced(under, policy) == under
    save(file, under, policy)
    assert load(file, policy).settings == under
    assert load(file).settings == before
    (folder / "other.toml").write_bytes(tomli_w.dumps(later).encode())
    chosen = enforced(load(folder / "other.toml", policy).settings, policy)
    save(file, chosen, policy)
    assert load(file, policy).settings == chosen


@pytest.mark.skipif(os.name != "posix", reason="Linux' folders")
def test_on_linux_no_variable_takes_the_machines_own_policy_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths.sys, "platform", "linux")
    monkeypatch.setattr(paths, "_ETC", tmp_path / "etc")
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    assert policy_files() == tuple(tmp_path / folder / "capflow" / "policy.toml" for folder in ("etc", "a", "b"))


def test_on_a_mac_it_is_in_the_machines_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths.sys, "platform", "darwin")
    assert [path.as_posix() for path in policy_files()] == ["/Library/Application Support/Capflow/policy.toml"]


def test_a_policy_says_who_locks_and_why(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        'by = "IT,  ext. 12"\n'
        '[locked]\nlog_level = "error"\n[locked.opend]\nhost = "x"\nport = 7\n'
        '[why]\nopend = "One OpenD for the floor."\n'
        'log_level = "Disks are small."\n',
    )
    assert policy.by == "IT, ext. 12"
    assert [policy.why_locked(key) for key in ("opend.host", "log_level", "alerts.sound")] == [
        "One OpenD for the floor.",
        "Disks are small.",
        "",
    ]
    one = policy_of(tmp_path, '[locked.opend]\nhost = "x"\n[why.opend]\nhost = "Ours."\n')
    assert (one.by, one.why_locked("opend.host"), one.why_locked("opend.port")) == ("", "Ours.", "")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("by = 7", "by"),
        ("[by]\nx = 1", "by"),
        ('why = "x"', "why"),
        ('[why]\nopend = "x"', "why.opend"),
        ('[locked.opend]\nhost = "x"\n[why.opend]\nport = "x"', "why.opend.port"),
        ('[locked.opend]\nhost = "x"\n[why.opend]\nhost = 7', "why.opend.host"),
        ('by = "https://ann:pw@example.com"', "by"),
    ],
)
def test_what_a_policy_says_of_its_locks_is_checked(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_of(tmp_path, text)
    assert caught.value.key == key
