from __future__ import annotations

import tomllib

import pytest

from capflow_gui.diagnostics import Redaction
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import NoQuoteRight
from capflow_gui.present.report import ReportFacts, file_name, report_parts, state_text, tidying
from capflow_gui.settings import OpendSettings, Settings, WatchSettings
from capflow_gui.settings.channels import TelegramSettings
from tests.reasons import said
from tests.ui.boards import HandBoard, row_of

HOME = "/people/ann"
KEY = f"{HOME}/keys/opend.pem"
SETTINGS = Settings(
    opend=OpendSettings(rsa_key=KEY),
    watchlist=WatchSettings(["700.HK"]),
    channels={"me": TelegramSettings(token="keyring", chat="a-chat-of-mine")},
)
FACTS = ReportFacts(
    "2026-11-22 16:40:12 UTC",
    [("Capflow", "0.1.0"), ("screen", "2560 × 1440 pixels")],
    {"opend": 3},
    SETTINGS,
    [
        (
            "capflow.log",
            f"INFO profile {HOME}/.config/capflow\nkey {KEY} of {HOME}\naccess_token=abcdef for {HOME}-old\n",
        )
    ],
)


def test_every_file_is_listed_and_nothing_private_is_in_one() -> None:
    redaction = Redaction()
    redaction.register_secret("a-token-of-mine")
    tidy = tidying(redaction.clean, HOME, KEY)
    parts = report_parts(FACTS, f"a-token-of-mine at {HOME}", tidy, key_file=file_name(KEY))
    texts = {part.name: part.text for part in parts}
    assert list(texts) == ["README.txt", "state.txt", "settings.toml", "capflow.log"]
    assert all(name in texts["README.txt"] for name in texts)
    assert "nothing was sent anywhere" in texts["README.txt"]
    assert texts["state.txt"] == "‹hidden› at ~"
    settings = tomllib.loads(texts["settings.toml"])
    assert "a-chat-of-mine" not in texts["settings.toml"]
    assert settings["opend"] == {"host": "127.0.0.1", "port": 11111, "rsa_key": "opend.pem", "budget": 30}
    assert settings["watchlist"]["symbols"] == ["700.HK"]
    log = f"INFO profile ~/.config/capflow\nkey opend.pem of ~\naccess_token=‹hidden› for {HOME}-old\n"
    assert texts["capflow.log"] == log


@pytest.mark.parametrize(
    ("home", "key", "text", "shown"),
    [
        ("C:\\People\\Ann", None, "C:\\People\\Ann\\x 'c:\\\\people\\\\ann\\\\x' C:/People/Ann/x", "~\\x '~\\\\x' ~/x"),
        ("/ann", None, "/ann/x /annex /ann.d /ann", "~/x /annex /ann.d ~"),
        ("/", None, "/usr/lib", "/usr/lib"),
        ("/people/ann", "~/k/a.pem", "~/k/a.pem /people/ann/k/a.pem", "a.pem a.pem"),
        ("C:\\People\\Ann", "D:\\my keys\\a.pem", "D:\\my keys\\a.pem or D:\\\\my keys\\\\a.pem", "a.pem or a.pem"),
    ],
)
def test_folders_of_a_person_are_shortened(home: str, key: str | None, text: str, shown: str) -> None:
    assert tidying(str, home, key)(text) == shown


def test_the_state_says_what_a_reader_asks_first() -> None:
    row = row_of("3690.HK", "Meituan-W", -1e6, 1e9, error=NoQuoteRight("opend", -1, "无权限"))
    board = HandBoard.of(row_of("700.HK", "Tencent", -1e6, 1e9), row)
    board.links = (LinkState("opend", LinkPhase.WAITING, 0.0, reason=said("connection refused"), attempt=4),)
    text = state_text(FACTS, board)
    for words in (
        "screen        2560 × 1440 pixels",
        "OpenD: waiting for",
        "attempt 4",
        "connection refused",
        "3 reconnects",
        "Troubles\n  none",
        "Symbols\n  2: ",
        "3690.HK (opend): No quote right",
        "Alerts\n  0",
    ):
        assert words in text
