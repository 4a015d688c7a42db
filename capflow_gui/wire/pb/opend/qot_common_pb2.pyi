from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class QotMarket(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QOT_MARKET_UNKNOWN: _ClassVar[QotMarket]
    QOT_MARKET_HK: _ClassVar[QotMarket]
    QOT_MARKET_HK_FUTURE: _ClassVar[QotMarket]
    QOT_MARKET_US: _ClassVar[QotMarket]
    QOT_MARKET_SH: _ClassVar[QotMarket]
    QOT_MARKET_SZ: _ClassVar[QotMarket]
    QOT_MARKET_SG: _ClassVar[QotMarket]
    QOT_MARKET_JP: _ClassVar[QotMarket]
    QOT_MARKET_AU: _ClassVar[QotMarket]
    QOT_MARKET_MY: _ClassVar[QotMarket]
    QOT_MARKET_CA: _ClassVar[QotMarket]
    QOT_MARKET_FX: _ClassVar[QotMarket]
    QOT_MARKET_CC: _ClassVar[QotMarket]
    QOT_MARKET_EVENT_CONTRACT: _ClassVar[QotMarket]

class PeriodType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERIOD_TYPE_UNKNOWN: _ClassVar[PeriodType]
    PERIOD_TYPE_INTRADAY: _ClassVar[PeriodType]
    PERIOD_TYPE_DAY: _ClassVar[PeriodType]
    PERIOD_TYPE_WEEK: _ClassVar[PeriodType]
    PERIOD_TYPE_MONTH: _ClassVar[PeriodType]

class SecurityType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SECURITY_TYPE_UNKNOWN: _ClassVar[SecurityType]
    SECURITY_TYPE_BOND: _ClassVar[SecurityType]
    SECURITY_TYPE_BASKET_WARRANT: _ClassVar[SecurityType]
    SECURITY_TYPE_STOCK: _ClassVar[SecurityType]
    SECURITY_TYPE_FUND: _ClassVar[SecurityType]
    SECURITY_TYPE_WARRANT: _ClassVar[SecurityType]
    SECURITY_TYPE_INDEX: _ClassVar[SecurityType]
    SECURITY_TYPE_PLATE: _ClassVar[SecurityType]
    SECURITY_TYPE_OPTION: _ClassVar[SecurityType]
    SECURITY_TYPE_PLATE_SET: _ClassVar[SecurityType]
    SECURITY_TYPE_FUTURE: _ClassVar[SecurityType]
    SECURITY_TYPE_FOREX: _ClassVar[SecurityType]
    SECURITY_TYPE_CRYPTO: _ClassVar[SecurityType]

class QotMarketState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARKET_STATE_NONE: _ClassVar[QotMarketState]
    MARKET_STATE_AUCTION: _ClassVar[QotMarketState]
    MARKET_STATE_WAITING_OPEN: _ClassVar[QotMarketState]
    MARKET_STATE_MORNING: _ClassVar[QotMarketState]
    MARKET_STATE_REST: _ClassVar[QotMarketState]
    MARKET_STATE_AFTERNOON: _ClassVar[QotMarketState]
    MARKET_STATE_CLOSED: _ClassVar[QotMarketState]
    MARKET_STATE_PRE_MARKET_BEGIN: _ClassVar[QotMarketState]
    MARKET_STATE_PRE_MARKET_END: _ClassVar[QotMarketState]
    MARKET_STATE_AFTER_HOURS_BEGIN: _ClassVar[QotMarketState]
    MARKET_STATE_AFTER_HOURS_END: _ClassVar[QotMarketState]
    MARKET_STATE_SWITCH_DATE: _ClassVar[QotMarketState]
    MARKET_STATE_NIGHT_OPEN: _ClassVar[QotMarketState]
    MARKET_STATE_NIGHT_END: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_DAY_OPEN: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_DAY_BREAK: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_DAY_CLOSE: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_DAY_WAIT_FOR_OPEN: _ClassVar[QotMarketState]
    MARKET_STATE_HK_CLOSING_AUCTION: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_NIGHT_WAIT: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_AFTERNOON: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_SWITCH_DATE: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_OPEN: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_BREAK: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_BREAK_OVER: _ClassVar[QotMarketState]
    MARKET_STATE_FUTURE_CLOSE: _ClassVar[QotMarketState]
    MARKET_STATE_A_SHARE_AFTER_HOURS_WAIT: _ClassVar[QotMarketState]
    MARKET_STATE_A_SHARE_AFTER_HOURS_BEGIN: _ClassVar[QotMarketState]
    MARKET_STATE_A_SHARE_AFTER_HOURS_END: _ClassVar[QotMarketState]
    MARKET_STATE_CLOSE_AUCTION: _ClassVar[QotMarketState]
    MARKET_STATE_AFTERNOON_END: _ClassVar[QotMarketState]
    MARKET_STATE_NIGHT: _ClassVar[QotMarketState]
    MARKET_STATE_OVERNIGHT_BEGIN: _ClassVar[QotMarketState]
    MARKET_STATE_OVERNIGHT_END: _ClassVar[QotMarketState]
    MARKET_STATE_TRADE_AT_LAST: _ClassVar[QotMarketState]
    MARKET_STATE_TRADE_AUCTION: _ClassVar[QotMarketState]
    MARKET_STATE_OVERNIGHT: _ClassVar[QotMarketState]

class QotRight(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QOT_RIGHT_UNKNOWN: _ClassVar[QotRight]
    QOT_RIGHT_BMP: _ClassVar[QotRight]
    QOT_RIGHT_LEVEL1: _ClassVar[QotRight]
    QOT_RIGHT_LEVEL2: _ClassVar[QotRight]
    QOT_RIGHT_SF: _ClassVar[QotRight]
    QOT_RIGHT_NONE: _ClassVar[QotRight]
    QOT_RIGHT_LEVEL3: _ClassVar[QotRight]

class TradeDateMarket(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRADE_DATE_MARKET_UNKNOWN: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_HK: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_US: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_CN: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_NORTHBOUND: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_SOUTHBOUND: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_JP_FUTURE: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_SG_FUTURE: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_SG: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_MY: _ClassVar[TradeDateMarket]
    TRADE_DATE_MARKET_JP: _ClassVar[TradeDateMarket]

class TradeDateType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRADE_DATE_WHOLE: _ClassVar[TradeDateType]
    TRADE_DATE_MORNING: _ClassVar[TradeDateType]
    TRADE_DATE_AFTERNOON: _ClassVar[TradeDateType]

class SecurityStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SECURITY_STATUS_UNKNOWN: _ClassVar[SecurityStatus]
    SECURITY_STATUS_NORMAL: _ClassVar[SecurityStatus]
    SECURITY_STATUS_SUSPENDED: _ClassVar[SecurityStatus]
QOT_MARKET_UNKNOWN: QotMarket
QOT_MARKET_HK: QotMarket
QOT_MARKET_HK_FUTURE: QotMarket
QOT_MARKET_US: QotMarket
QOT_MARKET_SH: QotMarket
QOT_MARKET_SZ: QotMarket
QOT_MARKET_SG: QotMarket
QOT_MARKET_JP: QotMarket
QOT_MARKET_AU: QotMarket
QOT_MARKET_MY: QotMarket
QOT_MARKET_CA: QotMarket
QOT_MARKET_FX: QotMarket
QOT_MARKET_CC: QotMarket
QOT_MARKET_EVENT_CONTRACT: QotMarket
PERIOD_TYPE_UNKNOWN: PeriodType
PERIOD_TYPE_INTRADAY: PeriodType
PERIOD_TYPE_DAY: PeriodType
PERIOD_TYPE_WEEK: PeriodType
PERIOD_TYPE_MONTH: PeriodType
SECURITY_TYPE_UNKNOWN: SecurityType
SECURITY_TYPE_BOND: SecurityType
SECURITY_TYPE_BASKET_WARRANT: SecurityType
SECURITY_TYPE_STOCK: SecurityType
SECURITY_TYPE_FUND: SecurityType
SECURITY_TYPE_WARRANT: SecurityType
SECURITY_TYPE_INDEX: SecurityType
SECURITY_TYPE_PLATE: SecurityType
SECURITY_TYPE_OPTION: SecurityType
SECURITY_TYPE_PLATE_SET: SecurityType
SECURITY_TYPE_FUTURE: SecurityType
SECURITY_TYPE_FOREX: SecurityType
SECURITY_TYPE_CRYPTO: SecurityType
MARKET_STATE_NONE: QotMarketState
MARKET_STATE_AUCTION: QotMarketState
MARKET_STATE_WAITING_OPEN: QotMarketState
MARKET_STATE_MORNING: QotMarketState
MARKET_STATE_REST: QotMarketState
MARKET_STATE_AFTERNOON: QotMarketState
MARKET_STATE_CLOSED: QotMarketState
MARKET_STATE_PRE_MARKET_BEGIN: QotMarketState
MARKET_STATE_PRE_MARKET_END: QotMarketState
MARKET_STATE_AFTER_HOURS_BEGIN: QotMarketState
MARKET_STATE_AFTER_HOURS_END: QotMarketState
MARKET_STATE_SWITCH_DATE: QotMarketState
MARKET_STATE_NIGHT_OPEN: QotMarketState
MARKET_STATE_NIGHT_END: QotMarketState
MARKET_STATE_FUTURE_DAY_OPEN: QotMarketState
MARKET_STATE_FUTURE_DAY_BREAK: QotMarketState
MARKET_STATE_FUTURE_DAY_CLOSE: QotMarketState
MARKET_STATE_FUTURE_DAY_WAIT_FOR_OPEN: QotMarketState
MARKET_STATE_HK_CLOSING_AUCTION: QotMarketState
MARKET_STATE_FUTURE_NIGHT_WAIT: QotMarketState
MARKET_STATE_FUTURE_AFTERNOON: QotMarketState
MARKET_STATE_FUTURE_SWITCH_DATE: QotMarketState
MARKET_STATE_FUTURE_OPEN: QotMarketState
MARKET_STATE_FUTURE_BREAK: QotMarketState
MARKET_STATE_FUTURE_BREAK_OVER: QotMarketState
MARKET_STATE_FUTURE_CLOSE: QotMarketState
MARKET_STATE_A_SHARE_AFTER_HOURS_WAIT: QotMarketState
MARKET_STATE_A_SHARE_AFTER_HOURS_BEGIN: QotMarketState
MARKET_STATE_A_SHARE_AFTER_HOURS_END: QotMarketState
MARKET_STATE_CLOSE_AUCTION: QotMarketState
MARKET_STATE_AFTERNOON_END: QotMarketState
MARKET_STATE_NIGHT: QotMarketState
MARKET_STATE_OVERNIGHT_BEGIN: QotMarketState
MARKET_STATE_OVERNIGHT_END: QotMarketState
MARKET_STATE_TRADE_AT_LAST: QotMarketState
MARKET_STATE_TRADE_AUCTION: QotMarketState
MARKET_STATE_OVERNIGHT: QotMarketState
QOT_RIGHT_UNKNOWN: QotRight
QOT_RIGHT_BMP: QotRight
QOT_RIGHT_LEVEL1: QotRight
QOT_RIGHT_LEVEL2: QotRight
QOT_RIGHT_SF: QotRight
QOT_RIGHT_NONE: QotRight
QOT_RIGHT_LEVEL3: QotRight
TRADE_DATE_MARKET_UNKNOWN: TradeDateMarket
TRADE_DATE_MARKET_HK: TradeDateMarket
TRADE_DATE_MARKET_US: TradeDateMarket
TRADE_DATE_MARKET_CN: TradeDateMarket
TRADE_DATE_MARKET_NORTHBOUND: TradeDateMarket
TRADE_DATE_MARKET_SOUTHBOUND: TradeDateMarket
TRADE_DATE_MARKET_JP_FUTURE: TradeDateMarket
TRADE_DATE_MARKET_SG_FUTURE: TradeDateMarket
TRADE_DATE_MARKET_SG: TradeDateMarket
TRADE_DATE_MARKET_MY: TradeDateMarket
TRADE_DATE_MARKET_JP: TradeDateMarket
TRADE_DATE_WHOLE: TradeDateType
TRADE_DATE_MORNING: TradeDateType
TRADE_DATE_AFTERNOON: TradeDateType
SECURITY_STATUS_UNKNOWN: SecurityStatus
SECURITY_STATUS_NORMAL: SecurityStatus
SECURITY_STATUS_SUSPENDED: SecurityStatus

class Security(_message.Message):
    __slots__ = ("market", "code")
    MARKET_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    market: int
    code: str
    def __init__(self, market: _Optional[int] = ..., code: _Optional[str] = ...) -> None: ...

class QotHeader(_message.Message):
    __slots__ = ("securityFirm",)
    SECURITYFIRM_FIELD_NUMBER: _ClassVar[int]
    securityFirm: int
    def __init__(self, securityFirm: _Optional[int] = ...) -> None: ...

class SecurityStaticBasic(_message.Message):
    __slots__ = ("security", "id", "lotSize", "secType", "name", "listTime", "delisting", "listTimestamp", "exchType")
    SECURITY_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LOTSIZE_FIELD_NUMBER: _ClassVar[int]
    SECTYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LISTTIME_FIELD_NUMBER: _ClassVar[int]
    DELISTING_FIELD_NUMBER: _ClassVar[int]
    LISTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    EXCHTYPE_FIELD_NUMBER: _ClassVar[int]
    security: Security
    id: int
    lotSize: int
    secType: int
    name: str
    listTime: str
    delisting: bool
    listTimestamp: float
    exchType: int
    def __init__(self, security: _Optional[_Union[Security, _Mapping]] = ..., id: _Optional[int] = ..., lotSize: _Optional[int] = ..., secType: _Optional[int] = ..., name: _Optional[str] = ..., listTime: _Optional[str] = ..., delisting: _Optional[bool] = ..., listTimestamp: _Optional[float] = ..., exchType: _Optional[int] = ...) -> None: ...

class WarrantStaticExData(_message.Message):
    __slots__ = ("type", "owner")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    type: int
    owner: Security
    def __init__(self, type: _Optional[int] = ..., owner: _Optional[_Union[Security, _Mapping]] = ...) -> None: ...

class SecurityStaticInfo(_message.Message):
    __slots__ = ("basic", "warrantExData")
    BASIC_FIELD_NUMBER: _ClassVar[int]
    WARRANTEXDATA_FIELD_NUMBER: _ClassVar[int]
    basic: SecurityStaticBasic
    warrantExData: WarrantStaticExData
    def __init__(self, basic: _Optional[_Union[SecurityStaticBasic, _Mapping]] = ..., warrantExData: _Optional[_Union[WarrantStaticExData, _Mapping]] = ...) -> None: ...
