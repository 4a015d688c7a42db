from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TradeStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRADE_STATUS_NORMAL: _ClassVar[TradeStatus]
    TRADE_STATUS_HALTED: _ClassVar[TradeStatus]
    TRADE_STATUS_DELISTED: _ClassVar[TradeStatus]
    TRADE_STATUS_FUSE: _ClassVar[TradeStatus]
    TRADE_STATUS_PREPARE_LIST: _ClassVar[TradeStatus]
    TRADE_STATUS_CODE_MOVED: _ClassVar[TradeStatus]
    TRADE_STATUS_TO_BE_OPENED: _ClassVar[TradeStatus]
    TRADE_STATUS_SPLIT_HALT: _ClassVar[TradeStatus]
    TRADE_STATUS_EXPIRED: _ClassVar[TradeStatus]
    TRADE_STATUS_WARRANT_TO_LIST: _ClassVar[TradeStatus]
    TRADE_STATUS_SUSPENDED: _ClassVar[TradeStatus]

class TradeSession(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRADE_SESSION_NORMAL: _ClassVar[TradeSession]
    TRADE_SESSION_PRE: _ClassVar[TradeSession]
    TRADE_SESSION_POST: _ClassVar[TradeSession]
    TRADE_SESSION_OVERNIGHT: _ClassVar[TradeSession]

class CalcIndex(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALC_INDEX_UNKNOWN: _ClassVar[CalcIndex]
    CALC_INDEX_CAPITAL_FLOW: _ClassVar[CalcIndex]
TRADE_STATUS_NORMAL: TradeStatus
TRADE_STATUS_HALTED: TradeStatus
TRADE_STATUS_DELISTED: TradeStatus
TRADE_STATUS_FUSE: TradeStatus
TRADE_STATUS_PREPARE_LIST: TradeStatus
TRADE_STATUS_CODE_MOVED: TradeStatus
TRADE_STATUS_TO_BE_OPENED: TradeStatus
TRADE_STATUS_SPLIT_HALT: TradeStatus
TRADE_STATUS_EXPIRED: TradeStatus
TRADE_STATUS_WARRANT_TO_LIST: TradeStatus
TRADE_STATUS_SUSPENDED: TradeStatus
TRADE_SESSION_NORMAL: TradeSession
TRADE_SESSION_PRE: TradeSession
TRADE_SESSION_POST: TradeSession
TRADE_SESSION_OVERNIGHT: TradeSession
CALC_INDEX_UNKNOWN: CalcIndex
CALC_INDEX_CAPITAL_FLOW: CalcIndex

class SymbolRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class SymbolsRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbol: _Optional[_Iterable[str]] = ...) -> None: ...

class CapitalFlowLine(_message.Message):
    __slots__ = ("inflow", "timestamp")
    INFLOW_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    inflow: str
    timestamp: int
    def __init__(self, inflow: _Optional[str] = ..., timestamp: _Optional[int] = ...) -> None: ...

class CapitalFlowResponse(_message.Message):
    __slots__ = ("symbol", "capital_flow_lines")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_FLOW_LINES_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    capital_flow_lines: _containers.RepeatedCompositeFieldContainer[CapitalFlowLine]
    def __init__(self, symbol: _Optional[str] = ..., capital_flow_lines: _Optional[_Iterable[_Union[CapitalFlowLine, _Mapping]]] = ...) -> None: ...

class CapitalClasses(_message.Message):
    __slots__ = ("large", "medium", "small")
    LARGE_FIELD_NUMBER: _ClassVar[int]
    MEDIUM_FIELD_NUMBER: _ClassVar[int]
    SMALL_FIELD_NUMBER: _ClassVar[int]
    large: str
    medium: str
    small: str
    def __init__(self, large: _Optional[str] = ..., medium: _Optional[str] = ..., small: _Optional[str] = ...) -> None: ...

class CapitalDistributionResponse(_message.Message):
    __slots__ = ("symbol", "timestamp", "capital_in", "capital_out")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_IN_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_OUT_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    timestamp: int
    capital_in: CapitalClasses
    capital_out: CapitalClasses
    def __init__(self, symbol: _Optional[str] = ..., timestamp: _Optional[int] = ..., capital_in: _Optional[_Union[CapitalClasses, _Mapping]] = ..., capital_out: _Optional[_Union[CapitalClasses, _Mapping]] = ...) -> None: ...

class StaticInfo(_message.Message):
    __slots__ = ("symbol", "name_cn", "name_en", "name_hk", "listing_date", "exchange", "currency", "lot_size", "total_shares", "circulating_shares", "hk_shares", "eps", "eps_ttm", "bps", "dividend_yield", "stock_derivatives", "board")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    NAME_CN_FIELD_NUMBER: _ClassVar[int]
    NAME_EN_FIELD_NUMBER: _ClassVar[int]
    NAME_HK_FIELD_NUMBER: _ClassVar[int]
    LISTING_DATE_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    LOT_SIZE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SHARES_FIELD_NUMBER: _ClassVar[int]
    CIRCULATING_SHARES_FIELD_NUMBER: _ClassVar[int]
    HK_SHARES_FIELD_NUMBER: _ClassVar[int]
    EPS_FIELD_NUMBER: _ClassVar[int]
    EPS_TTM_FIELD_NUMBER: _ClassVar[int]
    BPS_FIELD_NUMBER: _ClassVar[int]
    DIVIDEND_YIELD_FIELD_NUMBER: _ClassVar[int]
    STOCK_DERIVATIVES_FIELD_NUMBER: _ClassVar[int]
    BOARD_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    name_cn: str
    name_en: str
    name_hk: str
    listing_date: str
    exchange: str
    currency: str
    lot_size: int
    total_shares: int
    circulating_shares: int
    hk_shares: int
    eps: str
    eps_ttm: str
    bps: str
    dividend_yield: str
    stock_derivatives: _containers.RepeatedScalarFieldContainer[int]
    board: str
    def __init__(self, symbol: _Optional[str] = ..., name_cn: _Optional[str] = ..., name_en: _Optional[str] = ..., name_hk: _Optional[str] = ..., listing_date: _Optional[str] = ..., exchange: _Optional[str] = ..., currency: _Optional[str] = ..., lot_size: _Optional[int] = ..., total_shares: _Optional[int] = ..., circulating_shares: _Optional[int] = ..., hk_shares: _Optional[int] = ..., eps: _Optional[str] = ..., eps_ttm: _Optional[str] = ..., bps: _Optional[str] = ..., dividend_yield: _Optional[str] = ..., stock_derivatives: _Optional[_Iterable[int]] = ..., board: _Optional[str] = ...) -> None: ...

class StaticInfoResponse(_message.Message):
    __slots__ = ("secu_static_info",)
    SECU_STATIC_INFO_FIELD_NUMBER: _ClassVar[int]
    secu_static_info: _containers.RepeatedCompositeFieldContainer[StaticInfo]
    def __init__(self, secu_static_info: _Optional[_Iterable[_Union[StaticInfo, _Mapping]]] = ...) -> None: ...

class ExtendedQuote(_message.Message):
    __slots__ = ("last_done", "timestamp", "volume", "turnover", "high", "low", "prev_close")
    LAST_DONE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    TURNOVER_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    PREV_CLOSE_FIELD_NUMBER: _ClassVar[int]
    last_done: str
    timestamp: int
    volume: int
    turnover: str
    high: str
    low: str
    prev_close: str
    def __init__(self, last_done: _Optional[str] = ..., timestamp: _Optional[int] = ..., volume: _Optional[int] = ..., turnover: _Optional[str] = ..., high: _Optional[str] = ..., low: _Optional[str] = ..., prev_close: _Optional[str] = ...) -> None: ...

class Quote(_message.Message):
    __slots__ = ("symbol", "last_done", "prev_close", "open", "high", "low", "timestamp", "volume", "turnover", "trade_status", "pre_market_quote", "post_market_quote", "over_night_quote")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LAST_DONE_FIELD_NUMBER: _ClassVar[int]
    PREV_CLOSE_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    TURNOVER_FIELD_NUMBER: _ClassVar[int]
    TRADE_STATUS_FIELD_NUMBER: _ClassVar[int]
    PRE_MARKET_QUOTE_FIELD_NUMBER: _ClassVar[int]
    POST_MARKET_QUOTE_FIELD_NUMBER: _ClassVar[int]
    OVER_NIGHT_QUOTE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    last_done: str
    prev_close: str
    open: str
    high: str
    low: str
    timestamp: int
    volume: int
    turnover: str
    trade_status: TradeStatus
    pre_market_quote: ExtendedQuote
    post_market_quote: ExtendedQuote
    over_night_quote: ExtendedQuote
    def __init__(self, symbol: _Optional[str] = ..., last_done: _Optional[str] = ..., prev_close: _Optional[str] = ..., open: _Optional[str] = ..., high: _Optional[str] = ..., low: _Optional[str] = ..., timestamp: _Optional[int] = ..., volume: _Optional[int] = ..., turnover: _Optional[str] = ..., trade_status: _Optional[_Union[TradeStatus, str]] = ..., pre_market_quote: _Optional[_Union[ExtendedQuote, _Mapping]] = ..., post_market_quote: _Optional[_Union[ExtendedQuote, _Mapping]] = ..., over_night_quote: _Optional[_Union[ExtendedQuote, _Mapping]] = ...) -> None: ...

class QuoteResponse(_message.Message):
    __slots__ = ("secu_quote",)
    SECU_QUOTE_FIELD_NUMBER: _ClassVar[int]
    secu_quote: _containers.RepeatedCompositeFieldContainer[Quote]
    def __init__(self, secu_quote: _Optional[_Iterable[_Union[Quote, _Mapping]]] = ...) -> None: ...

class TradePeriod(_message.Message):
    __slots__ = ("beg_time", "end_time", "trade_session")
    BEG_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    TRADE_SESSION_FIELD_NUMBER: _ClassVar[int]
    beg_time: int
    end_time: int
    trade_session: TradeSession
    def __init__(self, beg_time: _Optional[int] = ..., end_time: _Optional[int] = ..., trade_session: _Optional[_Union[TradeSession, str]] = ...) -> None: ...

class MarketTradeSession(_message.Message):
    __slots__ = ("market", "trade_session")
    MARKET_FIELD_NUMBER: _ClassVar[int]
    TRADE_SESSION_FIELD_NUMBER: _ClassVar[int]
    market: str
    trade_session: _containers.RepeatedCompositeFieldContainer[TradePeriod]
    def __init__(self, market: _Optional[str] = ..., trade_session: _Optional[_Iterable[_Union[TradePeriod, _Mapping]]] = ...) -> None: ...

class TradeSessionsResponse(_message.Message):
    __slots__ = ("market_trade_session",)
    MARKET_TRADE_SESSION_FIELD_NUMBER: _ClassVar[int]
    market_trade_session: _containers.RepeatedCompositeFieldContainer[MarketTradeSession]
    def __init__(self, market_trade_session: _Optional[_Iterable[_Union[MarketTradeSession, _Mapping]]] = ...) -> None: ...

class TradeDaysRequest(_message.Message):
    __slots__ = ("market", "beg_day", "end_day")
    MARKET_FIELD_NUMBER: _ClassVar[int]
    BEG_DAY_FIELD_NUMBER: _ClassVar[int]
    END_DAY_FIELD_NUMBER: _ClassVar[int]
    market: str
    beg_day: str
    end_day: str
    def __init__(self, market: _Optional[str] = ..., beg_day: _Optional[str] = ..., end_day: _Optional[str] = ...) -> None: ...

class TradeDaysResponse(_message.Message):
    __slots__ = ("trade_day", "half_trade_day")
    TRADE_DAY_FIELD_NUMBER: _ClassVar[int]
    HALF_TRADE_DAY_FIELD_NUMBER: _ClassVar[int]
    trade_day: _containers.RepeatedScalarFieldContainer[str]
    half_trade_day: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, trade_day: _Optional[_Iterable[str]] = ..., half_trade_day: _Optional[_Iterable[str]] = ...) -> None: ...

