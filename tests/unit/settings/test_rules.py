from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry
from capflow_gui.errors import SettingsError
from capflow_gui.present.reasons import reason_words
from capflow_gui.settings.rules import LoadedRules, load_rules, read_imported, read_rules, rules_toml, save_rules
from tests.full_disk import immutable

TENCENT = Symbol.parse("700.HK")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "rules.toml"


def loaded(file: Path, text: str) -> LoadedRules:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return load_rules(file)


def told(found: LoadedRules) -> list[str]:
    return [reason_words(problem) for problem in found.problems]


def test_no_file_is_no_rules(file: Path) -> None:
    assert load_rules(file) == LoadedRules()


ENTRIES = st.builds(
    replace,
    st.sampled_from(
        [
            new_entry("*: net/turnover <= -3%"),
            new_entry("@HK core: main <= -80M for 2m once"),
            new_entry("700.HK: net crosses 0 band 5M"),
        ]
    ),
    enabled=st.booleans(),
    muted=st.frozensets(st.builds(Symbol, st.just(Market.US), st.sampled_from(["AAPL", "MSFT"]))),
    channels=st.one_of(st.none(), st.lists(st.sampled_from(["phone", "desk"]), max_size=2).map(tuple)),
    quiet=st.sampled_from(["", "22:00-07:00"]),
    urgent=st.booleans(),
    kept=st.dictionaries(st.sampled_from(["note", "colour"]), st.text(max_size=3), max_size=1),
)


@given(st.lists(ENTRIES, max_size=3, unique_by=lambda entry: entry.id))
def test_what_is_written_is_read_back(entries: list[RuleEntry]) -> None:
    assert read_rules(rules_toml(entries), "rules.toml") == tuple(entries)


def test_what_is_saved_is_loaded_and_says_only_what_differs(file: Path) -> None:
    plain = new_entry("*: net/turnover <= -3%")
    muted = replace(new_entry("*: main <= -80M"), enabled=False, muted=frozenset({TENCENT}))
    save_rules(file, [plain, muted])
    assert load_rules(file) == LoadedRules((plain, muted))
    assert tomllib.loads(file.read_text())["rule"] == [
        {"id": plain.id, "text": "*: net/turnover <= -3%"},
        {"id": muted.id, "text": "*: main <= -80M", "enabled": False, "muted": ["700.HK"]},
    ]


def test_a_rule_written_by_hand_needs_its_text_alone(file: Path) -> None:
    found = loaded(file, '[[rule]]\ntext = "*: net<=-200000K"\n[[rule]]\ntext = "*: net <= -200M"\n')
    first, second = found.rules
    assert first.rule is not None
    assert first.text == second.text == "*: net <= -200M"
    assert (first.id, second.id) == (f"rule:{first.rule.version}", f"rule:{first.rule.version}-2")
    assert found.problems == []


def test_a_rule_that_cannot_be_read_stays_in_the_file_and_is_named_with_its_line(file: Path) -> None:
    text = (
        'title = "mine"\n\n[[rule]]\nid = "a"\ntext = "*: net <= -200Q"\nenabled = false\nnote = "why"\n\n'
        '[[rule]]\nid = "b"\ntext = "*: net <= -200M"\nenabled = "yes"\n\n'
        '[[rule]]\nenabled = true\n\n[[rule]]\ntext = "net"\n\n[[rule]]\nid = "c"\ntext = "*: main <= -1M"\n'
    )
    found = loaded(file, text)
    assert [entry.rule is None for entry in found.rules] == [True, True, True, True, False]
    assert [entry.id for entry in found.rules] == ["a", "rule:unread", "rule:unread-2", "rule:unread-3", "c"]
    assert [words.partition(": ")[0] for words in told(found)] == [
        "rules.toml, line 5, column 23",
        "rules.toml, line 11, column 1",
        "rules.toml, line 14, column 1",
        "rules.toml, line 18, column 9",
    ]
    assert [words.partition("judged: ")[2] for words in told(found)][:2] == [
        "'Q' is not a suffix; there are K, M, B, T, 万, 亿, 萬 and 億",
        "expected `bool`, got `str` - at `$.enabled`",
    ]
    assert "“*: net <= -200‸Q” cannot be read" in told(found)[0]
    before = tomllib.loads(text)
    save_rules(file, found.rules)
    kept = tomllib.loads(file.read_text())
    assert kept["title"] == "mine"
    for was, now in zip(before["rule"], kept["rule"], strict=True):
        assert was.items() <= now.items()
    mended = found.rules[0].written("*: net <= -200M")
    assert (mended.enabled, mended.kept) == (False, {"note": "why"})
    usable = found.rules[1].written("*: net <= -300M")
    save_rules(file, [mended, usable])
    again = load_rules(file)
    assert again.problems == []
    assert [entry.text for entry in again.rules] == ["*: net <= -200M", "*: net <= -300M"]


