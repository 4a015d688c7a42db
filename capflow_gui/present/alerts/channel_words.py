"""Channels as their page shows them: kinds, fields, how they did, and how a test went.

Times of day are this computer's: a channel's quiet hours are, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from capflow_gui.delivery.model import Failed, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.plan import DeliveryState
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import reason_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import ChannelSettings, kind_of
from capflow_gui.storage.alert_history import Sending

KIND_NAMES = {
    "desktop": "Desktop notification",
    "telegram": "Telegram",
    "email": "E-mail",
    "slack": "Slack",
    "discord": "Discord",
    "feishu": "Feishu or Lark",
    "wecom": "WeCom",
    "dingtalk": "DingTalk",
    "ntfy": "ntfy",
    "bark": "Bark",
    "serverchan": "ServerChan",
    "pushover": "Pushover",
    "pagerduty": "PagerDuty",
    "webhook": "Webhook",
    "command": "Command",
}
NO_CHANNEL = "No channel yet. Add one, and every alert reaches you there, too."
NEW_NAME = "A name of your own: letters, digits, - and _. It stays."
KEYRING, VARIABLE, NOWHERE = "In the keyring", "In an environment variable", "None"
KEPT = "kept; write another to replace it"
ITS_NAME = "the variable's name"
VARIABLE_NAME = "Write the variable's name: letters, digits and _, no digit first."
# By field, for kinds that say nothing else.
_LABELS = {
    "enabled": "Alerts are sent to it",
    "quiet": "Quiet hours",
    "per_minute": "Messages a minute, at most",
    "cleared": "Told of the end, too",
    "proxy": "Proxy",
    "proxy_user": "User of the proxy",
    "proxy_password": "Password of the proxy",
    "address": "Address",
    "secret": "Secret for signing",
    "token": "Token",
    "chat": "Chat",
    "thread": "Topic of the group",
    "silent": "Without a sound there",
    "server": "Server",
    "keyword": "Keyword",
    "topic": "Topic",
    "key": "Key",
    "sound": "Sound",
    "user": "User",
    "device": "Device",
    "retry": "Urgent messages ring again after, in seconds",
    "expire": "Urgent messages ring for at most, in seconds",
    "host": "Server",
    "port": "Port",
    "security": "Encryption",
    "password": "Password",
    "sender": "From",
    "to": "To, one address a line",
    "command": "Program and its arguments, one a line",
    "timeout": "Seconds until it is ended",
}
_HINTS = {
    "quiet": "22:00-07:00; all but what is urgent waits until they end. Empty: none.",
    "cleared": "When an alert is acknowledged, cleared, or can be judged again.",
    "per_minute": "Empty: as many as the service takes.",
    "proxy": "http://HOST:PORT, for this channel alone. Empty: the system's.",
    "proxy_user": "Where the proxy asks for one.",
    "email.proxy": "http://HOST:PORT that lets mail through (CONNECT). Empty: none, not the system's either.",
    "webhook.address": "Where your receiver listens. All of it is a secret.",
    "webhook.secret": "whsec_ and base64; two with a space between while keys are changed.",
    "telegram.token": "@BotFather gives it.",
    "telegram.chat": "The number of a chat or group, or @name. Write to the bot once, or add it to the group.",
    "telegram.thread": "A number. Empty: none.",
    "telegram.server": "Another one where Telegram is blocked.",
    "slack.address": "Your apps → Incoming Webhooks gives it, for one Slack channel.",
    "discord.address": "Channel settings → Integrations → Webhooks gives it.",
    "feishu.address": "Group settings → Bots → Custom bot gives it.",
    "feishu.secret": "Where the bot's safety settings have one.",
    "feishu.keyword": "Where the bot's safety settings have one.",
    "wecom.address": "Group → Add group bot gives it.",
    "dingtalk.address": "Group settings → Bots → Custom gives it.",
    "dingtalk.secret": "Begins with SEC. This or a keyword is mandatory there.",
    "dingtalk.keyword": "Where the bot's safety settings have one.",
    "ntfy.topic": "You choose it in the app. Who knows it reads along.",
    "ntfy.token": "Where the topic is protected.",
    "bark.key": "The app shows it in its first address; several with commas between.",
    "bark.sound": "A name of the app's. Empty: its own.",
    "serverchan.key": "SendKey on the service's page.",
    "serverchan.server": "Empty: what the key says.",
    "pushover.token": "Create an Application/API Token gives it, at pushover.net.",
    "pushover.user": "The dashboard shows the user key.",
    "pushover.device": "Empty: all of them.",
    "pushover.retry": "Until you acknowledge there; 30 or more. Empty: they ring once.",
    "pushover.expire": "At most 10800, three hours.",
    "pagerduty.key": "Service → Integrations → Events API v2 gives it.",
    "pagerduty.server": "https://events.eu.pagerduty.com for an account in the EU.",
    "email.user": "Empty: the server asks for none.",
    "email.password": "QQ, 163 and Gmail want an authorisation code or app password.",
    "command.command": "It is given JSON on its standard input, never through a shell.",
}
OPTIONS = {"tls": "From the first byte (port 465)", "starttls": "STARTTLS (port 587)", "none": "None"}
_STATES = {
    DeliveryState.WAITING: "Waits",
    DeliveryState.SENDING: "Being sent",
    DeliveryState.HELD: "Waits for the end of quiet hours",
    DeliveryState.SENT: "Sent",
    DeliveryState.EXPIRED: "Not sent: older than 15 minutes",
    DeliveryState.SETTLED: "Not sent: acknowledged or snoozed in quiet hours",
    DeliveryState.SET_UP_WRONG: "Refused, the set-up is wrong",
    DeliveryState.FAILED: "Refused",
}
_NOT_SENT = frozenset({DeliveryState.EXPIRED, DeliveryState.SET_UP_WRONG, DeliveryState.FAILED})


@dataclass(frozen=True, slots=True)
class ChannelNews:
    """How a channel did: its last result, whether that is a trouble, and its last messages, the newest first."""

    last: str = "Nothing sent yet"
    trouble: bool = False
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """How a test went: a title, and what to know or do."""

    title: str
    advice: str
    sent: bool


def field_words(kind: str, field: str) -> tuple[str, str]:
    """What a field of a kind is called, and a hint, which may be empty."""
    return _LABELS[field], _HINTS.get(f"{kind}.{field}", _HINTS.get(field, ""))


def channel_line(name: str, settings: ChannelSettings, *, held: bool = False) -> str:
    """A channel in the list; `held`: its kind is off, whatever it says itself."""
    state = "off in Settings" if held else "on" if settings.enabled else "off"
    return f"{name} · {KIND_NAMES[kind_of(settings)]} · {state}"


def field_fault(reason: Reason, *, variable: bool = False) -> str:
    """What is wrong with a field, under it; `variable`: it names an environment variable."""
    if variable and reason.code is Code.SECRET_ELSEWHERE:
        return VARIABLE_NAME
    return reason_sentence(reason)


def channel_news(sendings: Sequence[Sending], zone: tzinfo | None = None) -> ChannelNews:
    """The last messages of a channel, in words; `zone` None is this computer's."""
    if not sendings:
        return ChannelNews()
    newest = sendings[0]
    lost = sum(each.state in _NOT_SENT for each in sendings)
    last = _result(newest, zone)
    if lost:
        last = f"{last} · {lost} of the last {len(sendings)} did not arrive" if len(sendings) > 1 else last
    messages = tuple(f"{each.title}\n{_result(each, zone)}" for each in sendings)
    return ChannelNews(last, newest.state in _NOT_SENT or newest.reason is not None, messages)


