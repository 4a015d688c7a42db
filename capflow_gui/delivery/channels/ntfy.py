"""ntfy: a topic of the public server or of one's own."""

from __future__ import annotations

from typing import Any

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Failed, Limits, Message, Result, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, cut, link_of, most, plain, title_of, utf8
from capflow_gui.settings.channels import NtfySettings

# A longer message would become an attached file.
_LARGEST = 4096
_PRIORITY = {Urgency.NORMAL: 3, Urgency.URGENT: 5}
# What is used up for today: messages, or bytes.
_OF_THE_DAY = frozenset({42905, 42908})
_UNTIL_ANOTHER_DAY_S = 3600.0


class Ntfy(HttpChannel):
    """Posts to the server's root, so that the topic is not in an address."""

    limits = Limits(rate=0.2, burst=60, per_minute=None, largest=_LARGEST)

    def __init__(self, settings: NtfySettings, secrets: Secrets, http: Http) -> None:
        self._server = settings.server.rstrip("/") + "/"
        self._topic = secrets.token("topic")
        self._headers = {"Authorization": f"Bearer {secrets.token('token')}"} if settings.token else {}
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message, more urgent where it is."""
        body: dict[str, Any] = {
            "topic": self._topic,
            "title": title_of(message),
            "message": cut(plain(message.text), most(_LARGEST, utf8)),
            "priority": _PRIORITY[message.urgency],
        }
        if link := link_of(message):
            body["click"] = link
        return Request(self._server, as_json(body), self._headers)

    def judge(self, answer: Answer) -> Result | None:
        """A message that is taken has an id; a refusal has a code of five digits."""
        body = answer.json()
        if answer.status == 200 and isinstance(body.get("id"), str):
            return self.sent(body["id"])
        code = body.get("code")
        if answer.status == 429 and code in _OF_THE_DAY:
            later = self.later(answer)
            return later if later.seconds else self.later(answer, _UNTIL_ANOTHER_DAY_S)
        if not answer.refused:
            return None
        reason = self.said(body.get("error"), code or answer.status)
        return Failed(reason) if answer.status == 413 else SetUpWrong(reason)
