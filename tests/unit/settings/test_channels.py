"""The settings of channels: which fields there are, which of them are secrets, and where those are."""

from __future__ import annotations

import msgspec
import pytest

from capflow_gui.present.sentences import reason_sentence
from capflow_gui.settings.channels import (
    KINDS,
    ChannelSettings,
    EmailSettings,
    PagerdutySettings,
    WebhookSettings,
    kind_of,
    marks,
    secret_fields,
)
from capflow_gui.settings.reader import Reader
from capflow_gui.settings.types import Settings

SECRET = "https://hooks.example.com/T0/B0/hush-hush"
# The least that each kind needs, by name of field.
LEAST = {
    "desktop": {},
    "webhook": {"address": "env:HOOK"},
    "telegram": {"token": "keyring", "chat": "-100123"},
    "slack": {"address": "keyring"},
    "discord": {"address": "keyring"},
    "feishu": {"address": "keyring"},
    "wecom": {"address": "keyring"},
    "dingtalk": {"address": "keyring"},
    "ntfy": {"topic": "keyring"},
    "bark": {"key": "keyring"},
    "serverchan": {"key": "keyring"},
    "pushover": {"token": "keyring", "user": "env:PUSHOVER_USER"},
    "pagerduty": {"key": "keyring"},
    "email": {"host": "smtp.example.com", "sender": "a@example.com", "to": ["b@example.com"]},
    "command": {"command": ["/usr/bin/say"]},
}


def read(tables: object) -> tuple[dict[str, ChannelSettings], list[str]]:
    reader = Reader(Settings())
    found = reader.read({"channels": tables})
    assert reader.fallbacks == len(reader.faults)
    return found.get("channels", {}), [reason_sentence(fault.told) for fault in reader.faults]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_with_the_least_it_needs_and_written_as_it_was(kind: str) -> None:
    table = {"kind": kind, **LEAST[kind]}
    found, faults = read({"phone": table})
    assert faults == []
    assert type(found["phone"]) is KINDS[kind]
    assert kind_of(found["phone"]) == kind
    assert msgspec.to_builtins(found["phone"]) == table


def test_every_kind_says_what_it_needs() -> None:
    needed = {
        kind: {f"Setting channels.it.{name} cannot be used: it is missing; this channel is left out." for name in least}
        for kind, least in LEAST.items()
    }
    assert {kind: set(read({"it": {"kind": kind}})[1]) for kind in KINDS} == needed


def test_only_where_a_secret_is_stands_in_its_field() -> None:
    secrets = {
        kind: [field.name for field in msgspec.structs.fields(KINDS[kind]) if "secret" in marks(field.type)]
        for kind in KINDS
    }
    assert secrets["webhook"] == ["proxy_password", "address", "secret"]
    assert secrets["telegram"] == ["proxy_password", "token"]
    assert [kind for kind, names in secrets.items() if not names] == ["desktop", "command"]
    for kind, names in secrets.items():
        for name in names:
            _, faults = read({"it": {"kind": kind, **LEAST[kind], name: SECRET}})
            why = "no secret stands in the settings; write keyring, or env:VARIABLE"
            assert faults == [f"Setting channels.it.{name} cannot be used: {why}; this channel is left out."]


@pytest.mark.parametrize(
    ("channels", "sentence"),
    [
        ({"a": 5}, "Setting channels.a cannot be used: write a [channels.a] table; this channel is left out."),
        ({"a.b": {}}, "Setting channels.a.b cannot be used: a channel's name is of letters, digits, - and _"),
        ({"a": {"kind": SECRET}}, "Setting channels.a.kind cannot be used: one of: desktop, webhook, "),
        (
            {"a": {"kind": "command", "command": ["say"], "tone": SECRET}},
            "Setting channels.a.tone cannot be used: this setting is not known;",
        ),
        (
            {"a": {"kind": "slack", "address": "keyring", "adress": SECRET}},
            "Setting channels.a.adress cannot be used: did you mean address?; this channel is left out.",
        ),
        (
            {"a": {"kind": "ntfy", "topic": "keyring", "server": "https://me:hush-hush@ntfy.example.com"}},
            "Setting channels.a.server cannot be used: write it as https://HOST;",
        ),
        (
            {"a": {"kind": "slack", "address": "keyring", "proxy": "socks5://me:hush-hush@proxy"}},
            "Setting channels.a.proxy cannot be used: write it as http://HOST:PORT;",
        ),
        (
            {"a": {"kind": "slack", "address": "keyring", "quiet": "10pm"}},
            "Setting channels.a.quiet cannot be used: write it as 22:00-07:00;",
        ),
        (
            {"a": {"kind": "email", **LEAST["email"], "security": "hush-hush"}},
            "Setting channels.a.security cannot be used: one of: none, starttls, tls;",
        ),
        (
            {"a": {"kind": "email", **LEAST["email"], "port": 0}},
            "Setting channels.a.port cannot be used: write a whole number from 1 to 65535;",
        ),
        (
            {"a": {"kind": "telegram", "token": "keyring", "chat": -100123}},
            "Setting channels.a.chat cannot be used: write it as",
        ),
    ],
)
def test_a_fault_names_the_key_and_never_the_value(channels: object, sentence: str) -> None:
    good = {"kind": "slack", "address": "keyring"}
    found, faults = read({**channels, "good": good})  # type: ignore[dict-item]
    assert list(found) == ["good"]
    assert len(faults) == 1
    assert faults[0].startswith(sentence)
    assert "hush" not in faults[0]


def test_channels_that_are_no_table_are_refused() -> None:
    found, faults = read(SECRET)
    assert found == {}
    assert faults == ["Setting channels cannot be used: write a [channels.NAME] table; this channel is left out."]


def test_the_secrets_that_are_set() -> None:
    assert list(secret_fields(WebhookSettings(address="keyring"))) == [("address", "keyring")]
    both = WebhookSettings(address="keyring", secret="env:HOOK_SECRET")
    assert list(secret_fields(both)) == [("address", "keyring"), ("secret", "env:HOOK_SECRET")]
    assert list(secret_fields(EmailSettings(host="h", sender="a", to=["b"]))) == []


def test_an_incident_is_told_to_its_end_where_the_service_has_incidents() -> None:
    assert PagerdutySettings(key="keyring").cleared
    assert not WebhookSettings(address="keyring").cleared
