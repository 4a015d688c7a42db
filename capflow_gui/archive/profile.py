"""The archive of a profile: which sources it takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.archive.upkeep import NO_LIMITS
from capflow_gui.archive.writer import ArchiveWriter
from capflow_gui.settings import ArchiveSettings
from capflow_gui.storage.database import kind_of


class ProfileArchive:
    """Opens what writes to the archive in the folder `data`, a file of real or of simulated sources for ever.

    A file of real sources refuses simulators, and so does the user's own profile (`real`) before it has a file; other
    profiles are of the kind they record first. A real source is refused nowhere: where the file is of simulators, it
    is recorded beside it.

    kind                whether it holds what simulators said; None: there is no file, and the first source will tell
    refuses_simulators  whether nothing of a simulator is recorded
    """

    def __init__(
        self, data: Path, retention: ArchiveSettings, *, real: bool, keep_days: Mapping[str, int] = NO_LIMITS
    ) -> None:
        """Looks at the file: to be called off the loop. `keep_days` are limits of single brokers: see Upkeep."""
        self._path = data / FILE_NAME
        self._retention = retention
        self._keep_days = keep_days
        self._writers: list[ArchiveWriter] = []
        self.kind = kind_of(self._path)
        self.refuses_simulators = self.kind is False or (self.kind is None and real)

    def open(self, simulated: bool) -> ArchiveWriter | None:
        """What records simulated, or real sources; None where this archive refuses them."""
        if simulated and self.refuses_simulators:
            return None
        writer = ArchiveWriter(self._path, simulated=simulated, retention=self._retention, keep_days=self._keep_days)
        self._writers.append(writer)
        return writer

    def close(self) -> None:
        """Write what waits. Waits for the disk: to be called off the loop."""
        for writer in self._writers:
            writer.close()
