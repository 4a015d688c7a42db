"""Channels as their page shows them: kinds, fields, how they did, and how a test went.

Times of day are this computer's: a channel's quiet hours are, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from capflow_gui.delivery.model import Failed, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.plan import DeliveryState
from capflow_gui.present.language.texts import N_, _, one_after_other
from capflow_gui.present.names import channel_title
from capflow_gui.present.numbers import counted
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import reason_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import ChannelSettings, kind_of
from capflow_gui.storage.alert_history import Sending

KIND_NAMES = {
    "desktop": N_("Desktop notification"),
    "telegram": "Telegram",
    "email": "E-mail",
    "slack": "Slack",
    "discord": "Discord",
    "feishu": N_("Feishu or Lark"),
    "wecom": "WeCom",
    "dingtalk": "DingTalk",
    "ntfy": "ntfy",
    "bark": "Bark",
    "serverchan": "ServerChan",
    "pushover": "Pushover",
    "pagerduty": "PagerDuty",
    "webhook": N_("Webhook"),
    "command": N_("Command"),
}
NO_CHANNEL = N_("No channel yet. Add one, and every alert reaches you there, too.")
NEW_NAME = N_("A name of your own: letters, digits, - and _. It stays.")
KEYRING, VARIABLE, NOWHERE = N_("In the keyring"), N_("In an environment variable"), N_("None")
KEPT = N_("kept; write another to replace it")
ITS_NAME = N_("the variable's name")
VARIABLE_NAME = N_("Write the variable's name: letters, digits and _, no digit first.")
# By field, for kinds that say nothing else.
_LABELS = {
    "enabled": N_("Alerts are sent to it"),
    "quiet": N_("Quiet hours"),
    "per_minute": N_("Messages a minute, at most"),
    "cleared": N_("Told of the end, too"),
    "proxy": N_("Proxy"),
    "proxy_user": N_("User of the proxy"),
    "proxy_password": N_("Password of the proxy"),
    "address": N_("Address"),
    "secret": N_("Secret for signing"),
    "token": N_("Token"),
    "chat": N_("Chat"),
    "thread": N_("Topic of the group"),
    "silent": N_("Without a sound there"),
    "server": N_("Server"),
    "keyword": N_("Keyword"),
    "topic": N_("Topic"),
    "key": N_("Key"),
    "sound": N_("Sound"),
    "user": N_("User"),
    "device": N_("Device"),
    "retry": N_("Urgent messages ring again after, in seconds"),
    "expire": N_("Urgent messages ring for at most, in seconds"),
    "host": N_("Server"),
    "port": N_("Port"),
    "security": N_("Encryption"),
    "password": N_("Password"),
    "sender": N_("From"),
    "to": N_("To, one address a line"),
    "command": N_("Program and its arguments, one a line"),
    "timeout": N_("Seconds until it is ended"),
}
_HINTS = {
    "quiet": N_("22:00-07:00; all but what is urgent waits until they end. Empty: none."),
    "cleared": N_("When an alert is acknowledged, cleared, or can be judged again."),
    "per_minute": N_("Empty: as many as the service takes."),
    "proxy": N_("http://HOST:PORT, for this channel alone. Empty: the system's."),
    "proxy_user": N_("Where the proxy asks for one."),
    "email.proxy": N_("http://HOST:PORT that lets mail through (CONNECT). Empty: none, not the system's either."),
    "webhook.address": N_("Where your receiver listens. All of it is a secret."),
    "webhook.secret": N_("whsec_ and base64; two with a space between while keys are changed."),
    "telegram.token": N_("@BotFather gives it."),
    "telegram.chat": N_("The number of a chat or group, or @name. Write to the bot once, or add it to the group."),
    "telegram.thread": N_("A number. Empty: none."),
    "telegram.server": N_("Another one where Telegram is blocked."),
    "slack.address": N_("Your apps → Incoming Webhooks gives it, for one Slack channel."),
    "discord.address": N_("Channel settings → Integrations → Webhooks gives it."),
    "feishu.address": N_("Group settings → Bots → Custom bot gives it."),
    "feishu.secret": N_("Where the bot's safety settings have one."),
    "feishu.keyword": N_("Where the bot's safety settings have one."),
    "wecom.address": N_("Group → Add group bot gives it."),
    "dingtalk.address": N_("Group settings → Bots → Custom gives it."),
    "dingtalk.secret": N_("Begins with SEC. This or a keyword is mandatory there."),
    "dingtalk.keyword": N_("Where the bot's safety settings have one."),
    "ntfy.topic": N_("You choose it in the app. Who knows it reads along."),
    "ntfy.token": N_("Where the topic is protected."),
    "bark.key": N_("The app shows it in its first address; several with commas between."),
    "bark.sound": N_("A name of the app's. Empty: its own."),
    "serverchan.key": N_("SendKey on the service's page."),
    "serverchan.server": N_("Empty: what the key says."),
    "pushover.token": N_("Create an Application/API Token gives it, at pushover.net."),
    "pushover.user": N_("The dashboard shows the user key."),
    "pushover.device": N_("Empty: all of them."),
    "pushover.retry": N_("Until you acknowledge there; 30 or more. Empty: they ring once."),
    "pushover.expire": N_("At most 10800, three hours."),
    "pagerduty.key": N_("Service → Integrations → Events API v2 gives it."),
    "pagerduty.server": N_("https://events.eu.pagerduty.com for an account in the EU."),
    "email.user": N_("Empty: the server asks for none."),
    "email.password": N_("QQ, 163 and Gmail want an authorisation code or app password."),
    "command.command": N_("It is given JSON on its standard input, never through a shell."),
}
OPTIONS = {"tls": N_("From the first byte (port 465)"), "starttls": N_("STARTTLS (port 587)"), "none": N_("None")}
_STATES = {
    DeliveryState.WAITING: N_("Waits"),
    DeliveryState.SENDING: N_("Being sent"),
    DeliveryState.HELD: N_("Waits for the end of quiet hours"),
    DeliveryState.SENT: N_("Sent"),
    DeliveryState.EXPIRED: N_("Not sent: older than 15 minutes"),
    DeliveryState.SETTLED: N_("Not sent: acknowledged or snoozed before"),
    DeliveryState.SET_UP_WRONG: N_("Refused, the set-up is wrong"),
    DeliveryState.FAILED: N_("Refused"),
}
# What is found before a message leaves: the service was not asked, and refused nothing.
_FOUND_HERE = frozenset(
    {
        *(Code.SETTING_UNUSABLE, Code.PROXY_NOT_HTTP, Code.SERVICE_PROXY_REFUSED, Code.SERVICE_NOT_TRUSTED),
        *(Code.MAIL_UNENCRYPTED, Code.MAIL_NOT_OFFERED, Code.COMMAND_NOT_STARTED, Code.NO_NOTIFICATIONS),
    }
)
_NOT_SENT = frozenset({DeliveryState.EXPIRED, DeliveryState.SET_UP_WRONG, DeliveryState.FAILED})


@dataclass(frozen=True, slots=True)
class ChannelNews:
    """How a channel did: its last result, whether that is a trouble, and its last messages, the newest first."""

    last: str
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
    hint = _HINTS.get(f"{kind}.{field}", _HINTS.get(field, ""))
    return _(_LABELS[field]), _(hint) if hint else ""


def channel_line(name: str, settings: ChannelSettings, *, held: bool = False) -> str:
    """A channel in the list; `held`: its kind is off, whatever it says itself."""
    state = _("off in Settings") if held else _("on") if settings.enabled else _("off")
    return f"{channel_title(name)} · {_(KIND_NAMES[kind_of(settings)])} · {state}"


def field_fault(reason: Reason, *, variable: bool = False) -> str:
    """What is wrong with a field, under it; `variable`: it names an environment variable."""
    if variable and reason.code is Code.SECRET_ELSEWHERE:
        return _(VARIABLE_NAME)
    return reason_sentence(reason)


def channel_news(sendings: Sequence[Sending], zone: tzinfo | None = None) -> ChannelNews:
    """The last messages of a channel, in words; `zone` None is this computer's."""
    if not sendings:
        return ChannelNews(_("Nothing sent yet"))
    newest = sendings[0]
    lost = sum(each.state in _NOT_SENT for each in sendings)
    last = _result(newest, zone)
    if lost:
        last = (
            _("{last} · {lost} of the last {count} did not arrive").format(last=last, lost=lost, count=len(sendings))
            if len(sendings) > 1
            else last
        )
    messages = tuple(f"{each.title}\n{_result(each, zone)}" for each in sendings)
    return ChannelNews(last, newest.state in _NOT_SENT or newest.reason is not None, messages)


