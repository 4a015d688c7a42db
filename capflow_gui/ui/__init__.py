"""The window. Qt lives here and in app; no network, no disk."""

import sys

if sys.version_info < (3, 12):
    from capflow_gui.ui.whole_errors import make_errors_whole

    make_errors_whole()
