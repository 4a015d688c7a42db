"""A provider with its quotas: what a monitor is given for each source."""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.providers.base import Provider, Pushing
from capflow_gui.quota.limiter import Limiter
from capflow_gui.quota.limiters import Limiters


@dataclass(frozen=True, slots=True)
class Source:
    """`name` is how it is shown. The provider is not running yet: who opened the source runs it.

    pushing    the provider once more, where its replies come without being asked for
    simulated  known to be a simulator before it says so itself
    """

    name: str
    provider: Provider
    limiters: Limiters
    pushing: Pushing | None = None
    simulated: bool = False

    @property
    def limiter(self) -> Limiter:
        """The quota every capital-flow call passes, of whatever period."""
        return self.limiters.flow
