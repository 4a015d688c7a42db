"""Slack: an incoming webhook."""

from __future__ import annotations

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Failed, Limits, Message, Result, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, most, whole
from capflow_gui.settings.channels import SlackSettings

_LONGEST = 4000
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Refusals of a message; others are about the webhook.
_OF_THE_MESSAGE = frozenset({"invalid_payload", "no_text", "msg_too_long", "too_many_attachments"})


class Slack(HttpChannel):
    """Posts text without formatting, so that a `*` stays one."""

    limits = Limits(rate=1.0, burst=3, per_minute=None, largest=_LONGEST)

    def __init__(self, _settings: SlackSettings, secrets: Secrets, http: Http) -> None:
        self._address = secrets.address("address")
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message as text."""
        text = whole(message, most(_LONGEST), lambda text: text.translate(_ESCAPES))
        return Request(self._address, as_json({"text": text, "mrkdwn": False}))

    def judge(self, answer: Answer) -> Result | None:
        """The body is `ok`, or one word that says what is wrong."""
        word = answer.body.decode("utf-8", "replace").strip()
        if answer.status == 200 and word == "ok":
            return self.sent()
        if not answer.refused:
            return None
        # A page of HTML is nobody's word.
        reason = self.said(word if word.isidentifier() else "", answer.status)
        return Failed(reason) if word in _OF_THE_MESSAGE else SetUpWrong(reason)
