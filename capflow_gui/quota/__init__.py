"""The brokers' quotas, kept over every process of this user."""