def test_quiet_hours_that_cannot_be_read_are_named_and_not_ignored(file: Path) -> None:
    found = loaded(file, '[[rule]]\ntext = "*: net <= -2M"\nquiet = "at night"\n')
    assert [entry.rule for entry in found.rules] == [None]
    assert "write it as 22:00-07:00" in told(found)[0]


def test_ids_are_each_rules_own_and_no_thresholds(file: Path) -> None:
    rules = "".join(f'[[rule]]\nid = "{name}"\ntext = "*: main <= -1M"\n' for name in ("a", "a", "default", "own:5.HK"))
    assert [words.partition("judged: ")[2] for words in told(loaded(file, rules))] == [
        "two rules have the id 'a'; give this one another, or none",
        "the id 'default' belongs to a threshold; give this rule another, or none",
        "the id 'own:5.HK' belongs to a threshold; give this rule another, or none",
    ]
    muted = told(loaded(file, '[[rule]]\ntext = "*: main <= -1M"\nmuted = ["700"]\n'))
    assert "no market in this symbol" in muted[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[[rule]]\ntext = \n", "line 2, column 8, “text = ‸”: this is not TOML: "),
        (b"[[rule]]\ntext = 'caf\xe9'\n", "this is not UTF-8"),
        (b"rule = 'x'\n", "write [[rule]] above each"),
        (b"rule = ['x']\n", "write [[rule]] above each"),
    ],
)
def test_a_file_that_is_no_list_of_rules_is_set_aside_whole(file: Path, content: bytes, said: str) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    found = load_rules(file)
    assert (found.rules, found.at_risk) == ((), None)
    assert said in told(found)[0]
    assert told(found)[1] == "the file as it was is kept as rules.toml.damaged-1"
    assert not file.exists()
    assert file.with_name("rules.toml.damaged-1").read_bytes() == content
    with pytest.raises(SettingsError):
        read_rules(content, "rules.toml")


def test_a_fault_at_the_end_of_a_long_file_is_found_at_once(file: Path) -> None:
    """Read again line by line, a thousand rules took ten seconds for each fault, before the window was there."""
    file.parent.mkdir()
    text = "".join(f"[[rule]]\ntext = '*: net <= -{number}M'\n" for number in range(1, 1001))
    file.write_text(text + "[[rule]]\ntext = '*: nex'\n[[rule]]\nmuted = ['?']\n", encoding="utf-8")
    said = told(load_rules(file))
    assert len(said) == 2
    assert "line 2002" in said[0]
    assert "line 2003" in said[1]


def test_of_thousands_of_faulty_rules_the_first_are_named_and_the_others_counted(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"[[rule]]\ntext = 'net {number}'\n" for number in range(2000)), encoding="utf-8")
    found = load_rules(file)
    assert len(found.rules) == 2000
    said = told(found)
    assert [words.partition(", column")[0] for words in said[:5]] == [f"rules.toml, line {2 * n}" for n in range(1, 6)]
    assert said[5:] == ["faults of rules.toml that are not named here: 1995"]


