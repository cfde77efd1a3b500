"""Chunks through processes: started, fed, watched and replaced. Never imports molq.screening.run or above it."""
