"""Generated from proto/ by packaging/generate_proto.py."""
