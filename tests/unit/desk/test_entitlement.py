from __future__ import annotations

from capflow_gui.desk.entitlement import undeclared
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import Entitlement, Settings, SourcesSettings, SourceTerms

WHOLE = SourceTerms(Entitlement("own licence", "A. Trader", "2026-06-01"))


def test_without_a_declaration_it_is_refused_and_said_why_and_where_to_ask() -> None:
    found = undeclared(Settings(), ["opend", "longport", "demo", "opend"])
    assert list(found) == ["opend", "longport"]
    said = error_sentence(found["opend"])
    for words in ("OpenD", "several terminals", "in writing", "[sources.opend.entitlement]"):
        assert words in said


def test_all_of_it_has_to_be_said() -> None:
    settings = Settings(sources=SourcesSettings(opend=WHOLE))
    assert list(undeclared(settings, ["opend", "longport"])) == ["longport"]
    part = Settings(sources=SourcesSettings(opend=SourceTerms(Entitlement("own licence", None, "2026-06-01"))))
    assert undeclared(part, ["opend"])["opend"].key == "sources.opend.entitlement.who"
