"""OpenD's refusals as Capflow's errors: one table. The broker's text is kept verbatim in every one.

OpenD sends -1 and a text for nearly everything, so the text decides. Other results are made on the way to the broker's
servers, by OpenD or by the SDKs' core, mostly without a text of their own; their names (NN_ProtoRet_…) come as the
text of a -1, too. An unknown text stays RequestRejected.
"""

from __future__ import annotations

import re

from capflow_gui.errors import (
    AuthFailed,
    NoData,
    NoQuoteRight,
    ProviderError,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.providers.frequency import speaks_of_frequency, window_named
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.pb.opend import common_pb2

DEFAULT_WINDOW_S = 30.0

# What became of the request on its way, from the text or from the result: the first that is found decides.
# "ByDisConnOrCancel" is also misspelt, "TimeOut" written in several ways.
_RESULTS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (common_pb2.RET_TYPE_TIMEOUT, re.compile(r"NN_ProtoRet_Time_?Out", re.IGNORECASE)),
    (common_pb2.RET_TYPE_DISCONNECT, re.compile(r"NN_ProtoRet_(?:By)?Dis_?Conn", re.IGNORECASE)),
    (common_pb2.RET_TYPE_INVALID, re.compile(r"NN_ProtoRet_(?:Invalid|Param)", re.IGNORECASE)),
)
_KINDS: tuple[tuple[re.Pattern[str], type[RequestRejected]], ...] = (
    (re.compile(r"未知自[选選]股分[组組]|unknown watchlist", re.IGNORECASE), NoData),
    (
        re.compile(
            r"未知股票|股票代[码碼][错錯][误誤]|(?:unknown|invalid|wrong) (?:stock|security|symbol|code)", re.IGNORECASE
        ),
        UnknownSymbol,
    ),
    (
        re.compile(
            r"[权權]限不足|[无無沒没]有?[权權]限|no (?:quote )?(?:rights?|permissions?|authority)\b", re.IGNORECASE
        ),
        NoQuoteRight,
    ),
    (
        re.compile(r"登[录錄陆陸入]|[验驗][证證][码碼]|log ?in\b|logged (?:in|out)|verification code", re.IGNORECASE),
        AuthFailed,
    ),
    (re.compile(r"[没沒]有[数數][据據]|[无無][数數][据據]|no data", re.IGNORECASE), NoData),
)


def rejection(source: str, ret_type: int, err_code: int, message: str) -> ProviderError:
    """Return the error for an answer that is not a success; its code is `err_code` where OpenD gives one."""
    code = err_code or ret_type
    if speaks_of_frequency(message):
        return RateLimited(source, code, message, window_named(message, DEFAULT_WINDOW_S))
    result = next((result for result, name in _RESULTS if name.search(message)), ret_type)
    said = message or str(code)
    match result:
        case common_pb2.RET_TYPE_TIMEOUT:
            return RequestTimeout(source, Reason.of(Code.OPEND_GOT_NO_ANSWER, said=said))
        case common_pb2.RET_TYPE_DISCONNECT:
            return RequestTimeout(source, Reason.of(Code.OPEND_LOST_ITS_SERVER, said=said))
        case common_pb2.RET_TYPE_INVALID:
            return RequestRejected(source, code, reason=Reason.of(Code.OPEND_CALLS_IT_INVALID, said=said))
        case common_pb2.RET_TYPE_UNKNOWN if not message:
            return RequestRejected(source, code, reason=Reason.of(Code.OPEND_KNOWS_NO_RESULT, said=said))
    kind = next((kind for pattern, kind in _KINDS if pattern.search(message)), RequestRejected)
    return kind(source, code, message)
