"""Which source a symbol is asked at."""
