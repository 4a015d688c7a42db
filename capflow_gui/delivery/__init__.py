"""Alerts on their way to somebody: an outbox, a dispatcher, and one adapter a channel. It words nothing."""
