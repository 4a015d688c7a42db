"""The words of the tape."""