class ProfileRequest(_message.Message):
    __slots__ = ("language",)
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    language: str
    def __init__(self, language: _Optional[str] = ...) -> None: ...

class RateLimit(_message.Message):
    __slots__ = ("command", "limit", "burst")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BURST_FIELD_NUMBER: _ClassVar[int]
    command: int
    limit: int
    burst: int
    def __init__(self, command: _Optional[int] = ..., limit: _Optional[int] = ..., burst: _Optional[int] = ...) -> None: ...

class Package(_message.Message):
    __slots__ = ("key", "name", "description", "start", "end")
    KEY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    key: str
    name: str
    description: str
    start: int
    end: int
    def __init__(self, key: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class MarketPackages(_message.Message):
    __slots__ = ("packages", "warning_msg")
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    WARNING_MSG_FIELD_NUMBER: _ClassVar[int]
    packages: _containers.RepeatedCompositeFieldContainer[Package]
    warning_msg: str
    def __init__(self, packages: _Optional[_Iterable[_Union[Package, _Mapping]]] = ..., warning_msg: _Optional[str] = ...) -> None: ...

class QuoteLevelDetail(_message.Message):
    __slots__ = ("by_package_key", "by_market_code")
    class ByPackageKeyEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Package
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Package, _Mapping]] = ...) -> None: ...
    class ByMarketCodeEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: MarketPackages
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MarketPackages, _Mapping]] = ...) -> None: ...
    BY_PACKAGE_KEY_FIELD_NUMBER: _ClassVar[int]
    BY_MARKET_CODE_FIELD_NUMBER: _ClassVar[int]
    by_package_key: _containers.MessageMap[str, Package]
    by_market_code: _containers.MessageMap[str, MarketPackages]
    def __init__(self, by_package_key: _Optional[_Mapping[str, Package]] = ..., by_market_code: _Optional[_Mapping[str, MarketPackages]] = ...) -> None: ...