def _result(sending: Sending, zone: tzinfo | None) -> str:
    done = sending.created if sending.done_at is None else sending.done_at
    at = datetime.fromtimestamp(done, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    words = [f"{_STATES[DeliveryState(sending.state)]} {at}"]
    if sending.receipt:
        words.append(f"receipt {sending.receipt}")
    if sending.attempts > 1:
        words.append(f"{sending.attempts} attempts")
    if sending.reason is not None:
        words.append(reason_words(sending.reason))
    return " · ".join(words)


def words_of_test(name: str, result: Result, at: float, zone: tzinfo | None = None) -> ChannelTest:
    """How the test of a channel went, at a UTC time."""
    time = datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%H:%M:%S")
    match result:
        case Sent(receipt):
            got = f"Receipt {receipt}." if receipt else "It gives no receipt."
            return ChannelTest(f"The test was sent to {name} at {time}.", got, sent=True)
        case RetryAt(_, reason):
            return ChannelTest(f"The test did not reach {name} at {time}.", reason_sentence(reason), sent=False)
        case SetUpWrong(reason):
            title = f"{name} refused the test: its set-up is wrong."
            return ChannelTest(title, reason_sentence(reason), sent=False)
        case Failed(reason):
            return ChannelTest(f"{name} refused the test.", reason_sentence(reason), sent=False)
