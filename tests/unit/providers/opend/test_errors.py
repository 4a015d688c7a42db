from __future__ import annotations

import pytest

from capflow_gui.cli.status import status_of
from capflow_gui.errors import (
    AuthFailed,
    NoData,
    NoQuoteRight,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.present.sentences import error_sentence
from capflow_gui.providers.opend.errors import rejection
from capflow_gui.reason import Code, Reason


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("获取资金流向频率太高，请求失败，每30秒最多30次。", RateLimited),
        ("下单频率太高，请求失败，每30秒最多15次。", RateLimited),
        ("Request frequency is too high", RateLimited),
        ("Too many requests", RateLimited),
        ("you are asking too often", RateLimited),
        ("未知股票 00000", UnknownSymbol),
        ("Unknown stock 00000", UnknownSymbol),
        ("行情权限不足", NoQuoteRight),
        ("无权限订阅HK.00700的行情", NoQuoteRight),
        ("No right to subscribe US.AAPL", NoQuoteRight),
        ("未知自选股分组", NoData),
        ("Unknown watchlists", NoData),
        ("请先登录", AuthFailed),
        ("需要手机验证码", AuthFailed),
        ("Please log in first", AuthFailed),
        ("请求个数超过限制", RequestRejected),
        ("NN_ProtoRet_SvrFailed", RequestRejected),
        ("此协议请求太频繁，触发了频率限制，请稍后再试", RateLimited),
        ("請求頻率過高，請稍後再試", RateLimited),
        ("請求過於頻繁", RateLimited),
        ("请求次数过多", RateLimited),
        ("已被限流", RateLimited),
        ("每分钟最多 10 次", RateLimited),
        ("Rate limit exceeded", RateLimited),
        ("exceeds the limit number of 30 requests per 30 s", RateLimited),
        ("The request was throttled", RateLimited),
        ("too many codes in one request", RequestRejected),
        ("股票代碼錯誤", UnknownSymbol),
        ("行情權限不足", NoQuoteRight),
        ("無權限訂閱", NoQuoteRight),
        ("請先登入", AuthFailed),
        ("需要手機驗證碼", AuthFailed),
        ("無數據", NoData),
        ("", RequestRejected),
    ],
)
def test_the_text_decides_and_is_kept(text: str, kind: type[RequestRejected]) -> None:
    error = rejection("opend", -1, 0, text)
    assert type(error) is kind
    assert isinstance(error, RequestRejected)
    assert (error.message, error.code, error.source) == (text, -1, "opend")


@pytest.mark.parametrize(
    ("text", "seconds"), [("每30秒最多30次", 30.0), ("每60秒最多10次", 60.0), ("30 times per 15 s, too often", 15.0),
                          ("too many requests", 30.0)],
)  # fmt: skip
def test_how_long_to_wait(text: str, seconds: float) -> None:
    error = rejection("opend", -1, 0, text)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_a_code_of_opends_own_is_preferred() -> None:
    error = rejection("opend", -1, 4711, "x")
    assert isinstance(error, RequestRejected)
    assert error.code == 4711


@pytest.mark.parametrize(
    ("ret_type", "text", "code"),
    [
        (-1, "NN_ProtoRet_TimeOut", Code.OPEND_GOT_NO_ANSWER),
        (-100, "", Code.OPEND_GOT_NO_ANSWER),
        (-100, "NN_ProtoRet_TimeOut", Code.OPEND_GOT_NO_ANSWER),
        (-1, "NN_ProtoRet_ByDisConnOrCancel", Code.OPEND_LOST_ITS_SERVER),
        (-1, "NN_ProtoRet_ByDisConnOrCacnel", Code.OPEND_LOST_ITS_SERVER),
        (-200, "", Code.OPEND_LOST_ITS_SERVER),
    ],
)
def test_no_answer_behind_opend_is_a_timeout_and_no_refusal(ret_type: int, text: str, code: Code) -> None:
    error = rejection("opend", ret_type, 0, text)
    assert type(error) is RequestTimeout
    assert error.reason == Reason.of(code, said=text or str(ret_type))
    assert status_of(error) == 3
    sentence = error_sentence(error)
    assert (text or str(ret_type)) in sentence
    assert sentence.startswith("OpenD did not answer")


@pytest.mark.parametrize(
    ("ret_type", "words"), [(-400, "does not know what became"), (-500, "calls the request invalid")]
)
def test_a_result_without_a_text_is_worded(ret_type: int, words: str) -> None:
    error = rejection("opend", ret_type, 0, "")
    assert type(error) is RequestRejected
    assert words in error_sentence(error)
    assert (error.code, error.message) == (ret_type, "")


def test_a_timeout_that_speaks_of_frequency_is_a_rate_limit() -> None:
    assert type(rejection("opend", -100, 0, "请求太频繁")) is RateLimited
