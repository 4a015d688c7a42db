"""HTTP on loopback: the methods, a spreadsheet's CSV, events, and widgets of OpenBB Workspace."""
