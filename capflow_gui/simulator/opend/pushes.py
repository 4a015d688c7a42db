"""What a simulated OpenD says unasked (Notify, 1003)."""

from __future__ import annotations

from capflow_gui.simulator.faults import FaultName
from capflow_gui.wire.pb.opend import notify_pb2 as notify
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot


def fault_pushes(name: FaultName, *, active: bool) -> list[bytes]:
    """The pushes that a fault begins with, or the one that takes it back; most faults have none."""
    match name:
        case FaultName.NOT_LOGGED_IN:
            return [_push(notify.S2C(type=notify.NOTIFY_TYPE_CONN_STATUS, connectStatus=_status(logged_in=not active)))]
        case FaultName.RIGHT_LOST:
            # A right is lost only to somebody who heard of having it.
            return [_rights(qot.QOT_RIGHT_LEVEL2), _rights(qot.QOT_RIGHT_NONE)][: 2 if active else 1]
        case FaultName.KICKED if active:
            event = notify.GtwEvent(eventType=notify.GTW_EVENT_KICKED_OUT, desc="您的账号在其他终端登录")
            return [_push(notify.S2C(type=notify.NOTIFY_TYPE_GTW_EVENT, event=event))]
        case FaultName.KICKED:
            return [_push(notify.S2C(type=notify.NOTIFY_TYPE_CONN_STATUS, connectStatus=_status(logged_in=True)))]
        case _:
            return []


def _rights(right: int) -> bytes:
    rights = notify.QotRight(hkQotRight=right, usQotRight=right, cnQotRight=right)
    return _push(notify.S2C(type=notify.NOTIFY_TYPE_QOT_RIGHT, qotRight=rights))


def _status(*, logged_in: bool) -> notify.ConnectStatus:
    return notify.ConnectStatus(qotLogined=logged_in, trdLogined=False)


def _push(s2c: notify.S2C) -> bytes:
    return bytes(notify.Response(retType=0, retMsg="", errCode=0, s2c=s2c).SerializeToString())
