"""Where Capflow keeps its files, where its own resources lie, and how a file is put in its place."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason

# The name of the program among the entries of a Linux desktop: its menu, taskbar and notifications.
DESKTOP_ENTRY = "io.github.capflow.Capflow"
_APP = "capflow"
_POLICY = "policy.toml"
_ETC = Path("/etc")
_LARGEST = 4 << 20  # bytes of a file that is written by hand
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Paths:
    """The four folders of a profile, absolute. Nothing is created by asking for them.

    `config` holds what the user chose, `data` what was recorded, `log` the log files, `state` what the program
    remembers for itself (locks, quota stamps).
    """

    config: Path
    data: Path
    log: Path
    state: Path

    @classmethod
    def resolve(cls, profile: str | None = None, config_dir: Path | None = None, data_dir: Path | None = None) -> Paths:
        """Find the folders of a profile: None is the user's own, `demo` the simulator's, below the user's.

        The platform's places (XDG on Linux, Library on macOS, AppData on Windows) unless overridden: `config_dir`
        replaces the first folder, `data_dir` the other three.
        Raises SettingsError where a place is below the home folder, and the system does not know that.
        """
        try:
            config = platformdirs.user_config_path(_APP, appauthor=False) if config_dir is None else config_dir
            if data_dir is None:
                data = platformdirs.user_data_path(_APP, appauthor=False)
                log = platformdirs.user_log_path(_APP, appauthor=False)
                state = platformdirs.user_state_path(_APP, appauthor=False)
            else:
                data, log, state = data_dir, data_dir / "log", data_dir / "state"
        except RuntimeError as error:  # no HOME, and no entry of this user in the system's list
            raise SettingsError("HOME", Reason.of(Code.HOME_NOT_SET), Reason.of(Code.SET_HOME)) from error
        folders = (expanded(folder).absolute() for folder in (config, data, log, state))
        return cls(*(folder / profile if profile else folder for folder in folders))

    @property
    def settings_file(self) -> Path:
        """The settings of this profile (TOML)."""
        return self.config / "settings.toml"

    @property
    def rules_file(self) -> Path:
        """The user's alert rules of this profile (TOML)."""
        return self.config / "rules.toml"


def expanded(path: Path) -> Path:
    """The path with `~` as the user's home folder; as it is where the system does not know that."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path.expanduser() raises there


def shown(path: Path) -> str:
    """The path as text for screens: bytes of a name that are not UTF-8 as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "your quota on this disk is used up"}
_NOW = frozenset({*_FULL, errno.EROFS})


def disk_words(error: OSError) -> str:
    """Why a file cannot be used, as a clause."""
    return _FULL.get(error.errno or 0) or error.strerror or str(error)


def is_passing(error: OSError) -> bool:
    """Whether nothing can be saved now although the user has the right: a full disk, or a read-only one."""
    return error.errno in _NOW


def policy_files() -> tuple[Path, ...]:
    """Where an administrator's policy may lie; the first of them that exists counts.

    Windows: %ProgramData%\\Capflow. macOS: /Library/Application Support/Capflow. Linux: /etc/capflow, and after it the
    folders of XDG_CONFIG_DIRS: a variable that anybody can set must not take the machine's own policy away.
    """
    if sys.platform == "win32":
        return (platformdirs.site_config_path(_APP.capitalize(), appauthor=False) / _POLICY,)
    if sys.platform == "darwin":
        return (Path("/Library/Application Support") / _APP.capitalize() / _POLICY,)
    dirs = platformdirs.site_config_dir(_APP, appauthor=False, multipath=True).split(":")
    return tuple(dict.fromkeys(folder / _POLICY for folder in (_ETC / _APP, *map(Path, dirs))))


def resource(name: str) -> Path:
    """The path of a bundled file or folder, `name` with forward slashes: in the package, else in the checkout.

    Raises FileNotFoundError when the installation lacks it.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        path = root.joinpath(*name.split("/"))
        if path.exists():
            return path
    raise FileNotFoundError(f"Capflow's resource {name!r} is missing: the installation is incomplete")


def target(path: Path) -> Path:
    """The file at the end of all links, there or not yet. Raises OSError for links in a circle."""
    end = Path(os.path.realpath(path))
    if end.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return end


def is_replaceable(path: Path) -> bool:
    """Whether a file may be put in the place of what is there: nothing, or a regular file, but no device or pipe."""
    return path.is_file() or not path.exists()


def is_protected(path: Path) -> bool:
    """Whether somebody took the right to write away from a file; replacing it would go around that."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # there is none, or what is wrong is said when it is written
    effective = os.access in os.supports_effective_ids  # the rights in force, as the write itself has them
    return not mode & 0o222 or not os.access(path, os.W_OK, effective_ids=effective)


def read_document(path: Path) -> bytes:
    """A file that somebody wrote by hand, whole. Raises OSError, for a pipe, a device or one that is too large too."""
    if path.exists() and not (path.is_file() or path.is_dir() or path.samefile(os.devnull)):
        raise OSError(errno.EINVAL, "it is a pipe or a device")
    if path.is_dir():  # Windows would say that access is denied
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with path.open("rb") as file:
        raw = file.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {_LARGEST >> 20} MiB")
    return raw


def write_atomically(path: Path, data: bytes) -> None:
    """Put a file in place in one step: whoever reads it sees the old one or the new one, whole. Raises OSError.

    The file is readable by its owner alone. A link stays a link: the file it leads to is replaced. A device or a
    pipe stays what it is, and is written to.
    """
    if not is_replaceable(path):
        path.write_bytes(data)
        return
    path = target(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":  # Windows cannot open a folder, and its rename is written through
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
