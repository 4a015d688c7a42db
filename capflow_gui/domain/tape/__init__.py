"""What happens in the flow of symbols, without any rule: a running list of events."""
