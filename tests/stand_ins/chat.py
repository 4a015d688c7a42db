"""Stand-ins of chat services: Telegram, Slack, Discord, and the robots of Feishu, WeCom and DingTalk."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from tests.stand_ins.service import Received, Said, Service, Wrong, fields

TELEGRAM_TOKEN = "8123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawQ"
SLACK_PATH = "/services/T02QX7GAB/B06M1KPLZ/y7Vn3Qe9LrXw2bTfKc5Jd8Hs"
DISCORD_PATH = "/api/webhooks/1187654321098765432/Zk3vQm8XcR1tYw6BnPf2LhJd9GsE5aUo"
FEISHU_PATH = "/open-apis/bot/v2/hook/5d3f9c1e-7b28-4a60-9e14-c2d8f7a6b035"
FEISHU_SECRET = "h8KqW2zXn5VtRb7YcL0mPf"
WECOM_KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
DINGTALK_TOKEN = "f0d7a3c95b1e4826a7c3e9d15f8b2046"
DINGTALK_SECRET = "SECc7e1f4a9b2d80635e8f7a1c4b9d20e63"


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class TelegramService(Service):
    def judge(self, got: Received) -> Said:
        if got.path != f"/bot{TELEGRAM_TOKEN}/sendMessage":
            return Said(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        body = got.json()
        optional = {"message_thread_id": int, "link_preview_options": dict, "disable_notification": bool}
        fields(body, {"chat_id": str, "text": str}, optional)
        if not 1 <= utf16(body["text"].strip()) <= 4096:
            raise Wrong("message is too long" if body["text"].strip() else "message text is empty")
        if body["chat_id"] != "-1001234567890":
            raise Wrong("chat not found")
        return Said(200, {"ok": True, "result": {"message_id": 365, "chat": {"id": -1001234567890}, "date": 1}})

    def refusal(self, words: str) -> Said:
        return Said(400, {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"})


class SlackService(Service):
    def judge(self, got: Received) -> Said:
        if got.path != SLACK_PATH:
            return Said(404, "no_service")
        body = got.json()
        fields(body, {"text": str}, {"mrkdwn": bool})
        if not body["text"].strip():
            return Said(400, "no_text")
        if len(body["text"]) > 4000:
            return Said(400, "msg_too_long")
        if set("<>") & set(body["text"]):
            raise Wrong("not escaped")
        return Said(200, "ok")

    def refusal(self, words: str) -> Said:
        return Said(400, "invalid_payload")


class DiscordService(Service):
    def judge(self, got: Received) -> Said:
        if got.path != DISCORD_PATH:
            return Said(404, {"message": "Unknown Webhook", "code": 10015})
        body = got.json()
        fields(body, {"content": str, "allowed_mentions": dict})
        if body["allowed_mentions"] != {"parse": []}:
            raise Wrong("somebody may be mentioned")
        if not body["content"].strip():
            return Said(400, {"message": "Cannot send an empty message", "code": 50006})
        if utf16(body["content"]) > 2000:
            raise Wrong("2000 or fewer in length")
        return Said(200, {"id": "1190000000000000001"}) if got.query.get("wait") == "true" else Said(204)

    def refusal(self, words: str) -> Said:
        return Said(400, {"message": "Invalid Form Body", "code": 50035, "errors": {"content": words}})


class FeishuService(Service):
    secret = FEISHU_SECRET

    def judge(self, got: Received) -> Said:
        if got.path != FEISHU_PATH:
            return Said(200, {"code": 19001, "data": {}, "msg": "param invalid: incoming webhook access token invalid"})
        if len(got.body) > 20_000:
            raise Wrong("too large")
        body = got.json()
        signed = {"timestamp": str, "sign": str} if self.secret else {}
        fields(body, {"msg_type": str, "content": dict, **signed})
        fields(body["content"], {"text": str})
        if not body["content"]["text"].strip():
            raise Wrong("empty")
        if self.secret and not self._signed(body):
            words = "sign match fail or timestamp is not within one hour from current time"
            return Said(200, {"code": 19021, "data": {}, "msg": words})
        return Said(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})

    def _signed(self, body: dict[str, Any]) -> bool:
        key = f"{body['timestamp']}\n{self.secret}".encode()
        mark = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
        return abs(int(body["timestamp"]) - self.now()) < 3600 and body["sign"] == mark

    def refusal(self, words: str) -> Said:
        return Said(200, {"code": 9499, "msg": f"Bad Request: {words}", "data": {}})


class WecomService(Service):
    def judge(self, got: Received) -> Said:
        if got.path != "/cgi-bin/webhook/send" or got.query.get("key") != WECOM_KEY:
            hint = "invalid webhook url, hint: [1592021214_50_551fc8807c11f27e], from ip: 171.43.164.231, more info at "
            return Said(
                200, {"errcode": 93000, "errmsg": f"{hint}https://open.work.weixin.qq.com/devtool/query?e=93000"}
            )
        body = got.json()
        fields(body, {"msgtype": str, "text": dict})
        fields(body["text"], {"content": str})
        if not body["text"]["content"].strip():
            return Said(200, {"errcode": 44004, "errmsg": "empty content"})
        if len(body["text"]["content"].encode()) > 2048:
            return Said(200, {"errcode": 40058, "errmsg": "text.content exceed max length 2048"})
        return Said(200, {"errcode": 0, "errmsg": "ok"})

    def refusal(self, words: str) -> Said:
        return Said(200, {"errcode": 40008, "errmsg": words})


class DingtalkService(Service):
    secret = DINGTALK_SECRET
    keyword = ""

    def judge(self, got: Received) -> Said:
        if got.path != "/robot/send" or got.query.get("access_token") != DINGTALK_TOKEN:
            return Said(200, {"errcode": 300005, "errmsg": "token is not exist"})
        if self.secret and not self._signed(got):
            return Said(200, {"errcode": 310000, "errmsg": "sign not match"})
        if len(got.body) > 20_000:
            raise Wrong("message too long, exceed 20000 bytes")
        body = got.json()
        fields(body, {"msgtype": str, "text": dict})
        fields(body["text"], {"content": str})
        if not body["text"]["content"].strip():
            raise Wrong("empty content")
        if self.keyword not in body["text"]["content"]:
            return Said(200, {"errcode": 310000, "errmsg": "keywords not in content"})
        return Said(200, {"errcode": 0, "errmsg": "ok"})

    def _signed(self, got: Received) -> bool:
        stamp = got.query.get("timestamp", "0")
        mark = hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        return abs(int(stamp) / 1000 - self.now()) < 3600 and got.query.get("sign") == base64.b64encode(mark).decode()

    def refusal(self, words: str) -> Said:
        return Said(200, {"errcode": 40035, "errmsg": words})
