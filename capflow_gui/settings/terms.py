"""What is declared of each broker where its figures are shown on several terminals."""

from __future__ import annotations

from typing import Annotated

import msgspec

from capflow_gui.marked_texts import N_
from capflow_gui.settings import checks
from capflow_gui.settings.declared import Setting


class Entitlement(msgspec.Struct, frozen=True):
    """Why figures may be shown on several terminals, who says so, and since when. All three, or none."""

    desk: Annotated[
        str | None,
        Setting(sentence=N_("What allows the broker's figures on several terminals: own licence, letter of …")),
    ] = None
    who: Annotated[str | None, Setting(sentence=N_("Who declares it."))] = None
    when: Annotated[str | None, Setting(sentence=N_("The day it was declared, YYYY-MM-DD."), check=checks.day)] = None


class SourceTerms(msgspec.Struct, frozen=True):
    """What holds of one broker's figures.

    keep_days  how many days its sessions are kept by a collector; None: as the archive keeps all
    """

    entitlement: Entitlement = msgspec.field(default_factory=Entitlement)
    keep_days: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=36500)] | None,
        Setting(
            sentence=N_("How many days a desk's collector keeps the broker's sessions; empty: as long as the archive.")
        ),
    ] = None


class SourcesSettings(msgspec.Struct, frozen=True):
    """What holds of the figures of each broker."""

    opend: SourceTerms = msgspec.field(default_factory=SourceTerms)
    longport: SourceTerms = msgspec.field(default_factory=SourceTerms)
