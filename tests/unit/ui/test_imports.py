"""What may be imported before Qt is known to work."""

from __future__ import annotations

import subprocess
import sys

_SHOWN_LATER = ("banner", "exports", "playback_bar", "quality", "strip")


def test_the_command_line_side_of_the_window_loads_no_qt() -> None:
    code = "import sys, capflow_gui.cli.desktop, capflow_gui.app.request; print('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_window_is_imported_without_what_it_needs_only_later() -> None:
    later = ["numpy", "pyqtgraph", "aiohttp", "cryptography", "keyring", "sqlite3", "google", "importlib.metadata"]
    later += [f"capflow_gui.{name}" for name in ("app.longport_sign_in", "credentials", "ui.ports")]
    window = "capflow_gui.cli.main, capflow_gui.cli.desktop, capflow_gui.app.run"
    code = f"import sys, {window}; print([name for name in {later} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_list_is_imported_without_what_feeds_it() -> None:
    later = ["pyqtgraph", "google", "capflow_gui.monitor", "capflow_gui.sources", "capflow_gui.simulator.market.market"]
    recorded = ["archive.model", "present.export", *(f"ui.history.{name}" for name in _SHOWN_LATER)]
    later += [f"capflow_gui.{name}" for name in recorded]
    code = f"import sys, capflow_gui.app.session; print([name for name in {later} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
