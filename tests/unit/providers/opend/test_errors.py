from __future__ import annotations

import pytest

from capflow_gui.errors import AuthFailed, NoData, NoQuoteRight, RateLimited, RequestRejected, Retry, UnknownSymbol
from capflow_gui.providers.opend.errors import rejection


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
        ("NN_ProtoRet_TimeOut", RequestRejected),
        ("NN_ProtoRet_SvrFailed", RequestRejected),
        ("NN_ProtoRet_ByDisConnOrCacnel", RequestRejected),
        ("", RequestRejected),
    ],
)
def test_the_text_decides_and_is_kept(text: str, kind: type[RequestRejected]) -> None:
    error = rejection("opend", -1, 0, text)
    assert type(error) is kind
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
    assert rejection("opend", -1, 4711, "x").code == 4711


def test_asking_again_does_not_help_against_our_own_mistakes() -> None:
    assert rejection("opend", -1, 0, "请求个数超过限制").retry is Retry.NEVER
    assert rejection("opend", -1, 0, "未知股票").retry is Retry.NEVER
    assert rejection("opend", -1, 0, "NN_ProtoRet_TimeOut").retry is Retry.BACK_OFF
