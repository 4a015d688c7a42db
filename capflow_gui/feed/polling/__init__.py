"""When each symbol is asked, and what is asked besides its flow."""
