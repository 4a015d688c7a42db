"""Sans-I/O protocol state machines: bytes in, events out."""
