"""A market, and servers that speak the brokers' wires on loopback."""
