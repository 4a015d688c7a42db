"""The server of a small desk beside its collector: configuration, users, certificate, process."""
