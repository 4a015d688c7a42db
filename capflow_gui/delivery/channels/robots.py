"""The chat robots of Feishu (and Lark), WeCom and DingTalk: each reports its refusals inside HTTP 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from yarl import URL

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Failed, Limits, Message, Result, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import Fits, as_json, most, utf8, whole
from capflow_gui.settings.channels import DingtalkSettings, FeishuSettings, WecomSettings


class Robot(HttpChannel):
    """Reads a robot's answer: a code, 0 for sent, and words beside it.

    set_up   codes that say that the robot's address, key or safety settings are not right
    too_fast codes that say that there were too many messages, and how many seconds to wait then
    """

    code = "errcode"
    words = "errmsg"
    set_up: ClassVar[frozenset[int]]
    too_fast: ClassVar[Mapping[int, float]]

    def judge(self, answer: Answer) -> Result | None:
        """The code decides; one that is not known means that it is not sent."""
        body = answer.json()
        code, words = body.get(self.code), body.get(self.words)
        if not isinstance(code, int) or isinstance(code, bool):
            return None
        if code == 0:
            return self.sent() if answer.accepted else None
        if code in self.too_fast or "too many request" in str(words):
            return self.later(answer, self.too_fast.get(code))
        reason = self.said(words, code)
        return SetUpWrong(reason) if code in self.set_up else Failed(reason)


def _with_keyword(message: Message, keyword: str, written: Callable[[Message], str]) -> str:
    """The message as text; the keyword that a robot demands stands before the title, unless the text has it."""
    text = written(message)
    return text if keyword in text else written(replace(message, title=f"{keyword} {message.title}"))


class Feishu(Robot):
    """A custom robot of Feishu or Lark. Its signature and the time, in seconds, are in the body."""

    limits = Limits(rate=1.5, burst=5, per_minute=100, largest=20_000)
    code = "code"
    words = "msg"
    # The address; the signature or the clock; the computer's own address; the keyword.
    set_up = frozenset({19001, 19021, 19022, 19024})
    # Everybody's robots speak on the hour and the half hour: Feishu is busy then.
    too_fast: ClassVar = {11232: 5.0}

    def __init__(self, settings: FeishuSettings, secrets: Secrets, http: Http) -> None:
        self._address = secrets.address("address")
        self._secret = secrets.text("secret") if settings.secret else ""
        self._keyword = settings.keyword
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message as text. The key of the signature is time and secret; what is signed is empty."""
        signed: dict[str, Any] = {}
        if self._secret:
            stamp = str(int(self.http.clock.wall()))
            mark = hmac.digest(f"{stamp}\n{self._secret}".encode(), b"", hashlib.sha256)
            signed = {"timestamp": stamp, "sign": base64.b64encode(mark).decode()}

        def body(text: str) -> bytes:
            return as_json({**signed, "msg_type": "text", "content": {"text": text}})

        fits: Fits = lambda text: len(body(text)) <= self.limits.largest  # noqa: E731
        return Request(self._address, body(_with_keyword(message, self._keyword, lambda said: whole(said, fits))))


class Wecom(Robot):
    """A group robot of WeCom. The key is in its address, and nothing is signed."""

    limits = Limits(rate=20 / 60, burst=20, per_minute=20, largest=2048)
    # The address; the robot was removed from its group, or stopped.
    set_up = frozenset({93000, 93004, 93008})
    too_fast: ClassVar = {45009: 60.0, 45033: 5.0, -1: 0.0}

    def __init__(self, _settings: WecomSettings, secrets: Secrets, http: Http) -> None:
        self._address = secrets.address("address")
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message as text; its size counts in bytes."""
        text = whole(message, most(self.limits.largest, utf8))
        return Request(self._address, as_json({"msgtype": "text", "text": {"content": text}}))

    def judge(self, answer: Answer) -> Result | None:
        """93000 is also what is said of a text that is too long."""
        result = super().judge(answer)
        if isinstance(result, SetUpWrong) and "max length" in str(answer.json().get(self.words)):
            return Failed(result.reason)
        return result


class Dingtalk(Robot):
    """A custom robot of DingTalk. Its signature and the time, in milliseconds, are in the address."""

    limits = Limits(rate=20 / 60, burst=20, per_minute=20, largest=20_000)
    # 310000: keyword, signature or this computer's address. The others: the token, the group or the robot.
    set_up = frozenset({310000, 300001, 300005, 400013, 400101, 400102})
    # Who was too fast is not heard for ten minutes.
    too_fast: ClassVar = {130101: 600.0, 410100: 600.0, -1: 0.0}

    def __init__(self, settings: DingtalkSettings, secrets: Secrets, http: Http) -> None:
        self._address = secrets.address("address")
        self._secret = secrets.text("secret") if settings.secret else ""
        self._keyword = settings.keyword
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message as text. The key of the signature is the secret; what is signed is time and secret."""

        def body(text: str) -> bytes:
            return as_json({"msgtype": "text", "text": {"content": text}})

        fits: Fits = lambda text: len(body(text)) <= self.limits.largest  # noqa: E731
        text = _with_keyword(message, self._keyword, lambda said: whole(said, fits))
        return Request(self._signed(), body(text))

    def _signed(self) -> str:
        if not self._secret:
            return self._address
        stamp = str(int(self.http.clock.wall() * 1000))
        mark = hmac.digest(self._secret.encode(), f"{stamp}\n{self._secret}".encode(), hashlib.sha256)
        return str(URL(self._address).update_query(timestamp=stamp, sign=base64.b64encode(mark).decode()))
