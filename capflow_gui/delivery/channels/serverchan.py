"""ServerChan: messages in WeChat or in its own app."""

from __future__ import annotations

import re

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Limits, Message, Result, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, cut, most, one_line, utf8, whole, without_markdown
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import ServerchanSettings

_LONGEST_TITLE = 32
_LARGEST = 32_000
_OWN_APP = re.compile(r"sctp(\d+)t\w+", re.ASCII)
_WECHAT = re.compile(r"\w+", re.ASCII)
# "More than may be sent in a day", which has the code of a wrong key.
_OF_THE_DAY = "发送次数限制"
_UNTIL_ANOTHER_DAY_S = 3600.0


class Serverchan(HttpChannel):
    """Posts a short title, and all of the message as Markdown."""

    limits = Limits(rate=0.2, burst=5, per_minute=None, largest=_LARGEST)

    def __init__(self, settings: ServerchanSettings, secrets: Secrets, http: Http) -> None:
        self._address = address_of(secrets.token("key"), settings.server or "")
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The title alone is shown at once: the text begins with all of it."""

        def shown(text: str) -> str:
            # A single line break is none in Markdown.
            return without_markdown(text).replace("\n", "\n\n")

        body = {
            "title": cut(one_line(message.title), most(_LONGEST_TITLE)),
            "desp": whole(message, most(_LARGEST, utf8), shown),
        }
        return Request(self._address, as_json(body))

    def judge(self, answer: Answer) -> Result | None:
        """The code in the body; whatever is not 0 is about the key or what it may do."""
        body = answer.json()
        code, words = body.get("code"), body.get("message")
        if not isinstance(code, int):
            return None
        if code == 0:
            data = body.get("data")
            receipt = data.get("pushid", "") if isinstance(data, dict) else ""
            return self.sent(receipt) if answer.accepted else None
        if _OF_THE_DAY in str(words):
            return self.later(answer, _UNTIL_ANOTHER_DAY_S)
        return SetUpWrong(self.said(words, code)) if answer.accepted or answer.refused else None


def address_of(key: str, server: str = "") -> str:
    """Where a key is sent to: its app's own host, which is in the key, or that of WeChat. Raises SettingsError."""
    if own := _OWN_APP.fullmatch(key):
        return f"{(server or f'https://{own[1]}.push.ft07.com').rstrip('/')}/send/{key}.send"
    if not _WECHAT.fullmatch(key):
        raise SettingsError("key", Reason.of(Code.SECRET_UNUSABLE))
    return f"{(server or 'https://sctapi.ftqq.com').rstrip('/')}/{key}.send"
