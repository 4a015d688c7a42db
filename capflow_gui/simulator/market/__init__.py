"""The market both simulated brokers report."""
