"""One new minute shown: the flow chart against PythonQwt, each in its own environment. See peer_worker.py."""

from __future__ import annotations

from peer_vnpy import compare

if __name__ == "__main__":
    compare("PythonQwt", {})
