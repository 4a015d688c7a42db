"""The flow chart, built on pyqtgraph.

Importing this package imports pyqtgraph (some 300 ms): `ui.window.chart_slot` does it behind the first paint.
"""

from capflow_gui.ui.chart.chart import FlowChart

__all__ = ["FlowChart"]