def _result(sending: Sending, zone: tzinfo | None) -> str:
    done = sending.created if sending.done_at is None else sending.done_at
    at = datetime.fromtimestamp(done, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    state = _(_STATES[DeliveryState(sending.state)])
    if sending.state == DeliveryState.SET_UP_WRONG and sending.reason is not None and found_here(sending.reason):
        state = _("Not sent, the set-up is wrong")
    words = [one_after_other((state, at))]
    if sending.receipt:
        words.append(_("receipt {receipt}").format(receipt=sending.receipt))
    if sending.attempts > 1:
        words.append(counted(sending.attempts, "attempt"))
    if sending.reason is not None:
        words.append(reason_words(sending.reason))
    return " · ".join(words)


def found_here(reason: Reason) -> bool:
    """Whether a set-up was found wrong before anything was sent: a secret that is missing, say."""
    return reason.code in _FOUND_HERE


def words_of_test(name: str, result: Result, at: float, zone: tzinfo | None = None) -> ChannelTest:
    """How the test of a channel went, at a UTC time."""
    time, name = datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%H:%M:%S"), channel_title(name)
    match result:
        case Sent(receipt):
            got = _("Receipt {receipt}.").format(receipt=receipt) if receipt else _("It gives no receipt.")
            return ChannelTest(_("The test was sent to {name} at {time}.").format(name=name, time=time), got, sent=True)
        case RetryAt(__, reason):
            return ChannelTest(
                _("The test did not reach {name} at {time}.").format(name=name, time=time),
                reason_sentence(reason),
                sent=False,
            )
        case SetUpWrong(reason) if found_here(reason):
            title = _("The test of {name} was not sent at {time}.").format(name=name, time=time)
            return ChannelTest(title, _advice(reason), sent=False)
        case SetUpWrong(reason):
            title = _("{name} refused the test: its set-up is wrong.").format(name=name)
            return ChannelTest(title, reason_sentence(reason), sent=False)
        case Failed(reason):
            return ChannelTest(_("{name} refused the test.").format(name=name), reason_sentence(reason), sent=False)


def _advice(reason: Reason) -> str:
    """What is wrong with a set-up; of a variable that is not set also what to do: it is read when Capflow starts."""
    why, said = reason.get("why"), reason_sentence(reason)
    if isinstance(why, Reason) and why.code is Code.VARIABLE_NOT_SET:
        return _("{said} Set it and start Capflow again, or keep the secret in the keyring.").format(said=said)
    return said
