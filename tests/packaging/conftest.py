"""The bundle's tests need a bundle: `make test-package` builds one and names it."""

import os

collect_ignore = [] if "CAPFLOW_BUNDLE" in os.environ else ["test_frozen.py"]
