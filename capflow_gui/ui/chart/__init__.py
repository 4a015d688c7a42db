"""The flow chart, built on pyqtgraph.

Importing its modules imports pyqtgraph (some 300 ms): `ui.window.chart_slot` does it behind the first paint.
"""
