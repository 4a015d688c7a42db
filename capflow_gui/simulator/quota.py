"""The broker's quota as the broker counts it: arrivals in a sliding window, per interface, over all connections.

Source: FutuOpenD API docs, "Quotas": the first and the (n+1)th request must be more than the window apart. Whether a
refused request counts is not documented; here it does, which is the stricter reading.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from capflow_gui.wire.opend.frame import Proto


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `calls` arrivals in any `window_s` seconds; `label` names the interface in the broker's refusals."""

    calls: int
    window_s: float
    label: str

    @property
    def refusal(self) -> str:
        """The broker's own sentence."""
        return f"{self.label}频率太高，请求失败，每{self.window_s:g}秒最多{self.calls}次。"


VENDOR_QUOTAS: dict[int, Quota] = {
    Proto.CAPITAL_FLOW: Quota(30, 30.0, "获取资金流向"),
    Proto.CAPITAL_DISTRIBUTION: Quota(30, 30.0, "获取资金分布"),
    Proto.TRADE_DATE: Quota(30, 30.0, "获取交易日"),
    Proto.SNAPSHOT: Quota(60, 30.0, "获取市场快照"),
    Proto.USER_SECURITY: Quota(10, 30.0, "获取自选股"),
    Proto.USER_SECURITY_GROUP: Quota(10, 30.0, "获取自选股分组"),
    Proto.MARKET_STATE: Quota(10, 30.0, "获取市场状态"),
}


class QuotaBook:
    """Counts arrivals. One book serves every connection of a server."""

    def __init__(self, quotas: dict[int, Quota]) -> None:
        self._quotas = dict(quotas)
        self._arrivals = {proto: deque[float](maxlen=quota.calls) for proto, quota in quotas.items()}

    def arrive(self, proto: int, now: float) -> str | None:
        """Count a request at monotonic `now`; the broker's refusal if it is one too many, else None."""
        quota = self._quotas.get(proto)
        if quota is None:
            return None
        arrivals = self._arrivals[proto]
        full = len(arrivals) == quota.calls and now - arrivals[0] <= quota.window_s
        arrivals.append(now)
        return quota.refusal if full else None
