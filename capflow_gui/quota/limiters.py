"""The limiters of one source, an interface each, in the one quota file."""

from __future__ import annotations

from collections.abc import Mapping

from capflow_gui.clock import Clock
from capflow_gui.domain.link import RateLimit
from capflow_gui.quota.limiter import Limiter
from capflow_gui.quota.quota_file import QuotaFile
from capflow_gui.reason import Reason

FLOW = "capital_flow"
# Where a broker publishes no limit, stay below the lowest it publishes elsewhere by a factor that nobody notices.
_UNPUBLISHED = RateLimit(10, 10.0)


class Limiters:
    """One limiter an interface of one source, made when first asked for; all in one shared file.

    `endpoint` is what the broker counts by: the address of the OpenD, the account. `one_quota`: the interfaces of
    `limits` are counted together.
    """

    def __init__(
        self,
        endpoint: str,
        limits: Mapping[str, RateLimit],
        *,
        clock: Clock,
        file: QuotaFile | None = None,
        flow_budget: int | None = None,
        one_quota: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._shared = frozenset(limits) if one_quota else frozenset[str]()
        self._limits = limits
        self._clock = clock
        self._file = file if file is not None else QuotaFile(None)
        self._made: dict[str, Limiter] = {}
        self.flow = self.of(FLOW)
        if flow_budget is not None:
            self.flow.budget = flow_budget

    def of(self, interface: str) -> Limiter:
        """The limiter of an interface, by its name in Capabilities.limits; one without a quota is hardly limited."""
        if interface in self._shared:
            interface = FLOW
        limiter = self._made.get(interface)
        if limiter is None:
            limit = self._limits.get(interface, _UNPUBLISHED)
            limiter = Limiter(f"{self._endpoint}/{interface}", limit, clock=self._clock, file=self._file)
            self._made[interface] = limiter
        return limiter

    def count_for(self, endpoint: str) -> None:
        """From now on the broker counts by another `endpoint`: the account became known."""
        self._endpoint = endpoint
        for interface, limiter in self._made.items():
            limiter.key = f"{endpoint}/{interface}"

    @property
    def made(self) -> Mapping[str, Limiter]:
        """Those that were asked for, by interface."""
        return self._made

    @property
    def trouble(self) -> Reason | None:
        """What is wrong with the shared file, in words."""
        return self._file.trouble
