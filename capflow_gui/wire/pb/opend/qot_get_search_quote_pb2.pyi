from capflow_gui.wire.pb.opend import qot_common_pb2 as _qot_common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SearchQuote(_message.Message):
    __slots__ = ("market", "code", "name", "sec_type", "is_watched")
    MARKET_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SEC_TYPE_FIELD_NUMBER: _ClassVar[int]
    IS_WATCHED_FIELD_NUMBER: _ClassVar[int]
    market: int
    code: str
    name: str
    sec_type: int
    is_watched: bool
    def __init__(self, market: _Optional[int] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., sec_type: _Optional[int] = ..., is_watched: _Optional[bool] = ...) -> None: ...

class C2S(_message.Message):
    __slots__ = ("keyword", "max_count", "header")
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    MAX_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    keyword: str
    max_count: int
    header: _qot_common_pb2.QotHeader
    def __init__(self, keyword: _Optional[str] = ..., max_count: _Optional[int] = ..., header: _Optional[_Union[_qot_common_pb2.QotHeader, _Mapping]] = ...) -> None: ...

class S2C(_message.Message):
    __slots__ = ("search_quote_list",)
    SEARCH_QUOTE_LIST_FIELD_NUMBER: _ClassVar[int]
    search_quote_list: _containers.RepeatedCompositeFieldContainer[SearchQuote]
    def __init__(self, search_quote_list: _Optional[_Iterable[_Union[SearchQuote, _Mapping]]] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("c2s",)
    C2S_FIELD_NUMBER: _ClassVar[int]
    c2s: C2S
    def __init__(self, c2s: _Optional[_Union[C2S, _Mapping]] = ...) -> None: ...

class Response(_message.Message):
    __slots__ = ("retType", "retMsg", "errCode", "s2c")
    RETTYPE_FIELD_NUMBER: _ClassVar[int]
    RETMSG_FIELD_NUMBER: _ClassVar[int]
    ERRCODE_FIELD_NUMBER: _ClassVar[int]
    S2C_FIELD_NUMBER: _ClassVar[int]
    retType: int
    retMsg: str
    errCode: int
    s2c: S2C
    def __init__(self, retType: _Optional[int] = ..., retMsg: _Optional[str] = ..., errCode: _Optional[int] = ..., s2c: _Optional[_Union[S2C, _Mapping]] = ...) -> None: ...
