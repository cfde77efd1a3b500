"""What a screen writes: an object for each format. Never imports molq.screening.run or above it."""
