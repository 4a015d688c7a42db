"""The rules as rows: what each says, for whom, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Share
from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry
from capflow_gui.feed.board import AlertRecord, AlertState
from capflow_gui.present.rules.words import RuleStanding, standing_of
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.rules.model import RuleColumn, RulesModel
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard, alert_of, row_of

TENCENT, MEITUAN = Symbol.parse("700.HK"), Symbol.parse("3690.HK")


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(row_of("700.HK", "Tencent", -263.2e6, 7056e6), row_of("3690.HK", "Meituan", -151.8e6, 2919e6))


@pytest.fixture
def model(board: HandBoard, theme: Theme) -> RulesModel:
    return RulesModel(board, theme)


def states(model: RulesModel) -> list[str]:
    model.reload()
    return [model.words(row, RuleColumn.STATE) for row in range(model.rowCount())]


def test_thresholds_come_last_and_say_whom_they_are_for(board: HandBoard, model: RulesModel) -> None:
    board.set_threshold(None, Share(-0.03))
    board.set_threshold(TENCENT, -200e6)
    board.set_threshold(MEITUAN, Choice.NONE)
    board.set_rule(new_entry("@HK core: main <= -80M for 2m"))
    model.reload()
    rows = [[model.words(row, RuleColumn(column)) for column in (0, 1)] for row in range(3)]
    assert rows == [
        ["main ≤ −80M for 2m", "the group HK core"],
        ["net/turnover ≤ −3% rearm 50% skip first 30m", "all without their own"],
        ["net ≤ −200M", "700.HK"],
    ]
    assert model.words(0, RuleColumn.STATE) == "No symbol of it is on the list"
    assert model.words(1, RuleColumn.STATE) == "Muted for 3690.HK"


def test_the_state_of_a_rule_says_where_it_alerts_and_what_it_cannot_judge(board: HandBoard, model: RulesModel) -> None:
    entry = new_entry("*: net <= -140M")
    assert entry.rule is not None
    board.set_rule(entry)
    assert states(model) == ["Waits"]
    board.raise_alert(alert_of(board.rows[TENCENT], number=1, rule_id=entry.id, rule=entry.rule.condition))
    assert states(model) == ["Alerts on 700.HK"]
    assert model.data(model.index(0, RuleColumn.STATE), Qt.ItemDataRole.ForegroundRole) == model.theme.alert_text
    assert model.words(0, RuleColumn.LAST) == "14:26 700.HK"
    why = Reason.of(Code.TURNOVER_UNKNOWN)
    unjudged = alert_of(board.rows[MEITUAN], number=2, rule_id=entry.id, cannot_judge=True, reason=why)
    board.raise_alert(unjudged)
    assert states(model)[0].startswith("Alerts on 700.HK · cannot judge 3690.HK: ")
    board.raise_alert(alert_of(board.rows[TENCENT], number=1, rule_id=entry.id, state=AlertState.CLEARED, told=2))
    board.raise_alert(replace(unjudged, state=AlertState.CLEARED, told=2))
    assert states(model) == ["Waits"]
    assert model.words(0, RuleColumn.LAST) == "14:26 700.HK"


def test_what_is_off_muted_unread_or_of_no_symbol_says_so(board: HandBoard, model: RulesModel) -> None:
    entry = new_entry("*: main <= -80M")
    for each in (
        replace(entry, enabled=False),
        replace(new_entry("*: main <= -90M"), muted=frozenset({TENCENT})),
        new_entry("*: main <= -1M").written("*: main <= -80Q"),
        new_entry("5.HK: main <= -80M"),
        replace(new_entry("700.HK: main <= -80M"), muted=frozenset({TENCENT})),
    ):
        board.set_rule(each)
    said = states(model)
    assert said[:2] == ["Off", "Waits · muted for 700.HK"]
    assert said[2].startswith("Cannot be read: 'Q' is not a suffix")
    assert said[3:] == ["5.HK is not on the list", "Muted for 700.HK"]
    checks = [
        model.data(model.index(row, RuleColumn.RULE), Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
        for row in range(5)
    ]
    assert checks == [False, True, False, True, True]


def test_rows_are_read_again_only_where_something_differs(board: HandBoard, model: RulesModel) -> None:
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    board.set_rule(new_entry("*: main <= -80M"))
    model.reload()
    model.reload()
    assert resets == [True]
    (entry,) = board.rules
    board.set_rule(replace(entry, enabled=False))
    model.reload()
    assert resets == [True]
    assert states(model) == ["Off"]


def test_each_rule_is_told_of_its_own_alerts_alone(
    board: HandBoard, model: RulesModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of alerts, looked at once for each of a thousand rules, would hold the window up."""
    entries = [new_entry(f"*: net <= -{number}M") for number in (80, 90, 100)]
    for number, entry in enumerate(entries):
        board.set_rule(entry)
        board.raise_alert(alert_of(board.rows[TENCENT], number=number, rule_id=entry.id))
    told: list[list[str]] = []

    def spy(entry: RuleEntry, alerts: Sequence[AlertRecord], *rest: Any) -> RuleStanding:
        told.append([alert.rule_id for alert in alerts])
        return standing_of(entry, alerts, *rest)

    monkeypatch.setattr("capflow_gui.ui.rules.model.standing_of", spy)
    model.reload()
    assert told == [[entry.id] for entry in entries]
