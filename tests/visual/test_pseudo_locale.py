"""Every window and dialog in a language of brackets: what is in none was not translated, and longer texts fit too."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Role
from tests.visual.measured_texts import faults, recorded
from tests.visual.pseudo import LONGER, InEms, Pseudo, outside, pseudo, spoken, texts
from tests.visual.test_texts_fit import FULL_HD, use, wait
from tests.visual.window_scenes import DIALOGS, LISTED, PANELS, scenes

WINDOWS = (
    *("columns", "cannot judge", "disconnected", "grid", "wall", "playback", "quality", "rules", "tape"),
    *("search", "tour", "first run"),
)
IN_CHINESE = ("recorded", "first run", "clocks", "settings", "rule", "profiles", "threshold")
# What is the same in every language.
SAME = re.compile(
    "|".join(
        (
            r"\b(Sem|Ten|Mei|China )[\w ]*…",  # names that are cut
            *("^English$", "^简体中文$", "^繁體中文（香港）$"),  # languages call themselves by their own names
            # The user's own words, and those of brokers, administrators and the log.
            *sorted((re.escape(name) for _code, name, *_rest in LISTED), key=len, reverse=True),
            *("Apple", "NVIDIA", "China Mobile", "贵州茅台", "HK core", "US tech", "银行", "夜盘"),
            *(
                "Connect, northbound",
                "Earnings this week",
                "Ideas",
                "Floor, northbound",
                "恒生科技",
                "All holdings",
                "盘中",
                r"\bClose\b",
                r"\bOld\b",
            ),
            *("Set by IT, ext. 1234 .* for the floor.", "/var/log/capflow", "desk", "phone", "night"),
            *(
                "OpenD( did not answer at .*|: link ready after .*| lost)?",
                r"1 stale \S+ 2m 14s",
                "Σ order sizes ≠ net by .*",
            ),
            *("Start OpenD and log in, .* its own address.", "Nothing is set."),
            *("The test was sent to .*", "Receipt 4711.", "(?s:Sent 2026.*)", "(?s:Refused, .*)"),
            *(r"(?s:\b\w+.HK net ≤ .*)", "longport: prices could not be asked: .*", "Log: ", "^Log$"),
            *("feed[.a-z_]*", "providers[.a-z_]*", "error", "info", "warning"),
            r"\*: net drawdown ≥ 150m",  # a rule that cannot be read
            *("README.txt", "state.txt", "Capflow", "Longport", "how it is", "this page"),
            # Codes, units, keys as they stand on the keyboard, and what Qt translates itself.
            *(r"\b[A-Z0-9]+\.(HK|SH|SZ|US|BJ)\b", r"\b(HK|US|CN|HKD|USD|CNY)\b", r"\d[KMBT]\b", r"\d (ms|s|kB|MB)\b"),
            *(r"(Ctrl|Alt)\S+", "Ctrl K", r"⇧?\b(Enter|Space|Esc|Del|Home|End|PgUp|PgDn)\b", "Scroll (Left|Right)"),
        )
    )
)
WORD = re.compile(r"[^\W\d_]{2,}")


@pytest.mark.parametrize("names", [WINDOWS, (*PANELS, *DIALOGS)], ids=["windows", "dialogs"])
def test_every_text_is_translated_and_fits_when_it_is_longer(qtbot: QtBot, names: tuple[str, ...]) -> None:
    app, theme = use(1.0)
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    with spoken(Pseudo()):
        for name, shown in scenes(names, theme, FULL_HD, wait(qtbot)):
            with recorded() as drawn:
                found |= dict.fromkeys(faults(shown), name)
            for where, text in (*texts(shown), *((f"painted in {each.place}", each.text) for each in drawn)):
                if isinstance(text, str):
                    places.setdefault(text, f"{name}: {where}")
    app.setStyleSheet("")
    found |= {text: where for text, where in places.items() if WORD.search(SAME.sub("", outside(text)))}
    assert [f"{where}: {text}" for text, where in found.items()] == []


@pytest.mark.parametrize("code", ["zh_CN", "zh_HK"])
def test_chinese_fits(qtbot: QtBot, code: str) -> None:
    """Measured with dashes: a Chinese character is an em wide, and no Chinese font is needed for that."""
    app, theme = use(1.0)
    font = theme.font(Role.CELL)
    assert QFontMetricsF(font).horizontalAdvance("———") == pytest.approx(3 * QFontInfo(font).pixelSize(), rel=0.05)
    with spoken(InEms(code), code):
        cut = [
            f"{name}: {fault}"
            for name, shown in scenes(IN_CHINESE, theme, FULL_HD, wait(qtbot))
            for fault in faults(shown)
        ]
    app.setStyleSheet("")
    assert cut == []


def test_the_language_of_brackets_keeps_fields_and_is_longer() -> None:
    assert pseudo("{count} rules <b>on</b> &amp;") == "⟦{count} rùléš <b>öñ</b> &amp;··⟧"
    assert pseudo("{weekday} {day}") == "{weekday} {day}"
    assert len(pseudo("Acknowledge all alerts")) == round(len("Acknowledge all alerts") * (1 + LONGER))
    assert outside("700.HK · ⟦grey: ⟦Thu⟧ 19⟧ left") == "700.HK ·  left"
