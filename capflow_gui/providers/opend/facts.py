"""What OpenD says about itself, unasked or on GetGlobalState, as facts of the link."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from capflow_gui.domain.link import LinkFact, LinkFacts
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.opend.frame import text_of
from capflow_gui.wire.pb.opend import common_pb2, notify_pb2, qot_common_pb2

# Rights by rising worth; the wire's numbers do not rise. UNKNOWN is left out: it tells nothing.
_WORTH = (
    qot_common_pb2.QOT_RIGHT_NONE,
    qot_common_pb2.QOT_RIGHT_BMP,
    qot_common_pb2.QOT_RIGHT_LEVEL1,
    qot_common_pb2.QOT_RIGHT_LEVEL2,
    qot_common_pb2.QOT_RIGHT_SF,
    qot_common_pb2.QOT_RIGHT_LEVEL3,
)
_RIGHT_NAMES = ("none", "BMP", "level 1", "level 2", "SF", "level 3")
_RIGHT_FIELDS = {
    "HK": "hkQotRight",
    "US": "usQotRight",
    "SH": "shQotRight",
    "SZ": "szQotRight",
    "SG": "sgStockQotRight",
}
_KICKED = frozenset(
    {
        notify_pb2.GTW_EVENT_KICKED_OUT,
        notify_pb2.GTW_EVENT_LOGIN_PASSWORD_CHANGED,
        notify_pb2.GTW_EVENT_LOGIN_BANNED,
    }
)
_WANTS_LOGIN = frozenset(
    {
        notify_pb2.GTW_EVENT_LOGIN_FAILED,
        notify_pb2.GTW_EVENT_FORCE_UPDATE,
        notify_pb2.GTW_EVENT_DISCLAIMER_NOT_AGREED,
        notify_pb2.GTW_EVENT_NEED_PICTURE_CODE,
        notify_pb2.GTW_EVENT_NEED_PHONE_CODE,
        notify_pb2.GTW_EVENT_DEVICE_LOCK_ENABLED,
    }
)
_STATUS_CODES = {
    common_pb2.PROGRAM_STATUS_LOGGING_IN: Code.OPEND_LOGGING_IN,
    common_pb2.PROGRAM_STATUS_NEED_PICTURE_CODE: Code.OPEND_WANTS_PICTURE_CODE,
    common_pb2.PROGRAM_STATUS_NEED_PHONE_CODE: Code.OPEND_WANTS_PHONE_CODE,
    common_pb2.PROGRAM_STATUS_LOGIN_FAILED: Code.OPEND_LOGIN_FAILED,
    common_pb2.PROGRAM_STATUS_FORCE_UPDATE: Code.OPEND_MUST_BE_UPDATED,
    common_pb2.PROGRAM_STATUS_DISCLAIMER_NOT_AGREED: Code.OPEND_WANTS_DISCLAIMER,
    common_pb2.PROGRAM_STATUS_FORCE_LOGOUT: Code.OPEND_LOGGED_OUT,
}


class OpendFacts:
    """The facts that hold. The best quote rights heard of outlive a connection, facts do not."""

    def __init__(self) -> None:
        self._facts: dict[LinkFact, Reason] = {}
        self._best: dict[str, int] = {}  # market -> worth

    def as_pairs(self) -> LinkFacts:
        """Return the facts as LinkState holds them."""
        return tuple(self._facts.items())

    def set(self, fact: LinkFact, reason: Reason) -> None:
        """Let a fact hold."""
        self._facts[fact] = reason

    def new_connection(self) -> None:
        """Forget what the last connection said; lost rights stay until OpenD says otherwise."""
        for fact in (LinkFact.LOGGED_OUT, LinkFact.KICKED_OUT, LinkFact.SIMULATED):
            self._facts.pop(fact, None)

    def on_global_state(self, state: GlobalState) -> None:
        """Take what GetGlobalState says of login and simulation."""
        self._login(state.quote_logged_in, Reason.of(Code.OPEND_NOT_LOGGED_IN))
        if state.simulated:
            self._facts[LinkFact.SIMULATED] = Reason.of(Code.VERBATIM, text=state.status)

    def on_notify(self, body: bytes) -> None:
        """Take a Notify push. Raises RemoteProtocolError where it cannot be read; unknown kinds change nothing."""
        answer = notify_pb2.Response()
        try:
            answer.ParseFromString(body)
            self._on_s2c(answer.s2c)
        except DecodeError as error:
            raise RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))) from error

    def _on_s2c(self, s2c: notify_pb2.S2C) -> None:
        if s2c.HasField("event"):
            if s2c.event.eventType in _KICKED:
                self._facts[LinkFact.KICKED_OUT] = _said(text_of(s2c.event.desc), Code.KICKED_OUT)
            elif s2c.event.eventType in _WANTS_LOGIN:
                self._facts[LinkFact.LOGGED_OUT] = _said(text_of(s2c.event.desc), Code.LOG_IN_THERE)
        if s2c.HasField("connectStatus"):
            self._login(s2c.connectStatus.qotLogined, Reason.of(Code.OPEND_LOST_QUOTES))
        if s2c.HasField("programStatus"):
            status = s2c.programStatus.programStatus
            ready = status.type == common_pb2.PROGRAM_STATUS_READY
            known = _STATUS_CODES.get(status.type)
            reason = Reason.of(known) if known else Reason.of(Code.OPEND_NOT_READY, status=status.type)
            text = text_of(status.strExtDesc)
            self._login(ready, Reason.of(Code.VERBATIM, text=text) if text else reason)
        if s2c.HasField("qotRight"):
            self._on_rights(s2c.qotRight)

    def _login(self, logged_in: bool, reason: Reason) -> None:
        if logged_in:
            self._facts.pop(LinkFact.LOGGED_OUT, None)
            self._facts.pop(LinkFact.KICKED_OUT, None)
        else:
            self._facts[LinkFact.LOGGED_OUT] = reason

    def _on_rights(self, rights: notify_pb2.QotRight) -> None:
        lost: list[str] = []
        for market, field in _RIGHT_FIELDS.items():
            if not rights.HasField(field):
                # Older versions speak of the mainland as one.
                if market not in ("SH", "SZ"):
                    continue
                field = "cnQotRight"  # noqa: PLW2901
            number = getattr(rights, field)
            if number not in _WORTH:
                continue
            worth = _WORTH.index(number)
            best = self._best[market] = max(worth, self._best.get(market, worth))
            if worth < best:
                lost.append(f"{market}: {_RIGHT_NAMES[best]} → {_RIGHT_NAMES[worth]}")
        if lost:
            self._facts[LinkFact.QUOTE_RIGHT_LOST] = Reason.of(Code.RIGHTS_LOST, rights=", ".join(lost))
        else:
            self._facts.pop(LinkFact.QUOTE_RIGHT_LOST, None)


def _said(text: str, otherwise: Code) -> Reason:
    """OpenD's own words, or ours where it gives none."""
    return Reason.of(Code.VERBATIM, text=text) if text else Reason.of(otherwise)
