from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from capflow_gui.delivery.secrets import Secrets
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code

KEY = "kL+92/xmQ7vTz4=="


def test_a_secret_is_asked_for_by_its_field_and_stripped() -> None:
    secrets = Secrets({"key": f" {KEY}\n", "address": "https://a.example/x", "password": "with blanks"}.__getitem__)
    assert secrets.token("key") == KEY
    assert secrets.address("address") == "https://a.example/x"
    assert secrets.text("password") == "with blanks"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.SECRET_EMPTY),
        ("https://a.example/a key", Code.SECRET_UNUSABLE),
        ("https://a.example/é", Code.SECRET_UNUSABLE),
        ("a.example/key", Code.NOT_A_WEB_ADDRESS),
        ("https:///key", Code.NOT_A_WEB_ADDRESS),
        ("https://a.example:port/key", Code.NOT_A_WEB_ADDRESS),
    ],
)
def test_what_is_no_address_is_refused_without_its_words(text: str, code: Code) -> None:
    with pytest.raises(SettingsError) as caught:
        Secrets(lambda _field: text).address("address")
    assert (caught.value.key, caught.value.reason.code) == ("address", code)
    assert "key" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_words_are_quoted_but_for_those_that_repeat_a_part_of_a_secret() -> None:
    secrets = Secrets({"key": KEY, "topic": "alerts"}.__getitem__)
    assert secrets.safe(f"no {KEY}") == f"no {KEY}"  # not read yet
    assert secrets.token("key")
    assert secrets.token("topic")
    signed_in = [base64.b64encode(f"\0{user}\0{KEY}".encode()).decode() for user in ("a", "ab", "abc")]
    for words in (*signed_in, f"bad line: AUTH PLAIN {signed_in[0][:-6]}"):
        assert secrets.safe(words) == ""
    for words in (KEY, f"no key [{KEY[:12]}]", f"x{KEY[4:]}", quote(KEY, safe=""), "no topic alerts"):
        assert secrets.safe(words) == ""
    assert secrets.safe(f"bad\nrequest, see https://a.example/?{KEY} for more") == "bad request, see … for more"
    assert secrets.safe(f"begins so: {KEY[:11]}") == f"begins so: {KEY[:11]}"
    assert len(secrets.safe("x" * 999)) == 200
    assert secrets.safe(None) == secrets.safe(7) == ""