class ProfileResponse(_message.Message):
    __slots__ = ("member_id", "quote_level", "subscribe_limit", "history_candlestick_limit", "rate_limit", "quote_level_detail")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    QUOTE_LEVEL_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBE_LIMIT_FIELD_NUMBER: _ClassVar[int]
    HISTORY_CANDLESTICK_LIMIT_FIELD_NUMBER: _ClassVar[int]
    RATE_LIMIT_FIELD_NUMBER: _ClassVar[int]
    QUOTE_LEVEL_DETAIL_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    quote_level: str
    subscribe_limit: int
    history_candlestick_limit: int
    rate_limit: _containers.RepeatedCompositeFieldContainer[RateLimit]
    quote_level_detail: QuoteLevelDetail
    def __init__(self, member_id: _Optional[int] = ..., quote_level: _Optional[str] = ..., subscribe_limit: _Optional[int] = ..., history_candlestick_limit: _Optional[int] = ..., rate_limit: _Optional[_Iterable[_Union[RateLimit, _Mapping]]] = ..., quote_level_detail: _Optional[_Union[QuoteLevelDetail, _Mapping]] = ...) -> None: ...

class CalcIndexRequest(_message.Message):
    __slots__ = ("symbols", "calc_index")
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    CALC_INDEX_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    calc_index: _containers.RepeatedScalarFieldContainer[CalcIndex]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ..., calc_index: _Optional[_Iterable[_Union[CalcIndex, str]]] = ...) -> None: ...

class CalcIndexes(_message.Message):
    __slots__ = ("symbol", "capital_flow")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_FLOW_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    capital_flow: str
    def __init__(self, symbol: _Optional[str] = ..., capital_flow: _Optional[str] = ...) -> None: ...

class CalcIndexResponse(_message.Message):
    __slots__ = ("security_calc_index",)
    SECURITY_CALC_INDEX_FIELD_NUMBER: _ClassVar[int]
    security_calc_index: _containers.RepeatedCompositeFieldContainer[CalcIndexes]
    def __init__(self, security_calc_index: _Optional[_Iterable[_Union[CalcIndexes, _Mapping]]] = ...) -> None: ...
