"""The truth: pacing, polling, storing, judging, alerting."""
