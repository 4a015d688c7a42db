"""Runs in a bundle before PyInstaller's own hooks: keeps what they overwrite, as its starter keeps LD_LIBRARY_PATH.

`capflow_gui.app.children.restore_environment` brings it back for every child.
"""

import os

for _name in ("DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH"):
    os.environ.pop(f"{_name}_ORIG", None)
    if _name in os.environ:
        os.environ[f"{_name}_ORIG"] = os.environ[_name]
