"""Answers JSON-RPC messages from the table of methods; no I/O of its own.

A transport gives it each message and sends what it returns, and gives it `notify` where it can send more by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from capflow_gui import __version__
from capflow_gui.errors import CapflowError, InvalidInput
from capflow_gui.present.language.texts import english
from capflow_gui.present.sentences import error_sentence
from capflow_gui.serve import rpc
from capflow_gui.serve.arguments import BadArgument, TopicArguments, read_arguments
from capflow_gui.serve.methods import BY_NAME, METHODS, Method
from capflow_gui.serve.notices import Notices
from capflow_gui.serve.service import Service, failure_facts

Facts = dict[str, Any]
Notify = Callable[[str], Awaitable[None]]
_log = logging.getLogger(__name__)


class Dispatcher:
    """One client. `notify` sends a line that nobody asked for; None: this client can be sent none."""

    def __init__(self, service: Service, notify: Notify | None = None) -> None:
        self._service = service
        self._notify = notify
        self.notices = Notices(service.monitor, self._send) if notify is not None else None

    async def _send(self, kind: str, facts: Facts) -> None:
        assert self._notify is not None  # noqa: S101 - else there are no notices
        await self._notify(rpc.to_text(rpc.notification_object(kind, facts)))

    async def answer(self, message: rpc.Message) -> str | None:
        """The answer to a message, a line without its end; None where it wants none."""
        found = await asyncio.gather(*map(self._answer_one, message.calls))
        answers = [each for each in found if each is not None]
        if not answers:
            return None
        return rpc.to_text(answers if message.is_batch else answers[0])

    async def _answer_one(self, call: rpc.Call | rpc.Faulty) -> Facts | None:
        if isinstance(call, rpc.Faulty):
            return rpc.error_object(call.id, call.error)
        try:
            answered = rpc.result_object(call.id, await self._result(call))
        except CapflowError as error:
            answered = rpc.error_object(call.id, rpc_error(error))
        except Exception:  # noqa: BLE001 - logged with its traceback; other requests are answered
            _log.exception("%s could not be answered", call.method)
            said = "Capflow could not answer this; its log says why."
            answered = rpc.error_object(call.id, rpc.RpcError(rpc.INTERNAL_ERROR, said))
        return None if call.is_notification else answered

    async def _result(self, call: rpc.Call) -> Facts:
        method = BY_NAME.get(call.method)
        if method is None or (method.arguments is TopicArguments and self.notices is None):
            raise _UnknownMethod(call.method)
        return await self._asked(method, read_arguments(method.arguments, call.params, method.name))

    async def _asked(self, method: Method, arguments: Any) -> Facts:
        if method.answer is not None:
            return await method.answer(self._service, arguments)
        if self.notices is not None and isinstance(arguments, TopicArguments):
            change = self.notices.subscribe if method.name == "subscribe" else self.notices.unsubscribe
            change(arguments.topics)
            return {"topics": sorted(self.notices.topics)}
        return self._introduction()

    def _introduction(self) -> Facts:
        monitor = self._service.monitor
        known = [each for each in METHODS if each.arguments is not TopicArguments or self.notices is not None]
        return {
            "program": "capflow",
            "version": __version__,
            "jsonrpc": "2.0",
            "simulated": monitor.simulated,
            "sources": [feed.name for feed in monitor.feeds],
            "methods": [
                {"name": each.name, "summary": each.summary, "result": each.result, "reads": each.reads}
                for each in known
            ],
        }


class _UnknownMethod(CapflowError):
    """There is no such method."""


def rpc_error(error: CapflowError) -> rpc.RpcError:
    """What an error is on the wire."""
    match error:
        case _UnknownMethod():
            return rpc.RpcError(rpc.UNKNOWN_METHOD, "There is no such method; initialize lists those there are.")
        case BadArgument():
            data = None if error.argument is None else {"argument": error.argument}
            return rpc.RpcError(rpc.BAD_ARGUMENTS, str(error), data)
        case InvalidInput():
            with english():
                return rpc.RpcError(rpc.BAD_ARGUMENTS, error_sentence(error))
        case _:
            facts = failure_facts(error)
            return rpc.RpcError(rpc.REFUSED, facts.pop("message"), facts)
