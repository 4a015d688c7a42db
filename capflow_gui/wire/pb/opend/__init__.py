"""Generated from proto/opend by packaging/generate_proto.py."""
