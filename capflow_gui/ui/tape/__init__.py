"""The Tape tab."""
