"""What OpenD says about itself, unasked or on GetGlobalState, as facts of the link."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from capflow_gui.domain.link import LinkFact
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import RemoteProtocolError
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
_STATUS_WORDS = {
    common_pb2.PROGRAM_STATUS_LOGGING_IN: "logging in",
    common_pb2.PROGRAM_STATUS_NEED_PICTURE_CODE: "wants a picture code",
    common_pb2.PROGRAM_STATUS_NEED_PHONE_CODE: "wants a phone code",
    common_pb2.PROGRAM_STATUS_LOGIN_FAILED: "login failed",
    common_pb2.PROGRAM_STATUS_FORCE_UPDATE: "must be updated",
    common_pb2.PROGRAM_STATUS_DISCLAIMER_NOT_AGREED: "wants its disclaimer agreed to",
    common_pb2.PROGRAM_STATUS_FORCE_LOGOUT: "was logged out",
}


class OpendFacts:
    """The facts that hold, and the quote rights last heard of by market. Rights outlive a connection, facts do not."""

    def __init__(self) -> None:
        self._facts: dict[LinkFact, str] = {}
        self._best: dict[str, int] = {}  # market -> worth
        self.rights: dict[str, str] = {}

    def as_pairs(self) -> tuple[tuple[LinkFact, str], ...]:
        """Return the facts as LinkState holds them."""
        return tuple(self._facts.items())

    def set(self, fact: LinkFact, text: str = "") -> None:
        """Let a fact hold."""
        self._facts[fact] = text

    def new_connection(self) -> None:
        """Forget what the last connection said; lost rights stay until OpenD says otherwise."""
        for fact in (LinkFact.LOGGED_OUT, LinkFact.KICKED_OUT, LinkFact.SIMULATED):
            self._facts.pop(fact, None)

    def on_global_state(self, state: GlobalState) -> None:
        """Take what GetGlobalState says of login and simulation."""
        self._login(state.quote_logged_in, "OpenD is not logged in to its quote server")
        if state.simulated:
            self._facts[LinkFact.SIMULATED] = state.status

    def on_notify(self, body: bytes) -> None:
        """Take a Notify push. Raises RemoteProtocolError where it cannot be read; unknown kinds change nothing."""
        answer = notify_pb2.Response()
        try:
            answer.ParseFromString(body)
            self._on_s2c(answer.s2c)
        except DecodeError as error:
            raise RemoteProtocolError(f"a Notify push cannot be parsed: {error}") from error

    def _on_s2c(self, s2c: notify_pb2.S2C) -> None:
        if s2c.HasField("event"):
            if s2c.event.eventType in _KICKED:
                self._facts[LinkFact.KICKED_OUT] = text_of(s2c.event.desc)
            elif s2c.event.eventType in _WANTS_LOGIN:
                self._facts[LinkFact.LOGGED_OUT] = text_of(s2c.event.desc)
        if s2c.HasField("connectStatus"):
            self._login(s2c.connectStatus.qotLogined, "OpenD lost its quote server")
        if s2c.HasField("programStatus"):
            status = s2c.programStatus.programStatus
            ready = status.type == common_pb2.PROGRAM_STATUS_READY
            words = _STATUS_WORDS.get(status.type, f"is not ready (status {status.type})")
            self._login(ready, text_of(status.strExtDesc) or f"OpenD {words}")
        if s2c.HasField("qotRight"):
            self._on_rights(s2c.qotRight)

    def _login(self, logged_in: bool, text: str) -> None:
        if logged_in:
            self._facts.pop(LinkFact.LOGGED_OUT, None)
            self._facts.pop(LinkFact.KICKED_OUT, None)
        else:
            self._facts[LinkFact.LOGGED_OUT] = text

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
            self.rights[market] = _RIGHT_NAMES[worth]
            if worth < best:
                lost.append(f"{market}: {_RIGHT_NAMES[best]} → {_RIGHT_NAMES[worth]}")
        if lost:
            self._facts[LinkFact.QUOTE_RIGHT_LOST] = ", ".join(lost)
        else:
            self._facts.pop(LinkFact.QUOTE_RIGHT_LOST, None)
