"""OpenD's refusals as Capflow's errors: one table. The broker's text is kept verbatim in every one.

OpenD sends -1 and a text for nearly everything, so the text decides. An unknown text stays RequestRejected.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from capflow_gui.errors import (
    AuthFailed,
    NoData,
    NoQuoteRight,
    RateLimited,
    RequestRejected,
    Retry,
    UnknownSymbol,
)

DEFAULT_WINDOW_S = 30.0

_RATE = re.compile(r"频率太高|每\d+秒|frequen|too many|too often", re.IGNORECASE)
_WINDOW = re.compile(r"每(\d+)秒|(\d+)\s*s(?:ec|\b)", re.IGNORECASE)


def _too_big(source: str, code: int, message: str) -> RequestRejected:
    error = RequestRejected(source, code, message)
    error.retry = Retry.NEVER
    return error


# The first pattern that is found decides; rate refusals are tried after the count of codes, which also says "too many".
_TABLE: tuple[tuple[re.Pattern[str], Callable[[str, int, str], RequestRejected]], ...] = (
    (
        re.compile(r"请求个数超过|exceeds? the (?:maximum|limit) number|too many (?:codes|stocks)", re.IGNORECASE),
        _too_big,
    ),
    (_RATE, lambda source, code, message: RateLimited(source, code, message, _window(message))),
    (re.compile(r"未知自选股分组|unknown watchlist", re.IGNORECASE), NoData),
    (re.compile(r"未知股票|股票代码错误|unknown (?:stock|security|symbol|code)", re.IGNORECASE), UnknownSymbol),
    (re.compile(r"权限不足|无权限|没有权限|no (?:quote )?(?:right|permission|authority)", re.IGNORECASE), NoQuoteRight),
    (re.compile(r"登录|登陆|验证码|log ?in\b|logged (?:in|out)|verification code", re.IGNORECASE), AuthFailed),
    (re.compile(r"没有数据|无数据|no data", re.IGNORECASE), NoData),
)


def _window(message: str) -> float:
    found = _WINDOW.search(message)
    return float(found.group(1) or found.group(2)) if found else DEFAULT_WINDOW_S


def rejection(source: str, ret_type: int, err_code: int, message: str) -> RequestRejected:
    """Return the error for an answer that is not a success; its code is `err_code` where OpenD gives one."""
    code = err_code or ret_type
    for pattern, error in _TABLE:
        if pattern.search(message):
            return error(source, code, message)
    return RequestRejected(source, code, message)
