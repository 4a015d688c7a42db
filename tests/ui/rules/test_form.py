"""The fields of a rule: what is in them is the rule's text, and the other way round."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from capflow_gui.domain.alert_grammar import Kind, Scope, level_rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import OFFERED
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.rules.form import RuleForm
from capflow_gui.ui.theme import Theme, build_theme

SCOPES = [Scope(), Scope(symbol=Symbol.parse("700.HK"))]
RULES = (
    "*: net/turnover <= -3%",
    "700.HK: net <= -200M",
    "@HK core: main <= -80M for 2m once",
    "5.HK: net change 5m <= -20M cooldown 15m",
    "*: net drawdown >= 150M",
    "*: net crosses 0 band 5M",
    "*: small >= 1.5B rearm 25% again 100M cooldown 15m",
    "*: net/turnover >= 2.5% again 0.5% skip first 15m last 5m",
    "*: net change 5m unusual 2.5 floor 5M again 0.5",
    "*: main divergence 30m price 0.5% flow 0.3% once",
    "*: extra_large <= -200M from 10:00 to 15:30 until 2026-12-31",
    "*: net <= -200M early",
)


@pytest.fixture
def form(theme: Theme, qtbot: QtBot) -> RuleForm:
    made = RuleForm(SCOPES, theme)
    qtbot.addWidget(made)
    return made


def choose(choice: Choice, value: object) -> None:
    choice.setCurrentIndex(choice.findData(value))
    choice.activated.emit(choice.currentIndex())


@pytest.mark.parametrize("text", RULES)
def test_every_rule_goes_into_the_fields_and_comes_out_the_same(form: RuleForm, text: str) -> None:
    edited: list[bool] = []
    form.edited.connect(lambda: edited.append(True))
    rule = parse_rule(text)
    form.show_rule(rule)
    assert parse_rule(form.text()) == rule
    assert edited == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("*: net <= -200M", "Amount"),
        ("*: net/turnover <= -3%", "Share of turnover"),
        ("*: net change 5m unusual 2.5 floor 5M", "Deviations"),
        ("*: main divergence 30m price 0.5% flow 0.3%", "Flow of turnover"),
    ],
)
def test_an_amount_is_called_what_it_is(form: RuleForm, text: str, name: str) -> None:
    form.show_rule(parse_rule(text))
    captions = [label.text() for label in form._captioned[form.amount].findChildren(QLabel)]
    assert (captions, form.amount.accessibleName()) == ([name], name)


def test_every_measure_and_number_of_options_survives_the_fields(form: RuleForm) -> None:
    @settings(max_examples=15)
    @given(
        st.sampled_from(RULES),
        st.integers(1, 400),
        st.sampled_from([0.0, 0.1, 0.125, 1.0]),
        st.integers(0, 400),
        st.booleans(),
    )
    def survives(text: str, hold: int, rearm: float, cooldown: int, once: bool) -> None:
        rule = replace(parse_rule(text), hold=hold, cooldown=cooldown, once=once)
        if rule.kind is not Kind.CROSSES:
            rule = replace(rule, rearm=rearm)
        form.show_rule(rule)
        assert parse_rule(form.text()) == rule

    survives()


def test_a_field_that_is_changed_is_told_and_in_the_text(form: RuleForm) -> None:
    form.show_rule(parse_rule("*: net <= -200M"))
    edited: list[str] = []
    form.edited.connect(lambda: edited.append(form.text()))
    choose(form.scope, "700.HK")
    choose(form.measured, "main")
    choose(form.operator, ">=")
    QTest.keyClicks(form.cooldown, "15")
    form.hold.clear()
    QTest.keyClicks(form.hold, "3")
    form.once.click()
    form.amount.clear()
    QTest.keyClicks(form.amount, "5M")
    QTest.keyClicks(form.again, "1M")
    for field, text in (
        (form.begin, "10:00"),
        (form.end, "15:30"),
        (form.skip_first, "15"),
        (form.skip_last, "5"),
        (form.until, "2026-12-31"),
    ):
        QTest.keyClicks(field, text)
    form.early.click()
    assert edited[-1] == (
        "700.HK: main >= 5M for 3m again 1M cooldown 15m once "
        "from 10:00 to 15:30 skip first 15m last 5m until 2026-12-31 early"
    )
    assert parse_rule(edited[-1]).text == edited[-1]


def test_a_share_begins_as_the_threshold_that_is_offered(form: RuleForm) -> None:
    form.show_rule(parse_rule("*: net <= -200M"))
    choose(form.kind, Kind.SHARE)
    assert parse_rule(form.text()) == level_rule(OFFERED)


@pytest.mark.parametrize("kind", Kind)
def test_another_kind_begins_with_an_amount_it_understands_and_has_its_own_fields(form: RuleForm, kind: Kind) -> None:
    form.show_rule(parse_rule("*: net <= -200M again 5M"))
    form.show()
    choose(form.kind, kind)
    assert parse_rule(form.text()).kind is kind
    if kind is Kind.SHARE:  # its options are forgotten where the next kind has none of them
        choose(form.kind, Kind.CROSSES)
        assert parse_rule(form.text()).kind is Kind.CROSSES
        choose(form.kind, kind)
    assert form.minutes.isVisible() is (kind in (Kind.CHANGE, Kind.UNUSUAL, Kind.DIVERGENCE))
    assert form.band.isVisible() is (kind is Kind.CROSSES)
    assert (form.floor.isVisible(), form.price.isVisible()) == (kind is Kind.UNUSUAL, kind is Kind.DIVERGENCE)
    assert form.operator.isVisible() is (kind in (Kind.SHARE, Kind.LEVEL, Kind.CHANGE))
    assert form.rearm.isVisible() is (kind is not Kind.CROSSES)


def test_large_fonts_have_half_as_many_fields_side_by_side(qtbot: QtBot, theme: Theme) -> None:
    wide, narrow = RuleForm(SCOPES, theme), RuleForm(SCOPES, build_theme("dark", "green_up", 2.0))
    for form in (wide, narrow):
        qtbot.addWidget(form)
        form.show_rule(parse_rule("*: net <= -200M"))
        form.show()
    assert wide.hold.mapTo(wide, wide.hold.pos()).y() == wide.cooldown.mapTo(wide, wide.cooldown.pos()).y()
    assert narrow.hold.mapTo(narrow, narrow.hold.pos()).y() < narrow.cooldown.mapTo(narrow, narrow.cooldown.pos()).y()
