"""One new minute shown: the flow chart against finplot's, each in its own environment. See peer_worker.py."""

from __future__ import annotations

from peer_vnpy import compare

if __name__ == "__main__":
    compare("finplot", {"full": 85.0, "strip": 170.0})
