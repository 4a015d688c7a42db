"""Bark: notifications on an iPhone, by the public server or one's own."""

from __future__ import annotations

import re
from typing import Any

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Failed, Limits, Message, Result, RetryAt, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, cut, link_of, plain, title_of
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import BarkSettings

# Apple takes 4096 bytes of JSON, and the server adds names of its own.
_LARGEST = 3600
_LARGEST_LINK = 500
# The server writes each as six letters: \u003c, for one.
_SIX_BYTES = re.compile("[<>&\u2028\u2029]")
_LEVEL = {Urgency.NORMAL: "active", Urgency.URGENT: "timeSensitive"}
# Apple's words for a device that has no Bark any more.
_NO_DEVICE = ("BadDeviceToken", "Unregistered", "DeviceTokenNotForTopic")


class Bark(HttpChannel):
    """Posts to /push; the device keys are in the body."""

    limits = Limits(rate=1.0, burst=10, per_minute=None, largest=_LARGEST)

    def __init__(self, settings: BarkSettings, secrets: Secrets, http: Http) -> None:
        self._address = f"{settings.server.rstrip('/')}/push"
        keys = [key for key in secrets.token("key").split(",") if key]
        if not keys:
            raise SettingsError("key", Reason.of(Code.SECRET_UNUSABLE))
        self._options: dict[str, Any] = {"group": "Capflow"}
        self._options |= {"device_keys": keys} if len(keys) > 1 else {"device_key": keys[0]}
        if settings.sound:
            self._options["sound"] = settings.sound
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message; an urgent one is shown in spite of the phone's focus."""
        shown = {"title": title_of(message), "level": _LEVEL[message.urgency]}
        if (link := link_of(message, _LARGEST_LINK)) and _size(link) <= _LARGEST_LINK:
            shown["url"] = link
        room = _LARGEST - sum(map(_size, (*shown.values(), self._options.get("sound", ""))))
        shown["body"] = cut(plain(message.text), lambda text: _size(text) <= room)
        return Request(self._address, as_json({**self._options, **shown}))

    def judge(self, answer: Answer) -> Result | None:
        """The code in the body: 200 for sent, 400 for a key that is not known, 500 for what Apple says."""
        body = answer.json()
        code, words = body.get("code"), body.get("message")
        if code == 200:
            return self.sent() if answer.accepted else None
        if not isinstance(code, int) or code == 429:
            return None
        reason = self.said(words, code)
        if code == 400 or any(said in str(words) for said in _NO_DEVICE):
            return SetUpWrong(reason)
        if code >= 500:
            return RetryAt(0.0, Reason.of(Code.SERVICE_FAULT, status=code))
        return Failed(reason)


def _size(text: str) -> int:
    """Bytes of a text in the JSON that the server makes."""
    return len(as_json(text)) + 5 * len(_SIX_BYTES.findall(text))
