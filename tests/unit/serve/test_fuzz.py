"""Ten thousand random and malformed messages: no crash, the right codes, no secret, and it still answers."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from capflow_gui.serve import rpc
from capflow_gui.serve.dispatcher import Dispatcher
from capflow_gui.serve.methods import BY_NAME, METHODS
from capflow_gui.serve.service import Service
from tests.unit.cli.test_serve import serving

MESSAGES = 10_000
SEED = 20_261_130
CODES = {
    rpc.PARSE_ERROR,
    rpc.INVALID_REQUEST,
    rpc.UNKNOWN_METHOD,
    rpc.BAD_ARGUMENTS,
    rpc.REFUSED,
}
# Their answers cost calls of a quota, which is no part of this: they are asked with arguments that are refused.
ASKS_A_BROKER = {"flow.get", "flow.history"}
SECRET = "hush-hush-0123456789abcdef"
GOOD = {
    "symbols": ["700.HK", "HK.00005"],
    "from": "2026-06-09",
    "to": "2026-06-10",
    "rule": "*: net <= -1M",
    "source": "demo",
    "states": True,
    "ids": ["aa11"],
    "topics": ["alert", "link"],
}
ODD = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**70, 1e308, -0.0, "", " ", "*", "700.HK", "HK.00700", "nonsense"),
    *("2026-06-10", "9999-99-99", "\x00", "\u202e", "💥" * 20, "x" * 70, "../../etc/passwd", "=1+1", SECRET),
    *([], [[]], {}, {"a": {}}, ["700.HK"] * 600, [None], ["flow"], ["flow", "alert", "link", "news"]),
)


class Maker:
    """Makes messages, good and bad, the same ones each time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def line(self) -> bytes:
        kind = self._random.random()
        if kind < 0.15:
            return self._random.randbytes(self._random.randrange(40)).replace(b"\n", b" ")
        text = json.dumps(self._batch() if kind < 0.25 else self._request(), ensure_ascii=self._random.random() < 0.5)
        line = text.encode("utf-8", "surrogatepass")
        if kind < 0.45:  # cut, doubled or changed in one place
            at = self._random.randrange(len(line))
            line = self._random.choice((line[:at], line + line, line[:at] + b"\xff" + line[at + 1 :], line[at:]))
        return line.replace(b"\n", b" ")

    def _batch(self) -> list[Any]:
        return [self._request() for _ in range(self._random.choice((0, 1, 2, 5, 101)))]

    def _request(self) -> Any:
        choose = self._random.choice
        if self._random.random() < 0.05:
            return choose(ODD)
        request: dict[str, Any] = {"jsonrpc": "2.0", "id": self._random.randrange(9999), "method": self._method()}
        request["params"] = self._params(request["method"])
        for name in list(request):
            if self._random.random() < 0.08:
                del request[name]
            elif self._random.random() < 0.06:
                request[name] = choose(ODD)
        return request

    def _method(self) -> str:
        names = [*BY_NAME, *(f"{name}x" for name in BY_NAME), "", "__class__", "rpc.discover", "flow"]
        return self._random.choice(names)

    def _params(self, method: str) -> Any:
        if method in ASKS_A_BROKER:
            return {"symbols": self._random.choice(("700.HK", [1], ["nonsense"], [SECRET])), "newest": -1}
        if method not in BY_NAME or self._random.random() < 0.2:
            return self._random.choice(ODD)
        fields = [field.encode_name for field in msgspec.structs.fields(BY_NAME[method].arguments)]
        named = {name: self._argument(name) for name in fields if self._random.random() < 0.6}
        if self._random.random() < 0.1:
            named[self._random.choice(("extra", "", "symbols "))] = 1
        return list(named.values()) if self._random.random() < 0.2 else named

    def _argument(self, name: str) -> Any:
        return GOOD[name] if name in GOOD and self._random.random() < 0.5 else self._random.choice(ODD)


def judged(line: bytes, answer: str | None) -> set[int]:
    """The codes of what was answered; fails where it is no answer to such a line."""
    message = rpc.read_message(line)
    wanted = [call for call in message.calls if isinstance(call, rpc.Faulty) or not call.is_notification]
    if answer is None:
        assert wanted == [], line
        return set()
    found = msgspec.json.decode(answer)
    answers = found if message.is_batch else [found]
    assert "\n" not in answer
    assert [each["id"] for each in answers] == [call.id for call in wanted], line
    codes = set()
    for call, each in zip(wanted, answers, strict=True):
        assert ("result" in each) != ("error" in each)
        if "error" not in each:
            continue
        code = each["error"]["code"]
        codes.add(code)
        assert code in CODES, (line, each)
        assert each["error"]["message"]
        if isinstance(call, rpc.Faulty):
            assert code in (rpc.PARSE_ERROR, rpc.INVALID_REQUEST)
        elif call.method not in BY_NAME:
            assert code == rpc.UNKNOWN_METHOD
        else:
            assert code in (rpc.BAD_ARGUMENTS, rpc.REFUSED, rpc.UNKNOWN_METHOD)
    return codes


async def test_ten_thousand_messages(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGBRIDGE_APP_SECRET", SECRET + "-of-the-environment")

    async def notify(_line: str) -> None:
        """Nobody reads it."""

    dispatcher, maker, seen = Dispatcher(service, notify), Maker(SEED), set[int]()
    try:
        for _ in range(MESSAGES):
            line = maker.line()
            answer = await dispatcher.answer(rpc.read_message(line))
            seen |= judged(line, answer)
            assert "-of-the-environment" not in (answer or "")
    finally:
        assert dispatcher.notices is not None
        await dispatcher.notices.close()
    assert seen == CODES
    line = b'{"jsonrpc":"2.0","id":1,"method":"health.get"}'
    assert judged(line, await dispatcher.answer(rpc.read_message(line))) == set()


def test_the_maker_reaches_every_method() -> None:
    maker = Maker(SEED)
    lines = b"\n".join(maker.line() for _ in range(2000))
    assert [method.name for method in METHODS if json.dumps(method.name).encode() not in lines] == []


def test_some_of_them_through_the_program(tmp_path: Path) -> None:
    maker = Maker(SEED + 1)
    lines = [maker.line() for _ in range(400)]
    lines[200:200] = [b"[" * 100_000, b"x" * (rpc.LONGEST_LINE + 100), b"\xef\xbb\xbf", b""]
    last = b'{"jsonrpc":"2.0","id":"last","method":"health.get"}'
    with serving(tmp_path) as process:
        out, err = process.communicate(b"\n".join([*lines, last]), timeout=60)
    assert process.returncode == 0
    assert err == b"SIMULATED: these figures come from a simulator.\n"
    found = [msgspec.json.decode(line) for line in out.splitlines()]
    answers = [each for row in found for each in (row if isinstance(row, list) else [row]) if "method" not in each]
    assert {each["error"]["code"] for each in answers if "error" in each} <= CODES
    assert [each["result"]["simulated"] for each in answers if each["id"] == "last"] == [True]
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"Traceback" not in written
