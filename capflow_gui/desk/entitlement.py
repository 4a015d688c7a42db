"""Whether figures of a source may be shown on several terminals: the brokers' terms decide, and somebody has to say.

Without a declaration in the settings a collector does not start. A simulator needs none.
"""

from __future__ import annotations

from collections.abc import Collection

from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Entitlement, Settings

_DEMO = "demo"


def entitlement_of(settings: Settings, kind: str) -> Entitlement:
    """What is declared of a broker."""
    return {"opend": settings.sources.opend, "longport": settings.sources.longport}[kind].entitlement


def undeclared(settings: Settings, kinds: Collection[str]) -> dict[str, SettingsError]:
    """The brokers of which nothing is declared, or only a part, each with what is said of it."""
    found: dict[str, SettingsError] = {}
    for kind in dict.fromkeys(kinds):
        if kind == _DEMO:
            continue
        said = entitlement_of(settings, kind)
        missing = [name for name in ("desk", "who", "when") if not getattr(said, name)]
        if missing:
            key = f"sources.{kind}.entitlement.{missing[0]}"
            advice = Reason.of(Code.DECLARE_ENTITLEMENT, source=kind, table=f"sources.{kind}.entitlement")
            found[kind] = SettingsError(key, Reason.of(Code.NOT_ENTITLED, source=kind), advice)
    return found
