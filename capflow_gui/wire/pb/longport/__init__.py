"""Generated from proto/longport by packaging/generate_proto.py."""
