"""Many windows, one quota: the collector of a desk, and the server of its bus. Nothing else imports it or NATS."""
