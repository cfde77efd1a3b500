"""Chunks through processes: started, fed, watched and replaced. Never imports library, or molq.screening.run and above."""
