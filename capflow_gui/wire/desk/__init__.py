"""What collectors and windows of a desk say to each other over the bus: names of subjects, and messages as bytes."""
