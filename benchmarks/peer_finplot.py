"""One new minute shown: the flow chart against finplot's, each in its own environment. See peer_worker.py."""

from __future__ import annotations

from peer_vnpy import compare

if __name__ == "__main__":
    compare("finplot", {("panes", "full"): 85.0, ("panes", "strip"): 170.0, ("ours", "strip"): 80.0})
