"""What the user chose, typed, in one TOML file; and the policy of whoever administers the computer.

Four layers, each over the one before: what the types say, the policy's `[defaults]`, the user's file, the policy's
`[locked]`.
"""

from capflow_gui.settings.brokers import Connection, DeskSettings, LongportSettings, OpendSettings
from capflow_gui.settings.checks import NO_THRESHOLD
from capflow_gui.settings.file import Loaded, Saved, load, prepare, read_edited, save, to_toml
from capflow_gui.settings.lists import kept_groups, own_groups
from capflow_gui.settings.policy import NO_POLICY, Policy, enforced, lockable_names, read_policy
from capflow_gui.settings.terms import Entitlement, SourcesSettings, SourceTerms
from capflow_gui.settings.types import (
    AlertSettings,
    Appearance,
    ArchiveSettings,
    LogLevel,
    Settings,
    Thresholds,
    UpdateSettings,
    WatchSettings,
    WindowSettings,
)
