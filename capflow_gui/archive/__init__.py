"""A memory: every state that a source's replies gave of a session's lines, kept for years."""
