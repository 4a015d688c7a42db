"""The bundle's `capflow`: the command line, on a console."""

import sys

from capflow_gui.cli.main import main

sys.exit(main())
