"""What lies over and beside the curves: alerts and revisions, stacked order sizes, prices, other symbols."""
