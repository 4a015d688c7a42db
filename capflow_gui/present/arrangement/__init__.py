"""What is said of layouts."""
