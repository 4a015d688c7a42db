"""A session over several windows: what is done once, and what in each of them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from capflow_gui.app.session import Session
from capflow_gui.delivery.posting import Wishes
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.typed.rule_entry import RuleEntry
from tests.ui.boards import alert_of, row_of


def test_an_alert_goes_where_and_when_its_rule_says() -> None:
    record = alert_of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6))
    rule = replace(parse_rule("*: net <= -2M"), own_id="own:1")
    entry = RuleEntry(rule, channels=("phone",), quiet="22:00-07:00", urgent=True)
    groups = SimpleNamespace(of=lambda _symbol: frozenset())
    session: Any = SimpleNamespace(_board=SimpleNamespace(rules=(entry,)), _groups=groups)
    assert Session._wishes(session, replace(record, rule_id="own:1")) == Wishes({"phone"}, "22:00-07:00", urgent=True)
    assert Session._wishes(session, replace(record, rule_id="default")) == Wishes()
