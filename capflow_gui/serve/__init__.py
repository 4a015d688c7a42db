"""What other programs ask: one table of methods, as JSON-RPC on stdin and stdout, on loopback HTTP, and by MCP."""
