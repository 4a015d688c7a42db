"""The words of what becomes of a file of the profile that is edited while Capflow runs."""

from __future__ import annotations

from capflow_gui.present.language.texts import N_
from capflow_gui.reason import Code

EDITED: dict[Code, str] = {
    Code.EDIT_KEPT: N_("{name} was edited while Capflow had changes of its own; {kept}: copy from it what you need"),
    Code.EDIT_REFUSED: N_(
        "{name} was edited and is not used, what held before goes on: mend it and save it again. {why}"
    ),
    Code.MORE_FAULTS: N_("faults of {name} that are not named here: {count}"),
    Code.EDIT_TAKEN: N_("{name} was edited, and holds now"),
    Code.EDIT_TAKEN_LATER: N_("{name} was edited, and holds now, but for {settings}: from the next start on"),
}
