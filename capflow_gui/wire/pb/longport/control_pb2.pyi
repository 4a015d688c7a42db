from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CloseCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOSE_CODE_HEARTBEAT_TIMEOUT: _ClassVar[CloseCode]
    CLOSE_CODE_SERVER_ERROR: _ClassVar[CloseCode]
    CLOSE_CODE_SERVER_SHUTDOWN: _ClassVar[CloseCode]
    CLOSE_CODE_UNPACK_ERROR: _ClassVar[CloseCode]
    CLOSE_CODE_AUTH_ERROR: _ClassVar[CloseCode]
    CLOSE_CODE_SESSION_EXPIRED: _ClassVar[CloseCode]
    CLOSE_CODE_CONNECT_DUPLICATE: _ClassVar[CloseCode]
CLOSE_CODE_HEARTBEAT_TIMEOUT: CloseCode
CLOSE_CODE_SERVER_ERROR: CloseCode
CLOSE_CODE_SERVER_SHUTDOWN: CloseCode
CLOSE_CODE_UNPACK_ERROR: CloseCode
CLOSE_CODE_AUTH_ERROR: CloseCode
CLOSE_CODE_SESSION_EXPIRED: CloseCode
CLOSE_CODE_CONNECT_DUPLICATE: CloseCode

class Close(_message.Message):
    __slots__ = ("code", "reason")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    code: CloseCode
    reason: str
    def __init__(self, code: _Optional[_Union[CloseCode, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("timestamp", "heartbeat_id")
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_ID_FIELD_NUMBER: _ClassVar[int]
    timestamp: int
    heartbeat_id: int
    def __init__(self, timestamp: _Optional[int] = ..., heartbeat_id: _Optional[int] = ...) -> None: ...

class AuthRequest(_message.Message):
    __slots__ = ("token", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    token: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, token: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ReconnectRequest(_message.Message):
    __slots__ = ("session_id", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, session_id: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("session_id", "expires", "limit", "online")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    ONLINE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    expires: int
    limit: int
    online: int
    def __init__(self, session_id: _Optional[str] = ..., expires: _Optional[int] = ..., limit: _Optional[int] = ..., online: _Optional[int] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("code", "msg")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MSG_FIELD_NUMBER: _ClassVar[int]
    code: int
    msg: str
    def __init__(self, code: _Optional[int] = ..., msg: _Optional[str] = ...) -> None: ...