def test_what_somebody_wrote_while_the_window_runs_is_kept_as_a_copy(
    file: Path, expect_log: Callable[[str], None]
) -> None:
    save_rules(file, [new_entry("*: net <= -1M")])
    loaded = load_rules(file)
    known = save_rules(file, [], loaded.content).content
    assert list(file.parent.iterdir()) == [file]  # nobody else has changed it
    by_hand = b"[[rule]]\ntext = '*: net <= -5M'\n"
    file.write_bytes(by_hand)
    saved = save_rules(file, loaded.rules, known)
    assert file.read_bytes() == saved.content
    assert saved.kept is not None
    assert "rules.toml.changed-1" in reason_words(saved.kept)
    assert file.with_name("rules.toml.changed-1").read_bytes() == by_hand


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes in folders")
def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    os.mkfifo(file)
    found = load_rules(file)
    assert found.at_risk is not None
    (said,) = told(found)
    assert "rules.toml cannot be read (it is a pipe or a device)" in said


def test_a_file_the_system_refuses_to_read_is_at_risk(file: Path) -> None:
    file.mkdir(parents=True)
    found = load_rules(file)
    assert found.at_risk is not None
    assert "rules.toml" in told(found)[0]
    with pytest.raises(SettingsError) as raised:
        save_rules(file, [])
    assert "cannot be read" in reason_words(raised.value.reason)


def test_a_write_protected_file_of_rules_stays_and_its_comment_is_kept(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# mine\nversion = 1\n", encoding="utf-8")
    file.chmod(0o444)
    with pytest.raises(SettingsError) as raised:
        save_rules(file, [new_entry("*: main <= -1M")])
    assert "write-protected" in reason_words(raised.value.reason)
    assert file.read_text(encoding="utf-8") == "# mine\nversion = 1\n"
    file.chmod(0o644)
    save_rules(file, [new_entry("*: main <= -1M")])
    assert file.read_text(encoding="utf-8").startswith("# mine\n\nversion = 1\n")


def test_a_file_that_cannot_be_replaced_stays_as_it_was(file: Path) -> None:
    save_rules(file, [new_entry("*: main <= -1M")])
    before = file.read_bytes()
    with immutable(file), pytest.raises(SettingsError):
        save_rules(file, [])
    assert file.read_bytes() == before


def test_the_good_rules_of_a_file_that_is_broken_can_be_taken() -> None:
    good = new_entry("*: main <= -80M")
    text = (
        'version = 1\n\n[[rule]]\nid = "a"\ntext = "*: net <= -200M\n\n'
        f'[[rule]]\ntext = "{good.text}"\n\n [[ rule ]]\r\ntext = "*: net <= -5Q"\n'
    )
    broken, taken, unread = read_imported(text.encode(), "rules.toml")
    assert taken == good
    assert broken.unread is not None
    assert unread.unread is not None
    assert broken.unread.text.splitlines()[2] == 'text = "*: net <= -200M'
    at = broken.unread.fault.position
    assert at is not None
    assert broken.unread.text[:at].count("\n") == 2
    assert (unread.unread.text, unread.unread.fault.position) == ("*: net <= -5Q", 12)
    assert len({entry.id for entry in (broken, taken, unread)}) == 3


def test_a_text_without_tables_has_a_rule_a_line_or_is_refused() -> None:
    found = read_imported(b"# mine\n*: net <= -200M\n\n  *: main <= -80M  \n*: nett\n", "clipboard")
    assert [entry.text for entry in found] == ["*: net <= -200M", "*: main <= -80M", "*: nett"]
    assert [entry.rule is None for entry in found] == [False, False, True]
    for text in (b"hello\nworld\n", b"caf\xe9", b"rule = 'x'"):
        with pytest.raises(SettingsError):
            read_imported(text, "clipboard")
    whole = [new_entry("*: net <= -200M")]
    assert read_imported(rules_toml(whole), "rules.toml") == tuple(whole)
