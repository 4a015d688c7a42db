"""What a simulated OpenD says unasked (Notify, 1003)."""

from __future__ import annotations

from capflow_gui.simulator.faults import FaultName
from capflow_gui.wire.pb.opend import common_pb2 as common
from capflow_gui.wire.pb.opend import notify_pb2 as notify
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot


def fault_push(name: FaultName, *, active: bool) -> bytes:
    """The push that a fault of `faults.PUSHED` begins with, or the one that takes it back."""
    response = notify.Response(retType=0, retMsg="", errCode=0)
    s2c = response.s2c
    match name:
        case FaultName.NOT_LOGGED_IN:
            s2c.type = notify.NOTIFY_TYPE_CONN_STATUS
            s2c.connectStatus.qotLogined = not active
            s2c.connectStatus.trdLogined = False
        case FaultName.RIGHT_LOST:
            right = qot.QOT_RIGHT_NONE if active else qot.QOT_RIGHT_LEVEL2
            s2c.type = notify.NOTIFY_TYPE_QOT_RIGHT
            s2c.qotRight.hkQotRight = s2c.qotRight.usQotRight = s2c.qotRight.cnQotRight = right
        case FaultName.KICKED if active:
            s2c.type = notify.NOTIFY_TYPE_GTW_EVENT
            s2c.event.eventType = notify.GTW_EVENT_KICKED_OUT
            s2c.event.desc = "您的账号在其他终端登录"
        case _:
            s2c.type = notify.NOTIFY_TYPE_PROGRAM_STATUS
            s2c.programStatus.programStatus.type = common.PROGRAM_STATUS_READY
    return bytes(response.SerializeToString())
