"""`python -m capflow_gui` is the `capflow` command."""

import sys

from capflow_gui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
