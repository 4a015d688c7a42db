from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RetType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RET_TYPE_SUCCEED: _ClassVar[RetType]
    RET_TYPE_FAILED: _ClassVar[RetType]
    RET_TYPE_TIMEOUT: _ClassVar[RetType]
    RET_TYPE_DISCONNECT: _ClassVar[RetType]
    RET_TYPE_UNKNOWN: _ClassVar[RetType]
    RET_TYPE_INVALID: _ClassVar[RetType]

class ProtoFmt(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROTO_FMT_PROTOBUF: _ClassVar[ProtoFmt]
    PROTO_FMT_JSON: _ClassVar[ProtoFmt]

class PacketEncAlgo(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PACKET_ENC_ALGO_FTAES_ECB: _ClassVar[PacketEncAlgo]
    PACKET_ENC_ALGO_NONE: _ClassVar[PacketEncAlgo]
    PACKET_ENC_ALGO_AES_ECB: _ClassVar[PacketEncAlgo]
    PACKET_ENC_ALGO_AES_CBC: _ClassVar[PacketEncAlgo]

class ProgramStatusType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROGRAM_STATUS_NONE: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_LOADED: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_LOGGING_IN: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_NEED_PICTURE_CODE: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_NEED_PHONE_CODE: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_LOGIN_FAILED: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_FORCE_UPDATE: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_PREPARING_DATA: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_MISSING_DATA: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_DISCLAIMER_NOT_AGREED: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_READY: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_FORCE_LOGOUT: _ClassVar[ProgramStatusType]
    PROGRAM_STATUS_DISCLAIMER_PULL_FAILED: _ClassVar[ProgramStatusType]
RET_TYPE_SUCCEED: RetType
RET_TYPE_FAILED: RetType
RET_TYPE_TIMEOUT: RetType
RET_TYPE_DISCONNECT: RetType
RET_TYPE_UNKNOWN: RetType
RET_TYPE_INVALID: RetType
PROTO_FMT_PROTOBUF: ProtoFmt
PROTO_FMT_JSON: ProtoFmt
PACKET_ENC_ALGO_FTAES_ECB: PacketEncAlgo
PACKET_ENC_ALGO_NONE: PacketEncAlgo
PACKET_ENC_ALGO_AES_ECB: PacketEncAlgo
PACKET_ENC_ALGO_AES_CBC: PacketEncAlgo
PROGRAM_STATUS_NONE: ProgramStatusType
PROGRAM_STATUS_LOADED: ProgramStatusType
PROGRAM_STATUS_LOGGING_IN: ProgramStatusType
PROGRAM_STATUS_NEED_PICTURE_CODE: ProgramStatusType
PROGRAM_STATUS_NEED_PHONE_CODE: ProgramStatusType
PROGRAM_STATUS_LOGIN_FAILED: ProgramStatusType
PROGRAM_STATUS_FORCE_UPDATE: ProgramStatusType
PROGRAM_STATUS_PREPARING_DATA: ProgramStatusType
PROGRAM_STATUS_MISSING_DATA: ProgramStatusType
PROGRAM_STATUS_DISCLAIMER_NOT_AGREED: ProgramStatusType
PROGRAM_STATUS_READY: ProgramStatusType
PROGRAM_STATUS_FORCE_LOGOUT: ProgramStatusType
PROGRAM_STATUS_DISCLAIMER_PULL_FAILED: ProgramStatusType

class ProgramStatus(_message.Message):
    __slots__ = ("type", "strExtDesc")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STREXTDESC_FIELD_NUMBER: _ClassVar[int]
    type: ProgramStatusType
    strExtDesc: str
    def __init__(self, type: _Optional[_Union[ProgramStatusType, str]] = ..., strExtDesc: _Optional[str] = ...) -> None: ...
