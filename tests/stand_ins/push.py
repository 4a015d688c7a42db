"""Stand-ins of push services, of PagerDuty, and of a receiver of signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from tests.stand_ins.service import Received, Said, Service, Wrong, fields

WEBHOOK_PATH = "/hooks/in/3f9a61c27be84d50"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"0123456789-a-signing-key").decode()
NTFY_TOPIC = "capflow-Xq7Lm2Rt9Wz4"
NTFY_TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
BARK_KEY = "ynJ5Ft4atkMkWeo2PAvFhF"
SERVERCHAN_KEY = "SCT248613TxYw8mQv3NpLs7KdRf2Hc9Bz"
PUSHOVER_TOKEN = "azGDORePK8gMaC0QOYAMyEEuzJnyUi"
PUSHOVER_USER = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
PAGERDUTY_KEY = "e93facc04764012d7bfb002500d5d1a6"


class WebhookReceiver(Service):
    """Verifies as the reference libraries of Standard Webhooks do; one of the signatures must be by its key."""

    secret = WEBHOOK_SECRET

    def judge(self, got: Received) -> Said:
        if got.path != WEBHOOK_PATH:
            return Said(404)
        if len(got.body) >= 20_000:
            return Said(413)
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        number, stamp, marks = (got.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        if not number or "." in number or abs(int(stamp) - self.now()) > 300:
            raise Wrong("no id, or another time")
        mark = hmac.new(key, f"{number}.{stamp}.".encode() + got.body, hashlib.sha256).digest()
        if f"v1,{base64.b64encode(mark).decode()}" not in marks.split(" "):
            raise Wrong("no signature by this key")
        body = got.json()
        fields(body, {"type": str, "timestamp": str, "data": dict})
        datetime.fromisoformat(body["timestamp"])
        return Said(204)

    def refusal(self, words: str) -> Said:
        return Said(401, words)


class NtfyService(Service):
    def judge(self, got: Received) -> Said:
        if got.headers.get("authorization") != f"Bearer {NTFY_TOKEN}":
            return Said(401, {"code": 40101, "http": 401, "error": "unauthorized", "link": "https://ntfy.sh/docs/"})
        if got.path != "/":
            return Said(404, {"code": 40401, "http": 404, "error": "page not found"})
        body = got.json()
        fields(body, {"topic": str, "message": str}, {"title": str, "priority": int, "click": str, "tags": list})
        if body["topic"] != NTFY_TOPIC:
            return Said(403, {"code": 40301, "http": 403, "error": "forbidden"})
        if len(body["message"].encode()) > 4096 or len(body.get("title", "").encode()) > 1024:
            return Said(413, {"code": 41301, "http": 413, "error": "attachment too large, or bandwidth limit reached"})
        if not 1 <= body.get("priority", 3) <= 5:
            return Said(400, {"code": 40007, "http": 400, "error": "invalid priority parameter"})
        return Said(200, {"id": "hwQ2YpKdmg", "time": 1, "event": "message", "topic": NTFY_TOPIC})

    def refusal(self, words: str) -> Said:
        return Said(400, {"code": 40024, "http": 400, "error": f"invalid request: {words}"})


class BarkService(Service):
    def judge(self, got: Received) -> Said:
        if got.path != "/push":
            return Said(404, "Cannot POST")
        body = got.json()
        optional = {"title": str, "level": str, "sound": str, "group": str, "url": str}
        fields(body, {"device_key": str, "body": str}, optional)
        if body["device_key"] != BARK_KEY:
            words = f"failed to get device token: failed to get [{body['device_key']}] device token from database"
            return Said(400, {"code": 400, "message": words})
        if body["level"] not in ("critical", "active", "timeSensitive", "passive"):
            raise Wrong("level")
        # Go writes these six-fold, and Apple's own names come on top.
        if (
            len(got.body)
            + 5 * sum(body.get(name, "").count(mark) for name in optional | {"body": str} for mark in "<>&")
            > 4000
        ):
            return Said(500, {"code": 500, "message": "push failed: PayloadTooLarge"})
        return Said(200, {"code": 200, "message": "success", "timestamp": 1})

    def refusal(self, words: str) -> Said:
        return Said(400, {"code": 400, "message": f"request bind failed: {words}"})


class ServerchanService(Service):
    def judge(self, got: Received) -> Said:
        if got.path != f"/{SERVERCHAN_KEY}.send":
            return Said(400, {"code": 40001, "message": "[AUTH]错误的Key", "info": "错误的Key", "scode": 461})
        body = got.json()
        fields(body, {"title": str}, {"desp": str})
        if not 1 <= len(body["title"]) <= 32 or len(body["desp"].encode()) > 32_768:
            raise Wrong("too long")
        return Said(200, {"code": 0, "message": "", "data": {"pushid": "9001", "error": "SUCCESS", "errno": 0}})

    def refusal(self, words: str) -> Said:
        return Said(400, {"code": 40002, "message": words})


class PushoverService(Service):
    def judge(self, got: Received) -> Said:
        if got.path != "/1/messages.json":
            return Said(404, "")
        body = got.json()
        optional = {"title": str, "priority": int, "timestamp": int, "url": str, "device": str}
        emergency = {"retry": int, "expire": int} if body.get("priority") == 2 else {}
        fields(body, {"token": str, "user": str, "message": str, **emergency}, optional)
        for name, key in (("token", PUSHOVER_TOKEN), ("user", PUSHOVER_USER)):
            if body[name] != key:
                errors = [f"{name} identifier is invalid"]
                return Said(400, {name: "invalid", "errors": errors, "status": 0, "request": "r-0"})
        if not 1 <= len(body["message"]) <= 1024 or len(body.get("title", "")) > 250:
            raise Wrong("message is too long")
        if not -2 <= body.get("priority", 0) <= 2:
            raise Wrong("priority is invalid")
        if emergency and not (body["retry"] >= 30 and 0 < body["expire"] <= 10_800):
            raise Wrong("retry must be at least 30 seconds, expire at most 10800")
        receipt = {"receipt": "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"} if emergency else {}
        return Said(200, {"status": 1, "request": "647d2300-702c-4b38-8b2f-d56326ae460b", **receipt})

    def refusal(self, words: str) -> Said:
        return Said(400, {"errors": [words], "status": 0, "request": "r-1"})


class PagerdutyService(Service):
    """Keeps what becomes of each incident."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.incidents: dict[str, str] = {}

    def judge(self, got: Received) -> Said:
        if got.path != "/v2/enqueue":
            return Said(404, "")
        if len(got.body) > 512_000:
            return Said(413, "")
        body = got.json()
        fields(
            body,
            {"routing_key": str, "event_action": str, "dedup_key": str},
            {"payload": dict, "links": list, "client": str},
        )
        if body["routing_key"] != PAGERDUTY_KEY:
            raise Wrong("Length of 'routing_key' is incorrect (should be 32 characters)")
        if not 1 <= len(body["dedup_key"]) <= 255:
            raise Wrong("'dedup_key'")
        action = body["event_action"]
        if action not in ("trigger", "acknowledge", "resolve"):
            raise Wrong("'event_action'")
        if action == "trigger":
            optional = {"timestamp": str, "component": str, "class": str, "group": str, "custom_details": dict}
            payload = body.get("payload", {})
            fields(payload, {"summary": str, "source": str, "severity": str}, optional)
            if not 1 <= len(payload["summary"]) <= 1024 or not payload["source"]:
                raise Wrong("'summary'")
            if payload["severity"] not in ("critical", "error", "warning", "info"):
                raise Wrong("'severity'")
            datetime.fromisoformat(payload["timestamp"])
        self.incidents[body["dedup_key"]] = action
        return Said(202, {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]})

    def refusal(self, words: str) -> Said:
        return Said(400, {"status": "invalid event", "message": "Event object is invalid", "errors": [words]})
